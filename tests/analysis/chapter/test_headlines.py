"""The chapter's rows on the first screen: one direction, and answers whose words are measured."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.chapter.headlines import HEADLINES
from analysis.claims.queries import Measurements
from analysis.data.frames import from_records
from analysis.report.headline import study_in_short
from study.spec import registry
from tests import synthetic
from trainables.records.trial_record import TrialRecord

AGAINST_ANOTHER_STUDY = {"learning-rate-unscaled": ("learning-rate/lr-0.001", "against 0.001 on scaled input")}
"""The one question that is about another study's arm: its row names that arm."""


@pytest.mark.parametrize("name", HEADLINES)
def test_a_row_is_the_change_against_its_study_s_baseline(name: str) -> None:
    """Depth's row said +4.9 for one layer against none, above a forest that said -4.9 for none against one."""
    effect, study = HEADLINES[name].effect, registry.load_study(name)
    assert effect is not None
    other, said = AGAINST_ANOTHER_STUDY.get(name, (f"{name}/{study.baseline}", ""))
    assert effect.b.arm == other and effect.a.arm.startswith(f"{name}/") and said in effect.what


def answer(name: str, *changed: Callable[[TrialRecord], TrialRecord]) -> str:
    study = registry.load_study(name)
    records = list(synthetic.records(study, range(6)))
    for change in changed:
        records = [change(r) for r in records]
    found = study_in_short(study, Measurements({name: study}, from_records(records)), [], HEADLINES[name])
    assert found.row.elsewhere is False
    return found.row.answer


def losses(*by_epoch: tuple[int, float]) -> Callable[[TrialRecord], TrialRecord]:
    """Raise the validation loss of two layers after these epochs; without a layer accuracy is lower."""

    def change(r: TrialRecord) -> TrialRecord:
        layers, apart = len(r.config.hidden), 0.001 * (r.config.seed - 2.5) * (1 + len(r.config.hidden))
        flat = synthetic.changed(r, -1, val_accuracy=0.85 + apart - (0.05 if layers == 0 else 0.0))
        for epoch, more in by_epoch:
            loss = 0.4 + apart + (more if layers == 2 else 0.0)
            flat = synthetic.changed(flat, epoch - 1, val_loss=loss)
        return flat

    return change


@pytest.mark.parametrize(
    ("early", "late", "second"),
    [
        (0.1, 0.2, " A second one raises the validation loss by 0.2000 nats after 30 epochs."),
        (
            0.0,
            0.2,
            " A second one raises the validation loss by 0.2000 nats after 30 epochs; after 10 it is not known.",
        ),
        (0.0, 0.0, ""),
    ],
)
def test_the_answer_on_depth_says_by_how_much_and_when(early: float, late: float, second: str) -> None:
    """It was "A second layer raises the validation loss.", without a number, beside a claim of that which is open."""
    said = answer("depth", losses((10, early), (30, late)))
    assert said == f"Without a hidden layer accuracy is 5.0 points lower.{second}"


def test_the_row_of_an_arm_of_another_study_says_so_in_the_legend_too() -> None:
    studies = {n: registry.load_study(n) for n in ("learning-rate", "learning-rate-unscaled")}
    frames = from_records(r for s in studies.values() for r in synthetic.records(s, range(5)))
    study = studies["learning-rate-unscaled"]
    assert study_in_short(study, Measurements(studies, frames), [], HEADLINES[study.name]).row.elsewhere
