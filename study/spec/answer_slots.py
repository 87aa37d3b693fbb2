"""The slots of a study's own answer: numbers that are filled in from the records.

{METRIC of ARM}             its mean after the last epoch: "89.2 %"
{METRIC of ARM at PLACE}    likewise at an epoch, or at `best`, `max`, `min`, `mean`
{fall of METRIC of ARM}     by how much it is below the baseline; refused where it is not clearly below
{rise of METRIC of ARM}     by how much it is above
{change of METRIC of ARM}   the distance from the baseline, whichever side
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from study.spec.claims import Quantity
from study.spec.faults import Fault, closest
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.nearest import first_of
from trainables.config.plurals import counted

SLOT = re.compile(r"\{(?:(fall|rise|change) of )?(\w+) of ([\w.-]+(?:/[\w.-]+)?)(?: at (\w+))?\}")
BASELINE = "it is the baseline, which others are held against: name another arm"
_HOW = "expected {METRIC of ARM}, {METRIC of ARM at PLACE}, or {fall of METRIC of ARM} (rise, change)"


def quantity_of(found: re.Match[str], arm: str) -> Quantity:
    """What a slot asks for, of an arm.

    Raises:
        BadInput: there is no such metric or place.
    """
    place = found[4]
    at: Any = "last" if place is None else int(place) if re.fullmatch("[0-9]{1,9}", place) else place
    return Quantity(arm=arm, metric=found[2], at=at)


def slot_quantities(study: Study) -> Iterator[Quantity]:
    """What the slots of a study's answer ask of its own arms; of a change, the baseline's too."""
    for found in SLOT.finditer(study.answer):
        owner, _, arm = found[3].rpartition("/")
        if owner in ("", study.name):
            with contextlib.suppress(BadInput):  # said by `slot_faults`
                yield quantity_of(found, arm)
                if found[1] and study.baseline:
                    yield quantity_of(found, study.baseline)


def slot_faults(study: Study) -> Iterator[Fault]:
    """What is wrong with the slots of a study's answer, before anything is trained."""
    names = [a.name for a in study.arms]
    for found in SLOT.finditer(study.answer):
        owner, _, arm = found[3].rpartition("/")
        try:
            quantity = quantity_of(found, arm)
        except BadInput as error:
            yield Fault(("answer",), found[0], f"{error.field or 'it'}: {error.expected}")
            continue
        if owner in ("", study.name) and arm not in names:
            yield Fault(
                ("answer",), found[0], f"there is no arm {arm}; expected one of {first_of(names)}{closest(arm, names)}"
            )
        elif owner in ("", study.name) and found[1] and arm == study.baseline:
            yield Fault(("answer",), found[0], BASELINE)
        elif owner in ("", study.name) and isinstance(quantity.at, int) and quantity.at > study.config(arm).epochs:
            yield Fault(("answer",), found[0], f"arm {arm} has {counted(study.config(arm).epochs, 'epoch')}")
    if left := re.search(r"\{[^}]*\}?|\}", SLOT.sub("", study.answer)):
        yield Fault(("answer",), left[0], _HOW)
