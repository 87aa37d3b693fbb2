"""Claims about times that more seeds cannot decide here: their first seed was measured on another kind of machine."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.app.seed_offers import OpenClaim
from study.app.wrapping import say
from study.planning.plan import Plan
from study.spec.arm_names import full_arm_name
from study.spec.claims import Claim, Contrast, arms_named
from study.spec.study import Study, latest_whole_version
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError
from trainables.jobs.cpu_info import cpu_name
from trainables.records.metrics import TIMES

if TYPE_CHECKING:
    from analysis.claims.samples import ArmReader


def names_here(device: str) -> tuple[str, str]:
    """How records name the kind of machine that this one is: by its processor, or, where that is unknown, its host."""
    if device == "cpu":
        return cpu_name(), platform.node()
    from trainables.jobs.job_runner import machine_facts

    facts = machine_facts(device)
    return facts.hardware, facts.host


@dataclass(frozen=True)
class Elsewhere:
    """An open claim about times for which seeds of this machine never count."""

    claim: OpenClaim
    why: str
    ended: bool = False
    """Whether its next seed was measured on another kind of machine already: then no later seed counts at all."""

    def ends_with(self, arm_seeds: Mapping[str, Collection[int]]) -> bool:
        """Whether it ends once some seeds of its arms are trained here."""
        after = self.claim.first + self.claim.seeds
        return not self.ended and any(s >= after for arm in self.claim.arms for s in arm_seeds.get(arm, ()))

    @property
    def ending(self) -> str:
        """What training such seeds here does."""
        return f"Once they are on record, no later seed counts for {self.claim.id} either."


def not_here(claim: OpenClaim, arms: ArmReader, here: Sequence[str]) -> Elsewhere | None:
    """Why more seeds of this machine never count for a claim, and what would help; None where they count.

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
            why = f"{begun} Seed {after} of {arm} was measured on {its}, so more seeds do not help."
            return Elsewhere(claim, why, ended=True)
        if here and kind not in here:
            never = f"Seeds of this machine ({here[0]}) never count for it: decide it on {kind}."
            return Elsewhere(claim, f"{begun} {never}")
    return None


def say_what_ends(plan: Plan, store: ResultsFolder, data_checksum: str, *, here: bool) -> None:
    """Say which undecided claims about times, of whichever study of the folder, end with what this machine will train.

    Trials of a reduced plan are in no claim, and without a record no claim has begun.

    Args:
        plan: of a run.
        store: where it goes.
        data_checksum: of the data that it trains on.
        here: it trains on this machine; on a cluster any kind may train them.
    """
    if plan.protocol.quick or not (store.trials.gathered() or store.trials.loose()):
        return
    ours = {s.name: s for s in plan.studies}
    kept = (store.studies.readable(name) for name in store.studies.names() if name not in ours)
    others = (latest_whole_version(versions) for versions in kept if versions)
    missing, seeds = {t.id for t in plan.missing}, sorted({t.config.seed for t in plan.missing})
    asked: list[tuple[Study, Claim, dict[str, list[int]]]] = []
    for study in (*ours.values(), *others) if here and missing else ():
        for claim in filter(_is_of_times, study.claims):
            trained = {
                n: [s for s in seeds if _trial(n, s, study, ours, data_checksum) in missing]
                for n in _arms(study, claim)
            }
            if any(trained.values()):
                asked.append((study, claim, trained))
    if asked:
        for line in _ends(asked, plan, store):
            say(line)


def _ends(
    asked: Sequence[tuple[Study, Claim, Mapping[str, Sequence[int]]]], plan: Plan, store: ResultsFolder
) -> Iterator[str]:
    from analysis.claims.samples import ArmReader
    from analysis.claims.verdicts import judge
    from analysis.report.inputs import read_inputs

    inputs, here = read_inputs(store, plan.studies), names_here(plan.device)
    known = {**inputs.studies, **{s.name: s for s in plan.studies}}
    for study, claim, trained in asked:
        grounds = inputs.grounds(study.name)
        verdict = next(v for v in judge(study, inputs.frames, known, grounds) if v.id == claim.id)
        if verdict.settled or not verdict.path:
            continue
        first = max(claim.from_seed, grounds.first_seed)
        at = OpenClaim(study.name, claim.id, _arms(study, claim), first, len(verdict.path))
        found = not_here(at, ArmReader(study, known, inputs.frames), here)
        if found is not None and found.ends_with(trained):
            yield f"{study.name}: {found.why} {found.ending}"


def _is_of_times(claim: Claim) -> bool:
    return any(isinstance(form, Contrast) and form.a.metric in TIMES for form in claim.parts)


def _arms(study: Study, claim: Claim) -> tuple[str, ...]:
    return tuple(full_arm_name(study, name) for name in arms_named(claim))


def _trial(arm: str, seed: int, study: Study, known: Mapping[str, Study], data_checksum: str) -> str:
    """The trial of a seed of an arm; empty where its study is none of these."""
    owner, _, name = arm.rpartition("/")
    of = study if owner == study.name else known.get(owner)
    try:
        return of.config(name, seed=seed).identity(data_checksum) if of else ""
    except StudyError:
        return ""
