"""A knob against the outcome: where arms differ in one number alone, that number is on the horizontal axis.

The numbers are those of `analysis.tables.knob_levels`; nothing is estimated here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from analysis.claims.queries import Measurements
from analysis.figures.knobs import figure_name, is_logarithmic
from analysis.report import effect_axis as ax
from analysis.report.best_arm import METRIC
from analysis.report.chart_blocks import KnobChart, KnobPoint, Scale
from analysis.report.headline import Headline
from analysis.report.main_effect import declared_effect, effect_by_claims
from analysis.report.page_tree import anchor
from analysis.report.plain_words import arm_name
from analysis.report.trial_places import trials_anchor
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike
from analysis.tables.knob_levels import KnobLadder, at_one_epoch, knob_ladders, knob_levels
from analysis.text.columns import scaled
from analysis.text.numbers import knob_text
from analysis.text.phrases import Unit, first_up, quantity_words, unit, with_unit
from study.spec.claims import Quantity
from study.spec.selection import SELECTED_ON, selected_note, why_selected
from study.spec.study import Study
from trainables.config.plurals import counted

MIN_NUMBERS = 2
"""Arms with a number from which on there is something to draw."""
ZERO_SHARE = 0.16
"""The share of a logarithmic axis that 0 takes, at its left."""
MIN_LOG_SPAN_OF_OUTCOMES = 100.0
"""How many times the largest loss is the smallest, from which on the vertical axis is logarithmic."""
MAX_VALUES_WRITTEN = 6
"""Values that the horizontal axis names all, where each has room; of more it has round numbers."""
MAX_ARMS_WRITTEN = 8
"""Arms whose numbers are all written; of more the baseline's, the highest and the lowest."""
ROOM_SHARE = 0.14
"""The share of the width that a written number takes on a phone."""
MAX_SPANS_BEYOND = 1.5
"""How many spans of the means beyond them the axis follows an interval; what goes on is cut at its end."""


def knob_charts(
    study: Study, headline: Headline, measurements: Measurements
) -> Iterator[tuple[KnobChart, pd.DataFrame]]:
    """Each chart of a study, with the rows of `knob_levels` that it is drawn from; none where no knob has one."""
    quantity = main_quantity(study, headline)
    for ladder in knob_ladders(study):
        levels = knob_levels(study, ladder, quantity, measurements)
        chart = _chart(study, ladder, at_one_epoch(quantity, ladder), levels)
        if chart is not None:
            yield chart, levels


def main_quantity(study: Study, headline: Headline) -> Quantity:
    """What the study's main effect is of; validation accuracy where it is of an epoch, which some arms never reach."""
    effect = headline.effect or declared_effect(study) or effect_by_claims(study)
    found = effect.a if effect is not None and effect.a.reaches is None else None
    return found or Quantity(arm=study.baseline, metric=METRIC)


def _chart(study: Study, ladder: KnobLadder, quantity: Quantity, levels: pd.DataFrame) -> KnobChart | None:
    kind = unit(quantity)
    rows = levels.to_dict("records")
    found = {
        str(r["arm"]): scaled(Estimate(r["estimate"], r["low"], r["high"], int(r["n"])), kind.scale)
        for r in rows
        if not r["refused"] and math.isfinite(r["estimate"])
    }
    lost = {str(r["arm"]) for r in rows if r["diverged"]}
    if len(found) < MIN_NUMBERS:
        return None
    across, up = knob_axis(ladder.values), outcome_axis(list(found.values()), kind)
    points = [
        _point(study, ladder, (arm, value), (across, up), (found, kind))
        for arm, value in ladder.arms
        if arm in found or arm in lost
    ]
    what = first_up(quantity_words(quantity, ladder.epochs, named=False))
    note = " ".join((*_note(study, ladder, found, lost, up), *_selected(study, quantity)))
    return KnobChart(
        anchor("knob", study.name, *ladder.knobs), what, note, _called(ladder), kind.word,
        across.scale, Scale(tuple((round(1 - p, 4), text) for p, text in up.scale.ticks)),
        tuple(_with_numbers(points, found)), ((figure_name(levels), "knob"),),
    )  # fmt: skip


def _called(ladder: KnobLadder) -> str:
    return "units of the hidden layer" if ladder.knobs == ("hidden",) else ladder.name


def _note(study: Study, ladder: KnobLadder, found: dict[str, Estimate], lost: set[str], up: ax.Axis) -> Iterator[str]:
    several = any(math.isfinite(e.low) for e in found.values())
    yield "Point: mean over seeds. Bar: its 95 % interval." if several else "Point: the only seed, so no interval."
    if any(not (0 <= up.place(x) <= 1) for e in found.values() for x in (e.low, e.high) if math.isfinite(x)):
        yield "A bar that ends at an edge goes on."
    if study.baseline in found:
        yield "Diamond: the baseline."
    if 0.0 in ladder.values and is_logarithmic(ladder.values):
        yield "0 stands left of the logarithmic axis."
    if lost:
        yield f"Cross: no number, because seeds diverged ({counted(len(lost), 'arm')})."
    if absent := len(ladder.arms) - len(found) - len(lost):
        yield f"Not drawn: {absent} of {counted(len(ladder.arms), 'arm')} without a number."


