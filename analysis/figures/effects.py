"""Estimates with their intervals: the arms of a study against its baseline.

The numbers come from `analysis.tables.effects`; nothing is estimated here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.figures import style
from analysis.figures.axes import label
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike, clear
from analysis.text.columns import column_decimals
from analysis.text.numbers import DECIMALS_OF_PERCENT, with_interval
from analysis.text.phrases import first_up
from analysis.text.plain_text import true_minus
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL_POINTS = 7.0
"""Points of what is written beside a line."""
COLUMNS = ("arm", "metric", "epoch", "estimate", "low", "high", "n", "refused")


def prepare(effects: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The contrasts of one metric, in points where it is an accuracy.

    Args:
        effects: arm, metric, estimate (arm minus baseline), low, high (95 % interval), n (pairs of seeds), and
            optionally epoch (at which they are compared) and refused (why the pair is not; empty where it is).
        metric: the one to draw.

    Returns:
        The same columns; `epoch` (0: not known) and `refused` always there; no numbers where a comparison was refused.
    """
    frame = effects[effects["metric"] == metric].copy()
    frame["refused"] = frame["refused"].fillna("").astype(str) if "refused" in frame else ""
    frame["epoch"] = frame["epoch"].astype(int) if "epoch" in frame else 0
    for column in ("estimate", "low", "high"):
        frame[column] = style.shares(frame[column].astype(float), metric).where(frame["refused"] == "")
    return frame[list(COLUMNS)].reset_index(drop=True)


@style.styled
def draw(frame: pd.DataFrame, baseline: str) -> Figure:
    """A line an arm: its difference from the baseline, hollow where it is not clear; numbers at the right."""
    metric = frame["metric"].iloc[0] if len(frame) else ""
    names = [style.wrapped(a, 2.0, style.RC["ytick.labelsize"]) for a in frame["arm"]]
    refused = [style.wrapped(f"not compared: {why}", 3.2, SMALL_POINTS) for why in frame["refused"] if why]
    line = 0.17 + 0.13 * style.lines_of([*names, *refused])
    unit = METRICS[metric].difference_unit if metric in METRICS else ""
    words = f"{label(metric).split(' [')[0]}, difference from {baseline}" + f" [{unit}]" * bool(unit)
    below = style.wrapped(words, 6.8)
    figure = style.new_figure(height=line * len(frame) + 0.77 + 0.13 * style.lines_of([below]))
    axes = figure.subplots()
    for y, (row, text) in enumerate(zip(frame.to_dict("records"), _texts(frame), strict=True)):
        _difference(axes, y, row, text)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(frame)), names)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    figure.supxlabel(below, fontsize=8)
    return figure


def _difference(axes: Axes, y: int, row: Mapping[Hashable, Any], text: str) -> None:
    right: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": SMALL_POINTS}
    if row["refused"]:
        axes.text(0.02, y, style.wrapped(f"not compared: {row['refused']}", 3.2, SMALL_POINTS), style="italic", **right)
        return
    estimate, low, high = (float(row[k]) for k in ("estimate", "low", "high"))
    hollow = not clear(Estimate(estimate, low, high, int(row["n"])))
    colour = style.COLOURS[1]
    if low == low and high == high:
        axes.plot([low, high], [y, y], color=colour, linewidth=1.5, marker="|", markersize=7)
    axes.plot([estimate], [y], "o", color=colour, markerfacecolor="white" if hollow else colour, markersize=6)
    axes.text(1.02, y, f"{true_minus(text)}  {counted(int(row['n']), 'seed')}", **right)


def _texts(frame: pd.DataFrame) -> list[str]:
    """The numbers at the right, all with one number of decimals; empty where a comparison was refused."""
    found = [Estimate(r["estimate"], r["low"], r["high"], r["n"]) for r in frame.to_dict("records")]
    fixed = DECIMALS_OF_PERCENT if set(frame["metric"]) <= style.PERCENT else None
    places = column_decimals(found, fixed)
    return ["" if math.isnan(e.value) else with_interval(e.value, e.low, e.high, places=places) for e in found]


def caption(frame: pd.DataFrame, baseline: str) -> str:
    """What the marks are, and at which epoch each arm is compared where that differs."""
    known = frame[frame["epoch"] > 0]
    when, which = "Both at equal epochs", ""
    if known["epoch"].nunique() > 1:
        said = ", ".join(f"{e} for {a}" for a, e in zip(known["arm"], known["epoch"], strict=True))
        when, which = "Both at the last epoch that they share", f" This is {said}."
    alike = ", or where all seeds differ alike" if any(map(all_alike, frame["low"], frame["high"])) else ""
    return (
        f"Mean difference from {baseline} over pairs of the same seed, with its 95 % interval. {when}.{which} "
        f"Hollow where the interval contains 0{alike}."
    )


def alt(frame: pd.DataFrame, baseline: str) -> str:
    """Every arm's difference in words."""
    said = [
        f"{arm}: {f'not compared, {why}' if why else text}"
        for arm, why, text in zip(frame["arm"], frame["refused"], _texts(frame), strict=True)
    ]
    metric = METRICS[str(frame["metric"].iloc[0])]
    return f"{first_up(metric.label)}, difference from {baseline}, {metric.difference_unit}. " + ". ".join(said) + "."
