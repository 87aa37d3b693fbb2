"""A search's segments as work: what goes together, what goes alone, and what is told to the controller."""

from __future__ import annotations

from study.execution.segment_queue import SegmentQueue
from study.search.controller import SearchController, Segment
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Search
from study.storage.search_events import Curves, Event
from tests.synthetic import FASHION
from trainables.jobs.job import StepReport


def queue(trials: int, at_once: int = 2) -> tuple[SegmentQueue, SearchController]:
    search = Search.from_dict({"trials": trials, "seeds": 2, "searcher": "random", "scheduler": "none", "space": {
        "lr": {"kind": "float", "low": 0.1, "high": 0.2}}})  # fmt: skip
    controller = SearchController(search, SharedKnobs.of(4), FASHION, make_sampler(search))
    return SegmentQueue(controller, (0, 1), at_once=at_once), controller


def given(work: SegmentQueue) -> int | None:
    assignment = work.next()
    return None if assignment is None else assignment.number


DONE = StepReport(done=True, epochs=4, curves={"val_accuracy": [0.5] * 4})


def test_so_many_at_once_and_no_more() -> None:
    work, _ = queue(5)
    assert [given(work), given(work), given(work)] == [0, 1, None] and not work.over
    work.completed(0, DONE)
    assert [given(work), given(work)] == [2, None]


def test_what_ended_from_outside_goes_on_when_the_search_is_run_again() -> None:
    work, controller = queue(1)
    assert given(work) == 0
    work.completed(0, StepReport(done=False, epochs=2))
    assert controller.proposals[0].state == "running"


def test_when_memory_runs_out_what_was_under_way_goes_alone_and_then_the_others_together() -> None:
    work, controller = queue(4)
    assert not work.out_of_memory(), "nobody was under way"
    assert [given(work), given(work)] == [0, 1]
    assert work.out_of_memory()
    assert given(work) == 0 and given(work) is None, "one at a time"
    work.completed(0, DONE)
    assert given(work) == 1 and given(work) is None
    assert work.out_of_memory()
    assert controller.proposals[1].state == "failed" and "out of memory" in controller.proposals[1].message
    assert [given(work), given(work)] == [2, 3], "the others are under way together again"
    for number in (2, 3):
        work.completed(number, DONE)
    assert given(work) is None
    work.completed(9, DONE)  # of nobody
    work.lost(9, "of nobody")
    assert work.over and [p.state for p in controller.proposals] == ["whole", "failed", "whole", "whole"]


def twice(at_once: int, *, trained: bool) -> tuple[SegmentQueue, SearchController]:
    """A queue over one configuration that is tried three times; `trained`: it is on record once it was trained."""
    search = Search.from_dict({"trials": 3, "seeds": 1, "searcher": "tpe", "scheduler": "none", "space": {
        "optimizer": {"kind": "choice", "values": ["sgd"]}}})  # fmt: skip
    controller = SearchController(search, SharedKnobs.of(4), FASHION, make_sampler(search))

    def known(_: Segment) -> tuple[Curves, bool] | None:
        there = trained and any(p.state == "whole" for p in controller.proposals)
        return (DONE.curves, False) if there else None

    return SegmentQueue(controller, (0,), known, at_once), controller


def test_a_configuration_that_is_tried_again_meanwhile_waits_and_is_trained_once() -> None:
    work, controller = twice(2, trained=True)
    assert [given(work), given(work)] == [0, None] and not work.over
    assert [p.state for p in controller.proposals] == ["running"] * 2, "one that waits is under way"
    work.completed(0, DONE)
    assert given(work) is None and work.over
    assert [p.state for p in controller.proposals] == ["whole"] * 3


def test_one_that_waited_is_trained_where_the_other_is_lost_or_memory_runs_out() -> None:
    work, controller = twice(2, trained=True)
    assert [given(work), given(work)] == [0, None]
    work.lost(0, "gone")
    assert [given(work), given(work)] == [1, None], "the next one waits for it"
    assert work.out_of_memory()
    assert given(work) == 1 and given(work) is None
    work.completed(1, DONE)
    assert given(work) is None and work.over
    assert [p.state for p in controller.proposals] == ["failed", "whole", "whole"]


def test_the_log_says_whose_trials_a_configuration_has() -> None:
    search = Search.from_dict({"trials": 2, "seeds": 1, "searcher": "tpe", "scheduler": "none", "space": {
        "optimizer": {"kind": "choice", "values": ["sgd"]}}})  # fmt: skip
    events: list[Event] = []
    controller = SearchController(search, SharedKnobs.of(4), FASHION, make_sampler(search), events.append)
    while (segment := controller.next()) is not None:
        controller.report(segment.proposal, DONE.curves, False)
    said = [e.message for e in events if e.kind == "reported"]
    assert said == ["", "the trials of configuration 0, which is the same"]
