"""The objective of a search on an axis, and its proposals by how far they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.figures import axes as axes_module
from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def value_label(objective: str) -> str:
    """The objective as an axis says it, with its unit as the page's charts write it."""
    text = axes_module.label(objective) if objective in style.LABELS else objective.replace("_", " ")
    return text.replace(" [", ", ").removesuffix("]")


def display_factor(objective: str) -> float:
    """What a recorded value is multiplied by, as it is shown."""
    return 100.0 if objective in style.PERCENT else 1.0


def end_at_what_can_be(axes: Axes, objective: str) -> None:
    """Cut a y axis where the objective ends: no accuracy is above 100 %."""
    least, most = (display_factor(objective) * end for end in ranges.of(objective))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, least), min(high, most))


def by_state(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return those trained to the end and those stopped early, as far as their values are finite."""
    finite = frame[np.isfinite(frame["value"].astype(float))]
    return finite[finite["state"] == "whole"], finite[finite["state"] == "paused"]
