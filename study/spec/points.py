"""Points of a search space: drawn, on a grid, at the corners, and back from a configuration."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from study.spec.domains import COUNT, WIDTH, Choice, Point, Space, exists
from trainables.config.trial_config import KNOBS

CORNERS = 4096
"""At most so many corners of a space are tried before a search starts."""


def point(space: Space, shares: Sequence[float]) -> Point:
    """The point at shares in [0, 1], one a name of the space; those of names that do not exist there are not used.

    >>> from study.spec.domains import read_space
    >>> s = read_space({"optimizer": {"kind": "choice", "values": ["sgd", "adam"]},
    ...     "momentum": {"kind": "float", "low": 0, "high": 0.9, "when": {"optimizer": ["sgd"]}}})
    >>> point(s, [0.1, 1.0]), point(s, [0.9, 1.0])
    ({'optimizer': 'sgd', 'momentum': 0.9}, {'optimizer': 'adam'})
    """
    found: Point = {}
    for (name, domain), share in zip(space.items(), shares, strict=True):
        if exists(domain, found):
            found[name] = domain.at(share)
    return found


def grid(space: Space, points: int) -> list[Point]:
    """All combinations, continuous ranges cut to so many points each; each distinct point once."""
    found: list[Point] = [{}]
    for name, domain in space.items():
        found = (
            [{**p, name: v} for p in found for v in domain.grid(points)]
            if not domain.when
            else [
                q for p in found for q in ([{**p, name: v} for v in domain.grid(points)] if exists(domain, p) else [p])
            ]
        )
    return found


def corners(space: Space) -> Iterator[Point]:
    """Every combination of the ends of ranges and of all choices; of more than `CORNERS`, so many drawn at random."""
    ends = [d.ends() for d in space.values()]
    if math.prod(map(len, ends)) <= CORNERS:
        combinations: Iterable[Sequence[Any]] = itertools.product(*ends)
    else:
        chance = random.Random(0)  # noqa: S311 - no secret
        combinations = ([chance.choice(e) for e in ends] for _ in range(CORNERS))
    seen: set[str] = set()
    for values in combinations:
        found: Point = {}
        for (name, domain), value in zip(space.items(), values, strict=True):
            if exists(domain, found):
                found[name] = value
        if repr(found) not in seen:
            seen.add(repr(found))
            yield found


def knobs(point: Mapping[str, Any]) -> dict[str, Any]:
    """The knobs of `TrialConfig` that a point sets.

    >>> knobs({"lr": 0.1, "hidden.count": 2, "hidden.1": 64, "hidden.2": 32})
    {'lr': 0.1, 'hidden': (64, 32)}
    """
    found = {n: v for n, v in point.items() if n in KNOBS}
    if COUNT in point:
        found["hidden"] = tuple(point[f"hidden.{i + 1}"] for i in range(point[COUNT]))
    return found


def point_of(space: Space, values: Mapping[str, Any]) -> Point | None:
    """The point that a configuration's knobs are; None where it lies outside the space.

    >>> from study.spec.domains import read_space
    >>> point_of(read_space({"lr": {"kind": "float", "low": 0.001, "high": 1.0}}), {"lr": 0.1, "hidden": [64]})
    {'lr': 0.1}
    """
    hidden = tuple(values.get("hidden", ()))
    known = {**values, "hidden": hidden, COUNT: len(hidden), **{f"hidden.{i + 1}": w for i, w in enumerate(hidden)}}
    found: Point = {}
    for name, domain in space.items():
        if exists(domain, found):
            if name not in known or not domain.holds(known[name]):
                return None
            found[name] = domain.own(known[name]) if isinstance(domain, Choice) else known[name]
    return found


def knob(name: str) -> str:
    """The knob that a name of a space belongs to."""
    return "hidden" if name == COUNT or WIDTH.fullmatch(name) else name


def on_edge(space: Space, point: Mapping[str, Any], share: float = 0.05) -> dict[str, str]:
    """The ranges at whose edge a point lies, with which edge: the best may lie beyond.

    >>> from study.spec.domains import read_space
    >>> on_edge(read_space({"lr": {"kind": "float", "low": 0.001, "high": 1.0, "log": True}}), {"lr": 0.95})
    {'lr': 'high'}
    """
    found = {}
    for name, value in point.items():
        domain = space.get(name)
        if domain is None or (isinstance(domain, Choice) and not (domain.ordered and len(domain.values) > 2)):
            continue
        if isinstance(domain, Choice):
            place = domain.values.index(domain.own(value))
            where = "low" if place == 0 else "high" if place == len(domain.values) - 1 else ""
        else:
            at = domain.share(value)
            where = "low" if at <= share else "high" if at >= 1 - share else ""
        if where and not (where == "low" and value == 0):  # nothing lies below 0
            found[name] = where
    return found
