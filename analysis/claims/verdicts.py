"""Claims judged from trial results alone: one verdict each, never silently absent.

A claim is supported when every part is, refuted when any part is, else open; where a part was run reduced, it
is not judged. Its p-value is the largest of its parts' (each part is one-sided, in the direction that was declared
before the run, so together they test that all hold); Holm's correction runs over the claims of the study. Verdicts come
from the intervals, not from the p-values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.claims import recorded
from analysis.claims.decision_rule import JudgedPart
from analysis.claims.forms import judge_part
from analysis.claims.recorded import Recorded
from analysis.claims.samples import ArmReader
from analysis.claims.words import WORDS, VerdictWord
from analysis.data.arms import arm_frame
from analysis.data.frames import Frames
from analysis.statistics.estimates import Refusal
from analysis.statistics.p_values import holm
from study.spec.claims import Claim, arms_named
from study.spec.study import Study
from study.storage.run_records import RunRecord

MOST_REASONS = 3
FEWEST_SEEDS, LIKELY_SEEDS = 5, 200
"""Advice of how many seeds lies between these; beyond, no number is likely to decide."""
_FIRST: tuple[VerdictWord, ...] = ("reduced", "refuted", "missing", "not-enough-seeds", "open", "supported")
"""The verdict of a claim is the first of these that a part has."""


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
    p: float = math.nan
    p_holm: float = math.nan
    recorded: Recorded | None = None
    """Of what is not judged: the verdict on record."""

    @property
    def part(self) -> JudgedPart:
        """The part that decided: the first refuted, else the first undecided, else the first."""
        return self.parts[self.deciding]

    @property
    def estimate(self) -> float:
        """In the natural unit: accuracies as shares, losses in nats."""
        return self.part.estimate.value if self.part.estimate else math.nan

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.part.estimate.low if self.part.estimate else math.nan

    @property
    def high(self) -> float:
        """Upper end."""
        return self.part.estimate.high if self.part.estimate else math.nan

    @property
    def n(self) -> int:
        """Seeds behind the part that decided; 0 where there is no number."""
        return self.part.estimate.n if self.part.estimate else 0

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials of all parts, each once."""
        return tuple(dict.fromkeys(t for part in self.parts for t in part.trials))

    @property
    def judged(self) -> bool:
        """Whether there were grounds for a verdict: enough seeds, and nothing refused."""
        if self.verdict == "open":
            return all(p.estimate is not None for p in self.parts)
        return self.verdict in ("supported", "refuted")

    @property
    def reduced(self) -> bool:
        """Whether it is not judged, for fewer epochs or images were run than the study declares."""
        return self.verdict == "reduced"

    @property
    def seeds_needed(self) -> int | None:
        """How many seeds would probably decide all that is open of it; None where no number is likely to."""
        open_ = [p for p in self.parts if p.verdict == "open"]
        known = [p.seeds_needed for p in open_ if p.seeds_needed is not None]
        if self.verdict != "open" or len(known) < len(open_):
            return None
        more = max(FEWEST_SEEDS, *known, *(1 + p.estimate.n for p in open_ if p.estimate))
        return more if more <= LIKELY_SEEDS else None

    @property
    def reason(self) -> str:
        """Why it is not decided; empty where it is."""
        if self.reduced:
            return "the reduced protocol has fewer epochs or images than the study declares"
        if self.verdict in ("supported", "refuted"):
            return ""
        missing = tuple(
            dict.fromkeys(p.refusal.text for p in self.parts if p.verdict not in ("supported", "refuted") and p.refusal)
        )
        if missing:
            rest = f"; and {len(missing) - MOST_REASONS} more of the kind" if len(missing) > MOST_REASONS else ""
            return "; ".join(missing[:MOST_REASONS]) + rest
        more = f"about {self.seeds_needed} seeds would probably decide it" if self.seeds_needed else ""
        return "the interval crosses the claimed bound; " + (more or "no number of seeds is likely to decide it")

    @property
    def sentence(self) -> str:
        """The verdict and the finding that decided it, in words."""
        if self.reduced:
            return f"{WORDS[self.verdict].capitalize()}. {self.part.finding}{self._on_record}"
        count = f" ({sum(p.verdict == 'supported' for p in self.parts)} of {len(self.parts)} parts hold)"
        head = f"{WORDS[self.verdict].capitalize()}{count if len(self.parts) > 1 else ''}"
        said = not self.reason or self.reason in self.part.finding
        tail = "" if said else f" Why: {self.reason}."
        return f"{head}. {self.part.finding}{tail}"

    @property
    def _on_record(self) -> str:
        r = self.recorded
        return f" On record at full protocol: {r.verdict} ({r.found})." if r else ""


