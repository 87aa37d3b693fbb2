"""Curves over epochs: training and validation loss and accuracy, arms overlaid or a panel pair an arm.

A mean with its band takes finished trials only; each stopped, diverged or failed trial is a thin line of its own that
ends in a mark. Which study gets which figure is decided in `study_figures`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.figures import axes as axes_module
from analysis.figures import style
from analysis.figures.axes import (
    Margins,
    explodes,
    label,
    legend_below,
    legend_mark,
    legend_texts,
    log_axis,
    whole_epochs,
)
from analysis.figures.style import ArmStyle
from analysis.statistics.students_t import half_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

METRICS = ("train_loss", "val_loss", "train_accuracy", "val_accuracy")
COLUMNS = ("arm", "metric", "series", "epoch", "value", "low", "high", "n", "best", "end")
BEST_BY = "val_accuracy"


def prepare(epochs: pd.DataFrame, metrics: Sequence[str] = METRICS) -> pd.DataFrame:
    """The curves of every arm, in the order in which the arms first occur.

    Args:
        epochs: one row a trial and epoch: arm, trial, epoch, status and the metrics.
        metrics: columns to draw.

    Returns:
        One row an arm, metric, series and epoch. `series` is "mean" over the finished trials, with `low` and `high`
        (95 % t interval of the mean from three trials on, their range for two, nothing for one) and `n`; or the name of
        a trial that did not finish, whose last row says in `end` how it ended. `best` marks the epoch of the highest
        mean validation accuracy. Accuracies are in percent.
    """
    scaled = epochs[["arm", "trial", "status", "epoch"]].assign(**{m: _drawable(epochs, m) for m in metrics})
    finished, others = (scaled[(scaled["status"] == "finished") == whole] for whole in (True, False))
    best = best_epochs(epochs)
    frames = [_means(finished, list(metrics)), *(_ended(others, m) for m in metrics if len(others))]
    frames = [f for f in frames if len(f)]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    frame = pd.concat(frames, ignore_index=True)
    frame["best"] = (frame["series"] == "mean") & (frame["arm"].map(best) == frame["epoch"])
    order = {arm: i for i, arm in enumerate(epochs["arm"].unique())} | {m: i for i, m in enumerate(metrics)}
    frame = frame.sort_values(["arm", "metric"], key=lambda c: c.map(order), kind="stable", ignore_index=True)
    return frame[list(COLUMNS)]


def best_epochs(epochs: pd.DataFrame) -> dict[str, int]:
    """The first epoch at which the mean validation accuracy of an arm's finished trials is highest, by arm."""
    finished = epochs.loc[epochs["status"] == "finished", ["arm", "epoch", BEST_BY]]
    means = finished.groupby(["arm", "epoch"], sort=True, observed=True)[BEST_BY].mean().dropna()
    return {str(arm): int(place[1]) for arm, place in means.groupby(level="arm").idxmax().items()}


def _drawable(epochs: pd.DataFrame, metric: str) -> pd.Series:
    values = style.shares(epochs[metric].astype(float), metric)
    return values.where(np.isfinite(values))


def _means(finished: pd.DataFrame, metrics: list[str]) -> pd.DataFrame:
    """Mean and band of every arm, metric and epoch over the finished trials."""
    if finished.empty:
        return pd.DataFrame()
    grouped = finished.groupby(["arm", "epoch"], sort=True, observed=True)[metrics]
    frames = (grouped.mean(), grouped.std(), grouped.min(), grouped.max(), grouped.count())
    mean, std, least, most, n = (f.to_numpy() for f in frames)
    half = half_width(std, np.maximum(n, 2))
    low = np.select([n >= 3, n == 2], [mean - half, least], np.nan)
    high = np.select([n >= 3, n == 2], [mean + half, most], np.nan)
    ends = [[100 * e if m in style.PERCENT else e for e in ranges.of(m)] for m in metrics]
    lowest, highest = np.array(ends, dtype=float).T
    keys = {name: frames[0].index.get_level_values(name).repeat(len(metrics)) for name in ("arm", "epoch")}
    numbers = {"value": mean, "low": np.clip(low, lowest, highest), "high": np.clip(high, lowest, highest), "n": n}
    long = {name: of.ravel() for name, of in numbers.items()}
    return pd.DataFrame({**keys, "metric": np.tile(metrics, len(mean)), **long, "series": "mean", "end": ""})


