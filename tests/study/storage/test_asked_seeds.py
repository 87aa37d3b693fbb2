"""Seeds are asked of an arm, and what one arm was given changes nothing for another."""

from __future__ import annotations

from study.storage.asked_seeds import AskedSeeds
from study.storage.run_records import RunRecord

OLD = RunRecord(studies=("a", "b"), seeds=(0, 1))
NEW = RunRecord(studies=("a",), seeds=(0, 1, 2, 3), asked={"a/x": (0, 1, 2, 3), "a/y": (0, 1)})


def test_runs_that_tell_no_arm_asked_their_seeds_of_all() -> None:
    asked = AskedSeeds.of([OLD])
    assert asked.arm("a", "x") == asked.arm("b", "z") == asked.study("b") == (0, 1)
    assert asked.arm("c", "x") is None and asked.study("c") is None


def test_more_seeds_of_one_arm_are_asked_of_that_arm_alone() -> None:
    asked = AskedSeeds.of([OLD, NEW])
    assert asked.arm("a", "x") == (0, 1, 2, 3) == asked.study("a")
    assert asked.arm("a", "y") == (0, 1) == asked.arm("b", "x")


def test_an_arm_that_a_run_does_not_name_was_not_asked_by_it() -> None:
    assert AskedSeeds.of([NEW]).arm("a", "z") is None
