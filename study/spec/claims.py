"""A statement as data: quantities and the closed set of claim forms.

Not here: how they are judged (`analysis.claims`).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, PlainValidator

from study.spec.faults import Fault, WrongValue, closest, one_of
from study.spec.values import (
    Flag,
    Label,
    Listed,
    ListOfMappings,
    MaybeLabel,
    MaybeNumber,
    MaybeShare,
    Number,
    Share,
    Text,
    checked,
    whole_number,
)
from trainables.records.metrics import METRICS, OF_TEST

EPOCH_METRICS = tuple(METRICS)


TENSOR_METRICS = ("width", "std", "largest", "tail", "inner_width")
"""Of one tensor's values: `width` = max - min; `std`; `largest` = max |w|; `tail` = max |w| / std;
`inner_width` = 99.9 % quantile - 0.1 % quantile."""


CurvePlace = int | Literal["last", "best", "max", "min", "mean", "fall"]
"""Where on a trial's curve: an epoch; its last; its best (by validation accuracy); the largest, smallest or mean value
over all epochs; `fall` = the value of epoch 1 minus that of the last."""
_PLACES = ("last", "best", "max", "min", "mean", "fall")
MAX_EPOCH, MAX_SEED = 1_000_000, 2**31 - 1
"""The largest that there may be."""


def _place(v: Any) -> CurvePlace:
    if isinstance(v, str) and v in _PLACES:
        return v  # type: ignore[return-value]
    if isinstance(v, bool) or not isinstance(v, int) or not 1 <= v <= MAX_EPOCH:
        raise ValueError(f"expected an epoch from 1, or {', '.join(_PLACES)}{closest(v, _PLACES)}")
    return v


AtPlace = Annotated[CurvePlace, PlainValidator(_place, json_schema_input_type=CurvePlace)]
Range = tuple[float, float]


@checked(frozen=True, kw_only=True)
class Quantity:
    """One number that one trial gives: a metric at a place on its curve, or of a tensor at an epoch, or a first
    epoch.
    """

    arm: Label
    """Of the same study; `STUDY/ARM` is one of another."""
    metric: Label
    """A metric of an epoch, such as val_accuracy; with `tensor`: width, std, largest, tail or inner_width."""
    at: AtPlace = "last"
    """An epoch; or the last, the best on validation, the largest, smallest or mean value, the fall from 1 to last."""
    tensor: MaybeLabel = None
    """The tensor that is measured: W1, b1, ..., gamma1, beta1, Z1, A1."""
    reaches: MaybeNumber = None
    """If given, the quantity is the first epoch whose metric is at least (for losses: at most) this; one more than the
    epochs trained where it never is."""

    def __post_init__(self) -> None:
        known = TENSOR_METRICS if self.tensor else EPOCH_METRICS
        if self.metric not in known:
            why = one_of(self.metric, known)
            raise WrongValue(Fault(("metric",), self.metric, why))
        if self.metric in OF_TEST and self.at in ("max", "min"):
            why = "an epoch is chosen on the validation part, never on the test part: write best, or an epoch"
            raise WrongValue(Fault(("at",), self.at, why))
        if self.tensor and self.at != "last" and not isinstance(self.at, int):
            raise WrongValue(Fault(("at",), self.at, "a tensor is summarised at an epoch or at the last"))

    @property
    def range(self) -> Range:
        """The range that it lies in, in its recorded unit."""
        if self.reaches is not None:
            return 0.0, math.inf
        if self.tensor:
            return 0.0, math.inf
        metric = METRICS[self.metric]
        return (metric.low - metric.high, metric.high - metric.low) if self.at == "fall" else (metric.low, metric.high)

    @property
    def unit(self) -> str:
        """What it is measured in; two of one unit can be subtracted."""
        if self.reaches is not None:
            return "epochs"
        if self.tensor:
            return "tail" if self.metric == "tail" else "values of a tensor"
        return METRICS[self.metric].difference_unit or self.metric


def _check_bounds(low: float | None, high: float | None, within: Range, what: str) -> None:
    """Refuse bounds that say nothing, are the wrong way round, or lie where no value can be."""
    if low is None and high is None:
        raise WrongValue(Fault(("low",), None, "it says nothing without a bound: give low, high or both", absent=True))
    if low is not None and high is not None and low > high:
        raise WrongValue(Fault(("low",), low, f"it lies above high, {high:g}"))
    for name, bound in (("low", low), ("high", high)):
        if bound is not None and not within[0] <= bound <= within[1]:
            share = within[1] in (1.0, 2.0) and within[0] <= bound / 100 <= within[1] and abs(bound) <= 100
            hint = f"; it is a share of 1, so {bound:g} % is {bound / 100:g}" if share else ""
            ends = f"{within[0]:g} to {within[1]:g}" if within[1] < math.inf else f"{within[0]:g} and above"
            raise WrongValue(Fault((name,), bound, f"{what} lies in {ends}{hint}"))


@checked(frozen=True, kw_only=True)
class Level:
    """A quantity lies between bounds: "about 85 %" is low 0.83, high 0.87."""

    form: Literal["level"] = "level"
    """Which form it is."""
    quantity: Quantity
    """What is measured."""
    low: MaybeNumber = None
    """The lower bound, in the metric's own unit: 80 % accuracy is 0.8."""
    high: MaybeNumber = None
    """The upper bound."""
    share: MaybeShare = None
    """If given, it lies there in at least this share of seeds ("every", "no", "stays"), and not in the mean."""

    def __post_init__(self) -> None:
        _check_bounds(self.low, self.high, self.quantity.range, self.quantity.metric)


