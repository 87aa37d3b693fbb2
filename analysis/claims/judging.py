"""From parts as measured to the word of a claim: the path of seeds, the rule, and what stands in its way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.claims.family import Obstacle
from analysis.claims.judged_part import JudgedPart
from analysis.claims.measured import Measured
from analysis.claims.no_spread import explained
from analysis.claims.part_findings import found_part, need, nothing_to_compare
from analysis.claims.samples import ArmReader
from analysis.claims.words import LACKS_RECORDS, UNDECIDED, VerdictWord
from analysis.data.arms import Asked, asked_of
from analysis.statistics import verdict_rule
from analysis.statistics.estimates import Refusal
from analysis.statistics.evidence import Evidence, Interval, Part, seed_path
from analysis.statistics.looks import FIRST_LOOK_SEEDS
from analysis.statistics.permutation import AssociationPart, arms_needed
from analysis.statistics.power import MAX_SEEDS, Need
from analysis.statistics.verdict_rule import RuleOutcome
from study.planning.seeds import seeds_named
from study.spec.claims import Claim, arms_named
from trainables.config.plurals import noun

MAX_REASONS = 3
NEVER_FILLED = ("machines", "not-finite")
"""Why a seed on record gives no number, where no later run changes that."""


@dataclass(frozen=True)
class JudgedClaim:
    """A claim's word and what led to it."""

    word: VerdictWord
    parts: tuple[JudgedPart, ...]
    deciding: int = 0
    path: tuple[int, ...] = ()
    decided_at: int | None = None
    p: float = math.nan
    for_good: bool = False
    reason: str = ""
    need: Need | None = None
    failed: tuple[int, ...] = ()
    """Seeds that it rests on of which a trial failed."""
    fills: tuple[int, ...] = ()
    """Of an undecided claim: all seeds up to those that wait behind one that no run asked for; else none."""


@dataclass(frozen=True)
class _NotAsked(Refusal):
    """The seed after the path was never asked for, and later ones wait. A claim lacks no record for that."""

    fills: tuple[int, ...] = ()


@dataclass(frozen=True)
class UnmeasuredPart:
    """A part that cannot be measured: it is never met nor broken, and its bounds count."""

    n: int
    bounds: int

    def evidence(self) -> tuple[Evidence, ...]:
        """Give no evidence at any look."""
        nothing = (1.0,) * max(0, self.n - FIRST_LOOK_SEEDS + 1)
        return (Evidence(nothing, nothing),) * self.bounds

    def interval(self, level: float, n: int) -> Interval | None:  # noqa: ARG002  # the interface's
        """Give no interval."""
        return None

    def estimate(self, n: int) -> Interval | None:  # noqa: ARG002  # the interface's
        """Give no number."""
        return None


def _of_reduced(measured: Measured, path: Sequence[int], from_seed: int) -> JudgedPart:
    """A part that is not judged; one without a number for want of seeds says which seeds it takes."""
    found = found_part(measured, path, "reduced")
    if found.estimate is not None or found.refusal is not None or not from_seed:
        return found
    return replace(found, refusal=Refusal("seeds", f"it takes seeds from {from_seed} on, and none of them is here"))


def judge_measured(
    claim: Claim,
    measured: Sequence[Measured],
    arms: ArmReader,
    asked: Asked,
    places: int,
    first_seed: int,
    stands: Obstacle | None = None,
    most_seeds: int = MAX_SEEDS,
) -> JudgedClaim:
    """Judge a claim; `stands` keeps it from a verdict, whatever seeds say; of `most_seeds` it says what it needs."""
    path = _path(measured, arms, claim, first_seed)
    if any(map(arms.reduced, arms_named(claim))):
        return _reduced(tuple(_of_reduced(m, path, claim.from_seed) for m in measured), path)
    ruled = [i for i, m in enumerate(measured) if m.rule_part is not None or m.refusal is not None]
    gap = _gap(claim, measured, arms, asked, path, first_seed)
    if not any(m.rule_part for m in measured) and all(m.refusal is None for m in measured):
        return _by_construction(measured, path, gap)
    rule_parts = [_for_rule(measured[i], path) for i in ruled]
    verdict = verdict_rule.judge(rule_parts, places)
    refusals = [m.refusal for m in measured if m.refusal is not None]
    refusals += [r for r in (_too_few_arms(part, places) for part in rule_parts) if r is not None]
    broken = _broken_mechanism(measured, path[: verdict.decided_at])
    word, reason = _word(verdict, refusals, gap, stands, broken=broken, first=first_seed)
    reason += _behind(arms, claim, first_seed + len(path)) if word == "not-enough-seeds" and gap is None else ""
    undecided = word not in ("supported", "refuted")
    word, reason = ("open", lost) if (lost := _all_lost(measured, ruled, path, word)) else (word, reason)
    silent = word in ("no-place", "not-judged") or (undecided and bool(refusals or lost))
    shown: VerdictWord = word if stands or word == "not-enough-seeds" else "open"
    rule_of_part = (None if stands else verdict), places, first_seed
    pairs = zip(ruled, rule_parts, strict=True)
    found = {i: found_part(measured[i], path, _part_word(measured[i], shown), part, *rule_of_part) for i, part in pairs}
    parts = tuple(found.get(i) or found_part(m, path, "mechanism") for i, m in enumerate(measured))
    return JudgedClaim(
        word=word,
        parts=parts,
        deciding=_deciding(verdict, ruled, measured, word),
        path=path,
        decided_at=verdict.decided_at if not undecided else None,
        p=math.nan if silent or verdict.n < FIRST_LOOK_SEEDS else verdict.p,
        for_good=verdict.for_good,
        reason=explained(reason, verdict, rule_parts, places),
        failed=tuple(s for s in path[: verdict.decided_at] if any(s in m.failed for m in measured)),
        need=None
        if silent or not undecided or verdict.for_good or (gap is not None and gap.why in NEVER_FILLED)
        else need([measured[i] for i in ruled], rule_parts, places, first_seed, most_seeds),
        fills=gap.fills if isinstance(gap, _NotAsked) and word in ("open", "not-enough-seeds") else (),
    )


