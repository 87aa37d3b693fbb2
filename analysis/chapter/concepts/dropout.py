"""Figure 19: with dropout, repeated predictions differ in train mode and agree in eval mode. Computed, in NumPy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.figures import style
from analysis.figures.axes import whole_epochs
from analysis.figures.named_figure import NamedFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

INPUTS, HIDDEN, OUTPUTS = 20, 50, 3
DROPOUT_RATE = 0.25
REPEATS = 12


def figure(seed: int = 0) -> NamedFigure:
    """Make figure 19."""
    frame = prepare(seed)
    spread = frame.groupby(["mode", "output"], sort=False)["probability"].agg(lambda p: p.max() - p.min())
    widest = spread.groupby("mode", sort=False).max()
    title = "Dropout: repeated predictions for one input"
    alt = f"{title}. Train mode: they differ by up to {widest['train']:.2g}. Eval mode: by {widest['eval']:.2g}."
    caption = (
        f"A network {INPUTS} -> {HIDDEN}, ReLU -> {OUTPUTS} with random weights (seed {seed}) and dropout "
        f"{DROPOUT_RATE} on input and hidden units. The input is the same each time."
    )
    return NamedFigure("concept-19-dropout", title, alt, caption, frame, partial(draw, frame))


def prepare(seed: int = 0) -> pd.DataFrame:
    """One row a mode (train, eval), repetition and output: its probability."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=INPUTS)
    weights = rng.normal(size=(INPUTS, HIDDEN)) / INPUTS**0.5, rng.normal(size=(HIDDEN, OUTPUTS)) * (2 / HIDDEN) ** 0.5
    rows = []
    for mode in ("train", "eval"):
        for repetition in range(1, REPEATS + 1):
            chances = predict(x, weights, DROPOUT_RATE if mode == "train" else 0.0, rng)
            rows += [(mode, repetition, f"output {k + 1}", p) for k, p in enumerate(chances)]
    return pd.DataFrame(rows, columns=["mode", "repetition", "output", "probability"])


def predict(x: Floats, weights: tuple[Floats, Floats], rate: float, rng: np.random.Generator) -> Floats:
    """Class probabilities of a network with one hidden layer, dropout on its input and on its hidden values."""
    hidden = np.maximum(drop(x, rate, rng) @ weights[0], 0)
    logits = drop(hidden, rate, rng) @ weights[1]
    odds: Floats = np.exp(logits - logits.max())
    odds /= odds.sum()
    return odds


def drop(values: Floats, rate: float, rng: np.random.Generator) -> Floats:
    """Dropout as PyTorch does it: what is kept is scaled up, so that the mean stays."""
    kept: Floats = values * (rng.random(values.shape) >= rate) / (1 - rate)
    return kept


@style.styled
def draw(frame: pd.DataFrame) -> Figure:
    """Train mode on the left, eval mode on the right, one scale."""
    figure = style.new_figure(height=2.5)
    panels = figure.subplots(1, 2, sharey=True)
    looks = style.arm_styles(list(dict.fromkeys(frame["output"])))
    for axes, mode in zip(panels, ("train", "eval"), strict=True):
        for output, look in looks.items():
            part = frame[(frame["mode"] == mode) & (frame["output"] == output)]
            axes.plot(
                part["repetition"],
                part["probability"],
                color=look.colour,
                linestyle=look.dashes,
                marker=look.marker,
                label=output,
            )
        axes.set_title(f"{mode} mode")
        axes.set_xlabel("repetition")
        whole_epochs(axes)
    panels[0].set_ylabel("predicted probability")
    panels[1].legend(loc="upper right", bbox_to_anchor=(1.0, 1.0))
    return figure
