"""The view of a search: the best so far with its configuration, what diverged, and that it says that luck helped."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from study.app.live_search import LiveSearch, configuration_words
from study.app.live_view import ASCII, render
from study.app.start_phase import STARTS_RAY, WORKERS_IMPORT
from study.planning.executor import StopRequest
from study.search.controller import SearchController
from study.spec.domains import read_space
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler
from study.spec.study import Study
from study.storage.checkpoints import KeptCheckpoints
from study.storage.durable_files import Folder
from study.storage.search_events import Event, Proposal
from tests.synthetic import CHECKSUM
from trainables.records.metrics import METRICS
from trainables.training.gpu_memory import DataSize


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveSearch:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    space = {"lr": {"kind": "float", "low": 0.001, "high": 1.0, "log": True}}
    study = Study.from_dict(
        {"name": "s", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 2,
         "search": {"trials": 4, "seeds": 1, "searcher": "random", "scheduler": "none", "space": space}}
    )  # fmt: skip
    assert study.search is not None

    class Known(SearchController):
        """One whose proposals are given."""

        def __init__(self) -> None:
            self.search, self.given = study.search, list[Proposal]()  # type: ignore[assignment]
            self.shared, self.size = SharedKnobs.of(9), DataSize(60_000, 10_000, 784, 10)

        @property
        def proposals(self) -> tuple[Proposal, ...]:  # type: ignore[override]
            return tuple(self.given)

    return LiveSearch(
        Known(), StopRequest(), Folder(tmp_path), "s", "", quiet=False, phase="", cores=2, checksum=CHECKSUM
    )


def end(shown: LiveSearch, lr: float, accuracy: float) -> None:
    proposal = Proposal(len(shown._search.proposals), Point((("lr", lr),)), "random", until=2)
    shown._search.given.append(proposal)  # type: ignore[attr-defined]
    curves = {"val_accuracy": [0.5, accuracy], "val_loss": [1.0, 0.5]}
    proposal.change(Event(kind="reported", proposal=proposal.number, curves=curves), 2)
    shown.ended(proposal)


def test_the_best_stands_first_with_its_configuration(shown: LiveSearch) -> None:
    for lr, accuracy in ((0.1, 0.80), (0.0123456, 0.90), (0.5, 0.85)):
        end(shown, lr, accuracy)
    lines = render(shown.snapshot(), 80, 24)
    assert "3 of 4 tried" in lines[0]
    wide = render(shown.snapshot(), 160, 24)[0]
    assert ", 3 to the end, 0 diverged, 0 failed" in wide and "trials" not in wide, "configurations are no trials"
    assert lines[2] == "best so far  90.0 % after 2 epochs: lr 0.0123"
    assert lines[3] == "             ▁██  from 80.0 %"
    assert "85.0" in lines[4] and "expect less" in lines[6]
    assert any("best so far: 90.0 % after 2 epochs, was 80.0 % after 2 epochs" in line for line in lines)
    plain = render(shown.snapshot(), 80, 24, ASCII)
    assert plain[3] == "             _##  from 80.0 %", "a terminal without such letters has plain ones"


def test_one_that_trains_on_keeps_its_number_and_its_place(shown: LiveSearch) -> None:
    """The best was promoted, and the view called another one best, below the event that named it."""
    end(shown, 0.1, 0.80)
    end(shown, 0.2, 0.90)
    shown._search.proposals[1].change(Event(kind="sent", proposal=1, until=9), 9)
    lines = render(shown.snapshot(), 80, 24)
    assert lines[2] == "best so far  90.0 % after 2 epochs: lr 0.2"


def test_one_that_diverged_is_told_and_is_not_the_best(shown: LiveSearch) -> None:
    end(shown, 0.1, float("nan"))
    lines = render(shown.snapshot(), 80, 24)
    fixed = Proposal(0, Point((("lr", 0.1), ("optimizer", "sgd"))), "first")
    assert configuration_words(fixed, {"optimizer"}) == "lr 0.1", "the same in all of this part"
    assert any("diverged: lr 0.1" in line for line in lines) and not any("best so far" in line for line in lines)
    assert (
        configuration_words(Proposal(0, Point((("lr", 0.123456), ("optimizer", "sgd"))), "first"))
        == "lr 0.123, optimizer sgd"
    )
    widths = Proposal(0, Point((("hidden.count", 2), ("hidden.1", 64), ("hidden.2", 32))), "first")
    assert configuration_words(widths) == "hidden 64 + 32", "as the page says it"


def test_how_many_came_to_a_rung_and_went_on(shown: LiveSearch) -> None:
    """Of five after an epoch two rest, one trains on, one is at the end, one has diverged."""
    for n, (epochs, until) in enumerate(((1, 1), (1, 1), (1, 9), (9, 9), (1, 1))):
        p = Proposal(n, Point((("lr", 0.1),)), "random", until=epochs)
        shown._search.given.append(p)  # type: ignore[attr-defined]
        curves = {"val_accuracy": [0.8] * epochs}
        p.change(Event(kind="reported", proposal=n, curves=curves, diverged=n == 4), 9)
        if until > epochs:
            p.change(Event(kind="sent", proposal=n, until=until), 9)
    assert "at epoch     1: 5 came, 2 went on    9: 1" in render(shown.snapshot(), 80, 24)


def test_a_rung_at_which_nobody_rests_is_shown_too(shown: LiveSearch) -> None:
    """One had gone on at once, and its rung was not to be seen."""
    shown._search.search = replace(shown._search.search, scheduler=Scheduler(name="asha", grace=1, reduction=3))
    shown._search.shared = SharedKnobs.of(9)
    for n, (epochs, until) in enumerate(((1, 1), (3, 9))):
        p = Proposal(n, Point((("lr", 0.1),)), "random", until=epochs)
        shown._search.given.append(p)  # type: ignore[attr-defined]
        p.change(Event(kind="reported", proposal=n, curves={"val_accuracy": [0.8] * epochs}), 9)
        if until > epochs:
            p.change(Event(kind="sent", proposal=n, until=until), 9)
    said = "at epoch     1: 2 came, 1 went on    3: 1 came, 1 went on    9: none yet"
    assert said in render(shown.snapshot(), 80, 24)


def test_a_stop_says_where_each_configuration_goes_on(shown: LiveSearch, tmp_path: Path) -> None:
    """It said how many were tried, and nothing of those under way."""
    end(shown, 0.1, 0.8)
    for n, (lr, saved) in enumerate(((0.2, 3), (0.3, 0)), start=1):
        p = Proposal(n, Point((("lr", lr),)), "random", until=9)
        shown._search.given.append(p)  # type: ignore[attr-defined]
        trial = shown._search.shared.config(p.point).identity(CHECKSUM)
        if saved:
            KeptCheckpoints(Folder(tmp_path)).save(trial, saved, b"state")
    assert shown._saved() == "saved. 1 of 4 configurations tried, 1 goes on after epoch 3, 2 not begun."


def test_a_configuration_is_under_way_from_when_it_is_sent(shown: LiveSearch, tmp_path: Path) -> None:
    """Those in their first epoch here were in no view ("0 of 2 cores busy"), and a stop named none of them."""
    end(shown, 0.1, 0.8)
    new, on = (Proposal(n, Point((("lr", 0.1 * n),)), "random", until=9) for n in (1, 2))
    on.change(Event(kind="reported", proposal=2, curves={"val_accuracy": [0.5, 0.6]}), 9)
    shown._search.given += [new, on]  # type: ignore[attr-defined]
    for p in (new, on):
        shown.sent(p)
    lines = render(shown.snapshot(), 80, 24)
    assert [" ".join(line.split()) for line in lines if " epoch " in line and " of 9" in line] == [
        "now lr 0.1 epoch 1 of 9", "lr 0.2 epoch 3 of 9"
    ] and any(line.startswith("2 of 2 cores busy") for line in lines), lines  # fmt: skip
    assert shown._saving() == ["configuration 2 at epoch 2"] and "configuration 1 has" in shown._late()[0]
    starting = LiveSearch(
        shown._search,
        StopRequest(),
        Folder(tmp_path),
        "s",
        "",
        quiet=True,
        phase=STARTS_RAY,
        cores=2,
        checksum=CHECKSUM,
    )
    starting.sent(new)
    assert starting._saving() == starting._late() == [], "nobody trains yet"


def test_of_two_objectives_the_view_and_the_log_name_both(shown: LiveSearch) -> None:
    """They named the first alone, and called better what was merely more accurate."""
    known = shown._search
    known.search = replace(known.search, objectives=("val_accuracy", "seconds"))
    shown._metrics = tuple(METRICS[o] for o in known.search.objectives)
    for n, (lr, accuracy, seconds) in enumerate(
        ((0.1, 0.8, 0.02), (0.2, 0.9, 0.03), (0.3, 0.7, 0.025), (0.2, 0.9, 0.03))
    ):
        proposal = Proposal(n, Point((("lr", lr),)), "nsga2", until=2)
        known.given.append(proposal)  # type: ignore[attr-defined]
        curves = {"val_accuracy": [0.5, accuracy], "seconds": [0.01, seconds]}
        proposal.change(Event(kind="reported", proposal=n, curves=curves), 2)
        shown.ended(proposal)
    lines = render(shown.snapshot(), 80, 24)
    assert lines[2] == "on the front  90.0 % and 0.03 s: lr 0.2"
    assert lines[3] == "on the front  80.0 % and 0.02 s: lr 0.1"
    assert not any("better" in line or "70.0 %" in line for line in lines), "one that another beats in both is not told"
    assert sum("on the front: " in line for line in lines) == 2, "a configuration that is tried again is told once"


def test_a_space_with_fewer_configurations_than_tries_is_told_so(shown: LiveSearch, tmp_path: Path) -> None:
    """The log said "12 configurations to try" of a space that has 4."""
    few = {"batch_size": {"kind": "choice", "values": [8, 16, 100_000]}}
    search = replace(shown._search.search, space=read_space(few))
    shown._search.search = search
    assert _words(shown._search, tmp_path) == "s: 4 tries to make, of at most 2 configurations"
    shown._search.search = replace(search, searcher="grid")
    assert _words(shown._search, tmp_path) == "s: 2 configurations to try", "none that the data cannot have"


def test_a_stop_waits_for_nothing_until_a_worker_trains(shown: LiveSearch, tmp_path: Path) -> None:
    """It waited up to eight seconds while workers imported PyTorch."""
    stop = StopRequest()
    view = LiveSearch(
        shown._search, stop, Folder(tmp_path), "s", "", quiet=True, phase=STARTS_RAY, cores=2, checksum=CHECKSUM
    )
    assert stop.nothing_yet()
    view.began("configuration 1")
    assert stop.nothing_yet() and view.snapshot().phase == WORKERS_IMPORT
    view.imported()
    assert not stop.nothing_yet() and [done for done, _ in view.snapshot().steps] == [
        "Ray has started", "PyTorch is imported"
    ]  # fmt: skip


def _words(controller: SearchController, folder: Path) -> str:
    view = LiveSearch(controller, StopRequest(), Folder(folder), "s", "", quiet=True, phase="", cores=2)
    said: list[str] = []
    view._screen.enter = said.append  # type: ignore[method-assign,assignment]
    view.start()
    return said[0]
