"""Fields of a record as JSON has them: checked, and spelled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from trainables.config.errors import BadInput


def spelled(value: Any) -> Any:
    """A value, or those of a tuple or list, for JSON, which cannot say NaN or infinity: such numbers become text."""
    if isinstance(value, tuple | list):
        kinds = set(map(type, value))
        plain = kinds == {int} or (kinds == {float} and math.isfinite(sum(value)))
        return list(value) if plain else [spelled(v) for v in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def number(value: Any, field: str) -> Any:
    """A number; those that JSON cannot say stand as text."""
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(field, value, "expected a number")
    return value


def whole(value: Any, field: str) -> int:
    """Return a whole number; anything else raises BadInput that names the field."""
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise BadInput(field, value, "expected a whole number of at most 64 bits")
    return value


def numbers(values: Sequence[Any], check: Callable[[Any, str], Any], kind: type, field: str) -> tuple[Any, ...]:
    """Numbers that each pass a check; those all of one plain kind, as nearly all are, in one go."""
    return tuple(values) if set(map(type, values)) == {kind} else tuple(check(v, field) for v in values)


def one_of(value: Any, field: str, known: tuple[str, ...]) -> str:
    """Return one of some words; anything else raises BadInput that names the field."""
    if not isinstance(value, str) or value not in known:
        raise BadInput(field, value, "expected one of " + ", ".join(known))
    return value


def text(value: Any, field: str) -> str:
    """Return text; anything else raises BadInput that names the field."""
    if not isinstance(value, str):
        raise BadInput(field, value, "expected text")
    return value
