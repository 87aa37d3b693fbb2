"""What a study file may say: `Study`, `Arm`, and the closed set of claim forms. Data only; judged in `analysis.claims`.

Every value here is frozen and has one plain spelling (`to_dict`, `from_dict`), which is what a results folder keeps and
what a YAML study file contains.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import PlainValidator, WithJsonSchema

from study.spec.claims import MAX_EPOCH, AtPlace, Claim, Quantity, UnreadableClaim, arms_of
from study.spec.faults import Fault, Place, WrongValue, closest
from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from study.spec.values import (
    NOTHING_SET,
    Flag,
    Label,
    Listed,
    ListOfMappings,
    Settings,
    Text,
    checked,
    from_plain,
    whole_number,
)
from trainables.config.errors import BadInput
from trainables.config.nearest import first_of
from trainables.config.trial_config import KNOBS, TrialConfig, no_such_knob

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")


def _name(v: Any) -> str:
    if not isinstance(v, str):
        shown = str(v).lower() if isinstance(v, bool) else v
        raise ValueError("expected text" + (f'; write it in quotes: "{shown}"' if v is not None else ""))
    if not NAME.fullmatch(v):
        raise ValueError("expected letters a-z and A-Z, digits, dot, - and _, at most 64, not beginning with a dot")
    return v


def _maybe_epochs(v: Any) -> int | None:
    if v is None or (isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= MAX_EPOCH):
        return v
    raise ValueError(f"expected a whole number from 1 to {MAX_EPOCH}")


Name = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"})]
Figure = Literal["curves", "lr", "parameters", "activations"]


@checked(frozen=True, kw_only=True)
class Arm:
    """A named configuration of a study: the study's base with some knobs changed."""

    name: Name
    """Its name in the file, in commands and in tables."""
    change: Settings = NOTHING_SET
    """The knobs that it changes, each with its value: `{lr: 0.01}`. Left out, none."""
    epochs: Annotated[int | None, PlainValidator(_maybe_epochs, json_schema_input_type=int | None)] = None
    """Its own number of epochs. Left out, the study's."""
    extra: Flag = False
    """True where the source that the study follows does not have it, and it explains an outcome."""
    note: Text = ""
    """What a reader should know of it. It changes nothing."""
    say: Text = ""
    """How sentences call it: "the wide layer". Left out, its name."""
    in_full: Text = ""
    """Written by `--quick` alone: a digest of what the arm is in full."""


def in_words(arm: Arm) -> str:
    """What a sentence calls an arm, as it is compared."""
    return " ".join((arm.say or arm.name).casefold().split())


def told_apart(study: Study) -> Study:
    """A study that was accepted with arms called alike, each of these with its name behind.

    It makes no other difference than in sentences.
    """
    times = Counter(map(in_words, study.arms))
    alike = {a.name for a in study.arms if a.say and times[in_words(a)] > 1}
    if not alike:
        return study
    arms = (dataclasses.replace(a, say=f"{a.say} ({a.name})") if a.name in alike else a for a in study.arms)
    return dataclasses.replace(study, arms=tuple(arms))


@checked(frozen=True, kw_only=True)
class Family:
    """The claims over which the guarantee is given: a name, and a number of places that never changes.

    Studies of one family have the same number. Each claim takes a place, and each later version of one.
    """

    name: Name
    """Its name. Studies that give the same one share the 5 %."""
    places: Annotated[int, *whole_number(1, 100_000)]
    """How many claims, and later versions of claims, it has room for."""


FAMILY_PLACES = (5, 10, 20, 50, 100, 200, 500, 1000)
"""Places of a family that a study does not declare: the first that holds its claims."""


@checked(frozen=True, kw_only=True)
class Effect:
    """The number that answers a study in short: a metric of an arm, against the baseline."""

    arm: Label
    """The arm that is set against the baseline."""
    metric: Label
    """The metric that is compared."""
    at: AtPlace = "last"
    """Where on the curves."""

    def __post_init__(self) -> None:
        Quantity(arm=self.arm, metric=self.metric, at=self.at)


