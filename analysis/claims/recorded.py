"""What a package of studies has published of its full runs: shown beside what a reduced run finds and cannot judge.

The package's catalogue names the file; the chapter's is written by `make docs`. It has the verdict of every claim, the
numbers of every arm, and of every study its answer and its main effect. Each is found only where what it is of has not
changed since: parts and arms. A study of somebody's own has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import TypeAdapter

from analysis.claims.words import WORDS
from study.spec import registry
from study.spec.claim_versions import REDUCED_KNOBS, arms_alike, in_full
from study.spec.claims import Claim, Quantity, arms_named
from study.spec.study import Study
from trainables.config.identity import canonical_json

PASSED_OVER = REDUCED_KNOBS | {"device", "precision"}
"""Knobs that a reduced run may change: the verdict is shown beside it for all that."""


@dataclass(frozen=True)
class Recorded:
    """A verdict on record, with what decided it in words."""

    study: str
    id: str
    claim: str
    """Digest of what is judged."""
    verdict: str
    found: str
    """What decided it, with its number; empty where there is no number."""
    claimed: str = ""
    """What was claimed of the number in `found`; empty of a mechanism, and where there is no number."""

    @property
    def word(self) -> str:
        """The verdict as people read it."""
        words: dict[str, str] = dict(WORDS.items())
        return words.get(self.verdict, self.verdict)


@dataclass(frozen=True)
class FullNumber:
    """A mean over n seeds with its 95 % interval; without one both ends are the mean."""

    value: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half of the interval, which may be cut at one end."""
        return round(max(self.high - self.value, self.value - self.low), 4)


@dataclass(frozen=True)
class RecordedArm:
    """The numbers on record of an arm after its last epoch, in per cent and points."""

    study: str
    arm: str
    config: str
    """Digest of its configuration (`study.spec.claim_versions.in_full`)."""
    epochs: int
    accuracy: FullNumber
    """On the validation part."""
    gap: FullNumber


@dataclass(frozen=True)
class RecordedAnswer:
    """The answer on record of a study, with its main effect."""

    study: str
    effect: str
    """Digest of the main effect."""
    answer: str
    number: str = ""
    """The main effect with its unit, its interval and its epoch, as people read it; empty where it is no number."""


@dataclass(frozen=True)
class Published:
    """All that a package has published."""

    verdicts: tuple[Recorded, ...] = ()
    arms: tuple[RecordedArm, ...] = ()
    answers: tuple[RecordedAnswer, ...] = ()


def digest(study: Study, claim: Claim) -> str:
    """Return a digest of the parts of a claim and of the arms of its own study: equal where the same is judged."""
    parts = next(c["parts"] for c in study.to_dict()["claims"] if c["id"] == claim.id)
    names = {arm.name for arm in study.arms} & set(arms_named(claim))
    arms = {name: _knobs(study, name) for name in sorted(names)}
    return hashlib.sha256(canonical_json({"parts": parts, "arms": arms}).encode()).hexdigest()[:16]


def _knobs(study: Study, arm: str) -> dict[str, Any]:
    return {name: value for name, value in study.config(arm).to_dict().items() if name not in PASSED_OVER}


def of(study: Study, claim: Claim) -> Recorded | None:
    """The verdict on record of a claim; None where there is none."""
    found = next((r for r in published().verdicts if (r.study, r.id) == (study.name, claim.id)), None)
    return found if found is not None and found.claim == digest(study, claim) else None


def of_arms(study: Study) -> Mapping[str, RecordedArm]:
    """The numbers on record of the arms of a study, by name: of those that are configured as in its catalogue."""
    known = registry.registered(study.name)
    if known is None:
        return {}
    there = {a.arm: a for a in published().arms if a.study == study.name}
    alike = arms_alike(study, known)
    return {name: a for name, a in there.items() if name in alike and a.config == in_full(known.config(name))}


def of_effect(study: Study, a: Quantity, b: Quantity, *, ratio: bool) -> RecordedAnswer | None:
    """The answer on record of a study whose main effect is this one, of arms with their studies; None where none is."""
    found = next((x for x in published().answers if x.study == study.name), None)
    known = registry.registered(study.name)
    if found is None or known is None:
        return None
    own = {arm for owner, _, arm in (q.arm.rpartition("/") for q in (a, b)) if owner == study.name}
    same = own <= arms_alike(study, known) and found.effect == effect_digest(a, b, ratio=ratio)
    return found if same else None


def effect_digest(a: Quantity, b: Quantity, *, ratio: bool) -> str:
    """Return a digest of an effect of registered arms, each with its study, and of how these are configured in full."""
    arms = {name: _registered(name) for name in sorted({a.arm, b.arm})}
    of = {"a": asdict(a), "b": asdict(b), "ratio": ratio, "arms": arms}
    return hashlib.sha256(canonical_json(of).encode()).hexdigest()[:16]


def _registered(name: str) -> str:
    """A digest of an arm of a catalogue, by its name with its study; empty where there is none."""
    owner, _, arm = name.rpartition("/")
    known = registry.registered(owner)
    return in_full(known.config(arm)) if known and arm in {a.name for a in known.arms} else ""


def text(found: Published) -> str:
    """The content of the file."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


@cache
def published() -> Published:
    """All that catalogues publish."""
    files = [resources.files(c.package) / c.verdicts for c in registry.catalogues().values() if c.verdicts]
    kind = TypeAdapter(Published)
    read = [kind.validate_json(file.read_text(encoding="utf-8")) for file in files]
    return Published(
        tuple(v for of in read for v in of.verdicts),
        tuple(a for of in read for a in of.arms),
        tuple(a for of in read for a in of.answers),
    )
