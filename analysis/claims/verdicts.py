"""Claims judged from trial results alone: one verdict each, never silently absent.

The rule is `analysis.statistics.verdict_rule`, explained in `docs/verdicts.md`. A claim is judged over the seeds that
all of its arms have, from its first one upward without a gap; which others were run or asked for changes nothing. Where
something stands in the way it says what: records that are missing, a reduced protocol, too few seeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from analysis.claims import recorded, sentences
from analysis.claims.family import FamilyStanding, standing_alone, stands_against, takes_place
from analysis.claims.forms import measure
from analysis.claims.judged_part import JudgedPart
from analysis.claims.judging import judge_measured
from analysis.claims.recorded import Recorded
from analysis.claims.replaced import ReplacedClaim
from analysis.claims.samples import ArmReader
from analysis.claims.words import DECIDED, VerdictWord
from analysis.data.arms import Asked
from analysis.data.frames import Frames
from analysis.statistics.estimates import Refusal
from analysis.statistics.power import MAX_SEEDS, Need
from study.spec.claim_versions import same_version
from study.spec.claims import Claim
from study.spec.study import Study
from study.storage.asked_seeds import AskedSeeds
from study.storage.run_records import RunRecord
from trainables.data.facts import DataFacts


@dataclass(frozen=True)
class Verdict:
    """What became of a claim. `estimate`, `low`, `high` and `n` are those of the part that decided, in its own unit."""

    study: str
    id: str
    statement: str
    verdict: VerdictWord
    parts: tuple[JudgedPart, ...]
    deciding: int
    note: str = ""
    recorded: Recorded | None = None
    """Of what is not judged: the verdict on record."""
    family: str = ""
    places: int = 0
    """Of its family; 0 where it has none."""
    path: tuple[int, ...] = ()
    """The seeds that it is judged over."""
    decided_at: int | None = None
    """The number of seeds at which it was decided; later ones change nothing."""
    p: float = math.nan
    """To be held against 5 %: looks, parts and family are paid for."""
    for_good: bool = False
    """Open for good: support and refutation were reached at the same seed."""
    reason: str = ""
    """Why it is not decided; empty where it is."""
    failed: tuple[int, ...] = ()
    """Seeds that it rests on of which a trial failed: these a later run tries again, and the verdict may change."""
    fills: tuple[int, ...] = ()
    """Of an undecided claim with seeds that wait behind one that no run asked for: all seeds up to these."""
    need: Need | None = None
    """Of a claim that is not decided: how many seeds it would probably need in all; None where that is unknown."""

    replaced: tuple[ReplacedClaim, ...] = ()
    """The versions of it that were replaced, oldest first."""

    @property
    def part(self) -> JudgedPart:
        """The part that decided: the one that refutes, else the weakest."""
        return self.parts[self.deciding]

    @property
    def estimate(self) -> float:
        """The number that decided, in its recorded unit: accuracies as shares, losses in nats."""
        return self.part.estimate.value if self.part.estimate else math.nan

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.part.estimate.low if self.part.estimate else math.nan

    @property
    def high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.part.estimate.high if self.part.estimate else math.nan

    @property
    def n(self) -> int:
        """Seeds behind the part that decided; 0 where there is no number."""
        return self.part.n

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials of all parts, each once."""
        return tuple(dict.fromkeys(t for part in self.parts for t in part.trials))

    @property
    def judged(self) -> bool:
        """Whether the rule spoke: it is supported, refuted, or open for what the seeds say."""
        return self.verdict in DECIDED or (self.verdict == "open" and not math.isnan(self.p))

    @property
    def settled(self) -> bool:
        """Whether more seeds change nothing: it is decided, or a mechanism."""
        return self.verdict in (*DECIDED, "mechanism")

    @property
    def reduced(self) -> bool:
        """Whether it is not judged, for fewer epochs or images were run than the study declares."""
        return self.verdict == "reduced"

    @property
    def decided_seed(self) -> int | None:
        """The seed that decided."""
        return None if self.decided_at is None else self.path[self.decided_at - 1]

    @property
    def sentence(self) -> str:
        """The verdict and the finding that decided it, in words."""
        return sentences.sentence(self)

    @property
    def short(self) -> str:
        """The finding that decided it, for a line of a terminal."""
        return sentences.short(self)

    @property
    def details(self) -> tuple[str, ...]:
        """What stands behind it, a sentence each."""
        return sentences.details(self)


