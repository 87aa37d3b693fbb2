"""What the settings of somebody else's file take, where no package ships a schema of them: names and kinds as data.

Not here: which settings there are (`study.cluster.rayjob_schema`, `study.cluster.check_ray_up`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from study.cluster.file_lines import yaml_within
from study.spec.faults import Fault, Place
from trainables.config.nearest import did_you_mean, first_of


@dataclass(frozen=True)
class SettingKind:
    """What a setting takes, in words and as a test; and the settings within it, or within each of its list."""

    words: str
    fits: Callable[[Any], bool]
    settings: Mapping[str, SettingKind] = field(default_factory=dict)
    """None: whatever stands there."""


def one_of(*names: str) -> SettingKind:
    """One of some words."""
    return SettingKind("one of " + ", ".join(names), lambda value: value in names)


def level(settings: Mapping[str, SettingKind]) -> SettingKind:
    """A mapping with such settings."""
    return SettingKind(MAP.words, MAP.fits, settings)


def levels(settings: Mapping[str, SettingKind]) -> SettingKind:
    """A list of mappings with such settings each."""
    return SettingKind(LIST.words, LIST.fits, settings)


def named(names: str) -> dict[str, SettingKind]:
    """Settings that take anything, by their names."""
    return dict.fromkeys(names.split(), ANY)


def _whole(least: int) -> SettingKind:
    return SettingKind(
        f"a whole number from {least} upwards",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
    )


def _is_quantity(value: Any) -> bool:
    return not isinstance(value, bool) and QUANTITY.fullmatch(str(value)) is not None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _holds_environment(value: Any) -> bool:
    """Whether it is text that holds a runtime environment of Ray, or nothing."""
    held = yaml_within(value or "{}") if isinstance(value, str) else None
    return isinstance(held, Mapping) and isinstance(held.get("env_vars") or {}, Mapping)


QUANTITY = re.compile(r"\d+(\.\d*)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
TEXT = SettingKind("text (a number in quotes)", lambda value: isinstance(value, str))
SWITCH = SettingKind("true or false", lambda value: isinstance(value, bool))
MAP = SettingKind("a mapping", lambda value: isinstance(value, dict))
TEXTS = SettingKind(
    "a mapping of text (numbers in quotes)",
    lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
)
LIST = SettingKind("a list", lambda value: isinstance(value, list))
LIST_OF_TEXT = SettingKind("a list of text", _are_texts)
NUMBER = SettingKind("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool))
AMOUNTS = SettingKind(
    "a mapping of quantities such as 3, 500m or 12Gi",
    lambda value: isinstance(value, dict) and all(_is_quantity(v) for v in value.values()),
)
RUNTIME_ENV = SettingKind("a mapping, written as text: |, then YAML", _holds_environment)
FROM_0, FROM_1 = _whole(0), _whole(1)
JSON_KINDS: Mapping[str, str] = {
    "array": LIST.words,
    "boolean": SWITCH.words,
    "integer": "a whole number",
    "null": "nothing",
    "number": NUMBER.words,
    "object": MAP.words,
    "string": TEXT.words,
}
"""What schemas that others ship call kinds of values, in words."""
ANY = SettingKind("anything", lambda value: True)
NAMES = levels({})
"""A list of mappings, whatever stands in them."""


def misfits(values: Any, known: Mapping[str, SettingKind], at: Place = ()) -> Iterator[Fault]:
    """Settings that are not known, and those of another kind than they take, on all levels; null is as not there."""
    if not isinstance(values, dict):
        yield Fault(at, values, "expected a mapping")
        return
    for name, value in values.items() if known else ():
        where = (*at, name)
        if name not in known:
            yield Fault(where, None, f"there is no such setting; {nearest_key(name, known)}", absent=True)
        elif value is not None and not known[name].fits(value):
            yield Fault(where, value, f"expected {known[name].words}")
        elif value is not None and (known[name].settings or known[name] is NAMES):
            inner = enumerate(value) if isinstance(value, list) else ((None, value),)
            for number, item in inner:
                yield from misfits(item, known[name].settings, where if number is None else (*where, number))


def nearest_key(key: object, known: Collection[str]) -> str:
    """What somebody may have meant who wrote a key that is not known.

    >>> nearest_key("max_wokers", ["min_workers", "max_workers"]), nearest_key("x", ["b", "a"])
    ('did you mean max_workers?', 'expected one of a, b')
    """
    return did_you_mean(str(key), known).removeprefix("; ") or f"expected one of {first_of(sorted(known), 12)}"
