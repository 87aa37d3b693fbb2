"""Claims about times that more seeds cannot decide here: their first seed was measured on another kind of machine."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.claims.by_seed import SeedValues, by_seed
from analysis.claims.samples import ArmReader
from study.app.seed_offers import OpenClaim
from study.spec.claims import Contrast
from trainables.records.metrics import TIMES


def names_here(device: str) -> tuple[str, str]:
    """How records name the kind of machine that this one is: by its processor, or, where that is unknown, its host."""
    from trainables.jobs.job_runner import machine_facts

    facts = machine_facts(device)
    return facts.hardware, facts.host


def why_not_here(claim: OpenClaim, arms: ArmReader, here: Sequence[str]) -> str:
    """Why more seeds of this machine never count for a claim, and what would help; empty where they count.

    Args:
        claim: that is open.
        arms: what is on record.
        here: `names_here`; empty where the trials may run on any machine.
    """
    for form in next(c.parts for c in arms.study.claims if c.id == claim.id):
        if not isinstance(form, Contrast) or form.a.metric not in TIMES:
            continue
        sides = [side for q in (form.a, form.b) if isinstance(side := by_seed(arms, q), SeedValues)]
        first = {side.hosts[claim.first] for side in sides if claim.first in side.hosts}
        if len(first) != 1:
            continue
        (kind,), after = first, claim.first + claim.seeds
        other = [(side.arm, side.hosts[after]) for side in sides if side.hosts.get(after, kind) != kind]
        begun = f"{claim.id} compares times, and its first seed was measured on {kind}."
        if other:
            arm, its = other[0]
            return f"{begun} Seed {after} of {arm} was measured on {its}, so more seeds do not help."
        if here and kind not in here:
            return f"{begun} Seeds of this machine ({here[0]}) never count for it: decide it on {kind}."
    return ""
