"""The margin that new validation examples would add to a part of a claim, from the bits on record.

Of which the numbers speak: accuracy on the validation part, and the gap to that, after the last epoch or the best one;
on the test part the accuracy of one arm. More seeds do not narrow this margin: all seeds are measured on the same
examples. See `analysis.statistics.examples` for what is exact in it, and `docs/verdicts.md` for the argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.claims.by_seed import SeedValues
from analysis.statistics import examples
from analysis.statistics.evidence import Interval
from study.spec.claims import Quantity
from study.spec.splits import SPLIT_KNOBS
from trainables.records.correct_examples import CorrectExamples, unpacked

GAP = "accuracy_gap"
VALIDATION_KNOBS = ("data", "held_out", *SPLIT_KNOBS)
"""The knobs that say which the validation examples are."""


@dataclass(frozen=True)
class ExamplesMargin:
    """Where a number could lie on new validation examples, in its natural unit."""

    interval: Interval
    """Over examples: `n` says how many."""
    seeds: int
    """How many seeds of the path have bits on record; it is of these alone."""


Margin = Callable[[Sequence[int]], ExamplesMargin | None]
"""From the path of seeds; None where none has bits."""


def is_of_examples(quantity: Quantity) -> bool:
    """Whether a quantity is a share of validation examples whose bits a record holds, or training's minus that.

    >>> is_of_examples(Quantity(arm="a", metric="val_accuracy")), is_of_examples(Quantity(arm="a", metric="val_loss"))
    (True, False)
    >>> [is_of_examples(Quantity(arm="a", metric="accuracy_gap", at=at)) for at in ("best", "max")]
    [True, False]
    """
    if quantity.reaches is not None or quantity.tensor or quantity.metric not in ("val_accuracy", GAP):
        return False
    known = ("last", "best") if quantity.metric == GAP else ("last", "best", "max")
    return quantity.at in known or isinstance(quantity.at, int)


def of_level(found: SeedValues, quantity: Quantity) -> Margin:
    """Return the margin of one arm's accuracy or gap."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        seeds = [seed for seed in path if seed in found.correct]
        bits = [_right(found, seed) for seed in seeds]
        if not bits or len(set(map(len, bits))) > 1:
            return None
        return ExamplesMargin(_level(found, quantity, seeds, examples.TAIL_CHANCE), len(bits))

    return margin


def of_test(found: SeedValues, count: int | None) -> Margin:
    """Return the margin of an arm's accuracy on so many test examples; it takes only how many of them are right."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        values = [found.values[seed] for seed in path]
        if not count or not values or not np.isfinite(values).all():
            return None
        return ExamplesMargin(examples.share(float(np.mean(values)), count), len(values))

    return margin


def of_difference(a: SeedValues, b: SeedValues, quantity: Quantity) -> Margin:
    """Return the margin of a difference of accuracies or gaps; None where the arms saw other examples."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        both = _shared(a, b, path)
        return ExamplesMargin(_difference(a, b, quantity, both, examples.TAIL_CHANCE), len(both)) if both else None

    return margin


def of_ratio(a: SeedValues, b: SeedValues) -> Margin:
    """Return the margin of one arm's accuracy divided by another's."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        both = _shared(a, b, path)
        found = examples.ratio(*([_right(side, s) for s in both] for side in (a, b))) if both else None
        return None if found is None else ExamplesMargin(found, len(both))

    return margin


def of_share(a: SeedValues, b: SeedValues | None, quantity: Quantity, low: float | None, high: float | None) -> Margin:
    """Return the margin of the share of seeds whose own number, or difference from b's, lies between two bounds."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        seeds = _shared(a, a if b is None else b, path)
        if not seeds:
            return None
        tail = examples.TAIL_CHANCE / len(seeds)
        each = [_level(a, quantity, [s], tail) if b is None else _difference(a, b, quantity, [s], tail) for s in seeds]
        return ExamplesMargin(examples.share_of_seeds(each, low, high), len(seeds))

    return margin


def _level(found: SeedValues, quantity: Quantity, seeds: Sequence[int], tail: float) -> Interval:
    e = examples.level([_right(found, s) for s in seeds], tail)
    return e if quantity.metric != GAP else examples.taken_from(e, float(np.mean([found.values[s] for s in seeds])))


def _difference(a: SeedValues, b: SeedValues, quantity: Quantity, seeds: Sequence[int], tail: float) -> Interval:
    ours, theirs = ([_right(side, s) for s in seeds] for side in (a, b))
    e = examples.difference(ours, theirs, tail)
    if quantity.metric != GAP:
        return e
    return examples.taken_from(e, float(np.mean([a.values[s] - b.values[s] for s in seeds])))


def _shared(a: SeedValues, b: SeedValues, path: Sequence[int]) -> list[int]:
    """The seeds of a path that have bits of the same examples on both sides; none where any have not."""
    both = [seed for seed in path if seed in a.correct and seed in b.correct]
    sizes = {len(_right(side, s)) for side in (a, b) for s in both}
    split = any(getattr(a.config, knob) != getattr(b.config, knob) for knob in VALIDATION_KNOBS)
    return [] if split or len(sizes) > 1 else both


def _right(found: SeedValues, seed: int) -> examples.Bits:
    kept: CorrectExamples = found.correct[seed]
    return unpacked(kept.best if found.at_best else kept.last, kept.count)
