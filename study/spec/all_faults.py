"""All mistakes of a study file at once: what is wrong is put aside, and the rest is asked again.

A study is made in steps, each of which rests on the one before: kinds of values, what fits together, what a new file
may say. A file that fails in the first would be told of the others only after it was mended.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from study.spec.checks import faults_of_new
from study.spec.claims import MAX_EPOCH
from study.spec.faults import BadValues, Fault, Place
from study.spec.study import Study

_MAX_STEPS = 4
_STAND_INS: Mapping[str, Any] = {"name": "a-study", "title": "", "question": "", "epochs": MAX_EPOCH}
"""Values that nothing else rests on, of fields that a study must have."""


def all_faults(values: Mapping[str, Any], first: Sequence[Fault]) -> list[Fault]:
    """The mistakes that were found first, and those that would be found once they are mended."""
    found, new, rest = list(first), list(first), copy.deepcopy(dict(values))
    claims = list(range(len(rest.get("claims") or ()))) if isinstance(rest.get("claims") or [], list) else []
    for _ in range(_MAX_STEPS):
        dropped = {at[1] for at in (f.at for f in new) if at[:1] == ("claims",) and len(at) > 1}
        if not all(_put_aside(rest, f.at) for f in new):
            return found
        claims = [i for i in claims if i not in dropped] if rest.get("claims") else []
        rest["claims"] = [values["claims"][i] for i in claims]
        said, whole = _asked(rest, [f.at for f in found])
        new = [f for f in (_as_written(f, claims) for f in said) if not any(_touches(f.at, g.at) for g in found)]
        found += new
        if whole or not new:
            return found
    return found


def _asked(values: dict[str, Any], beside: Sequence[Place]) -> tuple[Sequence[Fault], bool]:
    """The mistakes of what is left beside places that are put aside, and whether it could be made into a study."""
    try:
        return list(faults_of_new(Study.from_dict(values), beside)), True
    except BadValues as error:
        return error.faults, False


def _as_written(fault: Fault, claims: Sequence[int]) -> Fault:
    """The same at its place in the file, of whose claims some were put aside."""

    def written(at: Place) -> Place:
        return ("claims", claims[int(at[1])], *at[2:]) if at[:1] == ("claims",) and len(at) > 1 and claims else at

    return dataclasses.replace(fault, at=written(fault.at), first=written(fault.first))


def _touches(a: Place, b: Place) -> bool:
    """Whether one place lies within the other; of a list of words whose places shift, each does."""
    if a[:1] == b[:1] == ("knobs",):
        return True
    short = min(len(a), len(b))
    return a[:short] == b[:short]


def _changed_knobs(arms: Any) -> list[str]:
    """What the arms change, as far as these are arms."""
    changes = [arm.get("change") for arm in arms if isinstance(arm, Mapping)] if isinstance(arms, list) else []
    return sorted({str(knob) for change in changes if isinstance(change, Mapping) for knob in change})


def _put_aside(rest: dict[str, Any], at: Place) -> bool:
    """Take what is wrong out of a file's values, and what rests on it; False where nothing is left to ask."""
    match at:
        case () | ("arms",) | ("arms", _):
            return False
        case ("claims", *inner):
            if not inner:
                rest["claims"] = []
        case ("arms", int(i), "name"):  # nobody knows any more which arms are meant
            rest["arms"][i]["name"] = f"arm-{i}"
            for name in ("claims", "baseline", "effect", "answer"):
                rest.pop(name, None)
        case ("arms", int(i), str(field), str(knob), *_) if isinstance(rest["arms"][i].get(field), dict):
            rest["arms"][i][field].pop(knob, None)
        case ("arms", int(i), field, *_):
            rest["arms"][i].pop(field, None)
        case ("base", str(knob), *_) if isinstance(rest["base"], dict):
            rest["base"].pop(knob, None)
        case ("knobs", *_):
            rest["knobs"] = _changed_knobs(rest.get("arms"))
        case (str(field), *_) if field in _STAND_INS:
            rest[field] = _STAND_INS[field]
        case (str(field), *_):
            rest.pop(field, None)
            return field != "search" or bool(rest.get("arms"))
        case _:
            return False
    return True