@checked(frozen=True, kw_only=True)
class Contrast:
    """a - b (or a / b) lies between bounds, compared in pairs by seed; equivalence is a low and a high bound.

    Refused where the two arms differ in other knobs than `differ` (empty: the study's own knobs) or where the places on
    the two curves are not equal and `unequal_epochs` is not set.
    """

    form: Literal["contrast"] = "contrast"
    """Which form it is."""
    a: Quantity
    """What is measured first."""
    b: Quantity
    """What is taken from a, or a is divided by."""
    low: MaybeNumber = None
    """The lower bound: two points of accuracy are 0.02."""
    high: MaybeNumber = None
    """The upper bound."""
    ratio: Flag = False
    """Take a / b, not a - b."""
    differ: Annotated[tuple[Label, ...], Listed] = ()
    """The knobs in which the two arms may differ. Left out, the study's."""
    unequal_epochs: Flag = False
    """Say true where the two are meant to be compared after different epochs."""
    share: MaybeShare = None
    """If given, it lies there in at least this share of seeds, and not in the mean."""

    def __post_init__(self) -> None:
        if not self.ratio and self.a.unit != self.b.unit:
            both = f"{self.a.metric} and {self.b.metric} are unlike things ({self.a.unit} and {self.b.unit})"
            raise WrongValue(Fault(("b", "metric"), self.b.metric, f"{both}, so their difference says nothing"))
        what = "the ratio" if self.ratio else f"a difference in {self.a.metric}"
        _check_bounds(self.low, self.high, self.range, what)

    @property
    def range(self) -> Range:
        """The range that the difference, or the ratio, lies in."""
        (low, high), (low_b, high_b) = self.a.range, self.b.range
        if self.ratio:
            return (0.0 if low >= 0 and low_b >= 0 else -math.inf), math.inf
        return low - high_b, high - low_b


@checked(frozen=True, kw_only=True)
class Trajectory:
    """A metric falls, or rises, in every epoch, in at least a share of seeds."""

    form: Literal["trajectory"] = "trajectory"
    """Which form it is."""
    arm: Label
    """The arm whose curve it is."""
    metric: Label
    """The metric that falls or rises."""
    direction: Literal["falls", "rises"] = "falls"
    """Which way it goes in every epoch."""
    share: Share = 0.8
    """In at least this share of seeds."""

    def __post_init__(self) -> None:
        if self.metric not in EPOCH_METRICS:
            why = one_of(self.metric, EPOCH_METRICS)
            raise WrongValue(Fault(("metric",), self.metric, why))


@checked(frozen=True, kw_only=True)
class Mechanism:
    """Something that holds by construction, checked against the record of every epoch.

    `plateau`: the rate is cut exactly after epochs whose validation loss does not beat the best by more than the
    threshold, down to its minimum. `updates`: an epoch has exactly `value` updates.
    """

    form: Literal["mechanism"] = "mechanism"
    """Which form it is."""
    arm: Label
    """The arm that is checked."""
    rule: Literal["plateau", "updates"]
    """What holds, see above."""
    value: MaybeNumber = None
    """How many updates an epoch has; for `updates` alone."""

    def __post_init__(self) -> None:
        if self.rule == "updates" and self.value is None:
            raise WrongValue(Fault(("value",), None, "it is missing: how many updates an epoch has", absent=True))
        if self.rule == "updates" and (self.value is None or self.value != int(self.value) or self.value < 1):
            raise WrongValue(Fault(("value",), self.value, "expected a whole number of updates, at least 1"))
        if self.rule != "updates" and self.value is not None:
            raise WrongValue(Fault(("value",), self.value, f"{self.rule} takes none; leave it out"))


