"""A search selects on one part of the data, and its winners are evaluated once on another."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from analysis.searches.retrained import read_answer
from analysis.searches.sentences import search_lines
from study.app.plan_clock import PlanClock
from study.app.plan_studies import PlanRequest
from study.app.run_end import folder_verdicts
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.cli.plan_text import plan_heading
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.search.controller import SearchController
from study.spec import study_file
from study.spec.claims import quantities
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_events import test_evaluations as looks
from study.storage.search_log import search_parts
from trainables.config.errors import BadInput
from trainables.records.metric_sources import test_sources as sources_of
from trainables.records.metrics import TEST_METRICS
from trainables.training.gpu_memory import DataSize


def study(**base: Any) -> Study:
    search: dict[str, Any] = {
        "trials": 3, "seeds": 1, "searcher": "random", "scheduler": "none",
        "space": {"lr": {"kind": "float", "low": 0.001, "high": 0.1, "log": True}},
    }  # fmt: skip
    search |= {name: base.pop(name) for name in ("objectives", "beat") if name in base}
    return Study.from_dict(
        {"name": "s", "title": "S", "question": "Q?", "knobs": ["lr"], "epochs": 2, "search": search}
        | {"base": {"data": "two", "hidden": [4], "batch_size": 8, **base}}
    )


def ran(asked: Study, *, seeds: int = 2, results: str = "r") -> ResultsFolder:
    request = PlanRequest((asked.name,), seeds, results=results, data_dir=Path())
    run(request, RunOptions(executor="inline", cpus=1), RunView(), {"s": study_file.checked_source(asked)})
    return ResultsFolder(results)


def evaluations(store: ResultsFolder) -> list[Event]:
    return [e for part in search_parts(store) for e in part.events if e.kind == "tested"]


def test_a_search_selects_on_a_part_of_its_own_and_looks_at_the_test_part_once(desk: Path) -> None:
    store = ran(study())
    records = list(store.trials.records())
    assert {r.config.held_out for r in records} == {0.1}
    for r in records:
        there = [name for name in TEST_METRICS if name in r.epochs.columns]
        assert there == (list(TEST_METRICS) if r.config.seed >= 1000 else []), "a trial that selects was tested"
        assert all(math.isnan(r.epochs[name][0]) and math.isfinite(r.epochs[name][-1]) for name in there)
    first = evaluations(store)
    assert [(e.until, e.seeds) for e in first] == [(1, (1000, 1001))] * 2
    assert all(r.source_of("test_loss") == sources_of(first[0].by)["test_loss"] for r in records if r.config.seed > 999)
    (claim,) = store.studies.versions("s.answer")[-1].claims
    assert claim.parts[0].a.metric == "test_accuracy"  # type: ignore[union-attr]
    assert "once on the test examples" in search_lines(store, "s")[0]
    winner = read_answer(store, "s")[0]
    assert winner.tested and winner.tested.evaluations == 1 and winner.tested.new_images and winner.new_images
    assert (winner.tested.new_images.n, winner.new_images.n) == (20, 6)
    assert evaluations(ran(study())) == first  # nothing new, no other look
    again = ran(study(), seeds=3)
    assert looks(evaluations(again)) == 2 and "2 times on the test examples" in search_lines(again, "s")[0]


def test_a_run_that_ended_between_two_winners_has_looked_at_nothing_and_its_look_goes_on(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested, told = SearchController.tested, list[int]()

    def cut_off(controller: SearchController, number: int, *given: Any, **named: Any) -> None:
        if told:
            raise RuntimeError("cut off")
        told.append(number)
        tested(controller, number, *given, **named)

    monkeypatch.setattr(SearchController, "tested", cut_off)
    with pytest.raises(RuntimeError, match="cut off"):
        ran(study())
    assert [e.until for e in evaluations(ResultsFolder("r"))] == [1]
    monkeypatch.undo()
    monkeypatch.chdir(desk)
    there = evaluations(ran(study()))
    assert [(e.until, e.seeds, e.message) for e in there] == [(1, (1000, 1001), "one of 2")] * 2
    assert len({e.proposal for e in there}) == 2 and evaluations(ran(study())) == there
    assert looks(evaluations(ran(study(), seeds=3))) == 2


GAP = {"objectives": ["accuracy_gap"], "beat": 0.9}


def test_a_search_for_a_gap_is_judged_by_the_gap_to_the_test_part(desk: Path) -> None:
    store = ran(study(**GAP))
    judged = {q.metric for claim in store.studies.versions("s.answer")[-1].claims for q in quantities(claim.parts[0])}
    assert judged == {"test_accuracy_gap"} and len(store.studies.versions("s.answer")[-1].claims) == 2
    winner = read_answer(store, "s")[0]
    known = [r.epochs for r in store.trials.records() if r.config.seed >= 1000 and f"lr {r.config.lr}" == winner.knobs]
    there = [columns["train_accuracy"][-1] - columns["test_accuracy"][-1] for columns in known]
    assert winner.tested and winner.tested.metric == "test_accuracy_gap"
    assert winner.tested.estimate.value == pytest.approx(sum(there) / len(there))
    lead, first = search_lines(store, "s")[:2]
    assert "once on the test examples" in lead and "Accuracy gap to the test part, evaluated once" in first
    assert not any(p.selected for v in folder_verdicts(store, store.studies.latest()) for p in v.parts)


def test_an_answer_that_a_folder_judges_on_validation_goes_on_so(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.search.finalists.ON_TEST", {})  # as before a gap had a number on the test part
    (before,) = ran(study(**GAP)).studies.versions("s.answer")
    monkeypatch.undo()
    monkeypatch.chdir(desk)
    store = ran(study(**GAP), seeds=3)
    assert store.studies.versions("s.answer") == [before] and "accuracy_gap" in str(before.to_dict()["claims"])
    judged = folder_verdicts(store, [before])
    assert all(p.selected for v in judged for p in v.parts), "it is marked"


def test_data_of_three_parts_are_taken_as_they_are(desk: Path) -> None:
    store = ran(study(data="three"))
    assert {r.config.held_out for r in store.trials.records()} == {0.0} and looks(evaluations(store)) == 1
    winner = read_answer(store, "s")[0]
    assert winner.tested and winner.tested.new_images and winner.tested.new_images.n == 20


def test_a_search_may_do_without_a_test_part(desk: Path) -> None:
    store = ran(study(held_out=0))
    assert evaluations(store) == [] and read_answer(store, "s")[0].tested is None
    lead, first = search_lines(store, "s")[:2]
    assert lead == "Under fresh seeds, on the validation examples that chose them:" and ", selected on" in first


def test_a_log_without_a_test_part_is_continued(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("study.app.data_parts.HELD_OUT_SHARE", 0.0)  # as before there was such a part
    before = {r.id for r in ran(study()).trials.records()}
    monkeypatch.undo()
    monkeypatch.chdir(desk)
    store = ran(study())
    assert {r.id for r in store.trials.records()} == before and evaluations(store) == []
    assert "search s: it was begun without a test part and goes on so" in capsys.readouterr().err
    ran(study(), results="new")
    assert {r.config.held_out for r in ResultsFolder("new").trials.records()} == {0.1}


def test_a_claim_may_speak_of_the_test_part_where_there_is_one(desk: Path) -> None:
    part = {"form": "level", "quantity": {"arm": "a", "metric": "test_accuracy"}, "low": 0.1}
    values = {
        "name": "s", "title": "S", "question": "Q?", "knobs": ["lr"], "epochs": 2,
        "base": {"data": "two", "hidden": [4], "batch_size": 8, "held_out": 0.1},
        "arms": [{"name": "a", "change": {"lr": 0.01}}, {"name": "b", "change": {"lr": 0.02}}],
        "claims": [{"id": "c", "statement": "It learns.", "parts": [part]}],
    }  # fmt: skip
    store = ran(Study.from_dict(values))
    there = {r.config.lr: "test_loss" in r.epochs.columns for r in store.trials.records()}
    assert there == {0.01: True, 0.02: False}
    values["base"] = {"data": "two", "hidden": [4], "batch_size": 8}
    said = r"study s, base\.data: got 'two'; claims read the test part, and two has none: write held_out: 0\.1"
    with pytest.raises(BadInput, match=said):
        ran(Study.from_dict(values), results="other")
    part["quantity"] = {"arm": "a", "metric": "test_accuracy", "at": "max"}
    with pytest.raises(BadInput, match="chosen on the validation part, never on the test part"):
        Study.from_dict(values)


def test_a_plan_says_which_part_is_for_what() -> None:
    made = plan_trials([study()], Protocol((0,), images=60, hold_out=0.1), "x", {}, DataSize(60, 20, 4, 2))
    said = plan_heading(made, PlanClock(2))
    assert "6 of 60 training examples select; the 20 validation examples judge the best, once" in said
    assert "examples select" not in plan_heading(
        plan_trials([study()], Protocol((0,)), "x", {}, DataSize(60, 20, 4, 2)), PlanClock(2)
    )


def test_trials_that_know_the_test_part_warm_no_search(desk: Path) -> None:
    ran(study(held_out=0), results="earlier")
    warmed = {**study().to_dict()}
    warmed["search"] = {**warmed["search"], "searcher": "tpe", "warm_start": ["earlier"]}
    with pytest.raises(BadInput, match="no trial there has the same parts of the data, 2 epochs"):
        ran(Study.from_dict(warmed))


def test_the_reduced_protocol_takes_no_more_than_is_left() -> None:
    protocol = Protocol((0,), quick=True, images=1050, hold_out=0.1)
    made = protocol.study(study())
    assert made.base["held_out"] == 0.1 and made.base.get("train_images") is None
