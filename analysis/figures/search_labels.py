"""The objective of a search on an axis, and its proposals by how far they came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures import axes as axes_module
from analysis.figures import style


def value_label(objective: str) -> str:
    """The objective as an axis says it."""
    return axes_module.label(objective) if objective in style.LABELS else objective.replace("_", " ")


def display_factor(objective: str) -> float:
    """What a recorded value is multiplied by, as it is shown."""
    return 100.0 if objective in style.PERCENT else 1.0


def by_state(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return those trained to the end and those stopped early, as far as their values are finite."""
    finite = frame[np.isfinite(frame["value"].astype(float))]
    return finite[finite["state"] == "whole"], finite[finite["state"] == "paused"]
