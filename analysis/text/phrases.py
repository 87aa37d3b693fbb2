"""Quantities, bounds and numbers of claims in words.

Digits follow `analysis.text.numbers`; nothing is computed here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import all_alike
from analysis.text import numbers
from study.spec.claims import Quantity
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

LABELS = {
    **{m.name: m.label for m in METRICS.values()},
    "width": "range",
    "std": "standard deviation",
    "largest": "largest absolute value",
    "tail": "largest absolute value in standard deviations",
    "inner_width": "range of the middle 99.8 %",
}
PLACES = {"max": "the largest {}{}", "min": "the smallest {}{}", "mean": "the mean {}{} over its epochs"}


@dataclass(frozen=True)
class Unit:
    """How numbers of one kind are shown: multiplied, then followed by a word."""

    scale: float = 1.0
    word: str = ""


SHADED = "Shaded: what was claimed, the point with the mark of its verdict."
DECIDING = "Thin line: the wider interval that decides."
"""Keys of a chart of effects, on the page and in its stills."""

IN_ALL = "in all"
UNKNOWN = "We do not know whether"
"""Begins an answer that goes neither way."""
SPREAD_UNKNOWN = "How far seeds vary is not known"
"""Begins what is said of seeds that all differ alike."""
"""So many seeds give one number: an interval would have no width, though nothing is known of how far seeds vary."""
SHARE = Unit(100.0, "% of seeds")
"""Of a share of seeds for which something holds."""


def unit(quantity: Quantity, *, difference: bool = False, ratio: bool = False) -> Unit:
    """Return the unit of a quantity, of a difference of two (which a fall is), or of a ratio."""
    if ratio:
        return Unit(1.0, "times")
    if quantity.reaches is not None:
        return Unit(1.0, "epochs" if difference else "")
    metric, difference = METRICS.get(quantity.metric), difference or quantity.at == "fall"
    if metric is None:  # a statistic of a tensor
        return Unit()
    return Unit(metric.scale, metric.difference_unit if difference else metric.unit)


def quantity_words(quantity: Quantity, epoch: int | None = None, *, named: bool = True) -> str:
    """Write a quantity as a noun; `named`: with its arm.

    >>> quantity_words(Quantity(arm="scaled", metric="val_accuracy", at=5))
    'validation accuracy of scaled after 5 epochs'
    >>> quantity_words(Quantity(arm="adam", metric="val_accuracy", reaches=0.85))
    'epochs of adam until validation accuracy is at least 85 %'
    >>> quantity_words(Quantity(arm="adam", metric="val_accuracy", at="max"), named=False)
    'the largest validation accuracy'
    """
    metric, of = LABELS[quantity.metric], f" of {quantity.arm}" if named else ""
    if quantity.reaches is not None:
        how = "at least" if METRICS[quantity.metric].direction == "higher" else "at most"
        kind = unit(Quantity(arm=quantity.arm, metric=quantity.metric))
        level = f"{numbers.plain_number(quantity.reaches * kind.scale)} {kind.word}".strip()
        return f"epochs{of} until {metric} is {how} {level}"
    if quantity.tensor:
        metric = f"{metric} of {quantity.tensor}"
    place = epoch if quantity.at == "last" and epoch else quantity.at
    if isinstance(place, int):
        return f"{metric}{of} after {counted(place, 'epoch')}"
    if place in PLACES:
        return PLACES[place].format(metric, of)
    if place == "fall":
        return f"fall of the {metric}{of} from first to last epoch"
    return f"{metric}{of} at its {place} epoch"


def contrast_words(a: Quantity, b: Quantity, epochs: Sequence[int | None], *, ratio: bool = False) -> str:
    """Write two quantities set against each other: what they share is said once.

    >>> contrast_words(*(Quantity(arm=x, metric="val_accuracy", at="last") for x in ("adam", "sgd")), (10, 10))
    'validation accuracy after 10 epochs, adam minus sgd'
    """
    joint = "divided by" if ratio else "minus"
    shared = [quantity_words(q, epoch, named=False) for q, epoch in zip((a, b), epochs, strict=True)]
    if shared[0] == shared[1]:
        return f"{shared[0]}, {a.arm} {joint} {b.arm}"
    return f"{quantity_words(a, epochs[0])} {joint} {quantity_words(b, epochs[1])}"


def with_unit(shown: str, word: str) -> str:
    """Write a number and its unit, which is one of where the number is 1.

    >>> with_unit("1", "points"), with_unit("-1", "epochs"), with_unit("1.0", "points"), with_unit("1", "times")
    ('1 point', '-1 epoch', '1.0 points', '1 times')
    """
    one = shown.lstrip("-+\N{MINUS SIGN}") == "1" and word in ("points", "epochs", "nats")
    return f"{shown} {word[:-1] if one else word}".rstrip()


def bound_words(bound: float, kind: Unit) -> str:
    """Write one bound of a claim, in its natural unit, with the unit that people read.

    >>> bound_words(0.01, Unit(100.0, "points")), bound_words(0.2, Unit(1.0, "nats"))
    ('1 point', '0.2 nats')
    """
    return with_unit(numbers.plain_number(bound * kind.scale), kind.word)


def bounds_words(low: float | None, high: float | None, kind: Unit) -> str:
    """Write what is claimed of a number.

    >>> bounds_words(0.83, 0.87, Unit(100.0, "%")), bounds_words(0.0, None, Unit(100.0, "points"))
    ('83 to 87 %', 'above 0 points')
    """
    shown = [None if b is None else numbers.plain_number(b * kind.scale) for b in (low, high)]
    if low is not None and high is not None:
        return f"{shown[0]} to {shown[1]} {kind.word}".strip()
    way, bound = ("above", shown[0]) if low is not None else ("below", shown[1])
    return f"anything {kind.word}".strip() if bound is None else f"{way} {with_unit(bound, kind.word)}"


def estimate_words(estimate: Estimate, kind: Unit) -> str:
    """Write an estimate with its 95 % interval, unit and number of seeds.

    >>> estimate_words(Estimate(0.8532, 0.8461, 0.8603, 5), Unit(100.0, "%"))
    '85.3 % (84.6 to 86.0, 5 seeds)'
    >>> estimate_words(Estimate(0.62297, 0.62297, 0.62297, 5), Unit(100.0, "%"))
    '62.3 % (in all 5 seeds)'
    >>> estimate_words(Estimate(0.8, 0.28, 0.99, 5), SHARE)
    'in 4 of 5 seeds (a share of 28 to 99 %)'
    """
    if kind == SHARE:
        hits = f"in {round(estimate.value * estimate.n)} of {counted(estimate.n, 'seed')}"
        return f"{hits} (a share of {100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)"
    ends = _ends(estimate, kind)
    seeds = "" if ends.startswith(IN_ALL) else f", {counted(estimate.n, 'seed')}"
    return f"{value_words(estimate, kind)} ({ends or 'no interval'}{seeds})"


def names_its_seeds(estimate: Estimate) -> bool:
    """Whether a number with its interval says of how many seeds it is: where it has no interval, or one without width.

    >>> names_its_seeds(Estimate(0.5, 0.5, 0.5, 5)), names_its_seeds(Estimate(0.5, 0.4, 0.6, 5))
    (True, False)
    """
    return all_alike(estimate.low, estimate.high) or not math.isfinite(estimate.high - estimate.low)


def interval_words(estimate: Estimate, kind: Unit) -> str:
    """Write the 95 % interval alone, for a column beside a number that has the unit; "-" where there is none.

    >>> interval_words(Estimate(0.8532, 0.8461, 0.8603, 5), Unit(100.0, "%"))
    '84.6 to 86.0'
    >>> interval_words(Estimate(1.0, 0.9, 1.0, 9), SHARE)
    '90 to 100 %'
    """
    if kind == SHARE:
        return f"{100 * estimate.low:.0f} to {100 * estimate.high:.0f} %"
    return _ends(estimate, kind) or "-"


def brief_words(estimate: Estimate, kind: Unit) -> str:
    """Write an estimate with its 95 % interval and unit, where the number of seeds stands elsewhere.

    >>> brief_words(Estimate(0.8532, 0.8461, 0.8603, 5), Unit(100.0, "%"))
    '85.3 % (84.6 to 86.0)'
    """
    ends = _ends(estimate, kind) or f"no interval, {counted(estimate.n, 'seed')}"
    return f"{value_words(estimate, kind)} ({ends})"


def value_words(estimate: Estimate, kind: Unit) -> str:
    """Write an estimate alone, with as many digits as its interval allows; of per cent and points one decimal at most.

    >>> value_words(Estimate(0.8532, 0.8461, 0.8603, 5), Unit(100.0, "%"))
    '85.3 %'
    >>> points = Unit(100.0, "points")
    >>> brief_words(Estimate(0.0436, 0.0415, 0.0457, 5), points), brief_words(Estimate(4e-4, 3e-4, 5e-4, 5), points)
    ('4.4 points (4.2 to 4.6)', '0.04 points (0.03 to 0.05)')
    >>> brief_words(Estimate(0.8798, 0.8796, 0.88, 5), Unit(100.0, "%"))  # not 88.0 to 88.0, below a bound of 88
    '87.98 % (87.96 to 88.00)'
    >>> value_words(Estimate(0.0031, -0.05, 0.06, 8), Unit(100.0, "points"))  # it lies on a side, so it is not 0
    '0.3 points'
    """
    value = estimate.value * kind.scale
    return with_unit(numbers.written(value, numbers.places_not_0(value, _places(estimate, kind))), kind.word)


def _ends(estimate: Estimate, kind: Unit) -> str:
    """The interval; that all seeds give one number where they do; empty where there is no interval."""
    if all_alike(estimate.low, estimate.high):
        return f"{IN_ALL} {counted(estimate.n, 'seed')}"
    return numbers.interval_ends(estimate.low * kind.scale, estimate.high * kind.scale, _places(estimate, kind))


def _places(estimate: Estimate, kind: Unit) -> int:
    """Of per cent and points one decimal, or none where the interval allows none; of any other unit what it allows.

    More than one where both ends of the interval would read alike.
    """
    value, low, high = (x * kind.scale for x in (estimate.value, estimate.low, estimate.high))
    allowed = numbers.decimals(value, (high - low) / 2)
    if kind.scale == 1.0:
        return allowed
    alike = all_alike(low, high) or not math.isfinite(high - low)
    apart = (p for p in range(1, allowed) if alike or round(low, p) != round(high, p))
    return min(allowed, numbers.places_not_0(value, next(apart, allowed)))


NUMBERED_NAME = re.compile(r"(?!(?:b|gamma|beta)\d+\b)[a-z][\w.-]*\d")
"""Such as `units-5` or `r300`: it is written as the study file writes it. A tensor's name is none of an arm."""


