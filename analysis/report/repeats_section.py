"""What several searches that differ in their seed alone say together: a table over repeats, and no verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan

from analysis.report.page_tree import Block, Bullets, Paragraph, Section, Table, anchor
from analysis.searches import answer_sentences as words
from analysis.searches.repeats import RepeatedSearch, repeated_search, repeats_of
from analysis.searches.retrained import Retrained
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import first_up
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study

NO_VERDICT = (
    "A repeat is a whole search with its answer: each number is the mean over fresh seeds of what that search found. "
    "The 95 % interval of the mean is Student's over repeats. They differ in the searcher's seed alone: how far images "
    "and the seeds of trials vary is not in it. No verdict rests on it."
)


def over_repeats(
    study: Study, studies: Mapping[str, Study], retrained_of: Callable[[Study], Sequence[Retrained]]
) -> Iterable[Block]:
    """The table, with the first of its searches; with the others a line that says where it is."""
    alike = repeats_of(study, studies)
    if len(alike) > 1 and study.name != alike[0].name:
        text = f"This is one of {len(alike)} repeats of a search. They stand together with {alike[0].name}."
        yield Paragraph(text, "note")
    elif (found := repeated_search(study, studies, retrained_of)) is not None:
        table = Table(f"{study.name}-repeats", repeats_sheet(found, f"Repeats of {study.title}"))
        said = (Bullets(tuple(words.repeat_sentences(found))), table)
        yield Section(anchor(study.name, "repeats"), "Over repeats of the search", said, 3)


def repeats_sheet(found: RepeatedSearch, caption: str) -> Sheet:
    """A row a repeat, and one for the mean."""
    unit = words.units(found.metric)[1]
    what = f"{words.quantity(found.metric)}{words.selected_on(found.metric)},{unit}"
    heads = [first_up(what) if len(found.arms) == 1 else f"{first_up(what)}: {arm}" for arm in found.arms]
    rows = []
    columns = [
        words.cells([*(Estimate(r.values[a], nan, nan, 1) for r in found.repeats), found.mean(a)], found.metric)
        for a in found.arms
    ]
    *each, means = zip(*columns, strict=True)
    for r, cells in zip(found.repeats, each, strict=True):
        knobs = "; ".join(r.knobs.values() if len(found.arms) == 1 else (f"{a}: {k}" for a, k in r.knobs.items()))
        rows.append(
            (Cell(r.study), Cell(str(r.seed), r.seed), *cells, Cell(str(r.fresh_seeds), r.fresh_seeds), Cell(knobs))
        )
    rows.append((Cell(f"mean of {len(found.repeats)} repeats"), Cell("-"), *means, Cell("-"), Cell("-")))
    waiting = [f"Without an answer: {', '.join(found.waiting)}."] if found.waiting else []
    return Sheet(caption, ("Search", "Its seed", *heads, "Fresh seeds", "Found"), tuple(rows), (NO_VERDICT, *waiting))
