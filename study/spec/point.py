"""A point of a search space, and what all points of a search share: frozen values, and how they become a configuration.

Not here: which points there are (`study.spec.points`), and which values a name may take (`study.spec.domains`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainables.config.trial_config import KNOBS, TrialConfig

WIDTH = re.compile(r"hidden\.([1-9])")
COUNT = "hidden.count"


@dataclass(frozen=True, eq=False)
class Point:
    """Values by name, each name once; of a space only those whose conditions hold.

    >>> p = Point((("lr", 0.1),)).plus("hidden.count", 0)
    >>> p["lr"], p.get("momentum"), "hidden.count" in p, p == Point.from_json({"hidden.count": 0, "lr": 0.1})
    (0.1, None, True, True)
    """

    values: tuple[tuple[str, Any], ...] = ()

    def plus(self, name: str, value: Any) -> Point:
        """The same with one more name."""
        return Point((*self.values, (name, value)))

    def without(self, *names: str) -> Point:
        """The same without some names.

        >>> print(Point((("lr", 0.1), ("fold", 2))).without("fold", "split_seed"))
        {'lr': 0.1}
        """
        return Point(tuple((n, v) for n, v in self.values if n not in names))

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, or the default where it has none."""
        return next((v for n, v in self.values if n == name), default)

    def keys(self) -> tuple[str, ...]:
        """Return its names, in order."""
        return tuple(n for n, _ in self.values)

    def __getitem__(self, name: str) -> Any:
        for known, value in self.values:
            if known == name:
                return value
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(n == name for n, _ in self.values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and dict(self.values) == dict(other.values)

    def __hash__(self) -> int:
        return hash(frozenset(self.values))

    def __str__(self) -> str:
        return str(dict(self.values))

    @property
    def knobs(self) -> Point:
        """The knobs of `TrialConfig` that it sets.

        >>> print(Point.from_json({"lr": 0.1, "hidden.count": 2, "hidden.1": 64, "hidden.2": 32}).knobs)
        {'lr': 0.1, 'hidden': (64, 32)}
        """
        found = Point(tuple((n, v) for n, v in self.values if n in KNOBS))
        if COUNT not in self:
            return found
        return found.plus("hidden", tuple(self[f"hidden.{i + 1}"] for i in range(self[COUNT])))

    def to_json(self) -> dict[str, Any]:
        """Return it as a search's log keeps it."""
        return {n: list(v) if isinstance(v, tuple) else v for n, v in self.values}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Point:
        """The inverse of `to_json`."""
        return cls(tuple((n, tuple(v) if isinstance(v, list) else v) for n, v in given.items()))


_NO_KNOBS = Point()


@dataclass(frozen=True)
class SharedKnobs:
    """What every point of a search shares: knobs that are not sought, and the epochs of a whole trial."""

    base: Point
    epochs: int

    @classmethod
    def of(cls, epochs: int, base: Point = _NO_KNOBS) -> SharedKnobs:
        """Make it of some epochs; where no knobs are named, all are at their defaults."""
        return cls(base, epochs)

    def config(self, point: Point) -> TrialConfig:
        """The configuration of a point, with seed 0.

        Raises:
            BadInput: it is none.
        """
        return TrialConfig.from_dict({**self.base, **point.knobs, "epochs": self.epochs})
