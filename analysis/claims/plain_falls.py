"""The fall of a metric from its first to its last epoch in a plain sentence: it falls, or it rises.

A claim's number is a fall, below 0 where the metric rises. A sentence takes the verb that fits and turns number and
claim with it; of two arms one falls, or rises, so much more or less than the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from analysis.claims import plain_nouns as nouns
from analysis.claims.arm_words import ArmWords
from analysis.text import numbers
from analysis.text import phrases as wording
from study.spec.claims import Quantity
from trainables.records.metrics import METRICS

FURTHER = nouns.SizeWords("", "more", "less")
"""How far two arms fall or rise."""
INFINITIVES: Mapping[str, str] = {"falls": "fall", "rises": "rise", "changes": "change"}


def rising(quantity: Quantity, words: ArmWords) -> bool:
    """Whether a sentence over two arms says that a metric rises: as both do, else as metrics of its kind mostly do.

    >>> [rising(Quantity(arm="a", metric=m, at="fall"), ArmWords()) for m in ("val_accuracy", "loss_gap", "val_loss")]
    [True, True, False]
    """
    if words.rises is not None:
        return words.rises
    return METRICS[quantity.metric].direction == "higher" or quantity.metric in nouns.GAPS


def all_rise(falls: Sequence[float]) -> bool | None:
    """Whether a metric rises everywhere, of how far it falls; None where it rises in one and falls in another.

    >>> all_rise([-0.1, -0.2]), all_rise([0.1, 0.2]), all_rise([-0.1, 0.2]), all_rise([])
    (True, False, None, None)
    """
    return None if not falls or min(falls) <= 0 <= max(falls) else max(falls) < 0


def both_rise(pair: tuple[Quantity, Quantity], numbers: Iterable[tuple[float, float]]) -> bool | None:
    """The same of two arms, of their numbers by seed; None where these are not of falls."""
    if {q.at for q in pair} != {"fall"}:
        return None
    known = [each for each in numbers if all(map(math.isfinite, each))]
    return all_rise([sum(arm) / len(known) for arm in zip(*known, strict=True)])


def verb(*, rises: bool) -> str:
    """What the metric does."""
    return "rises" if rises else "falls"


def level_claimed(low: float | None, high: float | None, unit: wording.Unit) -> str:
    """What is claimed of one arm's fall.

    >>> nats = wording.Unit(1.0, "nats")
    >>> [level_claimed(*b, nats) for b in ((0.2, None), (-0.2, None), (0.0, None), (None, -0.2), (None, 0.2))]
    ['falls by more than 0.2 nats', 'rises by at most 0.2 nats', 'falls', 'rises by more than 0.2 nats', \
'falls by at most 0.2 nats']
    >>> [level_claimed(*b, nats) for b in ((0.2, 0.4), (-0.4, -0.2), (-0.2, 0.2))]
    ['falls by 0.2 to 0.4 nats', 'rises by 0.2 to 0.4 nats', 'changes by at most 0.2 nats']
    >>> level_claimed(-0.1, 0.4, nats)
    'rises by at most 0.1 nats or falls by at most 0.4 nats'
    """
    if low is not None and high is not None:
        if low == -high:
            return f"changes by at most {wording.bound_words(high, unit)}"
        if low < 0 < high:
            most = [f"at most {wording.bound_words(end, unit)}" for end in (-low, high)]
            return f"rises by {most[0]} or falls by {most[1]}"
        least, far = sorted((abs(low), abs(high)))
        near = "" if least == far else f"{numbers.plain_number(least * unit.scale)} to "
        return f"{verb(rises=high <= 0)} by {near}{wording.bound_words(far, unit)}"
    bound, rises = (low, False) if low is not None else (-(high or 0.0), True)
    if not bound:
        return verb(rises=rises)
    if bound > 0:
        return f"{verb(rises=rises)} by more than {wording.bound_words(bound, unit)}"
    return f"{verb(rises=not rises)} by at most {wording.bound_words(-bound, unit)}"


def to_do(claimed: str) -> str:
    """The same after "claimed".

    >>> to_do("rises by at most 0.1 nats or falls by at most 0.4 nats")
    'to rise by at most 0.1 nats or fall by at most 0.4 nats'
    """
    return "to " + " ".join(INFINITIVES.get(word, word) for word in claimed.split(" "))


def compared(quantity: Quantity, than: str, how: str, *, rises: bool) -> str:
    """That one arm falls or rises so much more or less than another.

    than: both arms, " with dropout than with the plain network", and where.

    >>> q = Quantity(arm="a", metric="loss_gap", at="fall")
    >>> compared(q, " with A than with B from first to last epoch", "0.1 nats less", rises=True)
    'The gap in loss rises by 0.1 nats less with A than with B from first to last epoch'
    >>> compared(q, " with A than with B from first to last epoch", "within 0.1 nats", rises=True)
    'The gap in loss rises as much with A as with B from first to last epoch, within 0.1 nats'
    """
    does = f"The {nouns.of_fall(quantity)} {verb(rises=rises)}"
    if how.startswith("within"):
        return f"{does} as much{than.replace(' than ', ' as ')}, {how}"
    return f"{does} {'' if how in FURTHER else 'by '}{how}{than}"
