"""What a search found, on made-up searches whose truth is known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from analysis import report
from analysis.data.frames import from_records
from analysis.figures import search_figures as figures
from analysis.report import fingerprint as fresh
from analysis.report import search_section as searches_of_page
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Table, walk
from analysis.searches import findings as searches
from analysis.searches import sentences as search_words
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
from study.storage.search_log import SearchLog, SearchPart, _write_checksummed, current_parts, search_parts
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


def searched_store(
    folder: Path,
    objectives: tuple[str, ...],
    name: str = "demo",
    seed: int = 0,
    lost: Mapping[str, Collection[int]] = MappingProxyType({}),
    without: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> tuple[ResultsFolder, Study]:
    """A results folder with a finished search and its answer, from made-up records.

    `lost`: the seeds of an arm that diverged. `without`: those that it has yet to be trained under.
    """
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
    _write_checksummed(
        store, f"searches/{name}/answer.json", finalists.search_answer(answering, chosen, (1000, 1001, 1002)).to_json()
    )
    for seed in (0, 1, 1000, 1001, 1002):
        for arm in (a for a in answering.arms if seed not in without.get(a.name, ())):
            record = synthetic.record(answering.config(arm.name, seed=seed))
            if seed in lost.get(arm.name, ()):
                record = dataclasses.replace(synthetic.changed(record, -1, val_loss=math.nan), status="diverged")
            store.write(record)
    return store, study


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
    (best,) = [b for b in walk(searches_of_page._best(found, from_records([]))) if isinstance(b, Table)]
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
