"""A search's segments as work: what goes together, what goes alone, and what is told to the controller."""

from __future__ import annotations

from study.execution.segment_queue import SegmentQueue
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Search
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