def asked_seeds(runs: Iterable[RunRecord], study: str) -> tuple[int, ...] | None:
    """The seeds that the runs of a results folder asked of a study, in order; None where no run says.

    >>> asked_seeds([RunRecord(studies=("a",), seeds=(0, 1)), RunRecord(studies=("a", "b"), seeds=(1, 2))], "a")
    (0, 1, 2)
    """
    return AskedSeeds.of(runs).study(study)


def asked_of_arms(runs: Iterable[RunRecord], study: Study) -> dict[str, tuple[int, ...]]:
    """The seeds that runs asked of each arm of a study, by `STUDY/ARM`; an arm that no run names is not in it."""
    return AskedSeeds.of(runs).arms(study)


@dataclass(frozen=True)
class Grounds:
    """What claims are judged on, beside the trials."""

    asked: Asked = field(default_factory=dict)
    """The seeds that were asked, by arm (`STUDY/ARM`) or by study; what is absent of these is missing."""
    standing: FamilyStanding | None = None
    """In its family; if not given, the study is judged by itself."""
    first_seed: int = 0
    """No seed below is used: of a search's answer, those that chose it."""
    replaced: Mapping[str, tuple[ReplacedClaim, ...]] = field(default_factory=dict)
    """By claim, its versions that were replaced."""
    most_seeds: int = MAX_SEEDS
    """What an undecided claim needs is sought among so many."""
    data: Mapping[str, DataFacts] = field(default_factory=dict)
    """What is known of data sets, by checksum."""


def judge(
    study: Study, frames: Frames, studies: Mapping[str, Study] | None = None, grounds: Grounds | None = None
) -> list[Verdict]:
    """Judge every claim of a study, in order.

    Args:
        study: as it was frozen into the results folder.
        frames: all trials at hand.
        studies: by name, for claims that name arms of other studies.
        grounds: what was asked for, and the family.
    """
    known = {**(studies or {}), study.name: study}
    on = grounds or Grounds()
    arms = ArmReader(study, known, frames, data=on.data)
    standing = on.standing or standing_alone(study)
    verdicts = (_judge(study, claim, arms, on, standing) for claim in study.claims)
    return [replace(v, replaced=on.replaced.get(v.id, ())) for v in verdicts]


def _unreadable(study: Study, claim: Claim) -> Verdict:
    """What becomes of a claim that was accepted once and means nothing."""
    why = Refusal("unreadable", f"it cannot be judged: {claim.fault}")
    part = JudgedPart("the claim", "nothing", "not-judged", refusal=why)
    return Verdict(study.name, claim.id, claim.statement, "not-judged", (part,), 0, claim.note, reason=why.text)


def _judge(study: Study, claim: Claim, arms: ArmReader, on: Grounds, standing: FamilyStanding) -> Verdict:
    if not claim.parts:
        return _unreadable(study, claim)
    first = max(claim.from_seed, on.first_seed)
    measured = [measure(arms, form, first) for form in claim.parts]
    stands = stands_against(standing, claim)
    found = judge_measured(claim, measured, arms, on.asked, standing.family.places, first, stands, on.most_seeds)
    seen = recorded.of(study, claim) if found.word == "reduced" else None
    return Verdict(
        study=study.name,
        id=claim.id,
        statement=claim.statement,
        verdict=found.word,
        parts=found.parts,
        deciding=found.deciding,
        note=claim.note,
        recorded=seen,
        family=standing.family.name if takes_place(claim) else "",
        places=standing.family.places if takes_place(claim) else 0,
        path=found.path,
        decided_at=found.decided_at,
        p=found.p,
        for_good=found.for_good,
        reason=found.reason,
        failed=found.failed,
        fills=found.fills,
        need=found.need,
    )


def changed(frozen: Study, current: Study) -> list[str]:
    """How the claims of a study differ from those that were frozen when its run began, a line each."""
    before, now = ({c.id: c for c in s.claims} for s in (frozen, current))
    lines = [f"{i}: added after the run began" for i in now if i not in before]
    lines += [
        f"{i}: removed after the run began, and without a verdict; it said “{c.statement}”"
        for i, c in before.items()
        if i not in now
    ]
    same = {i: same_version(current, now[i], frozen, before[i]) for i in now if i in before}
    both = [i for i in same if now[i] != before[i] or not same[i]]
    for i in both:
        if now[i].judges_as(before[i]) and not same[i]:
            lines.append(f"{i}: arms that it speaks of changed after the run began; the version before has no verdict")
        elif not same[i]:
            start = f", judged from seed {now[i].from_seed} on" if now[i].from_seed else ""
            lines.append(f"{i}: changed after the run began{start}; the version before has no verdict")
    return lines + [f"{i}: its words changed after the run began" for i in both if same[i]]
