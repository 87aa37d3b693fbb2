"""What tests of figures draw: a study with two arms, its frames, rows of single trials and of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from analysis.data import frames
from analysis.data.arms import arm_epochs, arm_tensors
from study.spec.study import Arm, Study
from tests import synthetic
from trainables.records.tensor_summary import BINS, QUANTILES

LRS = Study(
    name="two",
    title="Two rates",
    question="Which?",
    knobs=("lr",),
    epochs=4,
    arms=(Arm(name="slow", change={"lr": 0.001}), Arm(name="fast", change={"lr": 0.1})),
    figures=("curves", "lr", "parameters", "activations"),
)


def of(study: Study, **options) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = frames.from_records(synthetic.records(study, **options))
    return arm_epochs(found, study), arm_tensors(found, study)


def xs(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xdata())


def epochs_of(**trials) -> pd.DataFrame:
    """Rows of single trials: name=(arm, status, validation accuracies); a loss is 1 - accuracy."""
    rows = [
        {"trial": trial, "arm": arm, "status": status, "epoch": e, "val_accuracy": a, "val_loss": 1 - a, "lr": 0.1}
        for trial, (arm, status, accuracies) in trials.items()
        for e, a in enumerate(accuracies, start=1)
    ]
    return pd.DataFrame(rows)


def tensor(
    arm: str, seed: int, name: str, low: float, high: float, count: int = 1000, **more: Any
) -> dict[str, object]:
    counts = tuple([count // BINS] * BINS)
    quantiles = tuple(low + q * (high - low) for q in QUANTILES)
    row = {"trial": f"{arm}{seed}", "arm": arm, "seed": seed, "status": "finished", "epoch": 4, "kind": "parameter"}
    return {**row, "name": name, "count": count, "quantiles": quantiles, "histogram": counts, **more}