@checked(frozen=True, kw_only=True)
class Study:
    """A question with its arms or its search space, and its claims.

    Raises:
        BadInput: whatever is wrong in it, when the value is made.
    """

    name: Name
    """Its name; its results go to `results/NAME`. Letters, digits, dot, `-` and `_`."""
    title: Text
    """The heading of its part of the page."""
    question: Text
    """What it asks, in a sentence."""
    knobs: Annotated[tuple[Label, ...], Listed]
    """What its arms change. Arms that differ in anything else are not compared."""
    epochs: Annotated[int, *whole_number(1, MAX_EPOCH)]
    """How many epochs each arm trains that names no number of its own."""
    arms: Annotated[tuple[Arm, ...], ListOfMappings] = ()
    """The settings that are compared. A study that searches needs none."""
    baseline: Text = ""
    """The arm that the others are compared with. Left out, the first."""
    base: Settings = NOTHING_SET
    """Knobs that all arms share. What is not named has the knob's default."""
    claims: Annotated[tuple[Claim, ...], ListOfMappings] = ()
    """What you expect, declared before anything runs. Left out, numbers and curves come without a verdict."""
    figures: Annotated[tuple[Figure, ...], Listed] = ("curves",)
    """Which figures the page draws: curves, learning rates, ranges of parameters, ranges of activations."""
    search: Search | None = None
    """What to search, in place of arms or beside them."""
    reduced: Annotated[tuple[Label, ...], Listed] = ()
    """Written by `--quick` alone: the arms that run fewer epochs or images than the study declares; `*` of a search."""
    family: Family | None = None
    """Over how many claims the 5 % holds. Left out, the study's own, their number rounded up."""
    effect: Effect | None = None
    """The number that answers the study. Left out, a rule chooses one."""
    answer: Text = ""
    """The answer in a sentence, with slots in braces for numbers. Left out, a rule makes one."""

    def __post_init__(self) -> None:
        if self.arms and not self.baseline:
            object.__setattr__(self, "baseline", self.arms[0].name)
        if self.family == self._own_family:
            object.__setattr__(self, "family", None)
        if faults := {(f.at, f.expected): f for f in _faults(self)}:  # what is wrong in base is wrong in every arm
            raise WrongValue(*faults.values())

    @property
    def in_family(self) -> Family:
        """The family of its claims: the one that it declares, or its own, with places for the claims that it has."""
        return self.family or self._own_family

    @property
    def _own_family(self) -> Family:
        return Family(
            name=self.name, places=next((n for n in FAMILY_PLACES if n >= len(self.claims)), len(self.claims))
        )

    @cached_property
    def _configs(self) -> dict[str, TrialConfig]:
        """Of the arms that were asked for, with seed 0: reading results asks for each of them many times."""
        return {}

    @cached_property
    def _arms(self) -> dict[str, Arm]:
        return {arm.name: arm for arm in self.arms}

    @property
    def shared_knobs(self) -> SharedKnobs:
        """What all points of its search share."""
        return SharedKnobs(self.base, self.epochs)

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            BadInput: there is none.
        """
        if (arm := self._arms.get(name)) is not None:
            return arm
        raise BadInput("arm", name, f"study {self.name} has {first_of([a.name for a in self.arms])}")

    def is_reduced(self, arm: str) -> bool:
        """Whether an arm runs fewer epochs or images than the study declares: nothing is judged by such."""
        return arm in self.reduced or "*" in self.reduced

    def config(self, arm: str, *, seed: int = 0) -> TrialConfig:
        """The whole configuration of an arm under a seed."""
        if arm not in self._configs:
            self._configs[arm] = self.configured(self.arm(arm))
        return self._configs[arm].replace(seed=seed) if seed else self._configs[arm]

    def configured(self, arm: Arm, *, seed: int = 0) -> TrialConfig:
        """The same for one of its arms."""
        values = {"epochs": arm.epochs or self.epochs, **self.base, **arm.change, "seed": seed}
        return TrialConfig.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `Study.from_dict` is the inverse."""
        values = to_plain(self)
        assert isinstance(values, dict)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Study:
        """Make a study from plain data, as a YAML study file or a results folder holds it.

        Raises:
            BadInput: names the field that is wrong.
        """
        return from_plain(cls, values)


def latest_whole_version(versions: Sequence[Study]) -> Study:
    """The version that is judged: the latest that was run in full, else the latest."""
    return next((v for v in reversed(versions) if not v.reduced), versions[-1])


