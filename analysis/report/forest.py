"""Every arm against the baseline: what is gained beside what it costs, two panels with one scale.

The numbers are those of `analysis.tables.effects`; nothing is estimated here. What a claim of the study says of a cell
is drawn there as in the study's row: the claimed side, the bound, the interval that decides, the mark of the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis.claims.verdicts import Verdict
from analysis.report import effect_axis as ax
from analysis.report.arm_colours import arm_colours
from analysis.report.chart_blocks import DrawnEffect, Forest, ForestRow
from analysis.report.claimed_side import Claimed, claimed_of_effects
from analysis.report.page_tree import anchor
from analysis.report.trial_places import trials_anchor
from analysis.statistics.estimates import CONFIDENCE_LEVEL, Estimate
from analysis.statistics.spread import alike_but_apart, clearly_above, clearly_below
from analysis.text.agreement import with_verb
from analysis.text.arm_names import called
from analysis.text.columns import scaled
from analysis.text.phrases import Unit, first_up
from study.spec.selection import selected_note
from study.spec.study import Study
from trainables.config.plurals import counted

PANELS = (("accuracy_gap", "Gap, points"), ("val_accuracy", "Validation accuracy, points"))
POINTS = Unit(100.0, "points")
STRETCHED_TICKS_POINTS = (-50.0, -5.0, 0.0, 5.0, 50.0)
"""Of a stretched axis: few, for a panel is narrow."""
STRETCH_FACTOR = 8.0
"""Where the widest number is so many times the narrowest, the axis is stretched."""

NO_COUNTS = "What each arm changes"
"""The heading where no interval tells which arms move."""
MOVED_BY_CHANCE = 1 - CONFIDENCE_LEVEL
"""The share of arms without any effect whose 95 % interval leaves out 0."""


def forest(
    study: Study, effects: pd.DataFrame | None, so_far: str = "", verdicts: Sequence[Verdict] = ()
) -> Forest | None:
    """The forest of a study; None where no arm can be compared, see `not_compared`.

    Args:
        study: its arms and claims.
        effects: of `analysis.tables.effects`.
        so_far: of how many seeds.
        verdicts: on the study's claims.
    """
    if effects is None or effects.empty:
        return None
    rows = {(r["arm"], r["metric"]): r for r in effects.to_dict("records")}
    found = {key: _estimate(row) for key, row in rows.items() if not row["refused"] and math.isfinite(row["estimate"])}
    if not found:
        return None
    claimed = {key: _with_claimed(found[key], c) for key, c in claimed_of_effects(study, verdicts, effects).items()}
    reach = [x for one in claimed.values() for x in one.numbers]
    sizes = [abs(e.value) for e in found.values() if abs(e.value) > 1e-9]
    axis = (
        ax.stretched_axis(reach, STRETCHED_TICKS_POINTS)
        if sizes and max(sizes) > STRETCH_FACTOR * min(sizes) and max(sizes) > 20
        else ax.linear_axis(reach)
    )
    colours, columns = arm_colours(study), {m: [e for (_, of), e in found.items() if of == m] for m, _ in PANELS}
    made = []
    for arm in (a for a in study.arms if a.name != study.baseline):
        label = arm.say or arm.name
        cells: list[DrawnEffect | str] = []
        for metric, head in PANELS:
            row, e = rows.get((arm.name, metric)), found.get((arm.name, metric))
            if e is None:
                why = str(row["refused"] or "no number").removeprefix(f"{arm.name} ") if row is not None else ""
                cells.append(f"not compared: {why}" if why else "no number")
                continue
            number, interval = ax.number_and_interval(e, POINTS, columns[metric], signed=True)
            alt = f"{label}, {head.split(',')[0].lower()}: {number} points"
            alt += f", 95 % interval {interval}." if interval else "."
            one = claimed[arm.name, metric]
            mark = ax.mark(replace(one, alt=alt + one.alt), axis)
            cells.append(DrawnEffect(number, "", interval, mark=mark, trials=trials_anchor(study, arm.name)))
        made.append(ForestRow(label, colours[arm.name], tuple(cells)))
    note = f"Change against {study.arm(study.baseline).say or study.baseline}, {_when(effects)}, in pairs by seed."
    note += selected_note(study) + (f" {so_far}." if so_far else "")
    heading = _heading(found, len(made))
    note += "" if heading == NO_COUNTS else _by_chance(len(made))
    csv = tuple((f"{study.name}-effect-{m}", head.partition(",")[0].lower()) for m, head in PANELS)
    panels = tuple((head, axis.scale) for _, head in PANELS)
    return Forest(anchor(study.name, "effects"), heading, note, panels, tuple(made), csv)


def _with_claimed(e: Estimate, said: Claimed) -> ax.EstimateOnAxis:
    """A number with what a claim says of it; `alt` says it in words."""
    if said.verdict == "none":
        return ax.EstimateOnAxis(e)
    shown = said.scaled(POINTS.scale)
    alt = f" Claimed {said.words(POINTS)}: {said.verdict}."
    return ax.EstimateOnAxis(e, shown.low, shown.high, said.verdict, alt, shown.decides)


def _heading(found: Mapping[tuple[str, str], Estimate], arms: int) -> str:
    """What the panels show: in how many arms each metric falls or rises, beyond its 95 % interval."""
    said = []
    for metric, name in (("accuracy_gap", "the gap"), ("val_accuracy", "accuracy")):
        mine = [e for (_, m), e in found.items() if m == metric and math.isfinite(e.low)]
        if len(mine) < arms or all(map(alike_but_apart, mine)):
            return NO_COUNTS
        falls, rises = sum(map(clearly_below, mine)), sum(map(clearly_above, mine))
        said.append(f"{name} {_moves(falls, rises, arms)}")
    return first_up("; ".join(said))


def _by_chance(arms: int) -> str:
    """How many arms without an effect would be counted all the same; nothing where that is less than one.

    >>> _by_chance(39), _by_chance(19)
    (' Of 39 arms without an effect about 2 would rise or fall here by chance alone.', '')
    """
    expected = MOVED_BY_CHANCE * arms
    if round(expected, 9) < 1:
        return ""
    return f" Of {arms} arms without an effect about {expected:.0f} would rise or fall here by chance alone."


def _moves(falls: int, rises: int, arms: int) -> str:
    """In how many arms something falls and rises.

    >>> _moves(1, 0, 1), _moves(4, 0, 5), _moves(1, 3, 5), _moves(0, 5, 5)
    ('falls', 'falls in 4 of 5 arms', 'rises in 3 arms and falls in 1', 'rises in every arm')
    """
    if arms == 1:
        return "falls" if falls else "rises" if rises else "does not clearly change"
    if not falls and not rises:
        return "clearly changes in no arm"
    (most, verb), (least, other) = sorted(((falls, "falls"), (rises, "rises")), reverse=True)
    if most == arms:
        return f"{verb} in every arm"
    return f"{verb} in {counted(most, 'arm')} and {other} in {least}" if least else f"{verb} in {most} of {arms} arms"


def not_compared(study: Study, effects: pd.DataFrame) -> str:
    """Why no arm can be compared with the baseline, an arm after the other; empty where nothing was tried."""
    why = {str(r["arm"]): str(r["refused"]) for r in effects.to_dict("records") if r["refused"]}
    base = called(study.arm(study.baseline).say, study.baseline)
    said = [
        with_verb(called(study.arm(a).say, a), w.removeprefix(f"{a} ")) if w.startswith(f"{a} ") else w
        for a, w in why.items()
    ]
    return f"Not compared with {base}: {'; '.join(said)}." if said else ""


def _estimate(row: dict[str, float]) -> Estimate:
    return scaled(Estimate(row["estimate"], row["low"], row["high"], int(row["n"])), POINTS.scale)


def _when(effects: pd.DataFrame) -> str:
    epochs = sorted(set(effects["epoch"].astype(int)))
    return f"after {counted(epochs[0], 'epoch')}" if len(epochs) == 1 else "after the last epoch that both have"