def _reduced(parts: tuple[JudgedPart, ...], path: tuple[int, ...]) -> JudgedClaim:
    """Of a claim whose trials were reduced: no verdict; of parts without a number the first that says why is shown."""
    lacks = [i for i, part in enumerate(parts) if part.refusal is not None and parts[0].estimate is None]
    why = "it ran fewer epochs or images than the study declares"
    return JudgedClaim("reduced", parts, deciding=next(iter(lacks), 0), path=path, reason=why)


def _by_construction(measured: Sequence[Measured], path: tuple[int, ...], gap: Refusal | None) -> JudgedClaim:
    """Of a claim whose parts are all mechanisms."""
    word: VerdictWord = "missing" if gap and gap.why in (*LACKS_RECORDS, "not-asked") and not path else "mechanism"
    parts = tuple(found_part(m, path, word) for m in measured)
    return JudgedClaim(word, parts, path=path, reason=gap.text if gap and word == "missing" else "")


def _all_lost(measured: Sequence[Measured], ruled: Sequence[int], path: Sequence[int], word: VerdictWord) -> str:
    """Why no seed helps a claim that is not decided, of which every part compares what was lost; else empty."""
    said = [nothing_to_compare(measured[i], path) for i in ruled] if word in ("open", "not-enough-seeds") else []
    return "; ".join(dict.fromkeys(said)) if all(said) else ""


def _part_word(m: Measured, shown: VerdictWord) -> VerdictWord:
    """What a part is where it is not itself decided; `shown`: where it can be measured."""
    if m.refusal is not None:
        return "missing" if m.refusal.why in LACKS_RECORDS else "not-judged"
    return shown


def _for_rule(m: Measured, path: Sequence[int]) -> Part:
    if m.refusal is not None or m.rule_part is None:
        return UnmeasuredPart(len(path), max(1, (m.low is not None) + (m.high is not None)))
    return m.rule_part([m.numbers[s] for s in path])


def _path(measured: Sequence[Measured], arms: ArmReader, claim: Claim, first_seed: int) -> tuple[int, ...]:
    """Along the seeds that every part can use; of a claim that nothing can be measured of, its arms' seeds."""
    usable: list[set[int]] = [set(m.numbers) for m in measured if m.refusal is None]
    if len(usable) < len(measured):
        usable += [set(_on_record(arms, name)) for name in arms_named(claim)]
    return seed_path(usable, first_seed)


def _on_record(arms: ArmReader, name: str, *, whole: bool = False) -> list[int]:
    """Seeds of an arm's trials; `whole`: without those that ended early, such as a shorter arm's that it shares."""
    rows = arms.on_record(name)
    if isinstance(rows, Refusal):
        return []
    return [row.seed for row in rows.each if not (whole and row.status == "stopped")]


