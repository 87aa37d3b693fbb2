"""Claims about times that more seeds cannot decide here: their first seed was measured on another kind of machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from study.app.seed_offers import OpenClaim
from study.planning.plan import Plan
from study.spec.claims import Claim, Contrast, arms_named
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.records.metrics import TIMES

if TYPE_CHECKING:
    from analysis.claims.samples import ArmReader


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
    from analysis.claims.by_seed import SeedValues, by_seed

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


def seeds_never_counted(plan: Plan, store: ResultsFolder) -> Iterator[str]:
    """A line for each claim about times that is not decided, and for which what this machine is to train never counts.

    Args:
        plan: of a run on this machine.
        store: where it goes.
    """
    trained = {name for t in plan.missing for name in t.wanted_by}
    asked = [(s, c) for s in plan.studies for c in s.claims if _is_of_times(c) and _arms(s, c) & trained]
    if not asked:
        return
    from analysis.claims.samples import ArmReader
    from analysis.claims.verdicts import judge
    from analysis.report.inputs import read_inputs

    inputs, here = read_inputs(store, plan.studies), names_here(plan.device)
    known = {**inputs.studies, **{s.name: s for s in plan.studies}}
    for study, claim in asked:
        grounds = inputs.grounds(study.name)
        (verdict,) = (v for v in judge(study, inputs.frames, known, grounds) if v.id == claim.id)
        first = max(claim.from_seed, grounds.first_seed)
        at = OpenClaim(study.name, claim.id, tuple(_arms(study, claim)), first, len(verdict.path))
        why = (
            ""
            if verdict.settled or not verdict.path
            else why_not_here(at, ArmReader(study, known, inputs.frames), here)
        )
        if why:
            yield f"{study.name}: {why}"


def _is_of_times(claim: Claim) -> bool:
    return any(isinstance(form, Contrast) and form.a.metric in TIMES for form in claim.parts)


def _arms(study: Study, claim: Claim) -> set[str]:
    return {name if "/" in name else f"{study.name}/{name}" for name in arms_named(claim)}
