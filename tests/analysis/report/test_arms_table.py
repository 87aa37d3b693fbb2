"""The table of a study's arms."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.claims import recorded
from analysis.data.arms import arm_frame
from analysis.data.frames import from_records
from analysis.report.arms_table import _ended, arms_sheet
from analysis.tables.overfitting import overfitting
from study.planning.protocol import Protocol
from tests import synthetic
from tests.analysis.report.test_build_page import SCALING, made, without_figures, words


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch, all_of_them=True)


def test_an_arm_has_its_name_for_sentences_its_own_and_what_it_changes(tmp_path: Path) -> None:
    first, second = SCALING.arms
    study = dataclasses.replace(SCALING, arms=(first, dataclasses.replace(second, say="", extra=True)))
    page, twin, _ = made(tmp_path, study)
    assert "| unscaled input (unscaled, baseline) | input\\_divisor 1; pixels 0..255 |" in twin
    assert "| scaled (added) | input\\_divisor 255; pixels 0..1 |" in twin
    assert "Added: not in the source, for an explanation." in words(page)
    assert re.search(r'<a href="#trials-scaling--1">3</a>', page), "the count of seeds leads to the trials"


def test_on_the_page_an_arm_has_its_colour_and_remarks_beside_its_name(tmp_path: Path) -> None:
    first, second = SCALING.arms
    study = dataclasses.replace(SCALING, arms=(second, dataclasses.replace(first, extra=True)), baseline=first.name)
    page, _, _ = made(tmp_path, study)
    table = page.split("<caption>Arms of ")[1].split("</table>")[0]
    heads = re.findall(r'<th scope="row"><svg class="sw a-(\d+)".*?</svg> (.*?)</th>', table)
    assert heads == [
        ("1", "scaled input (scaled)"),
        ("0", 'unscaled input (unscaled) <span class="tag">baseline</span> <span class="tag">added</span>'),
    ], "the colours of the curves, where the baseline is the first"


def test_an_interval_that_stops_at_what_can_be_has_both_ends_as_in_every_other_table() -> None:
    study, records = SCALING, []
    for record in synthetic.records(study, range(5)):
        accuracies = (0.98 if record.config.seed == 0 else 1.0,) * study.epochs
        records.append(dataclasses.replace(record, epochs=record.epochs.replace(val_accuracy=accuracies)))
    frames = from_records(records)
    sheet = arms_sheet(study, arm_frame(frames, study), overfitting(study, frames), {})
    assert [row[4].text for row in sheet.rows] == ["99.6 (98.5 to 100.0)"] * 2
    assert "epoch ± half of its 95 % interval, or both ends where it stops at what can be." in sheet.notes[0]


def test_several_seeds_without_a_trial_are_called_seeds() -> None:
    """It said "missing: seed 0, 1, 2"."""
    there = pd.DataFrame({"status": ["finished"], "seed": [4]})
    assert _ended(there, range(5)).endswith("missing: seeds 0 to 3")
    assert _ended(there, [3, 4]).endswith("missing: seed 3")


def test_a_knob_of_many_digits_is_shown_with_six_unless_arms_would_look_alike() -> None:
    """Rates made by a formula stood there as "lr 0.0036644198070556458"."""
    first, second = SCALING.arms
    for divisor, said in ((254.99999123456, "input_divisor 255"), (1.00000123456, "input_divisor 1.00000123456")):
        arms = (first, dataclasses.replace(second, change={"input_divisor": divisor}))
        study = dataclasses.replace(SCALING, arms=arms)
        frames = from_records(synthetic.records(study, (0, 1)))
        sheet = arms_sheet(study, arm_frame(frames, study), overfitting(study, frames), {})
        assert sheet.rows[1][1].text.partition(";")[0] == said


def test_a_reduced_arm_has_its_numbers_in_full_beside_its_own(tmp_path: Path) -> None:
    _, twin, _ = made(tmp_path / "quick", Protocol((0, 1, 2), quick=True).study(SCALING))
    row = next(line for line in twin.splitlines() if line.startswith("| scaled input (scaled) |"))
    full = recorded.of_arms(Protocol((0,), quick=True).study(SCALING))["scaled"]
    shown = [f"{n.value:.1f} ± {n.half:.1f}" for n in (full.accuracy, full.gap)]
    assert [cell.strip() for cell in row.strip("| ").split("|")][-2:] == shown
    assert "| Validation in full, % | Gap in full, points |" in twin and "In full: on record" in twin
    assert "in full" not in made(tmp_path / "whole", SCALING)[1]