def _gap(
    claim: Claim, measured: Sequence[Measured], arms: ArmReader, asked: Asked, path: tuple[int, ...], first: int
) -> Refusal | None:
    """What the seed after the path lacks, if it or a later one was asked of every arm or every arm has it."""
    after = first + len(path)
    names = arms_named(claim)
    wanted: list[set[int]] = []
    not_asked: set[str] = set()
    for name in names:
        study, there = arms.study_of(name), set(_on_record(arms, name))
        of = None if isinstance(study, Refusal) else asked_of(asked, study.name, name.rpartition("/")[2])
        not_asked |= set() if after in (of or ()) else {name}
        wanted.append(there if of is None else set(of) | set(_on_record(arms, name, whole=True)))
        if not there:
            return Refusal("missing", study.text if isinstance(study, Refusal) else arms.lacks_words([name], "trials"))
    waiting = sorted(s for s in set.intersection(*wanted) if s >= after)
    if not waiting:
        return None
    why = [m.lacking[after] for m in measured if after in m.lacking]
    absent = [name for name in names if after not in _on_record(arms, name)]
    unasked = not_asked & (set(absent) or {n for n in names if after not in _on_record(arms, n, whole=True)})
    if unasked and waiting[0] > after:
        fills = tuple(range(first, max(waiting) + 1))
        lacks = arms.lacks_words(absent, f"trial of seed {after}") if absent or not why else why[0].text
        wait = f"so later ones wait (the first is {waiting[0]}): --seeds {fills[0]}-{fills[-1]} fills the gap"
        shared = "" if path else ", or `study merge` with a folder that has them"  # the second share of two people
        return _NotAsked("not-asked", f"{lacks}, {wait}{shared}", fills)
    later = f", so later ones wait (the first is {waiting[0]})" if waiting[0] > after else ""
    if absent:
        there = set().union(*(_on_record(arms, name) for name in absent))
        lost = seeds_named({after, *(s for s in waiting if s not in there)})
        return Refusal("seeds", f"{arms.lacks_words(absent, f'trial of {lost}')}{later}")
    return why[0] if why else None


def _behind(arms: ArmReader, claim: Claim, after: int) -> str:
    """Which arms of a claim end before a seed that its others have, as the end of a reason; empty where none does."""
    names = arms_named(claim)
    absent = [name for name in names if after not in _on_record(arms, name)]
    if not 0 < len(absent) < len(names):
        return ""
    return f"; {arms.lacks_words(absent, f'trial of seed {after}')}"


def _too_few_arms(part: Part, places: int) -> Refusal | None:
    if not isinstance(part, AssociationPart) or len(part.x) >= arms_needed(places):
        return None
    text = (
        f"an association over {len(part.x)} arms can never be decided in a family of {places}; "
        f"it takes {arms_needed(places)} arms"
    )
    return Refusal("few-arms", text)


def _broken_mechanism(measured: Sequence[Measured], path: Sequence[int]) -> str:
    for m in measured:
        broken = [s for s in path if m.rule_part is None and m.refusal is None and m.numbers[s] is False]
        if broken:
            seeds = f"{noun(len(broken), 'seed')} {', '.join(map(str, broken))}"
            return f"{m.what}: what should hold by construction breaks in {seeds}"
    return ""


def _word(
    verdict: RuleOutcome,
    refusals: Sequence[Refusal],
    gap: Refusal | None,
    stands: Obstacle | None,
    *,
    broken: str,
    first: int,
) -> tuple[VerdictWord, str]:
    """The word and why it is not decided. What was decided stays so, whatever later seeds lack."""
    missing = next((r for r in refusals if r.why in LACKS_RECORDS), None)
    if stands is not None:
        return stands.word, stands.text
    if verdict.word == "refuted" or (verdict.word == "supported" and not refusals and not broken):
        return verdict.word, ""
    if missing is not None:
        return "missing", missing.text
    if gap is not None and gap.why in LACKS_RECORDS:
        return "missing", gap.text
    texts = list(dict.fromkeys(r.text for r in refusals))
    if texts:
        rest = f"; and {len(texts) - MAX_REASONS} more of the kind" if len(texts) > MAX_REASONS else ""
        return "not-judged", "; ".join(texts[:MAX_REASONS]) + rest
    if broken:
        return "not-judged", broken
    if gap is not None and gap.why == "not-finite":
        return "not-judged", f"{gap.text}, and no seed after it counts: more seeds do not help"
    ends = ""
    if isinstance(gap, _NotAsked):
        ends = f"; {gap.text}"
    elif gap is not None:
        for_ever = ", so more seeds do not help" if gap.why in NEVER_FILLED else ""
        ends = f" ({gap.text}, where the seeds that count end{for_ever})"
    if verdict.word == "not-enough-seeds":
        have = {0: "there are no seeds", 1: "there is one seed"}.get(verdict.n, f"there are {verdict.n} seeds")
        if isinstance(gap, _NotAsked):
            have = {0: "no seed counts yet", 1: "one seed counts"}.get(verdict.n, f"{verdict.n} seeds count")
        have += f" from seed {first} on" if first else ""
        return "not-enough-seeds", f"{have}, and a verdict takes at least {FIRST_LOOK_SEEDS}{ends}"
    if verdict.for_good:
        return "open", "support and refutation were reached at the same seed, so it stays open for good"
    return "open", f"{UNDECIDED}{ends}"


def _deciding(verdict: RuleOutcome, ruled: Sequence[int], measured: Sequence[Measured], word: VerdictWord) -> int:
    """The part that decides; of an open claim the one that cannot be measured, else the weakest."""
    if word not in ("supported", "refuted"):
        refused: Any = next((i for i, m in enumerate(measured) if m.refusal is not None), None)
        if refused is not None:
            return int(refused)
    return ruled[verdict.part]
