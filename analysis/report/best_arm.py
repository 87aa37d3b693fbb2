"""Which of many arms ends highest, for a study that declares no main effect: with its number, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from analysis.claims.queries import Measurements, NotMeasured
from analysis.report.plain_words import arm_name
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import ALIKE_TOLERANCE, all_alike, clearly_above
from analysis.text import numbers
from analysis.text.agreement import agree
from analysis.text.phrases import IN_ALL
from study.spec.claims import Quantity
from study.spec.selection import SELECTED_ON
from study.spec.splits import why_no_verdict
from study.spec.study import Study
from trainables.config.plurals import counted

METRIC = "val_accuracy"
MIN_ARMS, MAX_ARMS = 3, 300
"""Arms from which on one of them is named, and beyond which reading all of them takes too long for a sentence."""
MANY_ARMS = 5
"""Arms from which on the best is the answer; of fewer it is told beside the first comparison."""

TIES_NAMED = 3
"""Of more arms that end equally high a sentence says how many they are."""


@dataclass(frozen=True)
class BestArm:
    """The arm with the highest mean of validation accuracy after the last epoch."""

    name: str
    level: Estimate
    arms: int
    """Of how many that the study has."""
    known: int
    """Of these, how many have a number."""
    rivals: int | None
    """How many others may be as good: their differences from it, in pairs by seed, reach 0. None of a single seed."""
    second: str
    """The next best."""
    ties: tuple[str, ...] = ()
    """The others with the very same mean."""
    alike: bool = False
    """Whether each of these has that number in every seed."""


def best_arm(study: Study, measurements: Measurements) -> BestArm | None:
    """The best of at least three arms of one split that were trained equally long; else None."""
    arms = [a.name for a in study.arms]
    if not MIN_ARMS <= len(arms) <= MAX_ARMS:
        return None
    configs = [study.config(a) for a in arms]
    if len({c.epochs for c in configs}) > 1 or why_no_verdict(configs):
        return None
    measurements = replace(measurements, noted=set())
    quantities = {a: Quantity(arm=f"{study.name}/{a}", metric=METRIC) for a in arms}
    levels: dict[str, Estimate] = {}
    for name, quantity in quantities.items():
        try:
            levels[name] = measurements.estimate(quantity)
        except NotMeasured:
            continue
    if len(levels) < MIN_ARMS:
        return None
    order = sorted(levels, key=lambda name: -levels[name].value)
    others = (_may_be_as_good(measurements, quantities[order[0]], quantities[name]) for name in order[1:])
    level = levels[order[0]].value
    ties = tuple(n for n in order[1:] if math.isclose(levels[n].value, level, rel_tol=ALIKE_TOLERANCE))
    alike = all(all_alike(levels[n].low, levels[n].high) for n in (order[0], *ties))
    rivals = None if min(e.n for e in levels.values()) < 2 else sum(others)
    return BestArm(order[0], levels[order[0]], len(arms), len(levels), rivals, order[1], ties, alike)


def _may_be_as_good(measurements: Measurements, best: Quantity, other: Quantity) -> bool:
    try:
        return not clearly_above(measurements.difference(best, other, loose=True))
    except NotMeasured:
        return True


def best_words(study: Study, best: BestArm) -> str:
    """The best arm, or those that end equally high, in two or three sentences; chosen by the numbers of its praise."""
    e, places = best.level, numbers.decimals(100 * best.level.value, 50 * (best.level.high - best.level.low))
    level, *ends = (numbers.written(100 * x, places) for x in (e.value, e.low, e.high))
    span = f"{IN_ALL} {counted(e.n, 'seed')}" if best.alike else "" if best.ties else " to ".join(ends)
    span = f" ({span})" if span and best.rivals is not None else ""
    of = f"{best.arms} arms" if best.known == best.arms else f"the {best.known} of {best.arms} arms with a number"
    who, each, chosen = _highest(study, best)
    said = f"Of {of} {who} highest, {each}at {level} %{span} validation accuracy"
    said += f", {SELECTED_ON}. {chosen} chosen for being best, so expect less."
    others = (best.rivals or 0) - len(best.ties)
    return f"{said} {counted(others, 'other arm')} may be as good." if others > 0 else said


def _highest(study: Study, best: BestArm) -> tuple[str, str, str]:
    """Who ends highest with its verb, a word for each of several, and the subject of what they were chosen for."""
    names = [arm_name(study, name) for name in (best.name, *best.ties)]
    if len(names) == 1:
        return f"{names[0]} {agree(names[0], 'ends')}", "", "The best was"
    who = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) <= TIES_NAMED else str(len(names))
    return f"{who} end", "both " if len(names) == 2 else "all ", "They were"
