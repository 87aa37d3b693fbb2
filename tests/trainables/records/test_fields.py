"""Fields of a record: numbers that JSON cannot say there and back, and what is of another kind refused by name."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from trainables.config.errors import BadInput
from trainables.records.fields import number, numbers, one_of, spelled, text, whole


def test_numbers_that_json_cannot_say_come_back() -> None:
    values = (0.5, math.inf, -math.inf, math.nan, -0.0, 5e-324, 1e308)
    plain = json.loads(json.dumps(spelled(values), allow_nan=False))
    back = numbers(plain, number, float, "losses")
    assert repr(back) == repr(values)
    assert spelled((1, 2)) == [1, 2] and spelled([1e308, 1e308]) == [1e308, 1e308], "their sum alone is infinite"
    assert spelled("nan") == "nan" and spelled(((math.nan,), 1)) == [["nan"], 1]


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (number, True),
        (number, "0.5"),
        (number, "NaN"),
        (number, None),
        (whole, 1.0),
        (whole, False),
        (whole, 2**63),
        (whole, "1"),
        (text, 3),
        (text, None),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(check: Any, value: Any) -> None:
    with pytest.raises(BadInput, match="the field: got"):
        check(value, "the field")


def test_a_list_of_several_kinds_is_checked_one_by_one() -> None:
    assert numbers([1, 2.5, "inf"], number, float, "f") == (1, 2.5, math.inf)
    with pytest.raises(BadInput):
        numbers([1, True], whole, int, "f")


def test_one_of_some_words() -> None:
    assert one_of("a", "f", ("a", "b")) == "a"
    for value in ("c", 1, None):
        with pytest.raises(BadInput, match="expected one of a, b"):
            one_of(value, "f", ("a", "b"))
