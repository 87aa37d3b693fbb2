"""Plain data read in part: what is right becomes a value, and what is wrong is said, all of it."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any

import pytest
from pydantic import BeforeValidator

from study.spec.values import Label, Number, checked, read_in_part, without


@checked(frozen=True, kw_only=True)
class Inner:
    """Of one."""

    count: Number = 0.0


Maybe = Annotated[Inner, BeforeValidator(lambda value: {} if value is None else value)]


@checked(frozen=True, kw_only=True)
class Outer:
    """Of all."""

    name: Label = "none"
    one: Maybe = field(default_factory=Inner)
    many: tuple[Maybe, ...] = ()


@pytest.mark.parametrize(
    ("given", "name", "counts", "places"),
    [
        ({"name": "a", "one": {"count": 2}, "many": [{"count": 3}]}, "a", [2, 3], []),
        ({"name": 7, "one": {"count": "x"}, "many": [{"count": 3}]}, "none", [0, 3], [("name",), ("one", "count")]),
        ({"many": [{"count": "x"}, {"count": 5}]}, "none", [0, 0, 5], [("many", 0, "count")]),
        ({"name": "a", "many": [7, {"count": 5}]}, "a", [0, 0, 5], [("many", 0)]),
        ({"name": "a", "nmae": "b", "many": 7}, "a", [0], [("many",), ("nmae",)]),
        ([], "none", [0], [()]),
        (None, "none", [0], [()]),
    ],
)
def test_what_is_right_is_read_and_what_is_wrong_is_said(
    given: Any, name: str, counts: list[float], places: list[tuple[str, ...]]
) -> None:
    read = read_in_part(Outer, given)
    assert (read.value.name, [read.value.one.count, *(item.count for item in read.value.many)]) == (name, counts)
    assert sorted(fault.at for fault in read.faults) == places


def test_what_was_given_stays_as_it_was() -> None:
    given = {"a": {"b": [1, 2]}, "c": 3}
    assert without(given, [("a", "b", 0), ("c",), ("nowhere", "x"), ()]) == {"a": {"b": [None, 2]}}
    assert given == {"a": {"b": [1, 2]}, "c": 3}
