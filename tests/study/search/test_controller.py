"""A search as events: the same after any kill, with every searcher and scheduler; what Optuna is told. Without Ray."""

from __future__ import annotations

import math
from typing import Any

import pytest

from study.search.controller import SearchController, Segment
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Float
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from study.storage.search_events import Event, Proposal, pareto_front, ranked_proposals
from tests.study.search.made_up import EPOCHS, go, search, trained
from tests.synthetic import FASHION


@pytest.mark.parametrize("searcher", ["grid", "random", "sobol", "halton", "tpe", "cmaes"])
@pytest.mark.parametrize("cut", [1, 2, 7, 20])
def test_a_killed_search_goes_on_to_the_same_end(searcher: str, cut: int) -> None:
    scheduler = Scheduler(name="none" if searcher == "cmaes" else "asha")
    wanted = search(searcher=searcher, grid_points=2, trials=14, scheduler=scheduler)
    _, whole = go(wanted)
    controller, again = go(wanted, whole[:cut])
    assert [e.to_dict() for e in again] == [e.to_dict() for e in whole]
    assert len(controller.proposals) == 14


@pytest.mark.parametrize("scheduler", ["none", "asha", "asha-stop", "hyperband", "median", "halving"])
def test_every_scheduler_keeps_its_decisions_over_a_kill(scheduler: str) -> None:
    wanted = search(scheduler=Scheduler(name=scheduler, reduction=2, brackets=2), trials=16)  # type: ignore[arg-type]
    _, whole = go(wanted, workers=3)
    for cut in range(1, len(whole), 5):
        controller, again = go(wanted, whole[:cut], workers=1)
        assert again[:cut] == whole[:cut]
        ranked = ranked_proposals(controller.proposals, "val_accuracy")
        assert len(ranked) >= 2 and all(p.epochs == EPOCHS for p in ranked)
        assert not any(p.state == "running" for p in controller.proposals)


@pytest.mark.parametrize("scheduler", ["asha", "asha-stop", "hyperband", "median", "halving"])
def test_what_is_trained_again_is_not_sent_on_at_the_same_time(scheduler: str) -> None:
    wanted = search(scheduler=Scheduler(name=scheduler, reduction=2), trials=12)  # type: ignore[arg-type]
    _, whole = go(wanted, workers=3)
    for cut in range(1, len(whole) + 1):
        controller = SearchController(wanted, SharedKnobs.of(EPOCHS), FASHION, make_sampler(wanted), past=whole[:cut])
        lost = [p.number for p in controller.proposals if p.state in ("paused", "whole")]
        controller.train_again(lost)
        running: list[Segment] = []
        while True:
            if len(running) < 3 and (segment := controller.next()) is not None:
                assert segment.proposal not in [r.proposal for r in running], "one proposal, one worker"
                running.append(segment)
            elif running:
                done = running.pop()
                controller.report(done.proposal, *trained(controller.proposals[done.proposal].point, done.until))
            else:
                break
        assert controller.over and len(controller.proposals) == 12
        assert {p.state for p in controller.proposals} <= {"paused", "whole", "diverged"}


def test_a_diverged_proposal_is_never_sent_again_and_more_proposals_extend_a_search() -> None:
    first = {"lr": 0.9, "optimizer": "adam"}
    controller, events = go(search(first=(first,), trials=6))
    assert controller.proposals[0].by == "first"
    assert sum(e.kind == "sent" and e.proposal == 0 for e in events) <= 2
    more, longer = go(search(first=(first,), trials=9), events)
    assert longer[: len(events)] == events and len(more.proposals) == 9


def test_the_best_are_whole_ones_only() -> None:
    half = Proposal(0, Point(), "tpe", 3, "paused", {"val_accuracy": [0.99]})
    one = Proposal(1, Point(), "tpe", 9, "whole", {"val_accuracy": [0.5], "val_loss": [1.0]})
    two = Proposal(2, Point(), "tpe", 9, "whole", {"val_accuracy": [0.6], "val_loss": [2.0]})
    assert ranked_proposals([half, one, two], "val_accuracy") == [two, one]
    assert ranked_proposals([half, one, two], "val_loss") == [one, two]


def test_the_front_is_what_nobody_beats_in_both() -> None:
    values = [(0.9, 9.0), (0.8, 3.0), (0.85, 3.0), (0.7, 1.0), (0.6, 2.0), (math.nan, 0.1)]
    made = [
        Proposal(n, Point(), "nsga2", 1, "whole", {"val_accuracy": [a], "seconds": [s]})
        for n, (a, s) in enumerate(values)
    ]
    made.append(Proposal(6, Point(), "nsga2", 1, "paused", {"val_accuracy": [0.99], "seconds": [0.0]}))
    assert [p.number for p in pareto_front(made, ("val_accuracy", "seconds"))] == [0, 2, 3]


@pytest.mark.parametrize("scheduler", ["asha", "asha-stop", "hyperband", "median", "halving", "halving-keep"])
def test_a_finished_search_that_is_asked_for_more_lets_new_ones_go_on(scheduler: str) -> None:
    name, keep = scheduler.removesuffix("-keep"), 3 if scheduler.endswith("keep") else 0
    how = Scheduler(name=name, keep=keep, reduction=2 if name == "hyperband" else 3)  # type: ignore[arg-type]
    some, events = go(search(scheduler=how, trials=8))
    first = len([p for p in some.proposals if p.state == "whole"])
    controller, longer = go(search(scheduler=how, trials=30), events)
    assert longer[: len(events)] == events and len(controller.proposals) == 30
    assert not any(p.state == "running" for p in controller.proposals)
    assert len([p for p in controller.proposals if p.state == "whole"]) >= max(first, 2)
    ranked = ranked_proposals(controller.proposals, "val_accuracy")
    late = max(controller.proposals, key=lambda p: p.curves["val_accuracy"][0])
    assert late in ranked, "the best after one epoch, wherever it came, is trained to the end"


