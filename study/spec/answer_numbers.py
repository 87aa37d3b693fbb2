"""Numbers that are typed in a study's own answer: those of outcomes belong into slots, which are checked.

A number may be typed where the study itself says it: a knob's value, an epoch, how many arms there are, a number of its
question or of an arm's name. Any other would be printed whatever the records say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from study.spec.answer_slots import SLOT
from study.spec.claims import Quantity
from study.spec.faults import Fault
from study.spec.study import Study
from trainables.config.errors import BadInput

NUMBER = re.compile(
    r"(?<!\w)(?<![^\W\d][-.])(?P<digits>(?>\d(?:[\d,.]*\d)?(?:e[-+]?\d+)?))"
    r"(?P<unit>\s?%|x\b|\s[a-z]+(?: cent\b)?)?(?!\w)",
    re.IGNORECASE,
)
"""A number and the word behind it; not one within a name, such as W1 or CIFAR-10."""
WORDED = re.compile(
    r"(?<![\w-])(?:(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred)"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-[a-z]+)?)"
    r"(?: and a half)? (?P<unit>points?|percent(?:age)?|per cent|nats|times|seeds)(?!\w)",
    re.IGNORECASE,
)
"""A number in words before a unit of what was measured: "two arms" is none, and "at one point" neither."""
PERCENT = frozenset({"%", "percent", "per cent"})
CHANGES = frozenset({"point", "points", "percentage"})
TIMES = frozenset({"s", "sec", "second", "seconds", "minute", "minutes", "hour", "hours"})
WITHOUT_SLOT = frozenset({"times", "x", "seed", "seeds"})
OF_DATA = frozenset({"images", "examples", "rows", "columns", "classes", "pixels", "inputs", "parameters"})
"""What is counted before anything runs."""


def typed_number_faults(study: Study) -> Iterator[Fault]:
    """Each number of a study's answer that neither stands in a slot nor is the study's own."""
    typed = list(NUMBER.finditer(_without_names(study)))
    known, shares = (frozenset(_known(study)), frozenset(_shares(study))) if typed else (frozenset(), frozenset())
    for found in typed:
        value, unit = _value(found), (found["unit"] or "").strip().lower()
        if unit in PERCENT:
            own = any(math.isclose(value, 100 * share) for share in shares)
        elif unit in CHANGES | TIMES | WITHOUT_SLOT | {"nats"}:
            own = False
        else:
            own = unit in OF_DATA or value in known
        if not own:
            yield Fault(("answer",), found[0].strip(), _instead(study, unit))
    for found in WORDED.finditer(_without_names(study)):
        yield Fault(("answer",), found[0], _instead(study, found["unit"].lower()))


def _without_names(study: Study) -> str:
    """The answer without its slots and without the names of arms, whose digits are no numbers."""
    text = SLOT.sub("{}", study.answer)
    for name in sorted({word for arm in study.arms for word in (arm.name, arm.say) if word}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "{}", text, flags=re.IGNORECASE)
    return text


def _instead(study: Study, unit: str) -> str:
    """What to write in place of a typed number."""
    if unit in WITHOUT_SLOT:
        return "it is typed, so the records are never asked, and no slot gives it: leave it out"
    arm = next((a.name for a in study.arms if a.name != study.baseline), "ARM")
    metric = study.effect.metric if study.effect else "val_accuracy"
    slot = f"{{{metric} of {arm}}}"
    if unit in CHANGES:
        slot = f"{{change of {metric} of {arm}}}"
    elif unit in TIMES:
        slot = f"{{seconds of {arm} at mean}}"
    elif unit == "nats":
        slot = f"{{val_loss of {arm}}}"
    return f"it is typed, so the records are never asked: write a slot, such as {slot}"


def _known(study: Study) -> Iterator[float]:
    """Every number that the study itself says, and those of the knobs that it leaves at their default."""
    yield float(len(study.arms))
    for field in dataclasses.fields(study):
        if field.name != "answer":
            yield from _numbers(getattr(study, field.name))
    yield from (float(slot[4]) for slot in SLOT.finditer(study.answer) if (slot[4] or "").isdecimal())
    for arm in study.arms:
        with contextlib.suppress(BadInput):  # said where it is wrong
            config = study.config(arm.name)
            yield float(len(config.hidden))
            yield from _numbers(config)


def _shares(study: Study) -> Iterator[float]:
    """Numbers that may be written in per cent: values of knobs that the study sets, and levels that claims ask for."""
    for settings in (study.base, *(arm.change for arm in study.arms), study.search):
        yield from _numbers(settings)
    for claim in study.claims:
        for part in claim.parts:
            sides = (getattr(part, field.name) for field in dataclasses.fields(part))
            yield from (side.reaches for side in sides if isinstance(side, Quantity) and side.reaches is not None)


def _numbers(value: Any) -> Iterator[float]:
    """Every number in a plain value, those in its words too."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        with contextlib.suppress(OverflowError):  # said where it is wrong
            yield float(value)
    elif isinstance(value, str):
        yield from map(_value, NUMBER.finditer(value))
    elif isinstance(value, Mapping):
        yield from _numbers(tuple(value.values()))
    elif dataclasses.is_dataclass(value):
        yield from _numbers(tuple(getattr(value, field.name) for field in dataclasses.fields(value)))
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _numbers(inner)


def _value(found: re.Match[str]) -> float:
    """A number as it is written, thousands with commas.

    >>> [_value(found) for found in NUMBER.finditer("1,000 units at 1e-3 and 0.25, W1 and CIFAR-10 aside: 3x")]
    [1000.0, 0.001, 0.25, 3.0]
    """
    try:
        return float(found["digits"].replace(",", ""))
    except ValueError:  # 1.2.3 is a version
        return math.nan