def _selected(study: Study, quantity: Quantity) -> Iterator[str]:
    """Which arms select on the validation part, or that the place on the curves does."""
    if said := selected_note(study).strip():
        yield said
    elif why_selected(quantity, study.config(study.baseline), study.name):
        yield f"{first_up(SELECTED_ON)}."


def _point(
    study: Study, ladder: KnobLadder, of: tuple[str, float], axes: tuple[ax.Axis, ax.Axis],
    numbers: tuple[dict[str, Estimate], Unit],
) -> KnobPoint:  # fmt: skip
    (arm, value), (across, up), (found, kind) = of, axes, numbers
    at = f"{_called(ladder)} {knob_text(value)}"
    at += " (baseline)" if arm == study.baseline else ""
    x, trials = round(across.place(value), 4), trials_anchor(study, arm)
    if arm not in found:
        return KnobPoint(x, None, f"{at}: {first_up(arm_name(study, arm))} diverged, so no number.", trials)
    e = found[arm]
    number, interval = ax.number_and_interval(e, kind, list(found.values()), signed=False)
    said = f"{at}: {with_unit(number, kind.word)}"
    if all_alike(e.low, e.high):
        said += f" {interval}."
    else:
        said += (f", 95 % interval {interval}" if interval else "") + f", {counted(e.n, 'seed')}."

    def down(y: float) -> float:
        return round(1 - min(1.0, max(0.0, up.place(y))), 4)

    bar = (down(e.high), down(e.low)) if math.isfinite(e.low) and math.isfinite(e.high) else None
    return KnobPoint(x, down(e.value), said, trials, bar, number, arm == study.baseline)


def _with_numbers(points: Sequence[KnobPoint], found: dict[str, Estimate]) -> Iterable[KnobPoint]:
    """The points, of which those have a number above them that have room for it: the baseline and both ends first."""
    known = sorted((p for p in points if p.y is not None), key=lambda p: (p.y or 0.0, p.x))
    first = [*(p for p in known if p.baseline), known[0], known[-1]]
    written: list[KnobPoint] = []
    for point in [*first, *(points if len(found) <= MAX_ARMS_WRITTEN else ())]:
        if point.y is not None and all(abs(point.x - other.x) >= ROOM_SHARE for other in written):
            written.append(point)
    return [p if p in written else replace(p, number="") for p in points]


# ------------------------------------------------------------------------------------------------------------ the axes


def knob_axis(values: Sequence[float]) -> ax.Axis:
    """The axis of a knob: logarithmic by `is_logarithmic`, where 0 has a place of its own at the left; else linear."""
    if not is_logarithmic(values):
        return _named(ax.linear_axis(values, zero=None, sign=False), values)
    positive = [v for v in values if v > 0]
    begin = ZERO_SHARE if min(values) == 0 else 0.0
    axis = _logarithmic(positive)

    def place(x: float) -> float:
        return begin + (1 - begin) * axis.place(x) if x > 0 else ax.EDGE_SHARE

    zero = ((place(0.0), "0"),) if begin else ()
    ticks = (*zero, *((begin + (1 - begin) * p, text) for p, text in axis.scale.ticks))
    return _named(ax.Axis(place, Scale(ticks)), values)


def outcome_axis(found: Sequence[Estimate], kind: Unit) -> ax.Axis:
    """The axis of the outcome, which holds all means, and intervals as far as `MAX_SPANS_BEYOND`."""
    means = [e.value for e in found]
    low, high = min(means), max(means)
    if kind.scale == 1.0 and low > 0 and high >= MIN_LOG_SPAN_OF_OUTCOMES * low:
        return _logarithmic(means)
    room = MAX_SPANS_BEYOND * (high - low) or math.inf
    ends = [x for e in found for x in (e.low, e.high) if math.isfinite(x)]
    return ax.linear_axis([*means, *(min(max(x, low - room), high + room) for x in ends)], zero=None, sign=False)


def _logarithmic(positive: Sequence[float]) -> ax.Axis:
    """An axis of numbers above 0; its ticks are powers of ten, between them 2 and 5 where there are few."""
    low, high = math.log10(min(positive)), math.log10(max(positive))

    def place(x: float) -> float:
        share = (math.log10(x) - low) / (high - low) if x > 0 else -1.0
        return ax.EDGE_SHARE + (1 - 2 * ax.EDGE_SHARE) * share

    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    powers = powers[:: max(1, math.ceil(len(powers) / MAX_VALUES_WRITTEN))]
    ticks = [10.0**e for e in powers]
    if len(powers) < 3:
        fine = (m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5))
        ticks = [t for t in fine if low - 1e-9 <= math.log10(t) <= high + 1e-9]
    return ax.Axis(place, Scale(tuple((place(t), ax.axis_number(t)) for t in ticks)))


def _named(axis: ax.Axis, values: Sequence[float]) -> ax.Axis:
    """The axis with the values themselves as its ticks, where they are few and far enough apart."""
    each = sorted(set(values))
    places = [axis.place(v) for v in each]
    apart = all(b - a >= ROOM_SHARE for a, b in pairwise(places))
    if len(each) > MAX_VALUES_WRITTEN or not apart:
        return axis
    return replace(axis, scale=Scale(tuple(zip(places, map(ax.axis_number, each), strict=True))))
