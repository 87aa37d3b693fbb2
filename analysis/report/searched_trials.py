"""The trials of a search's best configurations: what the numbers of their table lead to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from analysis.data.frames import Frames
from analysis.report.page_tree import PlaceOnPage, Section, Table, Trials, anchor
from analysis.report.verdict_section import ENDS
from analysis.searches.answer_sentences import places, quantity, units
from analysis.searches.findings import SearchFindings
from analysis.text.numbers import written
from analysis.text.sheet import Cell, Sheet
from trainables.config.errors import BadInput
from trainables.config.plurals import counted


def objective_head(objective: str) -> str:
    """How a table heads an objective.

    >>> objective_head("val_accuracy")
    'Validation accuracy, %'
    """
    unit = units(objective)[1].strip()
    return quantity(objective).capitalize() + (f", {unit}" if unit else "")


def searched_anchor(found: SearchFindings, number: int) -> str:
    """Where the trials of a configuration begin, by its number in the search."""
    return _place(found).within(f"--{number}")


def searched_trials(found: SearchFindings, seeds: Mapping[int, int], frames: Frames) -> Section | None:
    """The trials of configurations, a row each; None where none is on record.

    seeds: by the number of a configuration under how many seeds the search trained it.
    """
    rows, where, before = [], [], -1
    for number, trial in _trials(found, seeds, frames):
        rows.append((Cell(str(number), float(number)), *_cells(found, trial, frames)))
        where.append((str(number), searched_anchor(found, number) if number != before else "", str(trial["status"])))
        before = number
    if not rows:
        return None
    heads = ("Configuration", "Seed", "Trial", "Ended", *map(objective_head, found.part.search.objectives))
    sheet = Sheet(f"Trials of the best of {found.name}", heads, tuple(rows))
    block = Trials(_place(found).within("-table"), Table(f"{anchor(found.name)}-best-trials", sheet), tuple(where))
    return Section(_place(found), f"Their {counted(len(rows), 'trial')}", (block,), 4, folded=True)


def _place(found: SearchFindings) -> PlaceOnPage:
    return anchor("searched", found.name)


def _trials(
    found: SearchFindings, seeds: Mapping[int, int], frames: Frames
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Each trial on record with the number of its configuration, seed after seed."""
    known = {str(row["trial"]): row for row in frames.trials[["trial", "seed", "status"]].to_dict("records")}
    part = found.part
    for number, count in seeds.items():
        try:
            config = part.shared.config(part.proposals[number].point)
        except BadInput:  # an earlier version took it
            continue
        for seed in range(count):
            row = known.get(config.replace(seed=seed).identity(part.data))
            if row is not None:
                yield number, {str(k): v for k, v in row.items()}


def _cells(found: SearchFindings, trial: Mapping[str, object], frames: Frames) -> Iterator[Cell]:
    yield Cell(str(trial["seed"]), float(str(trial["seed"])))
    yield Cell(str(trial["trial"]))
    yield Cell(ENDS.get(str(trial["status"]), str(trial["status"])))
    curves = frames.curves(str(trial["trial"]), found.part.epochs)
    for objective in found.part.search.objectives:
        values = [float(v) for v in curves.get(objective, ())] or [math.nan]
        value = math.fsum(values) if objective == "seconds" else values[-1]
        known = math.isfinite(value)
        text = written(units(objective)[0] * value, places(objective, value)) if known else "-"
        yield Cell(text, value if known else None)
