"""Distributions of tensors at the end of training: histograms a tensor and arm, and ranges of all arms on one scale.

Serves parameters and hidden activations alike; what is particular to activations is in `activations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.figures import style
from analysis.figures.axes import Margins, decade_labels, decades, panels, symlog_axis
from trainables.records.tensor_summary import QUANTILES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

COLUMNS = ("arm", "tensor", "left", "right", "density", "n", "epoch", "count", "low", "high", "finished")
RANGE_COLUMNS = ("arm", "tensor", "n", "epoch", "finished", "low", "q001", "q05", "q50", "q95", "q999", "high")
MIN_VALUES_FOR_LOG = 500
"""Tensors of at least so many values are drawn with a log density, which shows single values far out."""
TITLE_SIZE = style.RC["axes.titlesize"]
MAX_SHARED_SCALE_FACTOR = 4.0
"""Arms whose ranges of a tensor differ by more than this factor get an x axis each."""
LEVELS = {"q001": 0.001, "q05": 0.05, "q50": 0.5, "q95": 0.95, "q999": 0.999}


def last_epoch(tensors: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of one kind at the last epoch that all trials of an arm have summarised.

    Of an arm with finished trials only those count; `finished` says which arms have them.
    """
    part = tensors[tensors["kind"] == kind]
    if part.empty:
        return part.assign(finished=True)
    whole = part["status"] == "finished"
    any_whole = whole.groupby(part["arm"], sort=False).transform("any")
    part = part[whole | ~any_whole].assign(finished=any_whole)
    seen = part.groupby(["arm", "epoch"], sort=False, observed=True)["trial"].nunique().reset_index(name="trials")
    every = part.groupby("arm", sort=False, observed=True)["trial"].nunique().rename("every").reset_index()
    seen = seen.merge(every, on="arm")
    chosen = seen[seen["trials"] == seen["every"]].groupby("arm", sort=False, observed=True)["epoch"].max()
    return part[part["epoch"] == part["arm"].map(chosen)]


def layer_order(name: str) -> tuple[int, int, str]:
    """Sorts tensors from the input to the output.

    >>> sorted(["W2", "b1", "beta1", "W1", "gamma1"], key=layer_order)
    ['W1', 'b1', 'gamma1', 'beta1', 'W2']
    """
    word = name.rstrip("0123456789")
    order = ("W", "b", "Z", "gamma", "beta", "A")
    return int(name[len(word) :] or 0), order.index(word) if word in order else len(order), name


def prepare(tensors: pd.DataFrame, kind: str = "parameter", bins: int = 60) -> pd.DataFrame:
    """Histograms rebinned over the seeds of an arm onto common bins.

    Args:
        tensors: arm, trial, epoch, kind, name, count, quantiles, histogram; see
            `trainables.records.tensor_summary.TensorSummary`.
        kind: "parameter" or "activation".
        bins: of equal width, at most; fewer for tensors of few values.

    Returns:
        One row a bin: arm, tensor, `left` and `right` edge, `density` (mean over the `n` seeds whose values are finite;
        its integral is 1), epoch, number of values a seed, `low` and `high` (the range over the seeds), and whether the
        seeds' trials finished. Where no seed's values are finite: one row with n = 0 and no numbers.
    """
    rows = []
    for (arm, name), part in last_epoch(tensors, kind).groupby(["arm", "name"], sort=False, observed=True):
        rows.append(pd.DataFrame({"arm": str(arm), "tensor": str(name), **_rebinned(part, bins)}))
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)] if rows else pd.DataFrame(columns=list(COLUMNS))


def _rebinned(part: pd.DataFrame, bins: int) -> dict[str, Any]:
    pairs = zip(part["quantiles"], part["histogram"], strict=True)
    finite = [(q, h) for q, h in pairs if sum(h) and np.all(np.isfinite(q))]
    facts = {"n": len(finite), "epoch": part["epoch"].iloc[0], "count": part["count"].iloc[0]}
    facts["finished"] = bool(part["finished"].iloc[0])
    if not finite:
        return {"left": [np.nan], "right": np.nan, "density": np.nan, **facts, "low": np.nan, "high": np.nan}
    low, high = min(q[0] for q, _ in finite), max(q[-1] for q, _ in finite)
    bins = int(np.clip(np.sqrt(facts["count"] * len(finite)) * 2, 8, bins))
    pad = 0.0 if high > low else (abs(low) or 1.0) * 1e-3
    edges = np.linspace(low - pad, high + pad, bins + 1)
    density = np.mean([spread(h, q[0], q[-1], edges) for q, h in finite], axis=0)
    return {"left": edges[:-1], "right": edges[1:], "density": density, **facts, "low": low, "high": high}


def spread(histogram: Sequence[int], low: float, high: float, edges: Floats) -> Floats:
    """Density on new bins of a histogram of equal bins between `low` and `high`, each count spread evenly over its bin.

    >>> spread((2, 2), 0.0, 1.0, np.array([0.0, 0.5, 1.0, 2.0])).tolist()
    [1.0, 1.0, 0.0]
    """
    total = float(sum(histogram))
    if high <= low:
        share = np.histogram([low], edges)[0].astype(float)
    else:
        below = np.concatenate([[0.0], np.cumsum(histogram) / total])
        share = np.diff(np.interp(edges, np.linspace(low, high, len(histogram) + 1), below))
    density: Floats = share / np.diff(edges)
    return density


