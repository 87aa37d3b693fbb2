"""An answer that was interrupted says so, and compares its arms over the seeds that all of them have."""

from __future__ import annotations

from pathlib import Path

from analysis.report import search_answers, search_section
from analysis.report.inputs import read_inputs
from analysis.report.overview import lead
from analysis.report.page_tree import Notice, walk
from analysis.searches.fresh_seeds import FreshSeeds, fresh_seeds
from analysis.searches.retrained import read_answer
from analysis.searches.sentences import search_lines
from analysis.statistics.estimates import Estimate
from tests.analysis.searches.test_findings import searched_store

SAID = "2 of 3 fresh seeds are on record for every arm, and the answer is of these alone."


def test_an_interrupted_answer_is_of_the_seeds_that_every_arm_has_and_says_so(tmp_path: Path) -> None:
    """It said "under 3 fresh seeds", and compared a mean over 3 seeds with one over 2."""
    store, study = searched_store(tmp_path, ("val_accuracy",), without={"runner-up": (1002,)})
    inputs = read_inputs(store)
    answering = inputs.studies["demo.answer"]
    found = fresh_seeds(answering, inputs.frames, inputs.answers["demo"])
    assert found == FreshSeeds((1000, 1001, 1002), (1000, 1001))
    winner, runner_up = read_answer(store, "demo")
    assert (winner.estimate.n, runner_up.estimate.n) == (2, 2)
    assert isinstance(runner_up.behind, Estimate), "so they are compared, in pairs"
    assert search_answers.plain_answer(inputs, study).endswith(f" {SAID}")
    notices = [b for b in walk(search_section.blocks(inputs, study)) if isinstance(b, Notice)]
    assert [n.lines for n in notices if n.title == "Not all fresh seeds yet"] == [
        (f"{SAID} Run the study again: it trains the rest.",)
    ]
    assert SAID in search_lines(store, "demo")
    assert "the best again under 2 of 3 fresh seeds" in lead(inputs, list(inputs.studies.values()), [])


def test_a_whole_answer_says_nothing_of_the_kind_nor_does_one_that_diverged(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",), lost={"runner-up": (1002,)})
    inputs = read_inputs(store)
    assert "on record for every arm" not in search_answers.plain_answer(inputs, study)
    assert "the best again under 3 fresh seeds" in lead(inputs, list(inputs.studies.values()), [])


def test_under_no_seed_that_all_have_there_is_no_answer_yet(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",), without={"runner-up": (1000, 1001, 1002)})
    assert read_answer(store, "demo") == []
    assert "the best again" not in lead(read_inputs(store), [study], [])