@checked(frozen=True, kw_only=True)
class Association:
    """Over the arms named, a larger x goes with a larger y: rank correlation within each seed, above `low`."""

    form: Literal["association"] = "association"
    """Which form it is."""
    arms: Annotated[tuple[Label, ...], Listed]
    """The arms that are ranked."""
    x: Quantity
    """What goes first."""
    y: Quantity
    """What goes with it. The `arm` of x and y counts for nothing; write "*"."""
    low: Number = 0.0
    """The rank correlation lies above this."""
    seeds_at: Annotated[int, *whole_number(2, 1000)] = 5
    """It is judged once, when there are so many seeds."""

    def __post_init__(self) -> None:
        if len(self.arms) < MIN_ARMS_FOR_ASSOCIATION or len(set(self.arms)) < len(self.arms):
            raise WrongValue(
                Fault(("arms",), list(self.arms), f"expected at least {MIN_ARMS_FOR_ASSOCIATION} arms, each once")
            )
        if not -1 <= self.low < 1:
            raise WrongValue(Fault(("low",), self.low, "a rank correlation lies in -1 to 1"))


MIN_ARMS_FOR_ASSOCIATION = 2
"""A rank correlation needs so many arms."""
Form = Level | Contrast | Trajectory | Mechanism | Association


FORMS: Mapping[str, type] = {f.__name__.lower(): f for f in get_args(Form)}


@checked(frozen=True, kw_only=True)
class Claim:
    """A statement to judge; it is supported when every part is, refuted when any part is."""

    id: Label
    """Its name in commands and tables."""
    statement: Text
    """What is claimed, in a sentence."""
    parts: Annotated[tuple[Annotated[Form, Field(discriminator="form")], ...], ListOfMappings]
    """What must hold for it, as data."""
    note: Text = ""
    """How the words were turned into the parts: tolerances, places, and why."""
    from_seed: Annotated[int, *whole_number(0, MAX_SEED)] = 0
    """It is judged by seeds from this one on: those that nobody had seen when it was written."""

    fault: ClassVar[str] = ""
    """Why it cannot be judged, see `UnreadableClaim`."""

    def __post_init__(self) -> None:
        if not self.parts:
            raise WrongValue(Fault(("parts",), [], "expected at least one part"))

    def judges_as(self, other: Claim) -> bool:
        """Whether both judge the same by the same seeds, if their arms are the same; their words may differ."""
        return (self.parts, self.from_seed) == (other.parts, other.from_seed)


class UnreadableClaim(Claim):
    """A claim of a results folder that was accepted once and means nothing: kept as it is, judged by nobody.

    It has no parts; `fault` says what is wrong, `text` is the claim as JSON.
    """

    text: str
    fault: str  # type: ignore[misc]

    def __init__(self, text: str, fault: str) -> None:
        given = json.loads(text)
        words = {name: str(given.get(name, "")) for name in ("id", "statement", "note")}
        for name, v in {**words, "parts": (), "from_seed": 0, "text": text, "fault": fault}.items():
            object.__setattr__(self, name, v)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnreadableClaim) and json.loads(self.text) == json.loads(other.text)

    def __hash__(self) -> int:
        return hash(self.id)


@functools.lru_cache(maxsize=512)  # asked several times of one form, and each is checked anew
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


def own_arm(study: str, name: str) -> str | None:
    """Which arm of a study a claim means, whether it says `ARM` or `STUDY/ARM`; None where it is another study's.

    >>> own_arm("width", "narrow"), own_arm("width", "width/narrow"), own_arm("width", "depth/one")
    ('narrow', 'narrow', None)
    """
    owner, _, arm = name.rpartition("/")
    return arm if owner in ("", study) else None


def arms_of(form: Form) -> tuple[str, ...]:
    """Every arm that a form speaks of."""
    return (form.arm,) if isinstance(form, Trajectory | Mechanism) else tuple(q.arm for q in quantities(form))
