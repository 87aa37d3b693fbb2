"""Curves over epochs as data for the page's script, and as a table of the last epoch that needs none.

The means and bands are those of `analysis.figures.curves`; nothing is estimated here. The data is JSON:

    {"metrics": [...], "arms": [{"name", "label", "colour", "shown", "lines", "ended"}]}

`lines` gives for each metric values, lows and highs; `ended` for each trial that did not finish how it ended, and for
each metric its values. Values count from epoch 1; what is not a number is null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.figures import curves
from analysis.report.chart_blocks import CurveArm, CurveChart
from analysis.report.page_tree import anchor
from analysis.text.numbers import plus_minus
from study.spec.claims import arms_named
from study.spec.selection import selected_note
from study.spec.study import Study

METRICS = ("train_accuracy", "val_accuracy", "train_loss", "val_loss", "accuracy_gap")
RATE = "lr"
"""Drawn too where the study asks for a figure of it."""
MEASURES = ("accuracy", "loss", "gap")
"""What the reader may choose; `rate` where there is one."""
ARMS_SHOWN = 4
"""Arms that are shown at first: as many as have colours of their own."""
DECIMALS = 4


def curve_chart(study: Study, epochs: pd.DataFrame, csv: Sequence[str]) -> CurveChart | None:
    """The chart of a study; None where there are no epochs.

    Args:
        study: its arms in order.
        epochs: one row an arm, trial and epoch, of the seeds that were asked; see `curves.prepare`.
        csv: names of the files with the same curves.
    """
    if epochs.empty:
        return None
    rates = RATE in study.figures
    metrics = (*METRICS, RATE) if rates else METRICS
    frame = curves.prepare(epochs, metrics)
    if frame.empty:
        return None
    order = [study.baseline, *(a.name for a in study.arms if a.name != study.baseline)]
    there = set(frame["arm"].astype(str))
    first = _shown_first(study, [a for a in order if a in there])
    arms, data, longest = [], [], 1
    for name in (a for a in order if a in there):
        lines = frame[frame["arm"].astype(str) == name]
        longest = max(longest, int(lines["epoch"].max()))
        shown, label = name in first, study.arm(name).say or name
        last = {m: _last(lines, m) for m in ("train_accuracy", "val_accuracy")}
        arms.append(CurveArm(name, label, order.index(name), shown, last["train_accuracy"], last["val_accuracy"]))
        data.append({"name": name, "label": label, "colour": order.index(name), "shown": shown, **_lines(lines)})
    text = json.dumps({"metrics": metrics, "arms": data}, separators=(",", ":"), allow_nan=False)
    measures = (*MEASURES, "rate") if rates else MEASURES
    band = ", with the 95 % interval of its mean" if frame["low"].notna().any() else ""
    note = f"Thick: validation{band}. Thin: training.{selected_note(study)}"
    files, place = tuple(map(_of_what, csv)), anchor(study.name, "curves")
    return CurveChart(place, "Curves", note, tuple(arms), longest, text, measures, files)


def _shown_first(study: Study, there: Sequence[str]) -> list[str]:
    """The arms that are shown at first: the baseline, those that the study names as its effect or in a claim, others.

    `there`: arms that have epochs, the baseline first.
    """
    own = [a for a in there if not study.arm(a).extra] or list(there)
    named = [study.baseline, *([study.effect.arm] if study.effect else [])]
    named += [arm for claim in study.claims for arm in arms_named(claim)]
    first = [a for a in dict.fromkeys(named) if a in own]
    return [*first, *(a for a in own if a not in first)][:ARMS_SHOWN]


def _of_what(csv: str) -> tuple[str, str]:
    """The name of a file, and what is in it."""
    return csv, "learning rate" if csv.endswith("-lr") else "curves"


def _lines(frame: pd.DataFrame) -> Mapping[str, Any]:
    means = frame[frame["series"] == "mean"]
    lines = {
        str(m): [_values(part[c]) for c in ("value", "low", "high")]
        for m, part in means.groupby("metric", observed=True)
    }
    ended = [
        [str(next((e for e in part["end"] if e), "")), {str(m): _values(p["value"]) for m, p in part.groupby("metric")}]
        for _, part in frame[frame["series"] != "mean"].groupby("series", sort=True)
    ]
    return {"lines": lines, "ended": ended}


def _values(column: pd.Series) -> list[float | None]:
    return [None if not math.isfinite(x) else float(f"{x:.{DECIMALS}g}") for x in column.astype(float)]


def _last(frame: pd.DataFrame, metric: str) -> str:
    """The mean of the last epoch, ± half of its interval."""
    rows = frame[(frame["metric"] == metric) & (frame["series"] == "mean")]
    if rows.empty:
        return "-"
    row = rows.loc[rows["epoch"].idxmax()]
    return plus_minus(float(row["value"]), float(row["low"]), float(row["high"]))
