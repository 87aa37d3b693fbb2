"""Which figures a search gets, and their words.

Each is drawn from the frames of `analysis.searches.findings`, by `search_progress` and `search_knobs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.figures.named_figure import NamedFigure, missing
from analysis.figures.search_knobs import (
    MIN_TRIALS_FOR_CONTOUR,
    draw_contour,
    draw_importances,
    draw_parallel,
    draw_slices,
    numeric_names,
)
from analysis.figures.search_progress import draw_front, draw_history, draw_rungs
from analysis.searches.answer_sentences import quantity, units
from analysis.searches.findings import SearchFindings
from analysis.searches.importance import MIN_TRIALS_FOR_IMPORTANCE
from analysis.searches.proposal_frames import curve_frame, history_frame, rung_frame
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = "Filled marks were trained to the end, hollow ones stopped early."


@dataclass(frozen=True)
class SearchDrawing:
    """A figure before it is drawn."""

    name: str
    title: str
    caption: str
    frame: pd.DataFrame
    draw: Callable[[], Figure]
    absent: str = ""
    """Why it cannot be drawn; empty if it can."""
    small: bool = True
    """Whether a phone shows it whole."""


def figures(found: SearchFindings, only: Collection[str] = ()) -> list[NamedFigure]:
    """The figures of one part of a search, all of them or those named; what its trials do not allow says why."""
    base = found.name.replace(" (", "-").rstrip(")")
    drawings = (*_of_its_way(found), *_of_its_knobs(found))
    return [_drawn(f"{base}-{d.name}", d) for d in drawings if not only or d.name in only]


def _drawn(name: str, d: SearchDrawing) -> NamedFigure:
    if d.absent:
        return missing(name, d.title, d.absent)
    return NamedFigure(name, d.title, f"{d.title}. {d.caption}", d.caption, d.frame, d.draw, small=d.small)


def _whole(found: SearchFindings) -> int:
    return int((found.proposals["state"] == "whole").sum())


def _none(found: SearchFindings) -> str:
    """Why there is nothing to draw of those trained to the end; of a search that goes on, that they come."""
    if _whole(found):
        return ""
    goes_on = (found.proposals["state"] == "running").any()
    return f"no configuration {'is trained to the end yet' if goes_on else 'was trained to the end'}"


def _of_its_way(found: SearchFindings) -> Iterator[SearchDrawing]:
    objective, whole = found.part.search.objectives[0], _whole(found)
    ended = int((found.proposals["state"] != "running").sum())
    curves, rungs = curve_frame(found.part), rung_frame(found.part)
    history = history_frame(found.proposals, found.part.search)
    best = f"The best {quantity(objective)} is {_shown(objective, history['best'].dropna())}. " if whole else ""
    yield SearchDrawing(
        "history",
        "History",
        best
        + f"{whole} of {counted(ended, 'configuration')} {'was' if whole == 1 else 'were'} trained to the end. {MARKS}"
        + _before_race(found),
        history,
        lambda: draw_history(history, objective),
        _none(found),
    )
    yield SearchDrawing(
        "rungs",
        "Who was stopped where",
        "Each line is a configuration, mean over seeds. Bars: how many reached an epoch (pale) and went on (dark).",
        curves,
        lambda: draw_rungs(curves, rungs, objective),
        "" if len(curves) else "no configuration has reported an epoch",
    )


def _shown(objective: str, best: pd.Series) -> str:
    factor, unit, _ = units(objective)
    return f"{factor * float(best.iloc[-1]):.4g}{unit}"


def _before_race(found: SearchFindings) -> str:
    """Of which seeds the history is, where a race may give some more."""
    search = found.part.search
    return f" Means over the first {counted(search.seeds, 'seed')}, before the race." if search.racing else ""


def _of_its_knobs(found: SearchFindings) -> Iterator[SearchDrawing]:
    whole, none, frame = _whole(found), _none(found), found.proposals
    needed = f"at least {MIN_TRIALS_FOR_IMPORTANCE} configurations trained to the end"
    few = f"importances need {needed}, and there are {whole}"
    yield SearchDrawing(
        "importances",
        "Which knobs mattered",
        f"fANOVA over the {whole} configurations trained to the end. Line: nine in ten bootstrap samples. Hollow: tied "
        "with the first.",
        found.importances,
        lambda: draw_importances(found.importances),
        few if found.importances.empty else "",
    )
    caption = f"The value over each knob, all others as they were. {MARKS}"
    yield SearchDrawing("slices", "Slices", caption, frame, lambda: draw_slices(found), none)
    yield SearchDrawing(
        "contour",
        "The two leading numbers of the space",
        f"Colour: the value of a mark. Behind {MIN_TRIALS_FOR_CONTOUR} or more: the mean of the nearest three. {MARKS}",
        frame,
        lambda: draw_contour(found),
        none or ("" if len(numeric_names(found)) > 1 else "the space has fewer than two knobs that are numbers"),
    )
    if found.pareto_front:
        front = len(found.pareto_front)
        are = "is" if front == 1 else "are"
        caption = f"{front} of {whole} that were trained to the end {are} beaten by none in both."
        second = found.part.search.objectives[1]
        yield SearchDrawing("front", "The front", caption, frame, lambda: draw_front(found, second))
    caption = "A line is a configuration. Where it lacks a knob there is a gap."
    yield SearchDrawing("parallel", "Parallel coordinates", caption, frame, lambda: draw_parallel(found), none, False)
