"""A setting that a scheduler does not take is known; it was accepted in silence."""

from __future__ import annotations

import pytest

from study.search.schedulers import MAKERS
from study.spec.scheduler_settings import SETTINGS, TAKES, without_effect
from study.spec.search import Scheduler

ODD = {"grace": 2, "reduction": 2, "brackets": 2, "keep": 4}


@pytest.mark.parametrize("name", MAKERS)
def test_each_scheduler_takes_what_it_reads_and_nothing_else(name: str) -> None:
    """It is made with an object that notes what is read of it."""
    read: set[str] = set()

    class Noted:
        def __getattr__(self, setting: str) -> object:
            read.add(setting)
            return {"name": name, "grace": 1, "reduction": 3, "brackets": 1, "keep": 0}[setting]

    MAKERS[name](Noted(), 9)  # type: ignore[index,arg-type]
    assert set(TAKES[name]) == read - {"name"}


@pytest.mark.parametrize("name", TAKES)
def test_what_has_no_effect_is_named(name: str) -> None:
    for setting in SETTINGS:
        found = without_effect(Scheduler(name=name, **{setting: ODD[setting]}))  # type: ignore[arg-type]
        assert list(found) == ([] if setting in TAKES[name] else [setting])


def test_beside_keep_nothing_is_reduced() -> None:
    assert list(without_effect(Scheduler(name="halving", keep=4, reduction=2))) == ["reduction"]
