"""What is wrong in given values: where, the value, what would be right; pydantic's errors in our words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainables.config.errors import BadInput, StudyError, legible, spelled
from trainables.config.nearest import did_you_mean
from trainables.config.trial_config import KNOBS

if TYPE_CHECKING:
    from pydantic import ValidationError

Place = tuple[str | int, ...]
"""A path into plain data."""
MAX_VALUE_CHARS = 120
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Fault:
    """Says one mistake: where, the value, what would be right."""

    at: Place
    value: Any
    expected: str
    absent: bool = False
    """Whether nothing stands there, so that there is no value to show."""
    first: Place = ()
    """Of what stands twice: where it stands first."""

    def below(self, at: Place) -> Fault:
        """The same within something larger."""
        return dataclasses.replace(self, at=(*at, *self.at), first=(*at, *self.first) if self.first else ())

    def lies_within(self, at: Place) -> bool:
        """Whether its place is another, or within that."""
        return self.at[: len(at)] == at


class WrongValue(ValueError):
    """What a check raises while a value is made."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f.expected for f in faults))

    @classmethod
    def of(cls, error: BadInput) -> WrongValue:
        """What a check of a single value found."""
        return cls(Fault(tuple(error.field.split(".")), error.value, error.expected))


class BadValues(BadInput):
    """One or several mistakes, each a line."""

    def __init__(self, faults: Sequence[Fault], lines: Sequence[str]) -> None:
        self.faults, self.lines = tuple(faults), tuple(dict.fromkeys(map(legible, lines)))
        first = self.faults[0]
        super().__init__(str(first.at[-1]) if first.at else "", shown_value(first.value), first.expected)
        self.args = ("\n".join(self.lines),)

    def __reduce__(self) -> tuple[Any, ...]:
        plain = tuple(dataclasses.replace(f, value=shown_value(f.value)) for f in self.faults)
        return type(self), (plain, self.lines)


def together(errors: Sequence[StudyError]) -> StudyError:
    """Several errors as one, whose lines are those of all: bad input where any of them is."""
    if len(errors) == 1:
        return errors[0]
    if not any(isinstance(error, BadInput) for error in errors):
        return type(errors[0])("\n".join(dict.fromkeys(map(str, errors))))
    faults, lines = list[Fault](), list[str]()
    for error in errors:
        if isinstance(error, BadValues):
            faults += error.faults
        elif isinstance(error, BadInput):
            faults.append(Fault((error.field,), error.value, error.expected))
        lines += str(error).splitlines()
    return BadValues(faults, lines)


