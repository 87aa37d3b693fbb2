"""Figures 15 to 18, 20 and 21: the sigmoid and its tables, batch norm's formulas, the L1 and L2 objectives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.figures import style
from analysis.figures.named_figure import NamedFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PENALTY_WEIGHTS = (1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
LARGE_INPUT, SMALL_INPUT, TINY_INPUT = 255.0, 1.0, 1e-4
"""Largest input value with divisors 1, 255 and 255 x 10,000."""

SIGMOID = r"$\sigma(x) = \dfrac{1}{1 + e^{-x}}$"
BATCH_NORM = {
    "mean of a batch": r"$\mu = \dfrac{1}{m}\,\sum_{i=1}^{m} x_i$",
    "variance of a batch": r"$\sigma^2 = \dfrac{1}{m}\,\sum_{i=1}^{m} (x_i - \mu)^2$",
    "normalise": r"$\hat{x}_i = \dfrac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}$",
    "scale and shift": r"$y_i = \gamma\,\hat{x}_i + \beta$",
}
L1 = {
    "objective": r"$L = -\dfrac{1}{n}\,\sum_{i=1}^{n} \log\, p_i(y_i) \;+\; \lambda \sum_{j} |w_j|$",
}
L2 = {
    "as the formula says": r"$L = -\dfrac{1}{n}\,\sum_{i=1}^{n} \log\, p_i(y_i) \;+\; \lambda \sum_{j} w_j^2$",
    "as the chapter's code does": (
        r"$L = -\dfrac{1}{n}\,\sum_{i=1}^{n} \log\, p_i(y_i) \;+\; \lambda \sum_{T} \sqrt{\sum_{j \in T} w_j^2}$"
    ),
}


def sigmoid_figures() -> list[NamedFigure]:
    """Make figures 15 to 17."""
    curve, two, one = prepare_curve(), prepare_table((LARGE_INPUT, SMALL_INPUT)), prepare_table((TINY_INPUT,))
    return [
        NamedFigure(
            "concept-15-sigmoid",
            "The sigmoid",
            "sigma(x) = 1 / (1 + exp(-x)): an S-shaped curve from 0 to 1 that is flat beyond about -6 and 6.",
            "Beyond about 6 on either side the curve is flat, and its slope, which learning needs, close to 0.",
            curve,
            partial(draw_curve, curve),
        ),
        NamedFigure(
            "concept-16-sigmoid-tables",
            "sigmoid(w x) over the same weights, for a large and a small x",
            _said(two),
            "For x = 255 every weight from 0.1 on gives 1: the sigmoid saturates. For x = 1 it follows the weight. "
            "Six decimals: 1.000000 stands for more than 0.9999995.",
            two,
            partial(draw_tables, two),
        ),
        NamedFigure(
            "concept-17-sigmoid-tiny",
            "sigmoid(w x) over the same weights, for a very small x",
            _said(one),
            "For x = 0.0001 all of these weights give about 0.5: only very large ones would make a difference.",
            one,
            partial(draw_tables, one),
        ),
    ]


def batch_norm_figure() -> NamedFigure:
    """Make figure 18."""
    alt = (
        "Mean of the batch; variance of the batch; normalise: x minus mean, divided by the square root of variance "
        "plus epsilon; scale and shift: gamma times that plus beta."
    )
    caption = (
        "Over the m values of one unit in a batch. Gamma and beta are learnt. Epsilon keeps the root from being 0."
    )
    frame = prepare_formulas(BATCH_NORM)
    return NamedFigure(
        "concept-18-batch-norm", "Batch normalisation", alt, caption, frame, partial(draw_formulas, frame)
    )


def penalty_figures() -> list[NamedFigure]:
    """Make figures 20 and 21."""
    one, two = prepare_formulas(L1), prepare_formulas(L2)
    said = "n images, p_i(y_i) the probability of image i's own class, lambda the coefficient"
    return [
        NamedFigure(
            "concept-20-l1",
            "The L1 objective",
            "Mean cross-entropy plus lambda times the sum of the absolute values of all parameters.",
            f"{said}. All parameters are w_j, biases included.",
            one,
            partial(draw_formulas, one),
        ),
        NamedFigure(
            "concept-21-l2",
            "The L2 objective",
            "Mean cross-entropy plus lambda times the sum of squares of all parameters; the chapter's code adds "
            "instead lambda times the sum over tensors of the root of that tensor's sum of squares.",
            f"{said}. All parameters are w_j, and T is a tensor. The two forms are different penalties, so the study "
            "runs both.",
            two,
            partial(draw_formulas, two),
        ),
    ]


def prepare_curve() -> pd.DataFrame:
    """Values x from -10 to 10 and their sigmoid."""
    x = np.round(np.linspace(-10, 10, 201), 10)
    return pd.DataFrame({"x": x, "sigmoid": expit(x)})


def prepare_table(xs: Iterable[float]) -> pd.DataFrame:
    """One row an x and a weight: x, w, their product, sigmoid of the product.

    >>> prepare_table([255.0])["sigmoid"].iloc[-1]
    np.float64(1.0)
    """
    rows = [(x, w, w * x) for x in xs for w in PENALTY_WEIGHTS]
    frame = pd.DataFrame(rows, columns=["x", "w", "product"])
    return frame.assign(sigmoid=expit(frame["product"]))


def _said(frame: pd.DataFrame) -> str:
    said = [
        f"For x = {x:g}: "
        + ", ".join(f"w {w:g} gives {s:.6f}" for w, s in zip(part["w"], part["sigmoid"], strict=True))
        for x, part in frame.groupby("x", sort=False)
    ]
    return ". ".join(said) + "."


@style.styled
def draw_curve(frame: pd.DataFrame) -> Figure:
    """The formula on its curve."""
    figure = style.new_figure(width=5.0, height=2.4)
    axes = figure.subplots()
    axes.plot(frame["x"], frame["sigmoid"], color=style.COLOURS[1], linewidth=1.8)
    axes.text(-9.5, 0.72, SIGMOID, fontsize=14, parse_math=True)
    axes.set(xlabel="x", ylabel="sigmoid(x)")
    return figure


@style.styled
def draw_tables(frame: pd.DataFrame) -> Figure:
    """A table for each x, side by side."""
    xs = list(dict.fromkeys(frame["x"]))
    figure = style.new_figure(width=3.5 * len(xs), height=0.165 * len(PENALTY_WEIGHTS) + 0.62)
    figure.set_layout_engine("none")
    for i, x in enumerate(xs):
        axes = figure.add_axes((i / len(xs) + 0.02, 0, 1 / len(xs) - 0.04, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.text(0.5, 0.97, f"x = {_decimal(x)}", ha="center", va="top", fontweight="bold", fontsize=9)
        part = frame[frame["x"] == x]
        columns = {
            "w": part["w"].map(_decimal),
            "w x": part["product"].map(_decimal),
            "sigmoid(w x)": part["sigmoid"].map("{:.6f}".format),
        }
        draw_columns(axes, columns, places=(0.28, 0.62, 0.95), top=1 - 0.35 / figure.get_figheight())
    return figure


def _decimal(value: float) -> str:
    return np.format_float_positional(value, precision=10, trim="-")


def draw_columns(
    axes: Axes,
    columns: Mapping[str, Iterable[str]],
    *,
    places: Sequence[float],
    top: float,
    left: Sequence[str] = (),
) -> None:
    """A table in a bare panel of limits 0 to 1: one string a column, right-aligned at its place, but for `left`."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    height = figure.get_figheight() * axes.get_position().height
    for (name, cells), place in zip(columns.items(), places, strict=True):
        side = "left" if name in left else "right"
        axes.text(place, top, name, ha=side, va="top", fontweight="bold")
        body = "\n".join(cells)
        axes.text(place, top - 0.23 / height, body, ha=side, va="top", linespacing=1.45, fontsize=8)
    axes.plot([0.0, 1.0], [top - 0.18 / height] * 2, color="black", linewidth=0.7)
    axes.set(xlim=(0, 1), ylim=(0, 1))


def prepare_formulas(formulas: Mapping[str, str]) -> pd.DataFrame:
    """One row a formula: what it does, and its text in TeX."""
    return pd.DataFrame({"step": list(formulas), "formula": list(formulas.values())})


@style.styled
def draw_formulas(frame: pd.DataFrame) -> Figure:
    """A line a formula, what it does at its left."""
    figure = style.new_figure(width=6.4, height=0.68 * len(frame) + 0.1)
    figure.set_layout_engine("none")
    for i, row in enumerate(frame.to_dict("records")):
        y = 1 - (i + 0.5) / len(frame)
        figure.text(0.02, y, row["step"], va="center", fontsize=9)
        figure.text(0.34, y, row["formula"], va="center", fontsize=13, parse_math=True)
    return figure
