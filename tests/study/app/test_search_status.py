"""How far a search is, of whoever looks at its folder: what was tried, what goes on from where, and the command."""

from __future__ import annotations

import json
import math
from pathlib import Path

from analysis.report import overview
from analysis.report.inputs import read_inputs
from study.app.search_status import search_statuses
from study.cli import status_text
from study.spec import registry
from study.spec.point import Point
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.search_events import Event
from study.storage.search_log import SearchLog
from tests.synthetic import CHECKSUM, record

STUDY = registry.load_study("search-sgd-adam")


def interrupted(folder: Path) -> str:
    """A search of which one configuration was tried and one is under way, both seeds of it saved."""
    store = ResultsFolder(folder, create=True)
    store.studies.freeze(STUDY)
    command = ("study", "run", "search-sgd-adam")
    write_run(store.folder, "20260101T000000-000000", RunRecord(studies=(STUDY.name,), seeds=(0,), command=command))
    assert STUDY.search is not None
    log = SearchLog(store, STUDY.name, "sgd", STUDY.search.parts()["sgd"], STUDY.shared_knobs, CHECKSUM)
    points = [Point((("optimizer", "sgd"), ("lr", lr))) for lr in (0.1, 0.2)]
    for n, p in enumerate(points):
        log.add(Event(kind="proposed", proposal=n, point=p, by="first"))
        log.add(Event(kind="sent", proposal=n, until=1 + 8 * n))
    first = STUDY.shared_knobs.config(points[0])
    tried = [record(first.replace(seed=seed), "stopped", 1) for seed in range(STUDY.search.seeds)]
    for one in tried:
        store.write(one)
    mean = math.fsum(one.epochs["val_accuracy"][0] for one in tried) / len(tried)
    log.add(Event(kind="reported", proposal=0, curves={"val_accuracy": [mean]}))
    for seed in range(STUDY.search.seeds):
        trial = STUDY.shared_knobs.config(points[1]).replace(seed=seed).identity(CHECKSUM)
        store.save_checkpoint(trial, 4 + seed, b"state")
    return str(folder)


def test_an_interrupted_search_says_where_it_goes_on(tmp_path: Path) -> None:
    """It said `next study report`, as if all were there."""
    where = interrupted(tmp_path / "r")
    said = status_text.status_lines(where)
    missing = "missing 23 of 24 configurations: 1 goes on after epoch 4, 22 not begun; then the best under fresh seeds"
    assert (
        missing in " ".join(" ".join(said).split())
        and max(len(line) for line in said if str(tmp_path) not in line) <= 100
    )
    assert said[-1] == f"next     study run search-sgd-adam --results {where}"
    assert "search search-sgd-adam: 1 of 24 configurations tried" in said
    told = json.loads(status_text.as_json(where))
    assert told["next"] == f"study run search-sgd-adam --results {where}"
    assert told["searches"] == [
        {
            "study": "search-sgd-adam",
            "tried": 1,
            "tries": 24,
            "different": 1,
            "configurations": 24,
            "going_on": [4],
            "answered": False,
        }
    ]


def test_tries_that_repeat_a_configuration_are_told_as_tries(tmp_path: Path) -> None:
    """It said "12 of 12 configurations tried" of a space that has 4."""
    space = {"batch_size": {"kind": "choice", "values": [8, 16, 32, 64]}}
    study = Study.from_dict(
        {"name": "few", "title": "t", "question": "q", "knobs": ["batch_size"], "epochs": 2,
         "search": {"trials": 12, "seeds": 1, "searcher": "random", "scheduler": "none", "space": space}}
    )  # fmt: skip
    assert study.search is not None
    store = ResultsFolder(str(tmp_path / "r"), create=True)
    store.studies.freeze(study)
    log = SearchLog(store, "few", "", study.search, study.shared_knobs, CHECKSUM)
    said = []
    for n in range(12):
        log.add(Event(kind="proposed", proposal=n, point=Point((("batch_size", (8, 16, 32, 64)[n % 4]),)), by="random"))
        log.add(Event(kind="sent", proposal=n, until=2))
        log.add(Event(kind="reported", proposal=n, curves={"val_accuracy": [0.7, 0.8]}))
        (status,) = search_statuses(store, [study], {}, ended=False)
        said.append(status.tried_words())
    assert said[2] == "3 of 12 tries made, of 3 configurations"
    assert said[11] == "12 of 12 tries made, of 4 configurations"
    (status,) = search_statuses(store, [study], {}, ended=False)
    assert (status.tried, status.different, status.most) == (12, 4, 4)
    page = overview.lead(read_inputs(store), [study], ())
    assert page.startswith("q 4 configurations tried"), page