def shown_value(value: Any) -> str:
    """A value as a person sees it in a message."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    text = spelled(value)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 3] + "..."


def fault_line(fault: Fault, whole: Any, written: str = "") -> str:
    """A mistake as a line; `written`: the value as its file has it."""
    where = place_words(fault.at, whole)
    if fault.absent:
        return f"{where}: {fault.expected}"
    alike = (str(fault.value), shown_value(fault.value))
    within = isinstance(fault.value, str) and fault.value in written  # a part of a text is shown as it is written
    as_written = f" (written {written})" if written and written not in alike and not within else ""
    expected = _QUOTES.sub(lambda m: f'{m[1]}"{written}"', fault.expected) if written else fault.expected
    return " ".join(f"{where}: got {shown_value(fault.value)}{as_written}; {expected}".splitlines())


_QUOTES = re.compile(r'(write it in quotes: )".*"')


def place_words(at: Place, whole: Any) -> str:
    """A place in words: arms and claims by their names.

    >>> place_words(("claims", 0, "parts", 1, "quantity", "at"), {"claims": [{"id": "lr-1"}]})
    'claim lr-1, part 2, quantity.at'
    """
    found: list[str] = []
    inner, i = whole, 0
    while i < len(at):
        step = at[i]
        inner = _within(inner, step)
        if step in _NAMED_BY and i + 1 < len(at) and isinstance(at[i + 1], int):
            i += 1
            inner = _within(inner, at[i])
            name = _within(inner, _NAMED_BY[str(step)])
            called = name if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 64 else int(at[i]) + 1
            found.append(f", {str(step)[:-1]} {called}, ")
        else:
            found.append(f"[{step}]" if isinstance(step, int) else f".{_word(step)}")
        i += 1
    text = re.sub(r"^[., ]+|[., ]+$", "", "".join(found))
    return re.sub(r", +[.,] *|,\s+\.", ", ", text).replace(", [", "[") or "study"


_NAMED_BY = {"arms": "name", "claims": "id", "parts": "", "constraints": ""}


def _within(value: Any, step: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value.get(step)
    inside = isinstance(value, list | tuple) and isinstance(step, int) and step < len(value)
    return value[step] if inside else getattr(value, step, None) if isinstance(step, str) and step else None


def _word(step: object) -> str:
    text = str(step)
    return text if text.isprintable() and len(text) <= 64 else ascii(text)[:64]


HALF_A_CHARACTER = "it has half a character (a lone surrogate)"


def has_half_a_character(text: str) -> bool:
    """Whether a text has a character that no file can hold."""
    return not text.isascii() and any(0xD800 <= ord(c) < 0xE000 for c in text)


def half_a_character(value: Any, at: Place = ()) -> Fault:
    """The first text within plain data, or name in it, that no file can hold; the whole where none is found."""
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        for text, place in ((key, at), (inner, (*at, key))):
            if isinstance(text, str) and has_half_a_character(text):
                return Fault(place, text, HALF_A_CHARACTER)
        if isinstance(inner, Mapping | list | tuple) and (found := half_a_character(inner, (*at, key))).at:
            return found
    return Fault((), "...", HALF_A_CHARACTER)


def one_of(value: object, known: Iterable[str]) -> str:
    """What would be right instead of a name: the nearest one, else all of them.

    >>> one_of("levle", ("level", "contrast")), one_of("x", ("level", "contrast"))
    ('did you mean level?', 'expected one of level, contrast')
    """
    names = list(known)
    return closest(value, names).removeprefix("; ") or f"expected one of {', '.join(names)}"


def closest(name: object, known: Iterable[str]) -> str:
    """A question that names the nearest known word; empty where none is near.

    >>> closest("epoch", ("epochs", "name"))
    '; did you mean epochs?'
    """
    text = name if isinstance(name, str) else shown_value(name)
    return did_you_mean(text, known)


# ------------------------------------------------------------------------------------------------------------ pydantic


def from_pydantic(error: ValidationError, kind: type) -> list[Fault]:
    """The mistakes that pydantic found in a value of some kind."""
    faults = [fault for found in error.errors(include_url=False) for fault in _translated(dict(found), kind)]
    if unnamed := [f for f in faults if f.expected.startswith(UNNAMED)]:
        return unnamed  # what is missing is missing for that
    meant = {
        (*f.at[:-1], word)
        for f in faults
        if f.absent
        for words in re.findall(r"did you mean ([\w ]+)\?", f.expected)
        for word in words.split(" or ")
    }
    return [f for f in faults if f.expected != MISSING or f.at not in meant]


MISSING = "it is missing"
UNNAMED = "expected a name before each value"


def _translated(found: dict[str, Any], kind: type) -> list[Fault]:
    raw, value, context = tuple(found["loc"]), found["input"], found.get("ctx", {})
    at = _without_tags(raw, kind)
    match found["type"]:
        case "value_error" if isinstance(error := context.get("error"), WrongValue):
            return [f.below(at) for f in error.faults]
        case "value_error":
            return [Fault(at, value, str(context.get("error")))]
        case "missing":
            return [Fault(at, None, MISSING, absent=True)]
        case "unexpected_positional_argument":
            known = _fields(kind, raw[:-1])
            example = f"{UNNAMED}, as in {kind.__name__}({known[0]}={shown_value(value)}); there are {', '.join(known)}"
            return [Fault((kind.__name__,), value, example)]
        case "unexpected_keyword_argument":
            return [Fault(at, None, f"there is no such field{_hint(at[-1], kind, raw)}", absent=True)]
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            return [Fault(at, value, one_of(value, known))]
        case "union_tag_invalid":
            tag, known = context["discriminator"].strip("'"), re.findall(r"'([^']*)'", context["expected_tags"])
            given = value.get(tag) if isinstance(value, Mapping) else context["tag"]
            return [Fault((*at, tag), given, f"{tag} is one of {', '.join(known)}{closest(given, known)}")]
        case "union_tag_not_found":
            tag = context["discriminator"].strip("'")
            known = [str(k) for k in _literals(kind, raw, tag)]
            return [Fault((*at, tag), None, f"it is missing; {tag} is one of {', '.join(known)}", absent=True)]
        case "invalid_key":
            return [Fault(at[:-1], at[-1], "a name is text; write it in quotes")]
        case "string_type" if at and at[-1] == "[key]":
            return [Fault(at[:-2], value, "a name is text; write it in quotes")]
        case "dataclass_type" | "model_attributes_type" | "mapping_type" | "dict_type":
            fields = ", ".join(_fields(kind, raw))
            return [Fault(at, value, "expected a mapping" + (f" with {fields}" if fields else ""))]
    return [Fault(at, value, "it cannot be used here")]


def _without_tags(raw: Place, kind: type) -> Place:
    """Without the steps that pydantic puts in for the kind that it chose among several."""
    kept: list[str | int] = []
    found = _apart(kind)
    for step in raw:
        if len(found) < 2 or not _chosen(found, step):
            kept.append(step)
        found = _within_kinds(found, step)
    return tuple(kept)


def _hint(name: object, kind: type, raw: Place) -> str:
    known = _fields(kind, raw[:-1])
    owner = next((field for field in ("change", "base") if field in known), "")
    if owner and name in ("seed", "seeds"):
        return "; seeds come from --seeds, and every arm has the same"
    if (hint := closest(name, known)) or not known:
        return hint
    if owner and name in KNOBS:
        return f"; it is a knob and belongs in {owner}"
    near = closest(name, KNOBS).rstrip("?") if owner else ""
    return f"{near} of {owner}?" if near else f"; there are {', '.join(known)}"


def _fields(kind: Any, raw: Place) -> list[str]:
    """The fields of the values that may stand at a place."""
    found = [
        _aliases(k).get(f.name, f.name)
        for k in _kinds(kind, raw)
        if dataclasses.is_dataclass(k)
        for f in dataclasses.fields(k)
    ]
    return list(dict.fromkeys(found))


def _aliases(kind: Any) -> dict[str, str]:
    """By field, what a file calls it where that is another name."""
    fields = getattr(kind, "__pydantic_fields__", {})
    return {name: field.alias for name, field in fields.items() if field.alias}


def _literals(kind: Any, raw: Place, tag: str) -> list[Any]:
    kinds = [k for k in _kinds(kind, raw) if dataclasses.is_dataclass(k)]
    return [f.default for k in kinds for f in dataclasses.fields(k) if f.name == tag]


def _kinds(kind: Any, raw: Place) -> list[Any]:
    """The annotations that may hold at a place, unions taken apart."""
    found = _apart(kind)
    for step in raw:
        found = _within_kinds(found, step)
    return found


def _within_kinds(found: list[Any], step: str | int) -> list[Any]:
    if len(found) > 1 and (chosen := _chosen(found, step)):
        return chosen
    inner: list[Any] = []
    for kind in found:
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            names = {alias: name for name, alias in _aliases(kind).items()}
            hint = _annotations(kind).get(names.get(str(step), str(step)))
            inner += _apart(hint) if hint is not None else []
        else:
            inner += [k for arg in typing.get_args(kind)[-2:] if arg is not ... for k in _apart(arg)]
    return inner


@functools.cache
def _annotations(kind: type) -> Mapping[str, Any]:
    """The annotation of each field of a class; Python evaluates them anew whenever it is asked."""
    return typing.get_type_hints(kind)


def _chosen(found: list[Any], step: str | int) -> list[Any]:
    """Those of several kinds that a word tells from the others."""
    kinds = [k for k in found if dataclasses.is_dataclass(k)]
    return [k for k in kinds if step in [f.default for f in dataclasses.fields(k) if f.name in ("form", "kind")]]


def _apart(kind: Any) -> list[Any]:
    if typing.get_origin(kind) is typing.Annotated:
        return _apart(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return [k for arg in typing.get_args(kind) for k in _apart(arg)]
    return [kind]


MAX_CHARS = 300
"""Of a message about a file."""


def file_error(path: Path, where: int, value: object, why: str) -> BadValues:
    """The error that a file as a whole cannot be read, with its name and a line."""
    said = legible(why)
    return BadValues([Fault((), value, said)], [f"{path}, line {where}: {said[:MAX_CHARS]}"])
