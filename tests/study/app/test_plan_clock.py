"""A plan's time: a range, wider where nothing was measured."""

from __future__ import annotations

import pytest

from study.app import plan_clock
from study.app.pace import Pace
from study.app.plan_clock import SEARCH_PACE_FACTORS, WORKERS_SECONDS, PlanClock
from study.execution.progress import rough_duration
from study.planning.cost import INLINE_START_SECONDS, START_SECONDS
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.search.search_cost import search_range
from study.spec import registry
from tests.synthetic import FASHION
from trainables.training.gpu_memory import DataSize


def test_what_takes_less_than_rays_start_is_planned_without_it() -> None:
    study = registry.load_study("dropout")
    small = plan_trials([study], Protocol((0,)), "x", {}, DataSize(300, 90, 36, 3))
    clock = PlanClock.of(small, 2, Pace(1.0))
    assert clock.inline and clock.place == "in this process"
    assert clock.words(small) == f"about {rough_duration(INLINE_START_SECONDS + small.seconds_to_train)}"
    assert not PlanClock.of(small, 2, None, "ray").inline
    assert not PlanClock.of(plan_trials([study], Protocol((0,)), "x", {}, FASHION), 2, None).inline


def test_a_search_is_said_as_a_range_that_is_wider_where_nothing_was_measured() -> None:
    study = registry.load_study("search-sgd-adam")
    plan = plan_trials([study], Protocol((0,)), "x", {}, FASHION)
    known, unknown = (PlanClock(2, measured=m, ratio=1.0).search_words(plan, study) for m in (True, False))
    assert " to " in known and " to " in unknown and known != unknown


def test_each_part_of_a_search_and_its_answer_start_workers_anew() -> None:
    """Ray is started once, and PyTorch imported by the workers of each; in this process once for all."""
    study = registry.load_study("search-sgd-adam")
    plan = plan_trials([study], Protocol((0,)), "x", {}, FASHION)
    low, _ = PlanClock(2, measured=True).search_span(plan, study)
    inline, _ = PlanClock(2, measured=True, inline=True).search_span(plan, study)
    core = search_range(study, FASHION, 1)[0] * SEARCH_PACE_FACTORS[0]
    assert low == pytest.approx(START_SECONDS + core / 2 + 2 * WORKERS_SECONDS), "two parts and an answer"
    assert inline == pytest.approx(INLINE_START_SECONDS + core)


def test_without_a_pace_a_range_is_said() -> None:
    plan = plan_trials([registry.load_study("dropout")], Protocol((0,)), "x", {}, FASHION)
    low, high = PlanClock(2, measured=False).words(plan).split(" to ")
    assert low != high and PlanClock(2, measured=True).words(plan).startswith("about ")
    assert START_SECONDS > 0


def test_on_a_machine_that_was_busy_lately_all_of_a_plan_takes_longer_and_says_so() -> None:
    study, search = registry.load_study("dropout"), registry.load_study("search-sgd-adam")
    plan = plan_trials([study], Protocol((0,)), "x", {}, FASHION)
    whole = plan_trials([study, search], Protocol((0,)), "x", {}, FASHION)
    idle, busy = (PlanClock.of(plan, 2, Pace(1.0, clock_factor=f)) for f in (1.0, 3.0))
    assert busy.span(plan) == pytest.approx([3.0 * seconds for seconds in idle.span(plan)])
    assert busy.total_span(whole) == pytest.approx([3.0 * seconds for seconds in idle.total_span(whole)])
    assert busy.place == "on 2 cores of this machine, lately 3.0 times as slow as idle"
    assert idle.place == "on 2 cores of this machine"


def test_where_no_run_has_told_the_range_goes_as_far_as_the_load_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a run of 4 min 25 s on a busy machine the first plan said "13 to 46 s"."""
    search = registry.load_study("search-sgd-adam")
    plan = plan_trials([registry.load_study("dropout"), search], Protocol((0,)), "x", {}, FASHION)
    spans = []
    for load in (1.0, 5.0):
        monkeypatch.setattr(plan_clock, "most_slowed", lambda _, load=load: load)
        clock = PlanClock.of(plan, 2, None)
        spans.append((clock.span(plan), clock.total_span(plan)))
        assert PlanClock.of(plan, 2, Pace(1.0)).span(plan) == pytest.approx(PlanClock(2).span(plan)), "a run has told"
    idle, busy = spans
    for (low, high), (least, most) in zip(idle, busy, strict=True):
        assert least == pytest.approx(low) and most == pytest.approx(5.0 * high)


def test_a_busy_machine_trains_in_this_process_what_an_idle_one_does() -> None:
    """Ray starts as much slower."""
    small = plan_trials([registry.load_study("dropout")], Protocol((0,)), "x", {}, DataSize(300, 90, 36, 3))
    clock = PlanClock.of(small, 2, Pace(1.0, clock_factor=20.0))
    assert clock.inline and clock.span(small)[0] > START_SECONDS
    assert clock.place == "in this process, lately 20.0 times as slow as idle"
