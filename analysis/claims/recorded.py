"""Verdicts at full protocol that a package of studies has published: shown beside what a reduced run cannot judge.

The package's catalogue names the file; the chapter's is written by `make docs`. A verdict is found by study and claim,
and only where what is judged has not changed since: parts and arms. A study of somebody's own has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from analysis.claims.words import WORDS
from study.spec import registry
from study.spec.claim_versions import REDUCED_KNOBS
from study.spec.claims import Claim, arms_named
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

    @property
    def word(self) -> str:
        """The verdict as people read it."""
        words: dict[str, str] = dict(WORDS.items())
        return words.get(self.verdict, self.verdict)


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
    found = published().get((study.name, claim.id))
    return found if found is not None and found.claim == digest(study, claim) else None


def text(verdicts: Iterable[Recorded]) -> str:
    """The content of the file."""
    return json.dumps([asdict(v) for v in verdicts], indent=1, ensure_ascii=False) + "\n"


@cache
def published() -> Mapping[tuple[str, str], Recorded]:
    """All verdicts that catalogues publish, by study and claim."""
    found: dict[tuple[str, str], Recorded] = {}
    for catalogue in registry.catalogues().values():
        if catalogue.verdicts:
            file = resources.files(catalogue.package) / catalogue.verdicts
            rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
            found.update({(r["study"], r["id"]): Recorded(**r) for r in rows})
    return found