@style.styled
def draw(frame: pd.DataFrame, among: Sequence[str] = ()) -> Figure:
    """A row a tensor, a column an arm; density on a log axis for large tensors; the width is printed in each panel.

    `among`: see `style.arm_styles`.
    """
    arms, tensors = list(dict.fromkeys(frame["arm"])), sorted(set(frame["tensor"]), key=layer_order)
    looks = style.arm_styles(arms, among)
    own = any(same_scale(part) is None for _, part in frame.groupby("tensor"))
    margins = Margins(left=0.8, label=0.32, across=0.45 if own else 0.12, down=0.27, bottom=0.4)
    room = margins.width(max(4, len(arms)))
    titles = [style.wrapped(arm, room, TITLE_SIZE, bold=True) for arm in arms]
    margins = replace(margins, top=0.12 + 0.145 * style.lines_of(titles))
    figure, grid = panels(len(tensors), len(arms), 0.85, margins)
    for row, tensor in zip(grid, tensors, strict=True):
        part = frame[frame["tensor"] == tensor]
        shared = same_scale(part)
        for axes, arm in zip(row, arms, strict=True):
            own = part[part["arm"] == arm]
            _panel(axes, own, looks[arm].colour)
            _density_axis(axes, own if shared is None else part, labels=shared is None or axes is row[0])
            if shared is not None:
                axes.set_xlim(*shared)
        row[0].set_ylabel(style.plain(tensor) + "\ndensity")
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title, fontweight="bold")
    for axes in grid[-1]:
        axes.set_xlabel("value")
    return figure


def same_scale(part: pd.DataFrame) -> tuple[float, float] | None:
    """The common x range of one tensor's panels; None where the arms' widths differ too much for one scale."""
    low, high = (part[end].to_numpy(dtype=float) for end in ("low", "high"))
    known = ~(np.isnan(low) | np.isnan(high))
    low, high = low[known], high[known]
    widths = high - low
    if not len(widths) or widths.max() == 0 or widths.max() > MAX_SHARED_SCALE_FACTOR * widths.min():
        return None
    pad = 0.03 * (high.max() - low.min())
    return float(low.min() - pad), float(high.max() + pad)


def _panel(axes: Axes, part: pd.DataFrame, colour: str) -> None:
    if part.empty or part["n"].iloc[0] == 0:
        text = "no such tensor" if part.empty else "not finite"
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, style="italic", color="#555555")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        return
    edges = [*part["left"], part["right"].iloc[-1]]
    axes.stairs(part["density"], edges, fill=True, color=colour, alpha=0.35, linewidth=0)
    axes.stairs(part["density"], edges, color=colour, linewidth=0.9)
    width = part["high"].iloc[0] - part["low"].iloc[0]
    box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.8}
    axes.text(0.98, 0.95, f"width {width:.3g}", ha="right", va="top", transform=axes.transAxes, fontsize=7, bbox=box)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", labelsize=6.5)


def _density_axis(axes: Axes, part: pd.DataFrame, *, labels: bool) -> None:
    """A y axis with room above the histogram for the printed width."""
    positive = part.loc[part["density"] > 0, "density"]
    if part.empty or part["n"].max() == 0:
        return
    if len(positive) and part["count"].max() >= MIN_VALUES_FOR_LOG:
        low, high = float(positive.min()) / 2, float(positive.max())
        axes.set_yscale("log")
        axes.set_ylim(low, high * max(8.0, (high / low) ** 0.28))
        axes.yaxis.set_major_locator(decades(4))
        decade_labels(axes)
    else:
        axes.set_ylim(0, None if positive.empty else float(positive.max()) * 1.35)
        axes.locator_params(axis="y", nbins=3)
    axes.tick_params(axis="y", labelsize=6.5, labelleft=labels)


def prepare_ranges(tensors: pd.DataFrame, kind: str = "parameter") -> pd.DataFrame:
    """One row an arm and tensor: minimum, maximum and the levels of `LEVELS`, each a mean over the `n` finite seeds."""
    rows = []
    index = {name: QUANTILES.index(level) for name, level in {"low": 0.0, **LEVELS, "high": 1.0}.items()}
    for (arm, name), part in last_epoch(tensors, kind).groupby(["arm", "name"], sort=False, observed=True):
        values = np.array([q for q in part["quantiles"] if np.all(np.isfinite(q))], dtype=float)
        means = values.mean(axis=0) if len(values) else np.full(len(QUANTILES), np.nan)
        facts = {"arm": str(arm), "tensor": str(name), "n": len(values), "epoch": part["epoch"].iloc[0]}
        facts["finished"] = bool(part["finished"].iloc[0])
        rows.append(facts | {key: float(means[i]) for key, i in index.items()})
    return pd.DataFrame(rows, columns=list(RANGE_COLUMNS))


