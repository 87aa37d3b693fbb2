"""What a search found, on made-up searches whose truth is known."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis import report
from analysis.figures import search_figures as figures
from analysis.report import fingerprint as fresh
from analysis.report import search_section as searches_of_page
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Table, walk
from analysis.report.pictures import Picture
from analysis.searches import findings as searches
from analysis.searches import sentences as search_words
from analysis.searches.importance import MIN_TRIALS_FOR_IMPORTANCE, importances
from analysis.searches.proposal_frames import history_frame, proposal_frame, rung_frame
from analysis.searches.retrained import Retrained, TestResult, read_answer
from analysis.statistics.estimates import Estimate
from analysis.text.arm_names import by_name
from study.cli.main import app
from study.search import finalists
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Choice, Float, Int
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from study.storage.repair import repair
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event, Proposal
from study.storage.search_log import SearchLog, SearchPart, current_parts, search_parts, write_checksummed
from tests import synthetic
from tests.analysis.report.test_build_page import without_figures
from tests.synthetic import FASHION

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "batch_size": Int(low=8, high=64, log=True),
    "dropout_input": Choice(values=(0.0, 0.1, 0.2), ordered=True),
}


def made(scheduler: str, trials: int) -> SearchPart:
    """A search whose value depends on lr alone, but for a little noise."""
    search = Search(space=SPACE, trials=trials, searcher="random", scheduler=Scheduler(name=scheduler))  # type: ignore[arg-type]
    chance = np.random.default_rng(0)
    noise = chance.normal(0, 0.002, trials)
    events: list[Event] = []
    controller = SearchController(search, SharedKnobs.of(9), FASHION, make_sampler(search), events.append)
    while (segment := controller.next()) is not None:
        value = (
            0.8
            - 0.1 * abs(math.log10(controller.proposals[segment.proposal].point["lr"]) + 3.5)
            + noise[segment.proposal]
        )
        controller.report(
            segment.proposal, {"val_accuracy": [value - 0.3 / e for e in range(1, segment.until + 1)]}, False
        )
    return SearchPart("demo", "", search, SharedKnobs.of(9), tuple(controller.proposals), tuple(events))


def test_the_knob_that_matters_is_found_with_a_band_and_no_tie() -> None:
    found = searches.findings_of_part(made("none", 40), rounds=5)
    first = found.importances.iloc[0]
    assert first["name"] == "lr" and first["importance"] > 0.8
    assert first["low"] <= first["importance"] <= first["high"]
    assert not found.importances["tied"].any()
    assert set(found.importances["name"]) == set(SPACE)


def test_importances_come_from_whole_trials_only() -> None:
    frame = proposal_frame(made("none", 40))
    search = made("none", 1).search
    spoiled = pd.concat([frame, frame.assign(state="paused", value=frame["batch_size"] / 10)], ignore_index=True)
    pd.testing.assert_frame_equal(importances(frame, search, rounds=2), importances(spoiled, search, rounds=2))
    assert importances(frame.head(MIN_TRIALS_FOR_IMPORTANCE - 1), search).empty


def test_rungs_say_who_was_stopped_where() -> None:
    part = made("asha", 30)
    rungs = rung_frame(part)
    assert list(rungs["epoch"]) == [1, 3, 9] and rungs["arrived"].iloc[0] == 30
    assert (rungs["arrived"] == rungs["went_on"] + rungs["ended"]).all()
    assert list(rungs["went_on"].iloc[:2]) == list(rungs["arrived"].iloc[1:])


def test_history_knows_the_best_so_far_of_whole_trials() -> None:
    part = made("asha", 30)
    history = history_frame(proposal_frame(part), part.search)
    assert len(history) == sum(p.state == "whole" for p in part.proposals)
    assert history["best"].is_monotonic_increasing and history["best"].iloc[-1] == history["value"].max()


@pytest.mark.parametrize(("scheduler", "trials"), [("none", 12), ("asha", 30), ("none", 1)])
def test_every_figure_is_drawn_or_says_why_not(scheduler: str, trials: int) -> None:
    found = searches.findings_of_part(made(scheduler, trials), rounds=2)
    drawn = figures.figures(found)
    names = [f.name.removeprefix("demo-") for f in drawn]
    assert names == ["history", "rungs", "importances", "slices", "contour", "parallel"]
    for f in drawn:
        assert f.caption and f.alt and (f.figure.axes or f.caption.startswith("Not drawn"))
    slices = drawn[3].figure.axes
    marks = sum(np.shape(c.get_offsets())[0] for c in slices[0].collections)
    assert marks == sum(found.proposals[slices[0].get_xlabel()].notna())


def test_the_edge_is_warned_of() -> None:
    part = made("none", 3)
    part.proposals[0].point = Point((("lr", 0.99),))
    part.proposals[0].curves = {"val_accuracy": [0.99] * 9}
    found = searches.findings_of_part(part, rounds=2)
    assert found.edges["lr"] == "high"
    assert any("high end of the range of lr" in s and "widen" in s for s in search_words.edges(found))


def test_an_answer_says_whether_the_difference_is_real_and_how_it_was_flattered() -> None:
    first = Retrained("winner", "lr 0.1", Estimate(0.9, 0.89, 0.91, 5), None, None, (0.91,))
    second = Retrained("runner-up", "lr 0.2", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))
    luck = Retrained("runner-up", "lr 0.2", Estimate(0.9, 0.87, 0.91, 5), Estimate(-0.001, -0.02, 0.01, 5))
    said = search_words.answer_sentences([first, second, luck])
    assert said[0].startswith("winner: 90.00 % (89.00 to 91.00, 5 fresh seeds)")
    assert "In the search, whose seeds chose the winner, the winner had 91.00 %, 1.00 points better" in said[0]
    assert "; the winner is ahead by 2.00 points" in said[1]
    plain = search_words.plain_answer([first, luck], {n: by_name(n) for n in ("winner", "runner-up")}, "val_accuracy")
    assert plain.startswith("We do not know whether the winner is ahead of the runner-up: ")
    assert "ahead by 2.00 points (difference 1.00 to 3.00), which is more than chance" in said[1]
    assert "behind by 0.10 points" in said[2] and "may be chance" in said[2]


def test_the_answer_in_a_sentence_says_who_is_ahead_or_that_it_is_not_known() -> None:
    first = Retrained("adam", "", Estimate(0.9, 0.89, 0.91, 5), None)
    ahead = Retrained("sgd", "", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))
    behind = Retrained("sgd", "", Estimate(0.92, 0.91, 0.93, 5), Estimate(-0.02, -0.03, -0.01, 5))
    luck = Retrained("sgd", "", Estimate(0.9, 0.87, 0.91, 5), Estimate(0.0, -0.01, 0.01, 5))
    front = Retrained("sgd", "", Estimate(0.92, 0.91, 0.93, 5), None)
    names = {"adam": "Adam", "sgd": "SGD"}
    said = [search_words.plain_answer([first, *others], names, "val_accuracy") for others in
            ([], [ahead], [behind], [luck], [front])]  # fmt: skip
    assert [text.removesuffix(" Selected on val.") for text in said] == [
        "Adam reaches 90.0 % validation accuracy under fresh seeds.",
        "Adam is 2.0 points ahead of SGD under fresh seeds: 90.0 % against 88.0 % validation accuracy.",
        "SGD is 2.0 points ahead of Adam under fresh seeds: 92.0 % against 90.0 % validation accuracy.",
        "We do not know whether Adam is ahead of SGD: under fresh seeds they reach 90.0 % and 90.0 % "
        "validation accuracy.",
        "SGD reaches 92.0 % validation accuracy under fresh seeds, the best of 2 on the front.",
    ]
    assert all(text.endswith(" Selected on val.") for text in said)


def test_the_answer_is_by_the_test_part_where_all_were_measured_there() -> None:
    """The sentence had the numbers that chose them, beside a difference on the test part."""
    there = TestResult("test_accuracy", Estimate(0.85, 0.84, 0.86, 5), None, 1)
    lower = dataclasses.replace(there, estimate=Estimate(0.87, 0.86, 0.88, 5), behind=Estimate(-0.02, -0.03, -0.01, 5))
    first = Retrained("adam", "", Estimate(0.9, 0.89, 0.91, 5), None, tested=there)
    second = Retrained("sgd", "", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5), tested=lower)
    said = search_words.plain_answer([first, second], {}, "val_accuracy")
    assert said == "Sgd is 2.0 points ahead of adam under fresh seeds: 87.0 % against 85.0 % test accuracy."
    untested = dataclasses.replace(second, tested=None)
    assert "90.0 % against 88.0 % validation accuracy" in search_words.plain_answer(
        [first, untested], {}, "val_accuracy"
    )


def test_a_front_says_what_fresh_seeds_left_of_it() -> None:
    def arm(name: str, accuracy: float, seconds: float) -> Retrained:
        return Retrained(
            name, "", Estimate(accuracy, 0.5, 0.95, 3), None, Estimate(seconds, seconds - 1, seconds + 1, 3)
        )

    said = search_words.answer_sentences(
        [arm("front-1", 0.9, 9.0), arm("front-2", 0.8, 5.0), arm("front-3", 0.85, 4.0)], ("val_accuracy", "seconds")
    )
    assert "seconds of training 9.00 s (8.00 to 10.00, 3 fresh seeds)" in said[0] and "beats" not in said[0]
    assert "front-3 beats it in both" in said[1]


ANSWERS: dict[str, dict[str, Any]] = {
    "one": {"objectives": ("val_accuracy",)},
    "front": {"objectives": ("val_accuracy", "accuracy_gap")},
}


def searched_store(
    folder: Path, objectives: tuple[str, ...], name: str = "demo", seed: int = 0
) -> tuple[ResultsFolder, Study]:
    """A results folder with a finished search and its answer, from made-up records."""
    store = ResultsFolder(folder, create=True)
    search = Search(space=SPACE, trials=12, seeds=2, searcher="random", objectives=objectives, seed=seed)
    study = Study(name=name, title="Demo", question="Q?", knobs=("lr",), epochs=3, search=search)
    log = SearchLog(store, name, "", search, SharedKnobs.of(3), "d")
    controller = SearchController(search, SharedKnobs.of(3), FASHION, make_sampler(search), log.add)
    while (segment := controller.next()) is not None:
        top = 0.8 - 0.1 * abs(math.log10(controller.proposals[segment.proposal].point["lr"]) + 2)
        curves = {"val_accuracy": [top - 0.1, top - 0.05, top], "accuracy_gap": [0.0, 0.1, top / 10]}
        controller.report(segment.proposal, curves, False)
    ordered = finalists.rank_proposals(study, search, controller.proposals)
    chosen = [("", p) for p in finalists.choose_finalists(search, ordered, alone=False)]
    answering = finalists.answer_study(study, chosen)
    store.studies.freeze(study)
    store.studies.freeze(answering)
    write_checksummed(
        store, f"searches/{name}/answer.json", finalists.search_answer(answering, chosen, (1000, 1001, 1002)).to_json()
    )
    for seed in (0, 1, 1000, 1001, 1002):
        for arm in answering.arms:
            store.write(synthetic.record(answering.config(arm.name, seed=seed)))
    return store, study


@pytest.mark.parametrize("name", ANSWERS)
def test_the_page_begins_a_search_with_its_answer_from_fresh_seeds_alone(tmp_path: Path, name: str) -> None:
    objectives = ANSWERS[name]["objectives"]
    store, study = searched_store(tmp_path, objectives)
    told = read_answer(store, "demo")
    assert [r.arm for r in told][:2] == (["front-1", "front-2"] if name == "front" else ["winner", "runner-up"])
    assert all(r.estimate.n == 3 and len(r.searched) == len(objectives) for r in told)
    found = read_inputs(store)
    assert found.seeds("demo.answer") == (1000, 1001, 1002)
    blocks = list(walk(searches_of_page.blocks(found, study)))
    first = next(b for b in blocks if isinstance(b, Table))
    assert first.name == "demo-answer" and len(first.sheet.rows) == len(told)
    names = [b.name.removeprefix("demo-") for b in blocks if isinstance(b, Picture)]
    wanted = ["history", "rungs", "importances", "slices", "contour", "parallel"]
    assert names == ([*wanted[:5], "front", *wanted[5:]] if name == "front" else wanted)
    assert not found.problems


def test_a_changed_search_shows_what_it_is_now_and_damage_is_named(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",))
    before = fresh.fingerprint(store)
    assert study.search is not None
    other = dataclasses.replace(study, search=dataclasses.replace(study.search, seed=1))
    SearchLog(store, "demo", "", other.search, SharedKnobs.of(3), "d")  # type: ignore[arg-type]
    assert fresh.fingerprint(store) != before, "a search is part of what a report shows"
    now, earlier = current_parts(search_parts(store), study)
    assert [len(p.proposals) for p in now] == [12] and [len(p.proposals) for p in earlier] == [0]
    events = next(n for n in store.folder.names("searches", deep=True) if n.endswith("000000.json"))
    store.folder.write(events, b"[{")
    store.folder.write("searches/demo/answer.json", b"[1]")
    problems = read_inputs(store).problems
    assert len(problems) == 2 and all("damaged" in p for p in problems)


def repeated(states: list[tuple[str, int]]) -> SearchPart:
    """Proposals over a space of two: each with the value of `lr` and the epochs that it came to (0: it diverged)."""
    space: dict[str, Any] = {"lr": Choice(values=(1, 1.0, 0.01)), "optimizer": Choice(values=("sgd", "adam"))}
    search = Search(space=space, trials=len(states), seeds=1, searcher="random", scheduler=Scheduler())
    points = [Point((("lr", 1 if i % 2 else 1.0), ("optimizer", name))) for i, (name, _) in enumerate(states)]
    proposals = [
        Proposal(n, point, "random", 2, "whole" if e == 2 else "paused" if e else "diverged",
                 {"val_accuracy": [0.5 + 0.1 * (point["optimizer"] == "adam")] * (e or 1)})
        for n, (point, (_, e)) in enumerate(zip(points, states, strict=True))
    ]  # fmt: skip
    return SearchPart("demo", "", search, SharedKnobs.of(2), tuple(proposals), ())


def test_proposals_that_repeat_a_configuration_count_once() -> None:
    found = searches.findings_of_part(repeated([("sgd", 1), ("adam", 2), ("sgd", 2), *[("adam", 2)] * 9]))
    assert list(found.proposals["n"]) == [1, 2], "the copy that came furthest stands for all"
    assert found.importances.empty, "two configurations, although twelve proposals"
    said = search_words.sentences(found)[0]
    assert "tried 2 configurations" in said and "10 of 12 tries repeated one" in said
    assert "2 were trained to the end" in said and "That took 4 epochs a seed" in said
    (best,) = [b for b in walk(searches_of_page._best(found)) if isinstance(b, Table)]
    assert len(best.sheet.rows) == 2


def test_a_search_in_which_everything_diverged_says_that_it_is_over(tmp_path: Path) -> None:
    part = repeated([("sgd", 0), ("adam", 0), ("sgd", 0)])
    said = finalists.why_no_finalist(part.search, "", part.proposals)
    assert "all 3 configurations diverged in epoch 1" in said and "Lower the range of lr" in said
    assert finalists.why_no_finalist(part.search, "", part.proposals[:2]) == "", "one is still to come"
    mixed = repeated([("sgd", 0), ("adam", 2)])
    assert finalists.why_no_finalist(mixed.search, "", mixed.proposals) == ""
    study = Study(name="demo", title="t", question="q?", knobs=("lr",), epochs=2, search=part.search)
    store = ResultsFolder(tmp_path, create=True)
    store.studies.freeze(study)
    log = SearchLog(store, "demo", "", part.search, SharedKnobs.of(2), synthetic.CHECKSUM)
    for p in part.proposals:
        log.add(Event(kind="proposed", proposal=p.number, point=p.point, by="random"))
        log.add(Event(kind="sent", proposal=p.number, until=2))
        log.add(Event(kind="reported", proposal=p.number, curves={"val_accuracy": [math.nan]}, diverged=True))
    assert said in search_words.search_lines(store, "demo")
    inputs = read_inputs(store)
    page = [getattr(b, "lines", ()) for b in walk(searches_of_page.blocks(inputs, inputs.studies["demo"]))]
    assert (said,) in page and "run the study again" not in str(page)


def test_a_search_whose_events_were_put_aside_is_shown_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame of no rows once ended both with a traceback."""
    store, _ = searched_store(tmp_path, ("val_accuracy",))
    (name,) = [n for n in store.folder.names("searches", deep=True) if n.endswith("/000000.json")]
    store.folder.write(name, b"[")
    assert repair(str(tmp_path)).sound
    done = CliRunner().invoke(app, ["show", "demo", "--results", str(tmp_path)])
    assert done.exit_code == 0, done.output
    for found in searches.summary(store, "demo"):
        assert all(f.title for f in figures.figures(found))
    without_figures(monkeypatch, all_of_them=True)
    assert report.build(str(tmp_path)).is_file()
