"""The verdicts of all claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VERDICTS = {
    "supported": ("o", "#0173b2"),
    "open": ("d", "#949494"),
    "refuted": ("X", "#d55e00"),
    "not judged": ("_", "#000000"),
}
"""Marker and colour of each verdict; what has none of the three is "not judged"."""


def prepare_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Claim id, statement, verdict ("not judged" for anything that is none of the three) and n, in the order given."""
    frame = claims[["id", "statement", "verdict", "n"]].reset_index(drop=True)
    return frame.assign(verdict=frame["verdict"].where(frame["verdict"].isin(list(VERDICTS)), "not judged"))


@style.styled
def draw_claims(frame: pd.DataFrame) -> Figure:
    """A line a claim: its id, a mark in the column of its verdict, and its statement."""
    texts = [style.wrapped(s, 4.5, 6.5) for s in frame["statement"]]
    ids = [style.wrapped(i, 1.02, 7.0) for i in frame["id"]]
    heights = [style.lines_of(pair) for pair in zip(texts, ids, strict=True)]
    total = sum(heights) + 0.6 * len(heights)
    figure = style.new_figure(height=0.125 * total + 0.6)
    figure.set_layout_engine("none")
    top = 0.55 / figure.get_figheight()
    axes = figure.add_axes((0.155, 0.005, 0.84, 0.995 - top))
    kinds, y = list(VERDICTS), 0.0
    for verdict, name, text, height in zip(frame["verdict"], ids, texts, heights, strict=True):
        middle = y + (height + 0.6) / 2
        marker, colour = VERDICTS[verdict]
        axes.plot([kinds.index(verdict)], [middle], marker, color=colour, markersize=6, markeredgewidth=1.5)
        axes.text(-0.6, middle, name, ha="right", va="center", fontsize=7, clip_on=False)
        axes.text(3.6, middle, text, va="center", fontsize=6.5, linespacing=1.05)
        y += height + 0.6
        axes.axhline(y, color="#dddddd", linewidth=0.5)
    axes.set_ylim(max(y, 1.0), 0)
    axes.set_xlim(-0.5, 18)
    axes.set_xticks(range(len(kinds)), kinds, rotation=35, ha="left", fontsize=6.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return figure


def alt_claims(frame: pd.DataFrame) -> str:
    """How many claims have each verdict, and which."""
    said = []
    for verdict in VERDICTS:
        ids = list(frame.loc[frame["verdict"] == verdict, "id"])
        if ids:
            said.append(f"{len(ids)} {verdict}: {', '.join(ids)}")
    return "Verdicts. " + ("; ".join(said) or "No claims") + "."
