"""Estimates with their intervals: the arms of a study against its baseline.

The numbers come from `analysis.tables.effects`, what is claimed of them from `analysis.report.claimed_side`; nothing is
estimated or judged here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.claims.words import WORDS
from analysis.figures import style
from analysis.figures.axes import label
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike, clear
from analysis.text.columns import column_decimals
from analysis.text.numbers import DECIMALS_OF_PERCENT, with_interval
from analysis.text.phrases import DECIDING, SHADED, first_up
from analysis.text.plain_text import true_minus
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL_POINTS = 7.0
"""Points of what is written beside a line."""
COLUMNS = ("arm", "metric", "epoch", "estimate", "low", "high", "n", "refused")
CLAIMED = ("claimed_low", "claimed_high", "decides_low", "decides_high")
"""Numbers of what is claimed, beside `verdict` and `claimed`; where nothing was judged there are no such columns."""
SHADE, BOUND, WIDE = "#d5e2f0", "#5a7391", "#8b949e"
"""The claimed side, its bound, and the interval that decides: three steps of grey in print."""
MARKS = {"supported": ("o", "disc"), "refuted": ("s", "square")}
"""The mark of a verdict, and its name; a ring of any other."""


def prepare(effects: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The contrasts of one metric, in points where it is an accuracy.

    Args:
        effects: arm, metric, estimate (arm minus baseline), low, high (95 % interval), n (pairs of seeds), and
            optionally epoch (at which they are compared), refused (why the pair is not; empty where it is), and what
            is claimed of each (verdict, claimed and `CLAIMED`).
        metric: the one to draw.

    Returns:
        The same columns; `epoch` (0: not known) and `refused` always there; no numbers where a comparison was refused.
    """
    frame = effects[effects["metric"] == metric].copy()
    frame["refused"] = frame["refused"].fillna("").astype(str) if "refused" in frame else ""
    frame["epoch"] = frame["epoch"].astype(int) if "epoch" in frame else 0
    judged = ("verdict", "claimed", *CLAIMED) if "verdict" in frame else ()
    for column in ("estimate", "low", "high", *judged[2:]):
        frame[column] = style.shares(frame[column].astype(float), metric).where(frame["refused"] == "")
    return frame[[*COLUMNS, *judged]].reset_index(drop=True)


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
    if "verdict" in frame and frame["verdict"].ne("").any():
        axes.set_xlim(*_reach(frame))
    for y, (row, text) in enumerate(zip(frame.to_dict("records"), _texts(frame), strict=True)):
        _claimed(axes, y, row)
        _difference(axes, y, row, text)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(frame)), names)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    figure.supxlabel(below, fontsize=8)
    return figure


def _reach(frame: pd.DataFrame) -> tuple[float, float]:
    """Where the axis begins and ends: it holds 0, every number and every bound.

    The interval that decides makes it twice as long at most.
    """
    columns = ["estimate", "low", "high", *(c for c in CLAIMED if c in frame)]
    known = {c: [x for x in frame[c].astype(float) if math.isfinite(x)] for c in columns}
    near = [0.0, *(x for c in columns if not c.startswith("decides") for x in known[c])]
    room = (max(near) - min(near)) / 2 or 1.0
    low, high = min(near) - room, max(near) + room
    near += [min(max(x, low), high) for c in CLAIMED[2:] for x in known.get(c, ())]
    edge = 0.05 * ((max(near) - min(near)) or 1.0)
    return min(near) - edge, max(near) + edge


def _claimed(axes: Axes, y: int, row: Mapping[Hashable, Any]) -> None:
    """The claimed side of a line, its bounds, and the interval that decides."""
    ends = [float(row.get(c, math.nan)) for c in CLAIMED]
    bounds = [x for x in ends[:2] if math.isfinite(x)]
    if bounds:
        low, high = (x if math.isfinite(x) else end for x, end in zip(ends[:2], axes.get_xlim(), strict=True))
        axes.fill_betweenx([y - 0.5, y + 0.5], low, high, color=SHADE, linewidth=0, zorder=0.1, gid="claimed")
        axes.vlines([x for x in bounds if x], y - 0.5, y + 0.5, color=BOUND, linewidth=0.8, linestyle=(0, (3, 2)))
    if math.isfinite(ends[2]) and math.isfinite(ends[3]):
        axes.hlines(y, ends[2], ends[3], color=WIDE, linewidth=1.2, zorder=1.5, gid="decides")


def _difference(axes: Axes, y: int, row: Mapping[Hashable, Any], text: str) -> None:
    right: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": SMALL_POINTS}
    if row["refused"]:
        axes.text(0.02, y, style.wrapped(f"not compared: {row['refused']}", 3.2, SMALL_POINTS), style="italic", **right)
        return
    estimate, low, high = (float(row[k]) for k in ("estimate", "low", "high"))
    colour, verdict = style.COLOURS[1], row.get("verdict", "")
    hollow = verdict not in MARKS if verdict else not clear(Estimate(estimate, low, high, int(row["n"])))
    if low == low and high == high:
        axes.plot([low, high], [y, y], color=colour, linewidth=1.5, marker="|", markersize=7)
    colour = style.COLOURS[5] if verdict == "refuted" else colour
    mark, _ = MARKS.get(verdict, ("o", ""))
    axes.plot([estimate], [y], mark, color=colour, markerfacecolor="white" if hollow else colour, markersize=6)
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
    start = f"Mean difference from {baseline} over pairs of the same seed, with its 95 % interval. {when}.{which}"
    return " ".join(filter(None, (start, _claims_key(frame), _hollow_key(frame))))


def _claims_key(frame: pd.DataFrame) -> str:
    """What the claimed side is, and the marks of the verdicts that occur; empty where nothing is claimed."""
    found = list(dict.fromkeys(v for v in frame.get("verdict", ()) if v))
    if not found:
        return ""
    marks = [f"{name}: {v}" for v, (_, name) in MARKS.items() if v in found]
    ring = [WORDS[v] for v in found if v not in MARKS]
    marks += [f"ring: {' or '.join(ring)}"] if ring else []
    said = f"{SHADED.removesuffix('.')} ({'; '.join(marks)})."
    return f"{said} {DECIDING}" if frame["decides_low"].notna().any() else said


def _hollow_key(frame: pd.DataFrame) -> str:
    """Which points are hollow, of those that no claim is about; empty where there are none."""
    rest = frame if "verdict" not in frame else frame[frame["verdict"] == ""]
    if len(rest) < len(frame) and rest["estimate"].isna().all():
        return ""
    alike = ", or where all seeds differ alike" if any(map(all_alike, rest["low"], rest["high"])) else ""
    return f"{'Hollow' if len(rest) == len(frame) else 'Elsewhere hollow'} where the interval contains 0{alike}."


def alt(frame: pd.DataFrame, baseline: str) -> str:
    """Every arm's difference in words."""
    rows = zip(frame.to_dict("records"), _texts(frame), strict=True)
    said = [f"{row['arm']}: " + _difference_words(row, text) for row, text in rows]
    metric = METRICS[str(frame["metric"].iloc[0])]
    return f"{first_up(metric.label)}, difference from {baseline}, {metric.difference_unit}. " + ". ".join(said) + "."


def _difference_words(row: Mapping[Hashable, Any], text: str) -> str:
    if row["refused"]:
        return f"not compared, {row['refused']}"
    return f"{text}, claimed {row['claimed']}: {WORDS[row['verdict']]}" if row.get("verdict") else text
