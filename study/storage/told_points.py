"""What a search was told of before it began (`warm_start`), as its log keeps it.

It is kept, for a folder that is told of may have more trials later: the search's own, where it names its own folder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from study.spec.point import Point
from study.storage.search_events import Curves

ToldPoints = tuple[tuple[Point, Curves], ...]
"""Points with their objectives by epoch."""


def to_json(points: ToldPoints, objectives: Sequence[str]) -> list[object]:
    """Return points as a log keeps them, with the objectives alone; NaN becomes null."""
    return [
        {
            "point": point.to_json(),
            "curves": {o: [x if math.isfinite(x) else None for x in curves[o]] for o in objectives},
        }
        for point, curves in points
    ]


def from_json(given: Any) -> ToldPoints:
    """The inverse of `to_json`.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: these are no points.
    """
    return tuple(
        (
            Point.from_json(dict(told["point"])),
            {str(name): [math.nan if x is None else float(x) for x in curve] for name, curve in told["curves"].items()},
        )
        for told in given
    )
