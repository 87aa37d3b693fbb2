"""The time that a search still takes counts those that stop early, those that go on, and the answer."""

from __future__ import annotations

import pytest

from study.app.search_time_left import AfterPart, Earlier, expected_epochs, search_time_left
from study.spec.point import Point
from study.spec.search import Search
from study.spec.study import Study
from study.storage.search_events import Event, Proposal


def search(**more: object) -> Search:
    space = {"lr": {"kind": "float", "low": 0.001, "high": 1.0}, "hidden": {"kind": "choice", "values": [[8], [64]]}}
    said = {"trials": 10, "seeds": 2, "searcher": "random", "scheduler": "none", "space": space, **more}
    study = Study.from_dict(
        {"name": "s", "title": "t", "question": "q", "knobs": ["lr", "hidden"], "epochs": 9, "search": said}
    )
    assert study.search is not None
    return study.search


def proposal(number: int, epochs: int, until: int) -> Proposal:
    found = Proposal(number, Point((("lr", 0.1),)), "random", until=until)
    if epochs:
        curves = {"val_accuracy": [0.5] * epochs}
        found.change(Event(kind="reported", proposal=number, curves=curves), 9)
    return found


def test_without_a_scheduler_it_is_the_rest_at_the_same_pace() -> None:
    tried = [proposal(n, 9, 9) for n in range(4)]
    assert search_time_left(search(), 9, tried, {}, 8.0, same_process=True) == pytest.approx(12.0)
    assert search_time_left(search(), 9, tried[:1], {}, 2.0) is None, "one says little"


def test_what_an_earlier_run_tried_took_none_of_this_time() -> None:
    """A search that went on after 10 of 40 said "1 s left"."""
    tried = [proposal(n, 9, 9) for n in range(4)]
    before = Earlier.of(tried[:2])
    assert before == Earlier(2, 18)
    assert search_time_left(search(), 9, tried, {}, 8.0, same_process=True, earlier=before) == pytest.approx(24.0)
    assert search_time_left(search(), 9, tried[:3], {}, 4.0, earlier=before) is None, "one says little"


def test_of_a_grid_its_points_are_left_and_not_the_tries_that_were_allowed() -> None:
    space = {"hidden": {"kind": "choice", "values": [[4], [8], [16], [32]]}}
    grid = search(trials=100, searcher="grid", space=space)
    tried = [proposal(n, 9, 9) for n in range(3)]
    assert search_time_left(grid, 9, tried, {}, 30.0, same_process=True) == pytest.approx(10.0)


def test_the_answer_counts_under_its_own_seeds() -> None:
    """Two finalists of nine epochs under five seeds are 90 epochs of one seed; 36 of two seeds took 8 s."""
    after = AfterPart.of(search(), search(), 9, fresh_seeds=5)
    assert after == AfterPart(90.0, 1)
    tried = [proposal(n, 9, 9) for n in range(4)]
    left = search_time_left(search(), 9, tried, {}, 8.0, after, same_process=True)
    assert left == pytest.approx(12.0 + 90 / 2 * 8 / 36)
    with_workers = search_time_left(search(), 9, tried, {}, 8.0, after)
    assert left is not None and with_workers is not None and with_workers > left, "new workers start for it"


def test_one_that_rests_at_a_rung_is_not_taken_for_all_of_its_epochs() -> None:
    """Eight of ten rest after an epoch: that those who go on still take most of the time was not counted."""
    asha = search(scheduler={"name": "asha", "grace": 1, "reduction": 3})
    resting = [proposal(n, 1, 1) for n in range(8)]
    going = [proposal(8, 0, 3), proposal(9, 0, 9)]
    left = search_time_left(asha, 9, [*resting, *going], {8: 1, 9: 2}, 11.0, same_process=True)
    assert left == pytest.approx(max(expected_epochs(asha, 9) - 11, 2 + 7))


def test_parts_to_come_count() -> None:
    whole = search(within="hidden")
    first, second = whole.parts().values()
    assert AfterPart.of(whole, first, 9, fresh_seeds=5) == AfterPart(90.0 + 10 * 9 * 2, 2)
    assert AfterPart.of(whole, second, 9, fresh_seeds=5) == AfterPart(90.0, 1)