def latest_reduced_version(versions: Sequence[Study]) -> Study:
    """The version that a reduced run is of: the latest that was run reduced, else the latest."""
    return next((v for v in reversed(versions) if v.reduced), versions[-1])


def places_of_repeats(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The places of names that stand earlier too, each with the first place.

    >>> list(places_of_repeats(["a", "b", "a", "a"]))
    [(2, 0), (3, 0)]
    """
    first = dict[str, int]()
    for i, name in enumerate(names):
        if first.setdefault(name, i) != i:
            yield i, first[name]


def _faults(study: Study) -> Iterator[Fault]:
    """What does not fit together."""
    names = [a.name for a in study.arms]
    if not study.arms and study.search is None:
        yield Fault(("arms",), [], f"study {study.name} has neither arms nor a search space")
    repeated = list(places_of_repeats(names))
    for i, first in repeated:
        why = "two arms have this name; each is used once in the study"
        yield Fault(("arms", i, "name"), names[i], why, first=("arms", first, "name"))
    if not repeated:  # else nobody knows which name is missing
        yield from _faults_of_named_arms(study)
    for i, name in enumerate(study.knobs):
        if name not in KNOBS:
            yield Fault(("knobs", i), name, no_such_knob(name))
    for i, arm in enumerate(study.arms):
        yield from _arm_faults(study, i, arm)
    for i, first in places_of_repeats([c.id for c in study.claims]):
        why = "the id is used twice"
        yield Fault(("claims", i, "id"), study.claims[i].id, why, first=("claims", first, "id"))


def _faults_of_named_arms(study: Study) -> Iterator[Fault]:
    """Arms that the study speaks of and does not have."""
    names = [a.name for a in study.arms]
    if study.arms and study.baseline not in names:
        known = f"expected one of the arms: {first_of(names)}{closest(study.baseline, names)}"
        yield Fault(("baseline",), study.baseline, known)
    known_arms = set(names)
    for i, claim in enumerate(study.claims):
        for j, part in enumerate(claim.parts):
            for name in dict.fromkeys(arms_of(part)):
                if "/" not in name and name not in known_arms:
                    known = f"there is no such arm; the arms are {first_of(names)}{closest(name, names)}"
                    yield Fault(("claims", i, "parts", j), name, known)
    if study.effect and study.effect.arm not in names:
        known = f"expected one of the arms: {first_of(names)}{closest(study.effect.arm, names)}"
        yield Fault(("effect", "arm"), study.effect.arm, known)


TOLD_ELSEWHERE = {
    "seed": "seeds come from --seeds, and every arm has the same; leave it out",
    "epochs": "leave it out; give epochs beside base, or beside change for one arm",
}
"""What neither `base` nor an arm's `change` says."""


def _arm_faults(study: Study, i: int, arm: Arm) -> Iterator[Fault]:
    misspelt = any(knob not in KNOBS for knob in study.knobs)  # which may be meant for one that an arm changes
    for knob in arm.change:
        if knob not in study.knobs and knob in KNOBS and not misspelt:
            why = TOLD_ELSEWHERE.get(knob, f"arm {arm.name} changes it, so it belongs in knobs of study {study.name}")
            yield Fault(("arms", i, "change", knob), arm.change[knob], why, absent=True)
    try:
        study.configured(arm)
    except BadInput as error:
        knob = str(error.value) if error.field == "knob" else error.field
        owner: Place = ("arms", i, "change", knob) if knob in arm.change or knob not in study.base else ("base", knob)
        if error.field == "knob":
            yield Fault(owner, None, error.expected, absent=True)
        else:
            yield Fault(owner, error.value, error.expected)


FIELDS_ADDED_LATER = frozenset(
    {"reduced", "family", "effect", "answer", "say", "in_full", "from_seed", "share", "seeds_at"}
)
"""Fields that came after the first studies on record: at their default they are not spelled out."""


def to_plain(value: Any) -> Any:
    """A value as plain data: what JSON has, and nothing else."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
        if isinstance(value, Search):
            return value.to_dict()
        if isinstance(value, UnreadableClaim):
            return to_plain(json.loads(value.text))
        if isinstance(value, Point):
            return to_plain(value.to_json())
        return {f.name: to_plain(v) for f, v in given if not (f.name in FIELDS_ADDED_LATER and v == f.default)}
    if isinstance(value, Mapping):
        return {k: to_plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(v) for v in value]
    return value