PARTED = re.compile(r"; (?![^()]*\))")
"""Between two clauses, outside brackets."""


def clauses(text: str) -> list[str]:
    """What a text says one by one, where semicolons part it; brackets stay whole.

    >>> clauses("about 85 %: 83 to 87 %; stays: no epoch (a; b) outside.")
    ['about 85 %: 83 to 87 %', 'stays: no epoch (a; b) outside']
    """
    return PARTED.split(text.rstrip("."))


def in_sentences(text: str) -> str:
    """Clauses that a semicolon parts as sentences, each with a capital; the last one's point is its user's.

    >>> in_sentences("SGD has no trial of seed 5; 8 to 12 seeds would decide it (one look; at 8)")
    'SGD has no trial of seed 5. 8 to 12 seeds would decide it (one look; at 8)'
    """
    return first_up(after_colon(text))


def after_colon(text: str) -> str:
    """The same after a colon, where the first clause begins as it does.

    >>> after_colon("SGD has no trial; a range is 8 to 12")
    'SGD has no trial. A range is 8 to 12'
    """
    first, *more = PARTED.split(text)
    return ". ".join([first, *map(first_up, more)])


def first_up(text: str) -> str:
    """Write a text with a capital at its head, the rest as it is; an arm whose name has a number keeps it as it is.

    >>> first_up("no seeds of SGD"), first_up("lr-0.1 diverged"), first_up("r300 ends")
    ('No seeds of SGD', 'Arm lr-0.1 diverged', 'Arm r300 ends')
    """
    return f"Arm {text}" if NUMBERED_NAME.match(text) else text[:1].upper() + text[1:]