@pytest.mark.parametrize("scheduler", [Scheduler(), Scheduler(name="halving", keep=2)])
def test_equal_means_that_differ_in_their_last_bit_rank_alike_live_and_from_the_log(scheduler: Scheduler) -> None:
    """Of two equal ones the earlier goes on, whether or not the search was interrupted."""
    low, high = 0.8791666666666667, 0.8791666666666668  # equal numbers of right images, spread over three seeds
    wanted = search(trials=4, scheduler=scheduler)

    def run(past: list[Event], most: int) -> tuple[list[Event], list[int]]:
        events = list(past)
        controller = SearchController(
            wanted, SharedKnobs.of(9), FASHION, make_sampler(wanted), events.append, list(past)
        )
        for _ in range(most):
            if (segment := controller.next()) is None:
                break
            level = [0.99, low, high, 0.3][segment.proposal]
            controller.report(segment.proposal, {"val_accuracy": [level] * segment.until}, False)
        return events, [p.number for p in ranked_proposals(controller.proposals, "val_accuracy")]

    whole, ranked = run([], 100)
    assert ranked == run([Event.from_dict(e.to_dict()) for e in whole], 100)[1]
    assert ranked[:2] == [0, 1]
    for most in range(6):
        events, _ = run([], most)
        assert run([Event.from_dict(e.to_dict()) for e in events], 100) == (whole, ranked)


@pytest.mark.parametrize("name", ["none", "asha", "asha-stop", "median", "halving", "hyperband"])
def test_what_failed_is_tried_again_by_the_next_run_and_may_win(name: Any) -> None:
    how, events = Scheduler(name=name), list[Event]()
    search = Search(space={"lr": Float(low=0.1, high=1.0)}, trials=9, seeds=1, searcher="random", scheduler=how)

    def run(fails: bool) -> SearchController:
        controller = SearchController(
            search, SharedKnobs.of(9), FASHION, make_sampler(search), events.append, tuple(events)
        )
        while (segment := controller.next()) is not None:
            if segment.proposal == 4 and fails:
                controller.fail(4, "a broken cable")
            else:
                controller.report(
                    segment.proposal, {"val_accuracy": [0.9 if segment.proposal == 4 else 0.1] * segment.until}, False
                )
        assert controller.over
        return controller

    assert run(True).proposals[4].state == "failed"
    again = run(False).proposals[4]
    assert again.state == "whole" and again.curves["val_accuracy"] == [0.9] * 9
    count = len(events)
    assert run(False).proposals[4].state == again.state and len(events) == count


@pytest.mark.parametrize("how", [Scheduler(name="halving"), Scheduler(name="hyperband", reduction=2)])
@pytest.mark.parametrize("fails", [{(1, 1), (2, 3)}, {(0, 2), (1, 1)}, {(3, 1), (3, 3)}, {(1, 4), (2, 2), (5, 1)}])
def test_whoever_failed_in_any_round_is_ranked_among_the_others(how: Scheduler, fails: set[tuple[int, int]]) -> None:
    """Two may fail in different rounds: the later round waits for what the earlier one comes to."""
    wanted, events = search(trials=9, scheduler=how, seeds=1), list[Event]()
    best = {p: 0.9 - 0.01 * i for i, p in enumerate(sorted({p for p, _ in fails}))}

    def run(fails: set[tuple[int, int]]) -> SearchController:
        controller = SearchController(
            wanted, SharedKnobs.of(9), FASHION, make_sampler(wanted), events.append, tuple(events)
        )
        while (segment := controller.next()) is not None:
            if (segment.proposal, segment.until) in fails:
                controller.fail(segment.proposal, "a broken cable")
            else:
                level = best.get(segment.proposal, 0.1)
                controller.report(segment.proposal, {"val_accuracy": [level] * segment.until}, False)
        return controller

    run(fails)
    for _ in fails:  # one may fail later than it did
        controller = run(set())
    assert controller.proposals[min(best)].state == "whole"
    count = len(events)
    assert run(set()).over and len(events) == count


def test_what_is_trained_again_in_vain_stays_what_it_was_and_is_named() -> None:
    search = Search(space={"lr": Float(low=0.1, high=1.0)}, trials=2, seeds=1, searcher="random", scheduler=Scheduler())
    controller = SearchController(search, SharedKnobs.of(2), FASHION, make_sampler(search))
    while (segment := controller.next()) is not None:
        controller.report(segment.proposal, {"val_accuracy": [0.5] * 2}, False)
    controller.train_again([1])
    assert controller.next() is not None and controller.next() is None
    controller.fail(1, "no luck")
    assert controller.proposals[1].state == "whole" and controller.unregained == {1: "no luck"}


def test_a_message_that_no_file_can_hold_is_spelled_out() -> None:
    search = Search(space={"lr": Float(low=0.1, high=1.0)}, trials=1, seeds=1, searcher="random", scheduler=Scheduler())
    events: list[Event] = []
    controller = SearchController(search, SharedKnobs.of(2), FASHION, make_sampler(search), events.append)
    assert controller.next() is not None
    controller.fail(0, "no file caf\udce9: \n broken")
    assert events[-1].message == "no file caf\\udce9: \n broken"
    assert Event.from_dict(events[-1].to_dict()) == events[-1]
