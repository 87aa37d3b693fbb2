"""What a study file may say: `Study`, `Arm`, and the closed set of claim forms. Data only; judged in `analysis.claims`.

Every value here is frozen and has one plain spelling (`to_dict`, `from_dict`), which is what a results folder keeps and
what a YAML study file contains.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from study.spec.claims import FORMS, Claim, CurvePlace, Form, Quantity, arms_named
from study.spec.search import Search
from trainables.config.errors import BadInput
from trainables.config.from_numpy import Plain, make_plain
from trainables.config.trial_config import TrialConfig, refuse_unknown_knobs

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")

Figure = Literal["curves", "lr", "parameters", "activations"]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """A named configuration of a study: the study's base with some knobs changed."""

    name: str
    change: Mapping[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    """If not given, the study's."""
    extra: bool = False
    """Not in the source that the study follows; added to explain an outcome."""
    note: str = ""
    say: str = ""
    """The arm in the words of a sentence: "half of the units dropped"; its name if not given."""

    def __post_init__(self) -> None:
        make_plain(self)
        change = {k: tuple(v) if isinstance(v, list) else v for k, v in dict(self.change).items()}
        object.__setattr__(self, "change", change)


@dataclass(frozen=True, kw_only=True)
class Family(Plain):
    """The claims over which the guarantee is given: a name, and a number of places that never changes.

    Studies of one family have the same number. Each claim takes a place, and each later version of one.
    """

    name: str
    places: int


PLACES = (5, 10, 20, 50, 100, 200, 500, 1000)
"""Places of a family that a study does not declare: the first that holds its claims."""


@dataclass(frozen=True, kw_only=True)
class Effect(Plain):
    """The number that answers a study in short: a metric of an arm, against the baseline."""

    arm: str
    metric: str
    at: CurvePlace = "last"


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question with its arms or its search space, and its claims.

    Raises:
        BadInput: whatever is wrong in it, when the value is made.
    """

    name: str
    title: str
    question: str
    knobs: tuple[str, ...]
    """The knobs that the arms vary; two arms that differ in any other are not compared."""
    epochs: int
    arms: tuple[Arm, ...] = ()
    baseline: str = ""
    """The arm that the others are compared with; if not given, the first."""
    base: Mapping[str, Any] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ("curves",)
    search: Search | None = None
    reduced: tuple[str, ...] = ()
    """Written by `--quick` alone: the arms that run fewer epochs or images than the study declares; `*` of a search."""
    family: Family | None = None
    """If not given, or as it would be by itself: see `in_family`."""
    effect: Effect | None = None
    """The main effect; if not given, that of the first arm that is not the baseline."""
    answer: str = ""
    """The answer in plain words, with slots for numbers in braces."""

    def __post_init__(self) -> None:
        make_plain(self)
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise BadInput(
                "name", self.name, "expected letters, digits, dot, - and _, at most 64, not beginning with a dot"
            )
        if not self.arms and self.search is None:
            raise BadInput("arms", [], f"study {self.name} has neither arms nor a search space")
        names = [a.name for a in self.arms]
        for name in names:
            if not NAME.fullmatch(name) or names.count(name) > 1:
                raise BadInput("arm", name, "expected a name of letters, digits, dot, - and _, used once in the study")
        if self.arms and not self.baseline:
            object.__setattr__(self, "baseline", names[0])
        if self.arms and self.baseline not in names:
            raise BadInput("baseline", self.baseline, "expected one of the arms: " + ", ".join(names))
        refuse_unknown_knobs(dict.fromkeys(self.knobs))
        object.__setattr__(self, "base", MappingProxyType(dict(self.base)))
        for arm in self.arms:
            config = self.config(arm.name)
            for knob in set(arm.change) - set(self.knobs):
                raise BadInput(
                    "change", knob, f"arm {arm.name} changes it, so it belongs into knobs of study {self.name}"
                )
            del config
        if self.family == self._own_family:
            object.__setattr__(self, "family", None)
        ids = [c.id for c in self.claims]
        for claim in self.claims:
            if ids.count(claim.id) > 1:
                raise BadInput("claim", claim.id, "the id is used twice")
            for name in arms_named(claim):
                if "/" not in name and name not in names:
                    raise BadInput("claim", claim.id, f"there is no arm {name}; the arms are " + ", ".join(names))

    @property
    def in_family(self) -> Family:
        """The family of its claims: the one that it declares, or its own, with places for the claims that it has."""
        return self.family or self._own_family

    @property
    def _own_family(self) -> Family:
        return Family(name=self.name, places=next((n for n in PLACES if n >= len(self.claims)), len(self.claims)))

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            BadInput: there is none.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise BadInput("arm", name, f"study {self.name} has " + ", ".join(a.name for a in self.arms))

    def is_reduced(self, arm: str) -> bool:
        """Whether an arm runs fewer epochs or images than the study declares: nothing is judged by such."""
        return arm in self.reduced or "*" in self.reduced

    def config(self, arm: str, *, seed: int = 0) -> TrialConfig:
        """The whole configuration of an arm under a seed."""
        chosen = self.arm(arm)
        values = {"epochs": chosen.epochs or self.epochs, **self.base, **chosen.change, "seed": seed}
        return TrialConfig.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `Study.from_dict` is the inverse."""
        values = _plain(self)
        assert isinstance(values, dict)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Study:
        """Make a study from plain data, as a YAML study file or a results folder holds it.

        Raises:
            BadInput: names the field that is wrong.
        """
        try:
            return _study(dict(values))
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise BadInput("study", dict(values).get("name", "?"), f"it cannot be read: {error}") from None


ADDED = frozenset({"reduced", "family", "effect", "answer", "say", "from_seed", "share", "seeds_at"})
"""Fields that came after the first studies on record: at their default they are not spelled out."""


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
        out = {f.name: _plain(v) for f, v in given if not (f.name in ADDED and v == f.default)}
        if type(value) in FORMS.values():
            out = {"form": type(value).__name__.lower(), **out}
        elif isinstance(value, Search):
            return value.to_dict()
        return out
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


def _study(values: dict[str, Any]) -> Study:
    values["arms"] = tuple(Arm(**a) for a in values.get("arms", ()))
    values["claims"] = tuple(_claim(dict(c)) for c in values.get("claims", ()))
    for name in ("knobs", "figures", "reduced"):
        if name in values:
            if not isinstance(values[name], list | tuple):
                raise BadInput(name, values[name], "expected a list of names")
            values[name] = tuple(values[name])
    if values.get("search") is not None:
        values["search"] = Search.from_dict(values["search"])
    for name, kind in (("family", Family), ("effect", Effect)):
        if values.get(name) is not None:
            values[name] = kind(**values[name])
    return Study(**values)


def _claim(values: dict[str, Any]) -> Claim:
    values["parts"] = tuple(_form(dict(p)) for p in values["parts"])
    return Claim(**values)


def _form(values: dict[str, Any]) -> Form:
    name = values.pop("form")
    if name not in FORMS:
        raise BadInput("form", name, "expected one of " + ", ".join(FORMS))
    for key in ("quantity", "a", "b", "x", "y"):
        if key in values:
            values[key] = Quantity(**values[key])
    for key in ("arms", "differ"):
        if key in values:
            values[key] = tuple(values[key])
    form: Form = FORMS[name](**values)
    return form
