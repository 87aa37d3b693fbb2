"""Points of a search space: drawn, on a grid, at the corners, and back from a configuration."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from study.spec.domains import Choice, Domain, Float, Int, Space, conditions_hold
from study.spec.point import COUNT, WIDTH, Point
from trainables.config.trial_config import KNOBS, TrialConfig

MAX_CORNERS = 4096
"""At most so many corners of a space are tried before a search starts."""


def point(space: Space, shares: Sequence[float]) -> Point:
    """The point at shares in [0, 1], one a name of the space; those of names that do not exist there are not used.

    >>> from study.spec.domains import read_space
    >>> s = read_space({"optimizer": {"kind": "choice", "values": ["sgd", "adam"]},
    ...     "momentum": {"kind": "float", "low": 0, "high": 0.9, "when": {"optimizer": ["sgd"]}}})
    >>> print(point(s, [0.1, 1.0]), point(s, [0.9, 1.0]))
    {'optimizer': 'sgd', 'momentum': 0.9} {'optimizer': 'adam'}
    """
    found = Point()
    for (name, domain), share in zip(space.items(), shares, strict=True):
        if conditions_hold(domain, found):
            found = found.plus(name, domain.at(share))
    return found


def grid(space: Space, points: int) -> list[Point]:
    """Return all combinations, continuous ranges cut to so many points each; each distinct point once."""
    found = [Point()]
    for name, domain in space.items():
        found = [q for p in found for q in _each(p, name, domain, points)]
    return found


def _each(p: Point, name: str, domain: Domain, points: int) -> list[Point]:
    """A point with every value of one more name; as it is where the name does not exist."""
    return [p.plus(name, v) for v in domain.grid(points)] if conditions_hold(domain, p) else [p]


def every_point(space: Space, grid_points: int = 0) -> Iterator[Point] | None:
    """Each point of a space that has only so many, in turn; None where a range of fractions gives it no end of them.

    `grid_points`: of a grid, values of each range of numbers.

    >>> from study.spec.domains import read_space
    >>> s = read_space({"optimizer": {"kind": "choice", "values": ["sgd", "adam"]}, "batch_size": {"kind": "int",
    ...     "low": 8, "high": 9, "when": {"optimizer": ["sgd"]}}})
    >>> [point.get("batch_size") for point in every_point(s)]
    [8, 9, None]
    """
    if not grid_points and any(isinstance(d, Float) and d.low < d.high for d in space.values()):
        return None
    return _every_point(list(space.items()), Point(), grid_points)


def _every_point(left: list[tuple[str, Domain]], found: Point, grid_points: int) -> Iterator[Point]:
    if not left:
        yield found
        return
    (name, domain), rest = left[0], left[1:]
    if not conditions_hold(domain, found):
        yield from _every_point(rest, found, grid_points)
        return
    values: Iterable[Any] = domain.grid(max(grid_points, 1))
    if isinstance(domain, Int) and not grid_points:
        values = range(domain.low, domain.high + 1)
    for value in values:
        yield from _every_point(rest, found.plus(name, value), grid_points)


def corners(space: Space) -> Iterator[Point]:
    """Every combination of range ends and of all choices; of more than `MAX_CORNERS`, so many drawn at random."""
    ends = [d.ends() for d in space.values()]
    if math.prod(map(len, ends)) <= MAX_CORNERS:
        combinations: Iterable[Sequence[Any]] = itertools.product(*ends)
    else:
        chance = random.Random(0)  # noqa: S311 - no secret
        combinations = ([chance.choice(e) for e in ends] for _ in range(MAX_CORNERS))
    seen: set[str] = set()
    for values in combinations:
        found = Point()
        for (name, domain), value in zip(space.items(), values, strict=True):
            if conditions_hold(domain, found):
                found = found.plus(name, value)
        if repr(found) not in seen:
            seen.add(repr(found))
            yield found


def point_of(space: Space, config: TrialConfig) -> Point | None:
    """The point that a configuration is; None where it lies outside the space.

    >>> from study.spec.domains import read_space
    >>> s = read_space({"lr": {"kind": "float", "low": 0.001, "high": 1.0}})
    >>> print(point_of(s, TrialConfig(lr=0.1, hidden=(64,))))
    {'lr': 0.1}
    """
    widths = {f"hidden.{i + 1}": w for i, w in enumerate(config.hidden)}
    known = {**{name: getattr(config, name) for name in KNOBS}, COUNT: len(config.hidden), **widths}
    found = Point()
    for name, domain in space.items():
        if conditions_hold(domain, found):
            if name not in known or not domain.holds(known[name]):
                return None
            found = found.plus(name, domain.own(known[name]) if isinstance(domain, Choice) else known[name])
    return found


def knob(name: str) -> str:
    """The knob that a name of a space belongs to."""
    return "hidden" if name == COUNT or WIDTH.fullmatch(name) else name


def on_edge(space: Space, point: Point, share: float = 0.05) -> dict[str, str]:
    """The ranges at whose edge a point lies, with which edge: the best may lie beyond.

    >>> from study.spec.domains import read_space
    >>> on_edge(read_space({"lr": {"kind": "float", "low": 0.001, "high": 1.0, "log": True}}), Point((("lr", 0.95),)))
    {'lr': 'high'}
    """
    found = {}
    for name, value in point.values:
        domain = space.get(name)
        if domain is None or (isinstance(domain, Choice) and not (domain.ordered and len(domain.values) > 2)):
            continue
        if isinstance(domain, Int) and domain.high - domain.low < 2:  # of two values any is at an end
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
