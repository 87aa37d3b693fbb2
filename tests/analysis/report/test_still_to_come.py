"""While a run goes on, what it has yet to train is not called missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.report.inputs import read_inputs
from analysis.report.live_page import read_live
from analysis.report.page_tree import Finding, Paragraph
from analysis.report.still_to_come import (
    claim_while_training,
    rows_while_training,
    sentence_while_training,
    trials_under_way,
)
from analysis.tables.overfitting import NO_TRIALS
from study.storage.unfinished import keep_unfinished
from tests.analysis.report.test_live_page import BASE, OTHER, STUDY, unfinished
from tests.analysis.stores import store_of


def test_an_arm_without_trials_has_no_finished_one_yet() -> None:
    assert sentence_while_training(f"fast has {NO_TRIALS}.") == "fast has no finished trial."
    assert sentence_while_training(f"both have {NO_TRIALS} of seed 3") == "both have no finished trial of seed 3"
    assert sentence_while_training("it has none") == "it has none"


def test_a_claim_that_lacks_trials_is_not_measured_yet_and_another_stays() -> None:
    lacks = Finding("a", "c", "So it is.", "missing", f"Missing. Why: slow has {NO_TRIALS}. Nothing is measured yet.")
    found = claim_while_training(lacks)
    assert isinstance(found, Finding) and found.sentence == "Not measured yet. Why: slow has no finished trial."
    few = replace(lacks, verdict="open", sentence="Open. Why: slow has no trial of seeds 3, 4.")
    found = claim_while_training(few)
    assert isinstance(found, Finding) and found.sentence == "Open. Why: slow has no finished trial of seeds 3, 4."
    assert found.verdict == "open"
    other = Paragraph("Missing.", "note")
    assert claim_while_training(other) is other


def test_trials_under_way_are_counted_by_arm_and_rows_say_so_while_a_run_goes_on(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [STUDY], seeds=(0,))
    rows = pd.DataFrame({"note": [f"{OTHER}: {NO_TRIALS}", "open"]})
    idle = read_inputs(store)
    assert trials_under_way(idle, STUDY) == {} and rows_while_training(idle, rows, "note") is rows
    keep_unfinished(store.folder, [unfinished(STUDY, BASE, seed, 1, 2) for seed in (1, 2)])
    runs = read_live(store, provisional=True)
    assert trials_under_way(runs, STUDY) == {BASE: 2}
    assert list(rows_while_training(runs, rows, "note")["note"]) == [f"{OTHER}: no finished trial", "open"]
