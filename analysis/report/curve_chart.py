"""Curves over epochs as data for the page's script, and as a table of the last epoch that needs none.

The means and bands are those of `analysis.figures.curves`; nothing is estimated here. The data is JSON:

    {"metrics": [...], "arms": [{"name", "label", "colour", "shown", "named", "lines", "ended"}]}

`named`: whether the end of its line has its name on a phone too.
`lines` gives for each metric values, lows and highs, and where any is the mean of two seeds, of which lows and highs
are the range, for each epoch whether it is; `ended` for each trial that did not finish how it ended, and for
each metric its values. Values count from epoch 1; what is not a number is null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.figures import curves
from analysis.report.arm_colours import arm_colours
from analysis.report.chart_blocks import CurveArm, CurveChart
from analysis.report.page_tree import anchor
from analysis.report.trial_places import trials_anchor
from analysis.report.verdict_section import ENDS
from analysis.statistics.estimates import Estimate
from analysis.text.columns import column_text, range_text
from analysis.text.numbers import DECIMALS_OF_PERCENT
from study.spec.claims import arms_named, own_arm
from study.spec.selection import selected_note
from study.spec.study import Study
from trainables.config.plurals import counted

METRICS = ("train_accuracy", "val_accuracy", "train_loss", "val_loss", "accuracy_gap")
RATE = "lr"
"""Drawn too where the study asks for a figure of it."""
MEASURES = ("accuracy", "loss", "gap")
"""What the reader may choose; `rate` where there is one."""
ARMS_SHOWN, MAX_SHOWN = 4, 6
"""Arms that are shown at first, and how many at most where answer, claims and heading name more: with more, lines and
names stand too close."""
VALUE_DIGITS = 5
"""Significant ones of a value in the data."""


def curve_chart(study: Study, epochs: pd.DataFrame, csv: Sequence[str], about: Sequence[str] = ()) -> CurveChart | None:
    """The chart of a study; None where there are no epochs.

    Args:
        study: its arms in order.
        epochs: one row an arm, trial and epoch, of the seeds that were asked; see `curves.prepare`.
        csv: names of the files with the same curves.
        about: the arms that the study's answer is about.
    """
    if epochs.empty:
        return None
    rates = RATE in study.figures
    metrics = (*METRICS, RATE) if rates else METRICS
    frame = curves.prepare(epochs, metrics)
    if frame.empty:
        return None
    colours = arm_colours(study)
    there = {str(arm): lines for arm, lines in frame.groupby("arm", sort=False, observed=True)}
    parts = {a: there[a] for a in colours if a in there}
    levels = {name: _level(lines) for name, lines in parts.items()}
    whole = {name: levels[name] for name, lines in parts.items() if (lines["series"] == "mean").all()}
    whole = {name: level for name, level in whole.items() if math.isfinite(level)}
    ends = _lowest_and_highest(whole)
    first, named = _shown_first(study, levels, whole, about), _main_arms(study, levels, ends)
    arms, data, longest = [], [], 1
    for name, lines in sorted(parts.items(), key=lambda part: part[0] not in first):
        longest = max(longest, int(lines["epoch"].max()))
        shown, label = name in first, (study.arm(name).say or name) + _unlike_asked(lines)
        training, validation = (_last(lines, m) for m in ("train_accuracy", "val_accuracy"))
        arms.append(CurveArm(name, label, colours[name], shown, training, validation, trials_anchor(study, name)))
        facts = {"name": name, "label": label, "colour": colours[name], "shown": shown, "named": name in named}
        data.append({**facts, **_lines(lines)})
    text = json.dumps({"metrics": metrics, "arms": data}, separators=(",", ":"), allow_nan=False)
    measures = (*MEASURES, "rate") if rates else MEASURES
    note = f"Thick: validation{_band(frame)}. Thin: training.{selected_note(study)}"
    if len(first) < len(parts):
        note += f" Shown at first: {len(first)} of {len(parts)} arms; the boxes show the others."
    files, place = tuple(map(_of_what, csv)), anchor(study.name, "curves")
    return CurveChart(place, "Curves", note, tuple(arms), longest, text, measures, files)


def _band(frame: pd.DataFrame) -> str:
    """What the band around a line is; see `curves.prepare`."""
    of = set(frame.loc[frame["low"].notna(), "n"].astype(int))
    if not of:
        return ""
    if of == {2}:
        return ", with the range of its two seeds"
    return ", with the 95 % interval of its mean" + (" (of two seeds, their range)" if 2 in of else "")


def ends_words(chart: CurveChart) -> str:
    """Between which arms validation accuracy ends, as a chart's heading; empty where not two arms finished."""
    every = json.loads(chart.data)["arms"]
    arms = [a for a in every if not a["ended"] and "val_accuracy" in a["lines"]]
    ends = {
        a["label"]: known[-1] for a in arms if (known := [v for v in a["lines"]["val_accuracy"][0] if v is not None])
    }
    if len(ends) < 2:
        return ""
    low, high = _lowest_and_highest(ends)
    first, last = (f"{ends[name]:.1f}\N{NO-BREAK SPACE}%" for name in (low, high))
    start = "Validation accuracy" if len(ends) == len(every) else "Validation accuracy of finished arms"
    if first == last:
        return f"{start} ends at {first}{' in every arm' if len(ends) == len(every) else ''}"
    at_end = [[a for a in ends if _alike(ends[a], ends[end])] for end in (low, high)]
    least, most = (names[0] if len(names) == 1 else counted(len(names), "arm") for names in at_end)
    return f"{start} ends between {first} ({least}) and {last} ({most})"


