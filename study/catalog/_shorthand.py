"""Short spellings for the parts of a catalogue claim, and the one rule by which words become bounds.

The rule, fixed before anything ran and used by every study here:

- "about", "near", "roughly" P %: within 2 points where P is a multiple of five, else within 1 point.
- "about" a count of epochs: within a fifth; "within about" a bound: up to a fifth beyond it.
- "more", "less", "higher", "wider", "fewer": the difference is beyond 0 (the ratio beyond 1).
- "far": at least twice (a ratio beyond 2 or below 1/2), or 5 points of accuracy; "very": at least ten times.
- "equivalent", "like": within 1 point of accuracy and 0.05 nats of loss.
- "overfits more", "gap": training minus validation accuracy, unless the statement speaks of loss.
- What the statement puts in brackets as the text's own number is not judged.
- Arms are compared at equal epochs; where the statement itself names two epochs, `unequal` says so.
"""

from __future__ import annotations

from study.spec.claims import Contrast, CurvePlace, Level, Quantity
from study.spec.study import Family

CHAPTER = Family(name="chapter", places=60)
"""All claims of the chapter share one guarantee; there is room for later versions of them. The number never changes."""
FIRST_UNSEEN_SEED = 5
"""The first seed of claims that were written anew after seeds 0 to 4 had been seen."""
FAR_FACTOR, VERY_FACTOR = 2.0, 10.0
SAME_ACCURACY, SAME_LOSS = 0.01, 0.05


def words(doc: str | None) -> str:
    """A docstring as one line.

    >>> words("What  does it do? ")
    'What does it do?'
    """
    return " ".join((doc or "").split())


def about(percent: float) -> tuple[float, float]:
    """Bounds of "about P %" by the rule above.

    >>> about(85), about(89)
    ((0.83, 0.87), (0.88, 0.9))
    """
    slack = 2 if percent % 5 == 0 else 1
    return (percent - slack) / 100, (percent + slack) / 100


def at(arm: str, metric: str, place: CurvePlace = "last") -> Quantity:
    """A metric of an arm at a place on its curve."""
    return Quantity(arm=arm, metric=metric, at=place)


def first(arm: str, metric: str, reaches: float) -> Quantity:
    """The first epoch at which a metric is at least (for losses: at most) a level."""
    return Quantity(arm=arm, metric=metric, reaches=reaches)


def of(arm: str, tensor: str, metric: str, place: CurvePlace = "last") -> Quantity:
    """A statistic of a tensor of an arm."""
    return Quantity(arm=arm, metric=metric, tensor=tensor, at=place)


def between(quantity: Quantity, bounds: tuple[float, float]) -> Level:
    """The quantity lies between two bounds."""
    return Level(quantity=quantity, low=bounds[0], high=bounds[1])


def more(a: Quantity, b: Quantity, by: float = 0.0, *, unequal: bool = False, differ: tuple[str, ...] = ()) -> Contrast:
    """State that a is larger than b, by more than `by`."""
    return Contrast(a=a, b=b, low=by, unequal_epochs=unequal, differ=differ)


def times(a: Quantity, b: Quantity, low: float | None = None, high: float | None = None) -> Contrast:
    """State that a / b lies between bounds."""
    return Contrast(a=a, b=b, low=low, high=high, ratio=True)


def alike(a: Quantity, b: Quantity, within: float, *, unequal: bool = False, differ: tuple[str, ...] = ()) -> Contrast:
    """State that a and b are equal to within a tolerance."""
    return Contrast(a=a, b=b, low=-within, high=within, unequal_epochs=unequal, differ=differ)