def asked_seeds(runs: Iterable[RunRecord], study: str) -> tuple[int, ...] | None:
    """The seeds that the runs of a results folder asked of a study, in order; None where no run says.

    An arm that several studies share may have more of them; those that a study did not ask for are not its own.

    >>> asked_seeds([RunRecord(studies=("a",), seeds=(0, 1)), RunRecord(studies=("a", "b"), seeds=(1, 2))], "a")
    (0, 1, 2)
    """
    seeds = {s for run in runs if study in run.studies for s in run.seeds}
    return tuple(sorted(seeds)) or None


def judge(
    study: Study, frames: Frames, studies: Mapping[str, Study] | None = None, seeds: Sequence[int] | None = None
) -> list[Verdict]:
    """Judge every claim of a study, in order.

    Args:
        study: as it was frozen into the results folder.
        frames: all trials at hand.
        studies: by name, for claims that name arms of other studies.
        seeds: those that the study was asked to run; then every arm must have them all, and others are left out.
    """
    known = {**(studies or {}), study.name: study}
    arms = ArmReader(study, known, _named(study, known, frames), None if seeds is None else tuple(seeds))
    verdicts = [_judge(study, claim, arms) for claim in study.claims]
    corrected = holm({v.id: v.p for v in verdicts})
    return [replace(v, p_holm=corrected.get(v.id, math.nan)) for v in verdicts]


def _named(study: Study, studies: Mapping[str, Study], frames: Frames) -> Frames:
    """Only the trials of arms that the claims name: the rest of a large folder is searched once, not once an arm."""
    trials: list[str] = []
    for name in dict.fromkeys(n for claim in study.claims for n in arms_named(claim)):
        owner, _, arm = name.rpartition("/")
        of = studies.get(owner or study.name)
        if of is not None and arm in {a.name for a in of.arms}:
            trials += arm_frame(frames, of, [arm])["trial"].tolist()
    return frames.only(trials)


def _unreadable(claim: Claim) -> JudgedPart:
    """What becomes of a claim that was accepted once and means nothing."""
    why = Refusal("unreadable", f"it cannot be judged: {claim.fault}")
    return JudgedPart("the claim", "nothing", "open", refusal=why)


def _judge(study: Study, claim: Claim, arms: ArmReader) -> Verdict:
    parts = tuple(judge_part(arms, form) for form in claim.parts) or (_unreadable(claim),)
    found = [p.verdict for p in parts]
    verdict: VerdictWord = next(v for v in _FIRST if v in found)
    ps = [p.p for p in parts if math.isfinite(p.p)]
    p = max(ps) if ps and not any(part.estimate is None for part in parts) else math.nan
    seen = recorded.of(study, claim) if verdict == "reduced" else None
    deciding = found.index(verdict)
    return Verdict(study.name, claim.id, claim.statement, verdict, parts, deciding, claim.note, p, recorded=seen)


def changed(frozen: Study, current: Study) -> list[str]:
    """How the claims of a study differ from those that were frozen when its run began, a line each."""
    before, now = ({c.id: c for c in s.claims} for s in (frozen, current))
    lines = [f"{i}: added after the run began" for i in now if i not in before]
    lines += [f"{i}: removed after the run began" for i in before if i not in now]
    return lines + [f"{i}: changed after the run began" for i in now if i in before and now[i] != before[i]]
