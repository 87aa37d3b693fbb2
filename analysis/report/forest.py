"""Every arm against the baseline: what is gained beside what it costs, two panels with one scale.

The numbers are those of `analysis.tables.effects`; nothing is estimated here.
"""

from __future__ import annotations

import math

import pandas as pd

from analysis.report import effect_axis as ax
from analysis.report.chart_blocks import DrawnEffect, Forest, ForestRow
from analysis.report.headline import number_and_interval, trials_anchor
from analysis.report.page_tree import anchor
from analysis.statistics.estimates import Estimate
from analysis.text.arm_names import called
from analysis.text.phrases import Unit
from study.spec.selection import selected_note
from study.spec.study import Study

PANELS = (("accuracy_gap", "Gap, points"), ("val_accuracy", "Validation accuracy, points"))
POINTS = Unit(100.0, "points")
STRETCHED_TICKS_POINTS = (-50.0, -5.0, 0.0, 5.0, 50.0)
"""Of a stretched axis: few, for a panel is narrow."""
STRETCH_FACTOR = 8.0
"""Where the widest number is so many times the narrowest, the axis is stretched."""


def forest(study: Study, effects: pd.DataFrame | None) -> Forest | None:
    """The forest of a study; None where no arm can be compared, see `not_compared`."""
    if effects is None or effects.empty:
        return None
    rows = {(r["arm"], r["metric"]): r for r in effects.to_dict("records")}
    found = {key: _estimate(row) for key, row in rows.items() if not row["refused"] and math.isfinite(row["estimate"])}
    if not found:
        return None
    reach = [x for e in found.values() for x in (e.value, e.low, e.high) if math.isfinite(x)]
    sizes = [abs(e.value) for e in found.values() if abs(e.value) > 1e-9]
    axis = (
        ax.stretched_axis(reach, STRETCHED_TICKS_POINTS)
        if sizes and max(sizes) > STRETCH_FACTOR * min(sizes) and max(sizes) > 20
        else ax.linear_axis(reach)
    )
    colours = {a: i for i, a in enumerate([study.baseline, *(a.name for a in study.arms if a.name != study.baseline)])}
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
            number, interval = number_and_interval(e, POINTS, signed=True)
            alt = f"{label}, {head.split(',')[0].lower()}: {number} points"
            alt += f", 95 % interval {interval}." if interval else "."
            mark = ax.mark(ax.EstimateOnAxis(e, alt=alt), axis)
            cells.append(DrawnEffect(number, "", interval, mark=mark, trials=trials_anchor(study, arm.name)))
        made.append(ForestRow(label, colours[arm.name], tuple(cells)))
    note = f"Change against {study.arm(study.baseline).say or study.baseline}, {_when(effects)}, in pairs by seed."
    note += selected_note(study)
    csv = tuple((f"{study.name}-effect-{m}", head.partition(",")[0].lower()) for m, head in PANELS)
    panels = tuple((head, axis.scale) for _, head in PANELS)
    return Forest(anchor(study.name, "effects"), "What each arm changes", note, panels, tuple(made), csv)


def not_compared(study: Study, effects: pd.DataFrame) -> str:
    """Why no arm can be compared with the baseline, an arm after the other; empty where nothing was tried."""
    why = {str(r["arm"]): str(r["refused"]) for r in effects.to_dict("records") if r["refused"]}
    base = called(study.arm(study.baseline).say, study.baseline)
    said = [
        f"{called(study.arm(a).say, a)} {w.removeprefix(f'{a} ')}" if w.startswith(a) else w for a, w in why.items()
    ]
    return f"Not compared with {base}: {'; '.join(said)}." if said else ""


def _estimate(row: dict[str, float]) -> Estimate:
    value, low, high = (row[k] * POINTS.scale for k in ("estimate", "low", "high"))
    return Estimate(value, low, high, int(row["n"]))


def _when(effects: pd.DataFrame) -> str:
    epochs = sorted(set(effects["epoch"].astype(int)))
    return f"after {epochs[0]} epochs" if len(epochs) == 1 else "after the last epoch that both have"