def _lowest_and_highest(ends: Mapping[str, float]) -> tuple[str, ...]:
    """Of arms where they end the one that ends lowest and the one that ends highest; empty where there are not two."""
    return (min(ends, key=lambda a: ends[a]), max(ends, key=lambda a: ends[a])) if len(ends) > 1 else ()


def _main_arms(study: Study, levels: Mapping[str, float], ends: Sequence[str]) -> list[str]:
    """The baseline, the arm of the study's effect, and the best: the highest of those that finished, else of all."""
    best = [*ends[1:], *sorted(levels, key=lambda a: -levels[a])][:1]
    main = [study.baseline, *([study.effect.arm] if study.effect else []), *best]
    return [a for a in dict.fromkeys(main) if a in levels]


def _shown_first(
    study: Study, levels: Mapping[str, float], whole: Mapping[str, float], about: Sequence[str]
) -> list[str]:
    """The arms that are shown at first: the baseline, those of the study's effect and of its answer, the one that ends
    highest and the one that ends lowest, those of claims, those that end as high; where room is left, the next best.

    Args:
        study: its arms and claims.
        levels: by arm that has epochs, the baseline first, where it ends.
        whole: of these the arms all of whose trials finished.
        about: the arms that the answer is about.
    """
    own = [a for a in levels if not study.arm(a).extra] or list(levels)
    main = [study.baseline, *([study.effect.arm] if study.effect else []), *about]
    ends = _lowest_and_highest(whole)
    ties = [a for a in whole if ends and _alike(whole[a], whole[ends[1]])]
    claimed = [own_arm(study.name, arm) for claim in study.claims for arm in arms_named(claim)]
    named = [a for a in dict.fromkeys((*main, *ends[::-1], *claimed, *ties)) if a in own or a in ends]
    others = sorted((a for a in own if a not in named), key=lambda a: -levels[a])
    return [*named[:MAX_SHOWN], *others[: max(0, ARMS_SHOWN - len(named))]]


def _alike(a: float, b: float) -> bool:
    """Whether two ends read alike in a chart's heading."""
    return round(a, 1) == round(b, 1)


def _level(lines: pd.DataFrame) -> float:
    """The mean validation accuracy of an arm's last epoch; below all others where it has none."""
    rows = lines[(lines["metric"] == "val_accuracy") & (lines["series"] == "mean")]
    value = float(rows.loc[rows["epoch"].idxmax(), "value"]) if len(rows) else math.nan
    return value if math.isfinite(value) else -math.inf


def _unlike_asked(lines: pd.DataFrame) -> str:
    """How many of an arm's seeds its mean is of, where others diverged or failed; empty where all finished."""
    ended = {str(s) for s, e in zip(lines["series"], lines["end"], strict=True) if e in ENDS}
    n = int(lines.loc[lines["series"] == "mean", "n"].max()) if (lines["series"] == "mean").any() else 0
    return f" ({n} of {counted(n + len(ended), 'seed')})" if n and ended else ""


def _of_what(csv: str) -> tuple[str, str]:
    """The name of a file, and what is in it."""
    return csv, "learning rate" if csv.endswith("-lr") else "curves"


def _lines(frame: pd.DataFrame) -> Mapping[str, Any]:
    means = frame[frame["series"] == "mean"]
    metrics, n = means["metric"].to_numpy(), means["n"].to_numpy()
    columns = [means[c].to_numpy() for c in ("value", "low", "high")]
    lines = {
        str(m): [*(_values(c[metrics == m]) for c in columns), *_of_two(n[metrics == m])] for m in sorted(set(metrics))
    }
    ended = [
        [
            str(next((e for e in part["end"] if e), "")),
            {str(m): _values(of.to_numpy()) for m, of in part.groupby("metric")["value"]},
        ]
        for _, part in frame[frame["series"] != "mean"].groupby("series", sort=True)
    ]
    return {"lines": lines, "ended": ended}


def _of_two(seeds: np.ndarray) -> list[list[bool]]:
    two = (seeds == 2).tolist()
    return [two] if any(two) else []


def _values(column: np.ndarray) -> list[float | None]:
    return [None if not math.isfinite(x) else float(f"{x:.{VALUE_DIGITS}g}") for x in column.tolist()]


def _last(frame: pd.DataFrame, metric: str) -> str:
    """The mean of the last epoch, ± half of its interval; of two seeds, their range."""
    rows = frame[(frame["metric"] == metric) & (frame["series"] == "mean")]
    if rows.empty:
        return "-"
    last = rows["epoch"].to_numpy().argmax()
    value, low, high, n = (rows[c].to_numpy()[last] for c in ("value", "low", "high", "n"))
    e = Estimate(value, low, high, int(n))
    return (range_text if e.n == 2 else column_text)(e, DECIMALS_OF_PERCENT)