def _ended(others: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The curves of trials that did not finish, each with its end."""
    last = others["epoch"] == others.groupby("trial")["epoch"].transform("max")
    frame = others[["arm", "epoch"]].assign(metric=metric, series=others["trial"].astype(str), value=others[metric])
    return frame.assign(low=np.nan, high=np.nan, n=1, end=others["status"].where(last, ""))


@style.styled
def draw(frame: pd.DataFrame, among: Sequence[str] = ()) -> Figure:
    """Draw all arms in one panel a metric, two panels a row; same scale within a row; `among`: see `arm_styles`."""
    arms, metrics = list(dict.fromkeys(frame["arm"])), list(dict.fromkeys(frame["metric"]))
    looks, columns = style.arm_styles(arms, among), min(2, len(metrics))
    handles, names = _legend(looks, frame)
    margins = Margins(bottom=0.42 + legend_texts(names)[2], down=0.14, top=0.1)
    figure, grid = axes_module.panels(-(-len(metrics) // columns), columns, 1.95, margins, sharex=True, sharey="row")
    for axes, metric in zip(grid.flat, metrics, strict=False):
        part = frame[frame["metric"] == metric]
        for i, arm in enumerate(arms):
            draw_arm(axes, part[part["arm"] == arm], looks[arm], shift=i)
        axes.set_ylabel(label(metric))
        axes.tick_params(labelleft=True)
    for axes in grid.flat[len(metrics) :]:
        axes.remove()
    for i, row in enumerate(grid):
        _scale(row, frame[frame["metric"].isin(metrics[columns * i : columns * (i + 1)])])
    for axes in grid[-1]:
        axes.set_xlabel(label("epoch"))
    legend_below(figure, handles, names)
    return figure


@style.styled
def draw_arms(frame: pd.DataFrame) -> Figure:
    """A row an arm: its losses on the left, its accuracies on the right; training solid, validation dashed."""
    arms = list(dict.fromkeys(frame["arm"]))
    pair = {"train": ArmStyle(style.COLOURS[1], "-", "o"), "val": ArmStyle(style.COLOURS[5], (0, (4, 1.5)), "s")}
    handles, names = _legend({"training": pair["train"], "validation": pair["val"]}, frame)
    equal = frame[frame["series"] == "mean"].groupby("arm")["epoch"].max().nunique() <= 1
    titles = [style.wrapped(arm, 6.4, style.RC["axes.titlesize"], bold=True) for arm in arms]
    more = 0.145 * (style.lines_of(titles) - 1)
    margins = Margins(top=0.24 + more, bottom=0.42 + legend_texts(names)[2], down=(0.28 if equal else 0.45) + more)
    figure, grid = axes_module.panels(len(arms), 2, 1.2, margins, sharex="all" if equal else "row", sharey="col")
    for row, arm, title in zip(grid, arms, titles, strict=True):
        for axes, what in zip(row, ("loss", "accuracy"), strict=True):
            for i, (side, look) in enumerate(pair.items()):
                part = frame[(frame["arm"] == arm) & (frame["metric"] == f"{side}_{what}")]
                draw_arm(axes, part, look, shift=i)
            axes.set_ylabel(f"{what} [nats]" if what == "loss" else f"{what} [%]")
        row[0].set_title(title, loc="left", fontweight="bold")
    for i, what in enumerate(("loss", "accuracy")):
        _scale(grid[:, i], frame[frame["metric"].str.endswith(what)])
        grid[-1, i].set_xlabel(label("epoch"))
    legend_below(figure, handles, names)
    return figure


def _legend(looks: dict[str, ArmStyle], frame: pd.DataFrame) -> tuple[list[Line2D], list[str]]:
    lines = [legend_mark(color=k.colour, linestyle=k.dashes, marker=k.marker) for k in looks.values()]
    marks, names = _marks(frame)
    return lines + marks, [*looks, *names]


def draw_arm(axes: Axes, part: pd.DataFrame, look: ArmStyle, *, shift: int = 0) -> None:
    """One arm's mean, band, best epoch and ended trials for one metric; `shift` staggers the markers of arms."""
    mean = part[part["series"] == "mean"]
    every = max(1, len(mean) // 8)
    axes.plot(
        mean["epoch"],
        mean["value"],
        color=look.colour,
        linestyle=look.dashes,
        marker=look.marker,
        markevery=(shift % every, every),
    )
    if mean["low"].notna().any():
        axes.fill_between(mean["epoch"], mean["low"], mean["high"], color=look.colour, alpha=0.18, linewidth=0)
    best = mean[mean["best"].astype(bool)]
    axes.plot(
        best["epoch"],
        best["value"],
        "*",
        color=look.colour,
        markersize=11,
        markeredgecolor="white",
        gid="best",
        zorder=4,
    )
    for _, trial in part[part["series"] != "mean"].groupby("series", sort=False):
        axes.plot(trial["epoch"], trial["value"], color=look.colour, linestyle=look.dashes, linewidth=0.6, alpha=0.8)
        _draw_end(axes, trial, look.colour)


def _draw_end(axes: Axes, trial: pd.DataFrame, colour: str) -> None:
    """The mark of a trial's end: at its last finite value, at the top of the panel if there is none."""
    end, epoch = trial["end"].iloc[-1], trial["epoch"].iloc[-1]
    finite = trial["value"][np.isfinite(trial["value"])]
    look = {"marker": style.ENDS.get(end, "P"), "color": colour, "markersize": 7, "gid": end, "zorder": 5}
    look |= {"markerfacecolor": "white" if end == "stopped" else colour, "linestyle": "none", "clip_on": False}
    if len(finite):
        axes.plot([epoch], [finite.iloc[-1]], **look)
    else:
        axes.plot([epoch], [1.0], transform=axes.get_xaxis_transform(), **look)


def _marks(frame: pd.DataFrame) -> tuple[list[Line2D], list[str]]:
    """Legend entries of the marks that occur."""
    handles, names = [], []
    if frame["best"].astype(bool).any():
        handles.append(legend_mark(color="#666666", marker="*", linestyle="none", markersize=9))
        names.append("best epoch")
    for end, marker in style.ENDS.items():
        if (frame["end"] == end).any():
            face = "white" if end == "stopped" else "#666666"
            handles.append(legend_mark(color="#666666", marker=marker, markerfacecolor=face, linestyle="none"))
            names.append(f"{end} here")
    return handles, names


def _scale(panels: Iterable[Axes], part: pd.DataFrame) -> None:
    """A log axis for what explodes, and whole epochs, for panels that share their y axis."""
    accuracy = part["metric"].str.endswith("accuracy").any() if len(part) else False
    if not accuracy and explodes(part["value"]):
        log_axis(next(iter(panels)))
    for axes in panels:
        whole_epochs(axes)


def caption(frame: pd.DataFrame) -> str:
    """What the lines, bands and marks are, with the number of seeds."""
    means = frame[frame["series"] == "mean"]
    if means.empty:
        return "No trial finished. Thin lines: single trials, marked where they ended."
    low, high = int(means["n"].min()), int(means["n"].max())
    n = f"n = {high}" if low == high else f"n = {low} to {high}"
    parts = [
        f"Lines: mean over finished trials ({n} seeds an arm)." if high > 1 else "Lines: one seed an arm, so no band."
    ]
    if (means["n"] >= 3).any():
        parts.append("Bands: 95 % t interval of the mean.")
    if (means["n"] == 2).any():
        parts.append("Bands of two seeds: their range.")
    if _hidden(means):
        parts.append("A band that runs to the foot of a log axis has its lower end at 0 or below.")
    parts.append("Star: epoch of the highest mean validation accuracy.")
    if means.groupby("arm")["epoch"].max().nunique() > 1:
        parts.append("The arms were trained for different numbers of epochs.")
    if (frame["end"] != "").any():
        parts.append("Thin lines: trials that did not finish, marked where they ended. They are in no mean.")
    return " ".join(parts)


def _hidden(means: pd.DataFrame) -> bool:
    """Whether some band reaches 0 or below where a log axis may have to show it."""
    losses = means[~means["metric"].str.endswith("accuracy")]
    return bool((losses["low"] <= 0).any() and explodes(losses["value"]))


def alt(frame: pd.DataFrame) -> str:
    """A sentence an arm: where its last mean validation accuracy and loss lie, and who did not finish."""
    said = []
    for arm, part in frame.groupby("arm", sort=False):
        series, metrics, ended = (part[c].to_numpy() for c in ("series", "metric", "end"))
        values, at, text = part["value"].to_numpy(), part["epoch"].to_numpy(), []
        known = (series == "mean") & ~np.isnan(values)
        for metric, words, unit in (("val_accuracy", "validation accuracy", " %"), ("val_loss", "validation loss", "")):
            if len(rows := np.flatnonzero(known & (metrics == metric))):
                text.append(f"{words} {values[rows[-1]]:.3g}{unit} at epoch {at[rows[-1]]}")
        ends = Counter(ended[(ended != "") & (metrics == metrics[0])])
        text += [f"{count} trial{'s' * (count > 1)} {end}" for end, count in ends.items()]
        said.append(f"{arm}: {', '.join(text) or 'no values'}")
    return ". ".join(said) + "."
