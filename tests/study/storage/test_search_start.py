"""What a search on record says of how it began, also where it is old or odd."""

from __future__ import annotations

from study.spec.search import Scheduler
from study.storage.search_start import read_start
from tests.study.execution.test_search_driver import study


def test_what_is_not_said_has_what_was_usual_then() -> None:
    search = study(scheduler=Scheduler(name="hyperband", reduction=4)).search
    assert search is not None
    new = read_start({}, search, any_event=False)
    assert (new.asked_first, new.hyperband_keeps, new.told) == (search.trials, 4, None)
    old = read_start({"search": {"trials": 7}, "told": [3]}, search, any_event=True)
    assert (old.asked_first, old.hyperband_keeps, old.told) == (7, 3, None)
    assert read_start({"told": [], "asked_first": 9}, search, any_event=True).told == ()
