"""The chapter's verdicts at full protocol, as published: shown beside what a reduced run cannot judge.

`recorded.json` is written by `make docs`. A verdict is found by study and claim, and only where what is judged has not
changed since; a study of somebody's own has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from study.spec.claims import Claim
from study.spec.study import Study
from trainables.config.identity import canonical_json

FILE = Path(__file__).parent / "recorded.json"


@dataclass(frozen=True)
class Recorded:
    """A verdict on record, with what decided it in words."""

    study: str
    id: str
    claim: str
    """Digest of what is judged."""
    verdict: str
    found: str


def digest(study: Study, claim: Claim) -> str:
    """Return a digest of the parts of a claim: equal where the same is judged."""
    parts = next(c["parts"] for c in study.to_dict()["claims"] if c["id"] == claim.id)
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:16]


def of(study: Study, claim: Claim) -> Recorded | None:
    """The verdict on record of a claim; None where there is none."""
    found = _all().get((study.name, claim.id))
    return found if found is not None and found.claim == digest(study, claim) else None


def text(verdicts: Iterable[Recorded]) -> str:
    """The content of the file."""
    return json.dumps([asdict(v) for v in verdicts], indent=1, ensure_ascii=False) + "\n"


@cache
def _all() -> Mapping[tuple[str, str], Recorded]:
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {(r["study"], r["id"]): Recorded(**r) for r in rows}
