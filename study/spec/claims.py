"""A statement as data: quantities and the closed set of claim forms.

Not here: how they are judged (`analysis.claims`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from trainables.config.errors import BadInput
from trainables.config.from_numpy import Plain, make_plain
from trainables.records.metrics import METRICS

EPOCH_METRICS = tuple(METRICS)


TENSOR_METRICS = ("width", "std", "largest", "tail", "inner_width")
"""Of one tensor's values: `width` = max - min; `std`; `largest` = max |w|; `tail` = max |w| / std;
`inner_width` = 99.9 % quantile - 0.1 % quantile."""


CurvePlace = int | Literal["last", "best", "max", "min", "mean", "fall"]
"""Where on a trial's curve: an epoch; its last; its best (by validation accuracy); the largest, smallest or mean value
over all epochs; `fall` = the value of epoch 1 minus that of the last."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number that one trial gives: a metric at a place on its curve, or of a tensor at an epoch, or a first
    epoch.
    """

    arm: str
    """Of the same study, or `STUDY/ARM` of another."""
    metric: str
    """One of `EPOCH_METRICS`, or of `TENSOR_METRICS` with `tensor` given."""
    at: CurvePlace = "last"
    tensor: str | None = None
    """For tensor metrics: W1, b1, ..., gamma1, beta1, Z1, A1."""
    reaches: float | None = None
    """If given, the quantity is the first epoch whose metric is at least (for losses: at most) this; one more than the
    epochs trained where it never is."""

    def __post_init__(self) -> None:
        make_plain(self)
        known = TENSOR_METRICS if self.tensor else EPOCH_METRICS
        if self.metric not in known:
            raise BadInput("metric", self.metric, "expected one of " + ", ".join(known))
        if self.tensor and self.at != "last" and not isinstance(self.at, int):
            raise BadInput("at", self.at, "a tensor is summarised at an epoch or at the last")
        if (self.at < 1) if isinstance(self.at, int) else (self.at not in _PLACES):
            raise BadInput("at", self.at, "expected an epoch from 1, or " + ", ".join(_PLACES))


_PLACES = ("last", "best", "max", "min", "mean", "fall")


@dataclass(frozen=True, kw_only=True)
class Level(Plain):
    """A quantity lies between bounds: "about 85 %" is low 0.83, high 0.87."""

    quantity: Quantity
    low: float | None = None
    high: float | None = None
    share: float | None = None
    """If given, it lies there in more than this share of seeds ("every", "no", "stays"), and not in the mean."""


@dataclass(frozen=True, kw_only=True)
class Contrast(Plain):
    """a - b (or a / b) lies between bounds, compared in pairs by seed; equivalence is a low and a high bound.

    Refused where the two arms differ in other knobs than `differ` (empty: the study's own knobs) or where the places on
    the two curves are not equal and `unequal_epochs` is not set.
    """

    a: Quantity
    b: Quantity
    low: float | None = None
    high: float | None = None
    ratio: bool = False
    differ: tuple[str, ...] = ()
    unequal_epochs: bool = False
    share: float | None = None
    """If given, it lies there in more than this share of seeds, and not in the mean."""


@dataclass(frozen=True, kw_only=True)
class Trajectory(Plain):
    """A metric falls, or rises, in every epoch, in more than a share of seeds."""

    arm: str
    metric: str
    direction: Literal["falls", "rises"] = "falls"
    share: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Mechanism(Plain):
    """Something that holds by construction, checked against the record of every epoch.

    `plateau`: the rate is cut exactly after epochs whose validation loss does not beat the best by more than the
    threshold, down to its minimum. `updates`: an epoch has exactly `value` updates.
    """

    arm: str
    rule: Literal["plateau", "updates"]
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Association(Plain):
    """Over the arms named, a larger x goes with a larger y: rank correlation within each seed, above `low`."""

    arms: tuple[str, ...]
    x: Quantity
    y: Quantity
    """The `arm` of x and y is ignored; write "*"."""
    low: float = 0.0
    seeds_at: int = 5
    """It is judged once, when there are so many seeds: the arms are what is counted."""


Form = Level | Contrast | Trajectory | Mechanism | Association


FORMS: Mapping[str, type] = {f.__name__.lower(): f for f in get_args(Form)}


@dataclass(frozen=True, kw_only=True)
class Claim(Plain):
    """A statement to judge; it is supported when every part is, refuted when any part is."""

    id: str
    statement: str
    parts: tuple[Form, ...]
    note: str = ""
    """How the words were turned into the parts: tolerances, places, and why."""
    from_seed: int = 0
    """It is judged by seeds from this one on: those that nobody had seen when it was written."""

    def judges_as(self, other: Claim) -> bool:
        """Whether both judge the same by the same seeds; their words may differ."""
        return (self.parts, self.from_seed) == (other.parts, other.from_seed)


def quantities(form: Form) -> tuple[Quantity, ...]:
    """The quantities that a form speaks of, with the arm of each filled in."""
    match form:
        case Level():
            return (form.quantity,)
        case Contrast():
            return (form.a, form.b)
        case Association():
            return tuple(dataclasses.replace(q, arm=a) for a in form.arms for q in (form.x, form.y))
        case _:
            return ()


def arms_named(claim: Claim) -> tuple[str, ...]:
    """Every arm that a claim needs, in order, each once."""
    return tuple(dict.fromkeys(name for form in claim.parts for name in arms_of(form)))


def arms_of(form: Form) -> tuple[str, ...]:
    """Every arm that a form speaks of."""
    return (form.arm,) if isinstance(form, Trajectory | Mechanism) else tuple(q.arm for q in quantities(form))
