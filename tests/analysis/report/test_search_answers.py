"""A search's answer in one sentence, and the number that stands beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.words import DECIDED
from analysis.report import search_answers
from analysis.report.chart_blocks import Forest
from analysis.report.headline import BY_RULE, study_in_short
from analysis.report.inputs import read_inputs
from analysis.report.judge_folder import judge_all
from analysis.report.page_tree import Table, walk
from analysis.report.search_answers import answer_headline, decided_arms, plain_answer
from analysis.report.study_section import section_of_arms
from analysis.searches.retrained import TestResult, read_answer
from analysis.statistics.estimates import Estimate
from study.app.run_end import RunEnding, ending_lines
from study.app.status import status_of
from study.spec.claims import Contrast
from tests.analysis.searches.test_findings import searched_store

FRONT = ("val_accuracy", "accuracy_gap")


def test_beside_the_best_of_a_front_stands_its_own_number_for_a_front_has_no_baseline(tmp_path: Path) -> None:
    """It was the difference of two others: "0.0 points, front-2 against front-1"."""
    store, study = searched_store(tmp_path, FRONT)
    inputs = read_inputs(store)
    front = inputs.studies["demo.answer"]
    headline = answer_headline(inputs, front, BY_RULE)
    best = max(read_answer(store, "demo"), key=lambda r: r.estimate.value)
    assert headline.effect is not None and headline.effect.a == headline.effect.b
    assert headline.effect.a.arm == f"demo.answer/{best.arm}" and headline.effect.a.metric == "val_accuracy"
    short = study_in_short(front, inputs.measurements, (), headline)
    assert short.row.answer.startswith(plain_answer(inputs, study)) and "the best of" in short.row.answer
    assert short.row.answer.count("selected on val") == 1
    assert short.measured is not None and "against" not in short.measured.effect.what


def test_the_number_is_of_the_test_part_where_the_sentence_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = searched_store(tmp_path, FRONT)
    inputs, found = read_inputs(store), read_answer(store, "demo")
    there = TestResult("test_accuracy", Estimate(0.5, 0.4, 0.6, 3), None, 1)
    tested = [replace(r, tested=there) for r in found]
    tested[-1] = replace(found[-1], tested=replace(there, estimate=Estimate(0.9, 0.8, 1.0, 3)))
    monkeypatch.setattr(search_answers, "retrained_of", lambda _inputs, _study: tested)
    effect = answer_headline(inputs, inputs.studies["demo.answer"], BY_RULE).effect
    assert effect is not None and effect.a.metric == "test_accuracy", "the best there, not on the part that chose it"
    assert effect.a.arm == f"demo.answer/{found[-1].arm}"


def test_an_answer_whose_claim_compares_keeps_that_comparison_and_is_said_in_the_searchs_words(tmp_path: Path) -> None:
    store, _ = searched_store(tmp_path, ("val_accuracy",))
    inputs = read_inputs(store)
    found = answer_headline(inputs, inputs.studies["demo.answer"], BY_RULE)
    assert found.effect is None and found.answer is not None
    said = found.answer(inputs.measurements)
    assert said == plain_answer(inputs, inputs.studies["demo"]), "one answer, wherever it stands"
    assert " The winner has batch_size 28, " in said and "lowers" not in said
    assert answer_headline(inputs, inputs.studies["demo"], BY_RULE) is BY_RULE, "the search itself has no arms"


def test_no_arm_of_a_front_is_called_a_baseline(tmp_path: Path) -> None:
    """The run's end and the page called one end of the front the baseline, and gave changes against it."""
    store, _ = searched_store(tmp_path, FRONT)
    inputs = read_inputs(store)
    section = section_of_arms(inputs, inputs.studies["demo.answer"])
    blocks = list(walk(section.fold.blocks))
    assert not any(isinstance(b, Forest) for b in blocks)
    (arms,) = (b.sheet for b in blocks if isinstance(b, Table) and b.name == "demo.answer-setup")
    assert arms.rows[0][0].text.startswith("front-1 (") and not any("baseline" in r[0].text for r in arms.rows)
    assert set(section.overfitting["note"]) & {"the baseline", "not compared"} == {"the baseline", "not compared"}
    board = next(b for b in status_of(str(tmp_path)).boards if b.plan.studies[0].name == "demo.answer")
    said = "\n".join(ending_lines(RunEnding(board, (), ()), 100))
    assert "front-1" in said and "baseline" not in said and "change" not in said


def test_of_an_answers_arms_it_is_known_whether_the_seeds_have_decided_them(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",))
    inputs = read_inputs(store)
    (verdict,) = (v for v in judge_all(inputs)["demo.answer"] if isinstance(v.parts[0].form, Contrast))
    assert decided_arms(inputs, study) == {("runner-up", "val_accuracy"): verdict.verdict in DECIDED}
