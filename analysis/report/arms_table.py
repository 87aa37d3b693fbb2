"""The table of a study's arms: what each changes, how its trials ended, and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis.data.arms import Asked, asked_of
from analysis.report.arm_colours import arm_colours
from analysis.report.plain_words import arm_name
from analysis.report.trial_places import trials_anchor
from analysis.report.verdict_section import ENDS
from analysis.tables.sheets import column_cells
from analysis.text import numbers
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
NOTHING_RUNS: Mapping[str, int] = {}


def arms_sheet(
    study: Study, arms: pd.DataFrame, table: pd.DataFrame, asked: Asked, running: Mapping[str, int] = NOTHING_RUNS
) -> Sheet:
    """One row an arm: what it changes, how its trials ended, and where it ends.

    running: how many trials of each arm are trained now.
    """
    rows = []
    measured = {(r["arm"], r["measure"]): r for r in table.to_dict("records")}
    columns = [column_cells([measured.get((a.name, m)) for a in study.arms], m) for m, _ in MEASURED]
    lengths = {study.config(a.name).epochs for a in study.arms}
    colours = arm_colours(study)
    changes = numbers.short_knobs([arm.change for arm in study.arms])
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
        rows.append((*cells, *(c if c.value is None else replace(c, trials=trials) for c in numbered)))
    base = numbers.knob_texts(Point(tuple(sorted(study.base.values))))
    note = f"All arms: {base or 'every knob at its default'}. Mean of the last epoch{_intervals(rows)}."
    note += f" Selected on val: {why}." if (why := why_arms_select(study)) else ""
    note += " Added: not in the source, for an explanation." if any(a.extra for a in study.arms) else ""
    note += _of_fewer_seeds(study, arms)
    heads = (
        "Arm",
        "What it changes",
        *(("Epochs",) if len(lengths) > 1 else ()),
        "Seeds",
        *(h for _, h in MEASURED),
    )
    return Sheet(f"Arms of {study.title}", heads, tuple(rows), (note,))


def _intervals(rows: Sequence[Sequence[Cell]]) -> str:
    """How the cells of a table show an interval."""
    texts = [cell.text for row in rows for cell in row[-len(MEASURED) :]]
    half = " ± half of its 95 % interval" if any("±" in t or t.startswith("all ") for t in texts) else ""
    ends = "both ends where it stops at what can be" if half else " with its 95 % interval, cut at what can be"
    return half + f"{', or ' if half else ''}{ends}" * any(" to " in t for t in texts)


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
