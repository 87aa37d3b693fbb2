"""A study's search around its engine: what is refused early, the log, warm starts, the answer. Without Ray."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.execution import search_driver as seeking
from study.execution.inline_executor import InlineExecutor
from study.planning.executor import ExecutionSettings
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Choice, Float
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_log import EVENTS_PER_FILE, SearchLog, read_events, search_parts
from tests import synthetic
from tests.synthetic import FASHION
from trainables.config.errors import BadInput, EngineError, StoreError
from trainables.data.dataset import DataSet

SPACE: dict[str, Any] = {
    "optimizer": Choice(values=("sgd", "adam")),
    "lr": Float(low=1e-4, high=1.0, log=True),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
}


def study(**changes: Any) -> Study:
    search = Search(**{"space": SPACE, "trials": 6, "seeds": 2, "searcher": "tpe", **changes})
    return Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, search=search)


def setting(folder: Path, wanted: Study, **engine: Any) -> seeking.SearchSetup:
    images = np.zeros((40, 4), np.uint8)
    labels = np.zeros(40, np.int64)
    data = DataSet("tiny", images, labels, images, labels, ("a", "b"), (2, 2), synthetic.CHECKSUM)
    store, settings = ResultsFolder(folder / "r", create=True), ExecutionSettings(cpus=2, **engine)
    return seeking.SearchSetup(wanted, store, data, settings, InlineExecutor(), "x")


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"parallel": 3}, EngineError, "3 configurations at once, and they have 2 cores"),
        ({"searcher": "cmaes", "scheduler": Scheduler(name="asha")}, BadInput, "whole trials only"),
        ({"searcher": "cmaes", "space": {"lr": SPACE["lr"]}}, BadInput, "two knobs that are numbers"),
        ({"searcher": "random", "warm_start": ("results/x",)}, BadInput, "learns from nothing"),
        ({"searcher": "nsga2", "warm_start": ("results/x",)}, BadInput, "its own population"),
        ({"warm_start": ("results/there-is-none",)}, StoreError, "no results in results/there-is-none"),
        ({"scheduler": Scheduler(name="asha", grace=4)}, BadInput, "at most the study's epochs, 3"),
        (
            {"seeds": 500, "racing": 501},
            BadInput,
            "come to seed 1000, and the answer's fresh seeds begin at 1000: give at most 500",
        ),
    ],
)
def test_what_cannot_run_is_refused_before_anything_starts(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        seeking.check_setup(setting(tmp_path, study(**changes)))


def test_a_dashboard_that_cannot_be_reached_is_refused_before_anything_starts(tmp_path: Path) -> None:
    wanted = dataclasses.replace(setting(tmp_path, study()), dashboard="postgresql://me:secret@127.0.0.1:9/x")
    with pytest.raises(BadInput, match="cannot be reached"):
        seeking.check_setup(wanted)


def test_the_log_goes_over_several_files_and_says_what_is_damaged(tmp_path: Path) -> None:
    made = setting(tmp_path, study())
    search = made.study.search
    assert search is not None
    log = SearchLog(made.store, "s", "", search, made.study.shared_knobs, made.data.checksum)
    events = [
        Event(kind="proposed", proposal=n, point=Point.from_json({"lr": 0.1, "optimizer": "adam"}), by="tpe")
        for n in range(EVENTS_PER_FILE + 3)
    ]
    for event in events:
        log.add(event)
    assert (
        SearchLog(made.store, "s", "", search, made.study.shared_knobs, made.data.checksum).past
        == events
        == read_events(made.store, log.folder)
    )
    more = dataclasses.replace(search, trials=60)
    assert (
        SearchLog(made.store, "s", "", more, made.study.shared_knobs, made.data.checksum).past == events
    )  # a search asked for more goes on
    other = dataclasses.replace(search, seed=1)
    assert (
        SearchLog(made.store, "s", "", other, made.study.shared_knobs, made.data.checksum).past == []
    )  # another search begins anew
    assert sorted(len(p.proposals) for p in search_parts(made.store)) == [0, EVENTS_PER_FILE + 3]
    made.store.folder.write(f"{log.folder}/000001.json", b"[{")
    with pytest.raises(StoreError, match=r"000001\.json is damaged"):
        read_events(made.store, log.folder)


def test_a_search_begun_before_hyperband_kept_one_in_reduction_goes_on_as_it_was(tmp_path: Path) -> None:
    made = setting(tmp_path, study(scheduler=Scheduler(name="hyperband", reduction=2), trials=8, searcher="random"))
    search = made.study.search
    assert search is not None

    def log() -> SearchLog:
        return SearchLog(made.store, "s", "", search, made.study.shared_knobs, made.data.checksum)

    def whole(log: SearchLog) -> int:
        controller = SearchController(
            search, SharedKnobs.of(3), FASHION, make_sampler(search), log.add, log.past, log.hyperband_keeps
        )
        while (segment := controller.next()) is not None:
            accuracy = 0.1 * segment.proposal
            controller.report(segment.proposal, {"val_accuracy": [accuracy] * segment.until}, False)
        return sum(p.state == "whole" for p in controller.proposals)

    begun = log()
    assert begun.hyperband_keeps == 2
    begun.hyperband_keeps = 3  # as it was
    assert whole(begun) == 3
    assert log().hyperband_keeps == 2
    there = made.store.folder.read(f"{begun.folder}/search.json") or b""
    old = {k: v for k, v in json.loads(there).items() if k not in ("hyperband_keeps", "checksum")}
    made.store.folder.write(f"{begun.folder}/search.json", json.dumps(old).encode())
    events = len(log().past)
    for _ in range(2):
        assert log().hyperband_keeps == 3 and whole(log()) == 3 and len(log().past) == events