@style.styled
def draw_ranges(frame: pd.DataFrame, among: Sequence[str] = ()) -> Figure:
    """A panel a tensor, a line an arm, all on one scale; see `RANGES_CAPTION`, and of `among` `style.arm_styles`."""
    arms, tensors = list(dict.fromkeys(frame["arm"])), sorted(set(frame["tensor"]), key=layer_order)
    looks, rows = style.arm_styles(arms, among), -(-len(tensors) // 2)
    names = [style.wrapped(a, 1.9, style.RC["ytick.labelsize"]) for a in arms]
    line = 0.08 + 0.12 * style.lines_of(names)
    figure = style.new_figure(height=rows * (line * len(arms) + 0.62) + 0.4)
    grid = figure.subplots(rows, min(2, len(tensors)), squeeze=False, sharey=True)
    for axes, tensor in zip(grid.flat, tensors, strict=False):
        _range_panel(axes, frame[frame["tensor"] == tensor], arms, looks)
        axes.set_title(style.plain(tensor), loc="left", fontweight="bold")
    for axes in grid.flat[len(tensors) :]:
        axes.remove()
    for row in grid:
        row[0].set_yticks(range(len(arms)), names)
    grid[0, 0].set_ylim(len(arms) - 0.5, -0.5)
    figure.supxlabel("value", fontsize=8)
    return figure


def _range_panel(axes: Axes, part: pd.DataFrame, arms: Sequence[str], looks: dict[str, style.ArmStyle]) -> None:
    finite = part.dropna(subset=["low", "high"])
    for row in finite.to_dict("records"):
        y, colour = arms.index(row["arm"]), looks[row["arm"]].colour
        for left, right, width in (("low", "high", 0.8), ("q001", "q999", 2.2), ("q05", "q95", 5.0)):
            axes.plot([row[left], row[right]], [y, y], color=colour, linewidth=width, solid_capstyle="butt")
        axes.plot([row["low"], row["high"]], [y, y], "|", color=colour, markersize=6)
        axes.plot([row["q50"]], [y], "o", color="white", markeredgecolor=colour, markersize=3.5, zorder=4)
    for arm in set(part["arm"]) - set(finite["arm"]):
        axes.text(0.5, arms.index(arm), "not finite", transform=axes.get_yaxis_transform(), va="center", style="italic")
    widths = finite["high"] - finite["low"]
    if len(widths) and widths.max() > 12 * widths.min() > 0:
        symlog_axis(axes, float(finite[["low", "high"]].abs().max(axis=1).min()))
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="x", labelsize=6.5)


def caption(frame: pd.DataFrame) -> str:
    """What the panels show, for how many seeds, and where the x axes differ."""
    n = frame.loc[frame["n"] > 0, "n"]
    seeds = "no seed" if n.empty else f"{n.min()}" if n.min() == n.max() else f"{n.min()} to {n.max()}"
    own = [
        t for t, part in frame.groupby("tensor", sort=False) if same_scale(part) is None and part["low"].notna().any()
    ]
    text = f"Density over {seeds} seed{'s' * (seeds != '1')}, {last_epochs(frame)}. "
    text += f"Log scale from {MIN_VALUES_FOR_LOG} values on."
    if own:
        text += f" Each panel of {', '.join(own)} has a range of its own."
        text += " Compare the printed widths (largest minus smallest value over all seeds)."
    return text + unfinished(frame)


def last_epochs(frame: pd.DataFrame) -> str:
    """Says at which epoch each arm is drawn, where that is not the same for all."""
    by_arm = frame.groupby("arm", sort=False)["epoch"].first()
    if by_arm.nunique() <= 1:
        return "at the last epoch"
    return "at the last epoch of each arm. This is " + ", ".join(f"{epoch} for {arm}" for arm, epoch in by_arm.items())


def unfinished(frame: pd.DataFrame) -> str:
    """Says of which arms no trial finished, so that what is drawn is how they ended."""
    arms = dict.fromkeys(frame.loc[~frame["finished"].astype(bool), "arm"])
    return f" No trial of {', '.join(arms)} finished: drawn as they ended." if arms else ""


RANGES_CAPTION = (
    "Thin: smallest to largest value. Middling: 0.1 % to 99.9 %. Thick: 5 % to 95 %. Dot: median. All are means over "
    "seeds. Where the arms' widths differ by far, the scale is logarithmic on both sides of a linear middle."
)


def alt(frame: pd.DataFrame, what: str) -> str:
    """The width of every tensor in every arm."""
    said = []
    for tensor, part in frame.groupby("tensor", sort=False):
        ranges = dict.fromkeys(zip(*(part[c].tolist() for c in ("arm", "low", "high")), strict=True))
        widths = [f"{a} " + ("not finite" if np.isnan(h) else f"{h - b:.3g}") for a, b, h in ranges]
        said.append(f"{tensor}: {', '.join(widths)}")
    return f"{what}, width from smallest to largest value. " + ". ".join(said) + "."
