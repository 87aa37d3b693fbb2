"""Hidden activations on the fixed probe batch: the drawings of `distributions`, with words of their own."""

from __future__ import annotations

import pandas as pd

from analysis.figures import distributions

KIND = "activation"


def prepare(tensors: pd.DataFrame) -> pd.DataFrame:
    """As `distributions.prepare`, for hidden units before (Z1, Z2, ...) and after (A1, A2, ...) the activation."""
    return distributions.prepare(tensors, KIND)


def prepare_ranges(tensors: pd.DataFrame) -> pd.DataFrame:
    """As `distributions.prepare_ranges`, for hidden units."""
    return distributions.prepare_ranges(tensors, KIND)


draw = distributions.draw
draw_ranges = distributions.draw_ranges


def caption(frame: pd.DataFrame) -> str:
    """As `distributions.caption`, and what Z and A are."""
    return "Z: before, A: after the activation function, on a fixed batch of images. " + distributions.caption(frame)
