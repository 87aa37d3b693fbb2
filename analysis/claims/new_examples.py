"""The margin that new validation examples would add to a part of a claim, from the bits on record.

Of which the numbers speak: accuracy on the validation part, after the last epoch or the best one. More seeds do not
narrow this margin: all seeds are measured on the same examples. See `analysis.statistics.examples` for what is
exact in it, and `docs/verdicts.md` for the argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.claims.by_seed import SeedValues
from analysis.statistics import examples
from analysis.statistics.evidence import Interval
from study.spec.claims import Quantity
from trainables.records.correct_examples import CorrectExamples, unpacked

SPLIT = ("data", "held_out", "split_seed")
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
    """Whether a quantity is a share of validation examples whose bits a record holds.

    >>> is_of_examples(Quantity(arm="a", metric="val_accuracy")), is_of_examples(Quantity(arm="a", metric="val_loss"))
    (True, False)
    """
    plain = quantity.metric == "val_accuracy" and quantity.reaches is None and not quantity.tensor
    return plain and (quantity.at in ("last", "best", "max") or isinstance(quantity.at, int))


def of_level(found: SeedValues) -> Margin:
    """Of one arm's accuracy."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        bits = [_right(found, seed) for seed in path if seed in found.correct]
        if not bits or len(set(map(len, bits))) > 1:
            return None
        return ExamplesMargin(examples.level(bits), len(bits))

    return margin


def of_difference(a: SeedValues, b: SeedValues) -> Margin:
    """Of the difference of two arms' accuracies; None where they were not measured on the same examples."""

    def margin(path: Sequence[int]) -> ExamplesMargin | None:
        both = [seed for seed in path if seed in a.correct and seed in b.correct]
        ours, theirs = ([_right(side, seed) for seed in both] for side in (a, b))
        split = any(getattr(a.config, knob) != getattr(b.config, knob) for knob in SPLIT)
        if not both or split or len(set(map(len, (*ours, *theirs)))) > 1:
            return None
        return ExamplesMargin(examples.difference(ours, theirs), len(both))

    return margin


def _right(found: SeedValues, seed: int) -> examples.Bits:
    kept: CorrectExamples = found.correct[seed]
    return unpacked(kept.best if found.at_best else kept.last, kept.count)
