"""The verdicts of all claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analysis.claims.words import ALWAYS_SHOWN, WORDS, VerdictWord
from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS: Mapping[VerdictWord, tuple[str, str]] = {
    "supported": ("o", "#0173b2"),
    "open": ("d", "#949494"),
    "refuted": ("X", "#d55e00"),
    "not-enough-seeds": (".", "#949494"),
    "no-place": ("_", "#949494"),
    "not-judged": ("1", "#000000"),
    "reduced": ("s", "#949494"),
    "missing": ("x", "#000000"),
    "mechanism": ("_", "#000000"),
}
"""Marker and colour of each verdict, in the order of the columns."""
WRAPPED_INCHES = 4.5
"""How wide statements are beside four columns; each further column takes its share."""


def prepare_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Claim id, statement, verdict and n, in the order given; STUDY/ID where several studies have an id."""
    double = claims["id"].duplicated(keep=False)
    named = claims["id"].where(~double, claims["study"] + "/" + claims["id"])
    return claims[["id", "statement", "verdict", "n"]].assign(id=named).reset_index(drop=True)


def _columns(frame: pd.DataFrame) -> list[VerdictWord]:
    """The verdicts that have a column: those that are always shown, and those that there are."""
    there = set(frame["verdict"])
    return [word for word in LOOKS if word in ALWAYS_SHOWN or word in there]


@style.styled
def draw_claims(frame: pd.DataFrame) -> Figure:
    """A line a claim: its id, a mark in the column of its verdict, and its statement."""
    columns = _columns(frame)
    right = 14.0 + len(columns)
    texts = [style.wrapped(s, WRAPPED_INCHES * 18.5 / (right + 0.5), 6.5) for s in frame["statement"]]
    ids = [style.wrapped(i, 1.02, 7.0) for i in frame["id"]]
    heights = [style.lines_of(pair) for pair in zip(texts, ids, strict=True)]
    total = sum(heights) + 0.6 * len(heights)
    labels = [WORDS[word] for word in columns]
    head = max(0.55, 0.12 + 0.6 * max(style.inches(label, 6.5) for label in labels))  # they stand aslant
    figure = style.new_figure(height=0.125 * total + head + 0.05)
    figure.set_layout_engine("none")
    top = head / figure.get_figheight()
    axes = figure.add_axes((0.155, 0.005, 0.84, 0.995 - top))
    y = 0.0
    for verdict, name, text, height in zip(frame["verdict"], ids, texts, heights, strict=True):
        middle = y + (height + 0.6) / 2
        marker, colour = LOOKS[verdict]
        axes.plot([columns.index(verdict)], [middle], marker, color=colour, markersize=6, markeredgewidth=1.5)
        axes.text(-0.6, middle, name, ha="right", va="center", fontsize=7, clip_on=False)
        axes.text(len(columns) - 0.4, middle, text, va="center", fontsize=6.5, linespacing=1.05)
        y += height + 0.6
        axes.axhline(y, color="#dddddd", linewidth=0.5)
    axes.set_ylim(max(y, 1.0), 0)
    axes.set_xlim(-0.5, right)
    axes.set_xticks(range(len(columns)), labels, rotation=35, ha="left", fontsize=6.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return figure


def alt_claims(frame: pd.DataFrame) -> str:
    """How many claims have each verdict, and which."""
    said = []
    for verdict in LOOKS:
        ids = list(frame.loc[frame["verdict"] == verdict, "id"])
        if ids:
            said.append(f"{len(ids)} {WORDS[verdict]}: {', '.join(ids)}")
    return "Verdicts. " + (". ".join(said) or "No claims") + "."
