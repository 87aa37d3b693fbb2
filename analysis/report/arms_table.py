"""The table of a study's arms: what each changes, how its trials ended, and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis.claims import recorded
from analysis.claims.recorded import FullNumber
from analysis.data.arms import Asked, asked_of
from analysis.report.arm_colours import arm_colours
from analysis.report.plain_words import arm_name
from analysis.report.trial_places import trials_anchor
from analysis.report.verdict_section import ENDS
from analysis.statistics.estimates import Estimate
from analysis.tables.sheets import OF_TWO, column_cells
from analysis.text import numbers
from analysis.text.columns import column_texts
from analysis.text.numbers import DECIMALS_OF_PERCENT
from analysis.text.sheet import ArmName, Cell, Sheet
from study.planning.seeds import seeds_named
from study.spec.point import Point
from study.spec.selection import SELECTED_ON, why_arm_selects, why_arms_select
from study.spec.study import Arm, Study
from study.storage.search_answer import has_baseline
from trainables.config.plurals import counted

MEASURED = (
    ("train_accuracy", "Training, %"),
    ("val_accuracy", "Validation, %"),
    ("accuracy_gap", "Gap, points"),
    ("val_loss", "Validation loss, nats"),
)
"""Metrics beside an arm."""
IN_FULL = ("Validation in full, %", "Gap in full, points")
"""Beside those of an arm that was reduced."""
NOTHING_RUNS: Mapping[str, int] = {}


def arms_sheet(
    study: Study, arms: pd.DataFrame, table: pd.DataFrame, asked: Asked, running: Mapping[str, int] = NOTHING_RUNS
) -> Sheet:
    """One row an arm: what it changes, how its trials ended, and where it ends.

    running: how many trials of each arm are trained now.
    """
    rows = []
    measured = {(r["arm"], r["measure"]): r for r in table.to_dict("records")}
    columns = [column_cells([measured.get((a.name, m)) for a in study.arms], m, two=True) for m, _ in MEASURED]
    lengths = {study.config(a.name).epochs for a in study.arms}
    colours = arm_colours(study)
    changes = numbers.short_knobs([arm.change for arm in study.arms])
    in_full = _in_full(study)
    for arm, change, *numbered in zip(study.arms, changes, *columns, strict=True):
        mine = arms[arms["arm"] == arm.name]
        what = (change or "nothing") + (f"; {arm.note}" if arm.note else "")
        epochs = study.config(arm.name).epochs
        ends = _ended(mine, asked_of(asked, study.name, arm.name) or (), running.get(arm.name, 0))
        whole = int((mine["status"] == "finished").sum())
        trials = trials_anchor(study, arm.name)
        cells = [_name(study, arm, colours[arm.name]), Cell(what)]
        cells += [Cell(str(epochs), epochs)] if len(lengths) > 1 else []
        cells.append(Cell(f"{whole}; {ends}" if ends else str(whole), whole, trials))
        cells += [c if c.value is None else replace(c, trials=trials) for c in numbered]
        rows.append((*cells, *in_full.get(arm.name, ())))
    shown = len(MEASURED) + len(IN_FULL) * bool(in_full)
    base = numbers.knob_texts(Point(tuple(sorted(study.base.values))))
    two = OF_TWO if any(r["n"] == 2 for r in measured.values()) else ""
    note = f"All arms: {base or 'every knob at its default'}. Mean of the last epoch{_intervals(rows, shown, two)}."
    note += f" Selected on val: {why}." if (why := why_arms_select(study)) else ""
    note += " Added: not in the source, for an explanation." if any(a.extra for a in study.arms) else ""
    note += _of_fewer_seeds(study, arms)
    note += " In full: on record, after the arm's last epoch there." if in_full else ""
    heads = (
        "Arm",
        "What it changes",
        *(("Epochs",) if len(lengths) > 1 else ()),
        "Seeds",
        *(h for _, h in MEASURED),
        *(IN_FULL if in_full else ()),
    )
    return Sheet(f"Arms of {study.title}", heads, tuple(rows), (note,))


def _in_full(study: Study) -> dict[str, list[Cell]]:
    """Beside the arms of a reduced study what is on record in full, by arm; empty where nothing is."""
    found = recorded.of_arms(study) if study.reduced else {}
    if not found:
        return {}
    there = [found.get(arm.name) for arm in study.arms]
    pairs = [(None, None) if a is None else (_estimate(a.accuracy), _estimate(a.gap)) for a in there]
    columns = [
        [Cell(text, e and e.value) for text, e in zip(column_texts(of, DECIMALS_OF_PERCENT), of, strict=True)]
        for of in zip(*pairs, strict=True)
    ]
    return {arm.name: cells for arm, *cells in zip(study.arms, *columns, strict=True)}


def _estimate(number: FullNumber) -> Estimate:
    return Estimate(number.value, number.low, number.high, number.n)


def _intervals(rows: Sequence[Sequence[Cell]], last: int, two: str) -> str:
    """How the last cells of the rows of a table show an interval; `two`: what is said of rows of two seeds."""
    texts = [cell.text for row in rows for cell in row[-last:]]
    half = " ± half of its 95 % interval" if any("±" in t or t.startswith("all ") for t in texts) else ""
    ends = "both ends where it stops at what can be" if half else " with its 95 % interval, cut at what can be"
    cut = any(t.endswith(")") for t in texts)
    return half + f"{', or ' if half else ''}{ends}" * cut + two


def _of_fewer_seeds(study: Study, arms: pd.DataFrame) -> str:
    """Of which arms the numbers are those of fewer seeds than were trained, a sentence each."""
    said = []
    for arm in study.arms:
        mine = arms[arms["arm"] == arm.name]
        whole, ended = (int(mine["status"].isin(kinds).sum()) for kinds in (["finished"], list(ENDS)))
        if whole and ended:
            said.append(f" Of {arm_name(study, arm.name)}: {whole} of {counted(whole + ended, 'seed')}.")
    return "".join(said)


def _name(study: Study, arm: Arm, colour: int) -> Cell:
    """How sentences call an arm; in brackets its own name, if that is another, and what else is to be known of it."""
    own = arm.name if arm.say and arm.say != arm.name else ""
    remarks = (
        *(("baseline",) if arm.name == study.baseline and has_baseline(study) else ()),
        *(("added",) if arm.extra else ()),
        *((SELECTED_ON,) if why_arm_selects(study.config(arm.name), arm.name, study.name) else ()),
    )
    called = arm.say or arm.name
    in_brackets = ", ".join(filter(None, (own, *remarks)))
    text = called + (f" ({in_brackets})" if in_brackets else "")
    return Cell(text, arm=ArmName(called + (f" ({own})" if own else ""), colour, remarks))


def _ended(mine: pd.DataFrame, seeds: Sequence[int], running: int = 0) -> str:
    count = mine["status"].value_counts()
    ends = [f"{count[s]} {w}" for s, w in ENDS.items() if count.get(s, 0)]
    ends += [f"{running} running"] if running else []
    absent = sorted(set(seeds) - set(mine["seed"]))
    return "; ".join([*ends, *([f"missing: {seeds_named(absent)}"] if absent else [])])
