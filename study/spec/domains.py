"""What a search may vary, as data: knobs with their ranges, and conditions between them.

Pure: neither Optuna nor Ray. Points of a space are `study.spec.points`; which comes next is the business of
`study.search.memoryless_samplers` and `study.search.optuna_samplers`, who goes on that of `study.search.schedulers`.

Besides the knobs of `TrialConfig`, a space may hold `hidden.count` (how many hidden layers) and `hidden.1`, `hidden.2`,
... (their widths); they are put together into the knob `hidden`, and a width exists only where there is such a layer.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from study.spec.faults import Fault, WrongValue, closest
from study.spec.point import COUNT, WIDTH, Point
from study.spec.values import Flag, Listed, Number, bad_values, checked, from_plain, whole_number
from trainables.config.errors import BadInput
from trainables.config.identity import OMITTED_AT_DEFAULT
from trainables.config.trial_config import KNOBS, no_such_knob

MAX_WHOLE_NUMBER = 2**53
"""No whole number is larger."""


def _as_tuple(v: Any) -> Any:
    return tuple(v) if isinstance(v, list) else v


def same_value(a: Any, b: Any) -> bool:
    """Whether two values of a knob are the same: 1 is 1.0, but true is not 1.

    >>> same_value(1, 1.0), same_value(True, 1), same_value([8], (8,))
    (True, False, True)
    """
    a, b = _as_tuple(a), _as_tuple(b)
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _conditions(given: Any) -> dict[str, tuple[Any, ...]]:
    if not isinstance(given, Mapping) or not all(isinstance(k, str) for k in given):
        raise ValueError("expected a mapping of names to their values")
    return {k: tuple(map(_as_tuple, v)) if isinstance(v, list | tuple) else (v,) for k, v in given.items()}


When = Annotated[
    Mapping[str, tuple[Any, ...]],
    PlainValidator(lambda v: {} if v is None else _conditions(v), json_schema_input_type=dict[str, Any]),
]


@checked(frozen=True, kw_only=True)
class Float:
    """A real number between two ends, or its logarithm."""

    kind: Literal["float"] = "float"
    """Which kind of range it is."""
    low: Number
    """The smallest value."""
    high: Number
    """The largest value."""
    log: Flag = False
    """Spread evenly over the logarithm, not over the value."""
    when: When = field(default_factory=dict)
    """It exists only where each of these other knobs has one of these values."""

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high, self.log)
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    def at(self, share: float) -> float:
        """The value at a share of the way, 0 to 1.

        >>> Float(low=1, high=100, log=True).at(0.5)
        10.0
        """
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return min(max(float(f"{value:.6g}"), self.low), self.high)

    def share(self, value: float) -> float:
        """The inverse of `at`; how far between the two ends a value lies."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def grid(self, points: int) -> tuple[Any, ...]:
        """Return that many values, evenly placed, both ends among them."""
        return tuple(dict.fromkeys(self.at(i / max(points - 1, 1)) for i in range(points)))

    def ends(self) -> tuple[Any, ...]:
        """Return both extremes."""
        return tuple(dict.fromkeys((self.low, self.high)))

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it."""
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high


@checked(frozen=True, kw_only=True)
class Int:
    """A whole number between two ends, both included."""

    kind: Literal["int"] = "int"
    """Which kind of range it is."""
    low: Annotated[int, *whole_number(-MAX_WHOLE_NUMBER, MAX_WHOLE_NUMBER)]
    """The smallest value."""
    high: Annotated[int, *whole_number(-MAX_WHOLE_NUMBER, MAX_WHOLE_NUMBER)]
    """The largest value."""
    log: Flag = False
    """Spread evenly over the logarithm, not over the value."""
    when: When = field(default_factory=dict)
    """It exists only where each of these other knobs has one of these values."""

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high, self.log)

    def at(self, share: float) -> int:
        """The value at a share of the way, 0 to 1; every value is equally likely under even shares (or logarithms).

        >>> [Int(low=1, high=4).at(u) for u in (0.0, 0.3, 1.0)]
        [1, 2, 4]
        """
        low, high = self.low - 0.5, self.high + 0.5
        value = math.exp(math.log(low) + share * math.log(high / low)) if self.log else low + share * (high - low)
        return min(max(math.floor(value + 0.5), self.low), self.high)

    def share(self, value: float) -> float:
        """How far between its ends a value lies, 0 to 1."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def grid(self, points: int) -> tuple[Any, ...]:
        """Return that many values, evenly placed, both ends among them."""
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        steps = [low + (high - low) * i / max(points - 1, 1) for i in range(points)]
        return tuple(dict.fromkeys(round(math.exp(s)) if self.log else round(s) for s in steps))

    def ends(self) -> tuple[Any, ...]:
        """Return both extremes."""
        return tuple(dict.fromkeys((self.low, self.high)))

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it."""
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@checked(frozen=True, kw_only=True)
class Choice:
    """One of some values; `ordered` says that neighbours in the list are alike."""

    kind: Literal["choice"] = "choice"
    """Which kind of range it is."""
    values: Annotated[tuple[Any, ...], Listed]
    """The values to choose from."""
    ordered: Flag = False
    """Neighbours in the list are alike."""
    when: When = field(default_factory=dict)
    """It exists only where each of these other knobs has one of these values."""

    def __post_init__(self) -> None:
        values = tuple(map(_as_tuple, self.values))
        if not values or len({repr(v) for v in values}) < len(values):
            raise WrongValue(
                Fault(("values",), list(self.values), "expected at least one value to choose from, each once")
            )
        object.__setattr__(self, "values", values)

    def own(self, value: Any) -> Any:
        """The value as this choice spells it; as it is given where it is none of them."""
        return next((v for v in self.values if same_value(v, value)), value)

    def at(self, share: float) -> Any:
        """The value at a share of the way, 0 to 1."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def share(self, value: Any) -> float:
        """How far between its ends a value lies, 0 to 1."""
        return (self.values.index(self.own(value)) + 0.5) / len(self.values)

    def grid(self, points: int) -> tuple[Any, ...]:  # noqa: ARG002  # the interface's
        """Return all values, however many points are asked for."""
        return self.values

    def ends(self) -> tuple[Any, ...]:
        """Return the first and the last value, or all where they have no order."""
        return (self.values[0], self.values[-1]) if self.ordered and len(self.values) > 1 else self.values

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it."""
        return any(same_value(v, value) for v in self.values)


Domain = Float | Int | Choice
Space = Mapping[str, Domain]
KINDS: Mapping[str, type[Any]] = {"float": Float, "int": Int, "choice": Choice}


def _check_ends(low: float, high: float, log: bool) -> None:
    if low > high:
        raise WrongValue(Fault(("low",), low, f"the range is empty: low is above high, {high}"))
    if log and low <= 0:
        raise WrongValue(Fault(("low",), low, "a logarithmic range begins above 0"))


def read_space(values: Mapping[str, Any]) -> dict[str, Domain]:
    """A space from domains or their plain data, {"kind": "float", "low": ..., ...}; what others depend on comes first.

    >>> read_space({"lr": {"kind": "float", "low": 0.001, "high": 0.1, "log": True}})["lr"].at(0.5)
    0.01

    Raises:
        BadInput: it is empty, names what is no knob, or depends on itself.
    """
    domains: dict[str, Domain] = {}
    for name, given in values.items():
        domains[name] = _domain(name, given)
    if not domains:
        raise BadInput("space", {}, "the search space is empty: name at least one knob and its range")
    _check_names(domains)
    return _in_order(domains)


def _domain(name: str, given: Any) -> Domain:
    """A domain of that name; the width of a layer exists where there is such a layer."""
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if isinstance(given, Mapping) and kind not in KINDS:
        raise BadInput(f"space.{name}", kind, f"kind is one of {', '.join(KINDS)}{closest(kind, KINDS)}")
    made: Domain = from_plain(KINDS[str(kind)], given) if isinstance(given, Mapping) else given
    if (layer := WIDTH.fullmatch(name)) and COUNT not in made.when:
        made = dataclasses.replace(made, when={**made.when, COUNT: layers_above(int(layer[1]))})
    return made


def layers_above(layer: int) -> tuple[int, ...]:
    """The numbers of hidden layers with which there is such a layer.

    >>> layers_above(8)
    (8, 9)
    """
    return tuple(range(layer, 10))


_NOT_SEARCHED = {
    "epochs": "comparisons are made at equal epochs; give epochs beside base",
    "seed": "every configuration has the same seeds; how many says `seeds` of the search",
    **dict.fromkeys(
        ("data", "device", "train_images", *OMITTED_AT_DEFAULT), "all configurations share it; give it in base"
    ),
}


def _check_names(space: Space) -> None:
    for name in space:
        if name not in KNOBS and name != COUNT and not WIDTH.fullmatch(name):
            raise bad_values([Fault(("space", name), None, no_such_knob(name), absent=True)], {})
        if name in _NOT_SEARCHED:
            raise BadInput("space", name, f"it cannot be searched: {_NOT_SEARCHED[name]}")
    layers = {n for n in space if n == COUNT or WIDTH.fullmatch(n)}
    if layers and "hidden" in space:
        raise BadInput("space", "hidden", "give either hidden or hidden.count with hidden.1, hidden.2, ..., not both")
    if layers:
        count = space.get(COUNT)
        if count is not None and not all(type(n) is int and 0 <= n <= 9 for n in count.ends()):
            raise BadInput(f"space.{COUNT}", list(count.ends()), "expected whole numbers from 0 to 9")
        most = max(count.ends()) if count is not None else 0
        for missing in (n for n in (COUNT, *(f"hidden.{i + 1}" for i in range(int(most)))) if n not in space):
            raise BadInput("space", sorted(layers), f"{missing} is missing")


def _in_order(space: dict[str, Domain]) -> dict[str, Domain]:
    done: dict[str, Domain] = {}
    while len(done) < len(space):
        ready = [n for n, d in space.items() if n not in done and all(p in done for p in d.when)]
        if not ready:
            left = [n for n in space if n not in done]
            for name in left:
                for parent, allowed in space[name].when.items():
                    if parent not in space:
                        raise BadInput(f"space.{name}.when", {parent: list(allowed)}, f"{parent} is not in the space")
            raise BadInput("space", left, "their conditions go in a circle: take `when` from one of them")
        for name in ready:
            for parent, allowed in space[name].when.items():
                if not any(space[parent].holds(v) for v in allowed):
                    raise BadInput(f"space.{name}.when", {parent: list(allowed)}, f"{parent} never has such a value")
            done[name] = space[name]
    return done


def domain_to_dict(domain: Domain) -> dict[str, Any]:
    """A domain as plain data; `read_space` reads it."""
    kind = next(k for k, t in KINDS.items() if isinstance(domain, t))
    values = {k: getattr(domain, k) for k in domain.__dataclass_fields__ if k not in ("when", "kind")}
    if isinstance(domain, Choice):
        values["values"] = [list(v) if isinstance(v, tuple) else v for v in domain.values]
    when = {k: [list(x) if isinstance(x, tuple) else x for x in v] for k, v in domain.when.items()}
    return {"kind": kind, **values, **({"when": when} if when else {})}


# ------------------------------------------------------------------------------------------------------------ points


def conditions_hold(domain: Domain, point: Point) -> bool:
    """Whether a domain's conditions hold at a point."""
    return all(
        name in point and any(same_value(point[name], v) for v in allowed) for name, allowed in domain.when.items()
    )
