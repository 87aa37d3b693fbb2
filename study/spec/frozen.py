"""A study of a results folder, read as it was accepted, also where a new file that says the same is refused today.

What is new is checked strictly (`study.spec.checks`); what was accepted once, and means nothing, is kept as it is and
judged by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from study.spec.claims import Claim, UnreadableClaim
from study.spec.faults import BadValues
from study.spec.study import Figure, Study
from study.spec.values import from_plain
from trainables.config.errors import BadInput


def read_frozen(given: Mapping[str, Any]) -> Study:
    """A study from the plain data that a results folder holds.

    Raises:
        BadInput: it is no study at all.
    """
    try:
        return Study.from_dict(given)
    except BadValues:
        return _as_accepted(dict(given))


def _as_accepted(values: dict[str, Any]) -> Study:
    for name in ("title", "question"):
        values[name] = _text(values.get(name, ""))
    if values.get("baseline", "") is None:
        values["baseline"] = ""
    if isinstance(figures := values.get("figures"), list):
        values["figures"] = [f for f in figures if f in get_args(Figure)]
    if isinstance(arms := values.get("arms"), list):
        values["arms"] = [_arm(a) for a in arms]
    if isinstance(search := values.get("search"), dict):
        values["search"] = search_as_accepted(search)
    if isinstance(claims := values.get("claims"), list):
        values["claims"] = [_claim(c) for c in claims]
    return _without_bad(values, claims or [])


def _without_bad(values: dict[str, Any], given: list[Any]) -> Study:
    """The study; a claim that fits none of its arms is among those that nobody judges."""
    try:
        return from_plain(Study, values)
    except BadValues as error:
        bad = {f.at[1]: f.expected for f in error.faults if f.at[:1] == ("claims",) and len(f.at) > 1}
        if not bad or any(f.at[:1] != ("claims",) for f in error.faults):
            raise
        claims = [
            UnreadableClaim(json.dumps(given[i]), bad[i]) if i in bad else c for i, c in enumerate(values["claims"])
        ]
        return from_plain(Study, {**values, "claims": claims})


def _text(given: Any) -> str:
    """Text that was no text, or has characters that are not shown."""
    text = given if isinstance(given, str) else "" if given is None else str(given)
    return "".join(c if c in "\n\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160) else " " for c in text)


def _arm(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    arm = {**given, "note": _text(given.get("note", "")), "extra": bool(given.get("extra", False))}
    return {**arm, "epochs": arm.get("epochs") or None}


def search_as_accepted(given: Mapping[str, Any]) -> dict[str, Any]:
    """The plain data of a search, with words and flags as they were once taken."""
    search = dict(given)
    if isinstance(search.get("warm_start"), str):
        search["warm_start"] = list(search["warm_start"])
    if isinstance(space := search.get("space"), dict):
        search["space"] = {name: _domain(d) for name, d in space.items()}
    return search


def _domain(given: Any) -> Any:
    flags = {name: bool(given[name]) for name in ("log", "ordered") if name in given} if isinstance(given, dict) else {}
    return {**given, **flags} if flags else given


def _claim(given: Any) -> Claim:
    """A claim; one that is refused today is kept with the reason."""
    if not isinstance(given, dict):
        raise BadInput("claims", given, "expected a mapping")
    plain = {**given, **{name: _text(given[name]) for name in ("id", "statement", "note") if name in given}}
    try:
        return from_plain(Claim, plain)
    except BadValues as error:
        return UnreadableClaim(json.dumps(given), error.lines[0])
