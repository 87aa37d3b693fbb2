"""The learning rate over epochs, on a log axis: each trial a thin step line, the median trial a thick one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analysis.figures import style
from analysis.figures.axes import label, legend_below, legend_mark, legend_texts, log_axis, whole_epochs
from analysis.text.numbers import counted_range
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_TRIALS_DRAWN = 10
"""At most this many trials of an arm are drawn one by one."""


def prepare(epochs: pd.DataFrame) -> pd.DataFrame:
    """Arm, series (a trial, or "median" over the arm's trials), epoch, lr, and `cut`: lower than the epoch before.

    Trials that did not finish are drawn, but are not in the median.
    """
    single = epochs[["arm", "trial", "epoch", "lr"]].rename(columns={"trial": "series"})
    finished = epochs[epochs["status"] == "finished"]
    middle = finished.groupby(["arm", "epoch"], sort=False, observed=True)["lr"].median().reset_index()
    order = list(dict.fromkeys(epochs["arm"]))
    frame = pd.concat([single, middle.assign(series="median")], ignore_index=True)
    frame = frame.sort_values(
        ["arm", "series", "epoch"], key=lambda c: c.map(order.index) if c.name == "arm" else c, kind="stable"
    ).reset_index(drop=True)
    before = frame.groupby(["arm", "series"], sort=False)["lr"].shift()
    return frame.assign(cut=frame["lr"] < before)


@style.styled
def draw(frame: pd.DataFrame, among: Sequence[str] = ()) -> Figure:
    """One panel, all arms; steps, because a rate holds for a whole epoch; `among`: see `style.arm_styles`."""
    looks = style.arm_styles(list(dict.fromkeys(frame["arm"])), among)
    figure = style.new_figure(height=2.54 + legend_texts(list(looks))[2])
    axes = figure.subplots()
    for arm, look in looks.items():
        part = frame[frame["arm"] == arm]
        trials = [rows for name, rows in part.groupby("series", sort=False) if name != "median"]
        for rows in trials if 1 < len(trials) <= MAX_TRIALS_DRAWN else []:
            axes.step(rows["epoch"], rows["lr"], where="mid", color=look.colour, linewidth=0.5, alpha=0.7)
        medians = part[part["series"] == "median"]
        rows = medians if len(medians) else max(trials, key=len)
        axes.step(rows["epoch"], rows["lr"], where="mid", color=look.colour, linestyle=look.dashes, linewidth=1.8)
        cuts = rows[rows["cut"] | (rows["epoch"] == rows["epoch"].min())]
        axes.plot(cuts["epoch"], cuts["lr"], linestyle="none", marker=look.marker, color=look.colour, gid="cuts")
    positive = frame.loc[frame["lr"] > 0, "lr"]
    axes.set_ylim(positive.min() / 1.6, positive.max() * 1.6)
    log_axis(axes)
    whole_epochs(axes)
    axes.set_xlabel(label("epoch"))
    axes.set_ylabel(label("lr"))
    handles = [legend_mark(color=k.colour, linestyle=k.dashes, marker=k.marker) for k in looks.values()]
    legend_below(figure, handles, list(looks))
    return figure


def caption(epochs: pd.DataFrame) -> str:
    """What the lines and marks are, and of how many trials the median is: of those that finished."""
    trials = epochs.groupby("arm", sort=False)["trial"].nunique()
    finished = epochs[epochs["status"] == "finished"].groupby("arm", sort=False)["trial"].nunique()
    if trials.max() <= 1:
        return "Rate that each epoch's updates used, one seed an arm. Marks: the first epoch, and each at a lower rate."
    some = "finished seed" if finished.sum() < trials.sum() else "seed"
    lower = "at a lower rate of the thick line" if len(finished) < len(trials) else "at a lower median rate"
    thick = f"median over {counted_range(finished, some)} thick" if len(finished) else "no seed finished"
    if len(finished) < len(trials):
        thick += f", {'where none finished ' if len(finished) else ''}the one that went furthest thick"
    return f"Rate that each epoch's updates used: {thick}, single seeds thin. Marks: the first epoch, and each {lower}."


def alt(frame: pd.DataFrame) -> str:
    """Each arm's first and last median rate and the number of cuts between."""
    said = []
    for arm, part in frame[frame["series"] == "median"].groupby("arm", sort=False):
        first, last = part["lr"].iloc[0], part["lr"].iloc[-1]
        said.append(f"{arm}: from {first:g} to {last:g} with {counted(int(part['cut'].sum()), 'reduction')}")
    return "Learning rate over epochs. " + (". ".join(said) or "No trial finished") + "."
