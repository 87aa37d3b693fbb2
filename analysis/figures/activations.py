"""Hidden activations on the fixed probe batch: the drawings of `distributions`, with words of their own."""

from __future__ import annotations

import pandas as pd

from analysis.figures import distributions

KIND = "activation"


def prepare(tensors: pd.DataFrame) -> pd.DataFrame:
    """Prepare what `distributions.prepare` does, for hidden units before (Z1, ...) and after (A1, ...) activation."""
    return distributions.prepare(tensors, KIND)


def prepare_ranges(tensors: pd.DataFrame) -> pd.DataFrame:
    """Prepare what `distributions.prepare_ranges` does, for hidden units."""
    return distributions.prepare_ranges(tensors, KIND)


draw = distributions.draw
draw_ranges = distributions.draw_ranges


def caption(frame: pd.DataFrame) -> str:
    """Say what `distributions.caption` does, and what Z and A are."""
    return "Z: before, A: after the activation function, on a fixed batch of images. " + distributions.caption(frame)
