"""What the values of a study file are made of: pydantic dataclasses, and kinds of field that say what would be right.

A value of NumPy is taken for what it is. Numbers stay as they are spelled: 1 and 1.0 are equal, and each stays itself.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, cast

from pydantic import BeforeValidator, ConfigDict, PlainValidator, ValidationError, WithJsonSchema
from pydantic.dataclasses import dataclass as pydantic_dataclass

from study.spec.faults import (
    HALF_A_CHARACTER,
    BadValues,
    Fault,
    Place,
    WrongValue,
    fault_line,
    from_pydantic,
    half_a_character,
    has_half_a_character,
)
from study.spec.point import Point
from trainables.config.errors import BadInput, point_hint
from trainables.config.from_numpy import as_plain

__all__ = [
    "NOTHING_SET", "NO_SETTINGS", "Flag", "Label", "ListOfMappings", "Listed", "ManySettings", "MaybeLabel",
    "MaybeNumber", "MaybeShare", "Number", "PartlyRead", "Settings", "Share", "Text", "bad_values", "checked",
    "from_plain", "is_number", "read_in_part", "whole_number", "without",
]  # fmt: skip

V = TypeVar("V")
IN_A_FILE = "mappings: each begins with -"
"""What is in a list of things that have fields, for whoever writes a file."""
IN_PYTHON = {"arms": "study.Arm", "claims": "study.Claim"}
"""What is in such a list, by its field, for whoever writes Python."""

if TYPE_CHECKING:
    from dataclasses import dataclass as checked
else:

    def checked(**how: Any) -> Callable[[type], type]:
        """A frozen pydantic dataclass whose mistakes are `BadValues`, all of them at once."""

        def make(kind: type) -> type:
            _collect_in_post_init(kind)
            made = pydantic_dataclass(config=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **how)(kind)
            init = made.__init__

            def checked_init(self: Any, *args: Any, **given: Any) -> None:
                plain = {name: as_plain(v) for name, v in given.items()}
                try:
                    init(self, *args, **plain)
                except ValidationError as error:
                    faults = list(map(_in_python, from_pydantic(error, made)))
                    raise bad_values(faults, plain) from None
                except UnicodeEncodeError:
                    raise bad_values([half_a_character(plain)], plain) from None

            made.__init__ = checked_init
            return made

        return make


def _in_python(fault: Fault) -> Fault:
    """A mistake in what was given to a class: of a list it says which values it has, not how a file spells it."""
    kind = IN_PYTHON.get(str(fault.at[-1]) if fault.at else "")
    what = f"{kind}: [{kind}(...), ...]" if kind else "values: [..., ...]"
    return dataclasses.replace(fault, expected=fault.expected.replace(IN_A_FILE, what))


def _collect_in_post_init(kind: type) -> None:
    """What `__post_init__` refuses becomes one of the mistakes of the whole."""
    inner = kind.__dict__.get("__post_init__")
    if inner is None:
        return

    def post_init(self: Any) -> None:
        try:
            inner(self)
        except BadValues as error:
            raise WrongValue(*error.faults) from None
        except BadInput as error:
            raise WrongValue.of(error) from None

    cast(Any, kind).__post_init__ = post_init


def bad_values(faults: list[Fault], whole: Any) -> BadValues:
    """The error that says some mistakes, each in a line."""
    return BadValues(faults, [fault_line(f, whole) for f in faults])


def from_plain(kind: type[V], given: Any) -> V:
    """A value from plain data, as JSON and YAML give it.

    Raises:
        BadValues: names every mistake.
    """
    plain = as_plain(given)
    try:
        made: V = cast(Any, kind).__pydantic_validator__.validate_python(plain)
    except ValidationError as error:
        raise bad_values(from_pydantic(error, kind), plain) from None
    except UnicodeEncodeError:
        raise bad_values([half_a_character(plain)], plain) from None
    except RecursionError:
        raise bad_values([Fault((), "...", "it is nested too deeply")], plain) from None
    return made


@dataclass(frozen=True)
class PartlyRead(Generic[V]):
    """What of plain data could be read as a value, and what is wrong with the rest, which the value does without."""

    value: V
    faults: tuple[Fault, ...]


def read_in_part(kind: type[V], given: Any) -> PartlyRead[V]:
    """The value of a kind that can do without each of its fields, as far as plain data are right."""
    rest, found = copy.deepcopy(as_plain(given)), list[Fault]()
    while True:
        try:
            return PartlyRead(from_plain(kind, rest), tuple(found))
        except BadValues as error:
            found += error.faults
            left_out = [_leave_out(rest, fault.at) for fault in error.faults]
            if not any(left_out):
                return PartlyRead(from_plain(kind, {}), tuple(found))


def without(given: Any, places: Iterable[Place]) -> Any:
    """Plain data without what stands at some places; of a list, None stays there."""
    rest = copy.deepcopy(given)
    for at in places:
        _leave_out(rest, at)
    return rest


def _leave_out(values: Any, at: Place) -> bool:
    """Take what stands at a place out; whether something stood there."""
    inside = values
    for step in at[:-1]:
        try:
            inside = inside[step]
        except (KeyError, IndexError, TypeError):
            return False
    last = at[-1] if at else None
    if isinstance(inside, dict) and last in inside:
        del inside[last]
        return True
    if isinstance(inside, list) and isinstance(last, int) and last < len(inside):
        if inside[last] is None:
            return _leave_out(values, at[:-1])
        inside[last] = None
        return True
    return False


# -------------------------------------------------------------------------------------------------------------- fields


def _quoted(v: Any) -> str:
    return (
        f'; write it in quotes: "{str(v).lower() if isinstance(v, bool) else v}"'
        if isinstance(v, bool | int | float) or hasattr(v, "isoformat")
        else ""
    )


def _check_text(v: Any, most: int, *, lines: bool, empty: bool) -> str:
    if not isinstance(v, str):
        raise ValueError("expected text" + _quoted(v))
    if not empty and not v.strip():
        raise ValueError("expected text; it is empty")
    if len(v) > most:
        raise ValueError(f"expected at most {most} characters")
    if v.isascii() and v.isprintable():  # nearly every text: seen at once, without a look at each letter
        return v
    if bad := next((c for c in v if (ord(c) < 32 and not (lines and c in "\n\t")) or 127 <= ord(c) < 160), ""):
        raise ValueError(f"it has a control character, {bad!a}, that is not shown")
    if has_half_a_character(v):
        raise ValueError(HALF_A_CHARACTER)
    return v


def is_number(v: Any) -> bool:
    """Whether it is a finite number that a float can hold."""
    try:
        return isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
    except OverflowError:
        return False


def _number(v: Any) -> float:
    if not is_number(v):
        percent = isinstance(v, str) and v.strip().endswith("%")
        hint = "; a share of 1 is meant: 90 % is 0.9" if percent else point_hint(v)
        hint = hint or ("; leave the quotes out" if _reads(v) else "")
        raise ValueError("expected a number" + (" that is finite" if isinstance(v, float | int) else "") + hint)
    return v  # type: ignore[no-any-return]


def _reads(v: Any) -> bool:
    try:
        return isinstance(v, str) and is_number(float(v))
    except ValueError:
        return False


def _flag(v: Any) -> bool:
    if not isinstance(v, bool):
        raise ValueError("expected true or false" + ("; leave the quotes out" if v in ("true", "false") else ""))
    return v


def _optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda v: None if v is None else check(v)


def whole_number(low: int, high: int) -> Any:
    """The kind of a field that holds a whole number between two ends."""

    def check(v: Any) -> int:
        if isinstance(v, bool) or not isinstance(v, int) or not low <= v <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return v

    return PlainValidator(check), WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


def _list_of(what: str) -> Callable[[Any], tuple[Any, ...]]:
    def listed(v: Any) -> tuple[Any, ...]:
        if not isinstance(v, list | tuple):
            raise ValueError(f"expected a list of {what}" if isinstance(v, str | dict) else "expected a list")
        return tuple(v)

    return listed


def _share(v: Any) -> float:
    if not is_number(v) or not 0 < v < 1:
        raise ValueError("expected a share above 0 and below 1")
    return v  # type: ignore[no-any-return]


def _json(kind: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, **more})


def _or_null(kind: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": kind, **more}, {"type": "null"}]})


NAME_CHARS, TEXT_CHARS = 200, 20_000
Text = Annotated[str, PlainValidator(lambda v: _check_text(v, TEXT_CHARS, lines=True, empty=True)), _json("string")]
"""Text that people read; may be empty, may have lines."""
Label = Annotated[str, PlainValidator(lambda v: _check_text(v, NAME_CHARS, lines=False, empty=False)), _json("string")]
"""A name: one line, not empty."""
MaybeLabel = Annotated[
    str | None,
    PlainValidator(_optional(lambda v: _check_text(v, NAME_CHARS, lines=False, empty=False))),
    _or_null("string"),
]
Number = Annotated[float, PlainValidator(_number), _json("number")]
MaybeNumber = Annotated[float | None, PlainValidator(_optional(_number)), _or_null("number")]
Flag = Annotated[bool, PlainValidator(_flag), _json("boolean")]
Share = Annotated[float, PlainValidator(_share), _json("number", exclusiveMinimum=0, exclusiveMaximum=1)]
MaybeShare = Annotated[float | None, PlainValidator(_optional(_share)), _or_null("number")]
Listed = BeforeValidator(_list_of("names"))
"""Before a tuple: a list is one, and a word is not taken apart into its letters."""
ListOfMappings = BeforeValidator(_list_of(IN_A_FILE))
"""The same of arms, claims and other things that have fields."""


def _settings(v: Any) -> Point:
    if isinstance(v, Point):
        return v
    if not isinstance(v, Mapping):
        raise ValueError("expected a mapping")
    if wrong := [Fault((), name, "a name is text; write it in quotes") for name in v if not isinstance(name, str)]:
        raise WrongValue(*wrong)
    return Point.from_json(v)


NOTHING_SET: Any = Point()
NO_SETTINGS: Any = ()

if TYPE_CHECKING:

    class Settings:
        """Knobs and their values: given as people write them, or as a `Point`; kept as a `Point`."""

        def __get__(self, owner: Any, kind: Any = None) -> Point:
            return Point()

        def __set__(self, owner: Any, value: Point | Mapping[str, Any]) -> None: ...

    class ManySettings:
        """Several of them."""

        def __get__(self, owner: Any, kind: Any = None) -> tuple[Point, ...]:
            return ()

        def __set__(self, owner: Any, value: Sequence[Point | Mapping[str, Any]]) -> None: ...

else:
    Settings = Annotated[Point, PlainValidator(_settings, json_schema_input_type=dict[str, Any])]
    ManySettings = Annotated[tuple[Settings, ...], ListOfMappings]
