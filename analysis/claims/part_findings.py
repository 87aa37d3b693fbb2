"""One part of a claim once it is judged: its numbers, what decided, what it would need, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import numpy as np

from analysis.claims import ranges
from analysis.claims.judged_part import JudgedPart
from analysis.claims.measured import Measured
from analysis.claims.plain_sentences import HALF
from analysis.claims.words import VerdictWord
from analysis.statistics import assumption, power
from analysis.statistics.estimates import Estimate, proportion
from analysis.statistics.estimates import Refusal as Remark
from analysis.statistics.evidence import Interval, Part
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS
from analysis.statistics.permutation import AssociationPart
from analysis.statistics.sequential import COUNTS_SHARE, Bound, MeanPart, RatioPart, against
from analysis.statistics.shares import SharePart, majority_interval
from analysis.statistics.verdict_rule import RuleOutcome
from analysis.text import phrases as wording
from study.spec.claims import Contrast
from trainables.config.plurals import counted

ADVICE_PATHS = 500
"""Simulated paths behind an advice of seeds."""


def found_part(
    measured: Measured,
    path: Sequence[int],
    word: VerdictWord,
    part: Part | None = None,
    verdict: RuleOutcome | None = None,
    places: int = 1,
    first_seed: int = 0,
) -> JudgedPart:
    """What became of a part along the path. `word`: what it is where it is not itself decided."""
    start = JudgedPart(
        measured.what,
        measured.claimed,
        word,
        low_bound=measured.low,
        high_bound=measured.high,
        unit=measured.unit,
        refusal=measured.refusal,
    )
    start = replace(
        start,
        selected=measured.selected,
        could_be_tested=measured.on_test is not None,
        form=measured.form,
        words=measured.words,
    )
    if isinstance(part, SharePart):
        start = replace(start, share=part.declared)
    numbers = [measured.numbers[s] for s in path] if measured.refusal is None else []
    numbers = [number for number in numbers if number is not None]
    trials = _by_arm([measured.trials.get(s, ()) for s in path]) if measured.refusal is None else ()
    if not numbers:
        return start
    if nothing := nothing_to_compare(measured, path):
        return replace(start, trials=trials, refusal=Remark("not-finite", nothing))
    looked = numbers[: part.looks_at] if isinstance(part, AssociationPart) else numbers  # its later seeds are not used
    hits = sum(bool(measured.on_side(number)) for number in looked)
    start = replace(
        start,
        trials=trials,
        holds_in=hits,
        new_examples=measured.margin(path),
        on_test=_on_test(measured.on_test, path),
    )
    seen = _numbered(
        measured, part or (measured.rule_part(numbers) if measured.rule_part else None), start, hits, len(numbers)
    )
    if part is None or verdict is None:
        return seen
    return _by_rule(seen, measured, part, numbers, verdict, places, first_seed)


def nothing_to_compare(m: Measured, path: Sequence[int]) -> str:
    """Say that both sides of a comparison were lost in every seed; empty where they were not."""
    numbers = [m.numbers[s] for s in path] if m.refusal is None else []
    if not numbers or not isinstance(m.form, Contrast) or m.form.a.reaches is not None:
        return ""
    if not all(number is not None and _is_tie(number) for number in numbers):
        return ""
    both = " and ".join(dict.fromkeys(map(m.words.name, (m.form.a.arm, m.form.b.arm))))
    return f"{both} diverged or failed in every seed, so there is nothing to compare"


def _on_test(m: Measured | None, path: Sequence[int]) -> Estimate | None:
    """The number on the test part; None unless every seed of the path was measured there."""
    if m is None or m.rule_part is None or m.refusal is not None or not set(path) <= set(m.numbers):
        return None
    found = m.rule_part([m.numbers[s] for s in path]).estimate(len(path))
    return None if found is None or found.value != found.value else _cut(found, m)


def _by_arm(trials: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The trials of seeds, arm by arm, each once."""
    arms = zip_longest(*trials)
    return tuple(dict.fromkeys(t for arm in arms for t in arm if t is not None))


def _numbered(m: Measured, part: Part | None, start: JudgedPart, hits: int, n: int) -> JudgedPart:
    """With the number over n seeds; a share of seeds where the form has none, or a trial was lost."""
    plain = part.estimate(n) if part is not None else None
    if plain is not None and plain.value == plain.value:
        return replace(start, estimate=_cut(plain, m))
    if part is None:
        broken = f"it breaks in {n - hits} of {counted(n, 'trial')}"
        return replace(
            start,
            estimate=proportion(hits, n),
            unit=wording.SHARE,
            refusal=Remark("rule", broken) if hits < n else None,
        )
    if isinstance(part, MeanPart) or (isinstance(part, RatioPart) and _has_lost(part)):
        kind = "mean" if isinstance(part, MeanPart) else "ratio"
        holds = "the claim" if len(part.bounds) == 1 else "each end"
        text = f"a trial diverged or failed, so there is no {kind} and {holds} must be met {HALF}"
        known = replace(start, new_examples=None)  # which would be of the mean
        return replace(known, estimate=proportion(hits, n), unit=wording.SHARE, refusal=Remark("not-finite", text))
    if isinstance(part, RatioPart):
        return replace(start, refusal=Remark("denominator", "the ratio's denominator cannot be told from 0"))
    return start


def _cut(interval: Interval, m: Measured) -> Estimate:
    found = Estimate(interval.value, interval.low, interval.high, interval.n, interval.method)
    return found if m.unit == wording.SHARE else ranges.cut(found, m.within)


def _by_rule(
    start: JudgedPart,
    m: Measured,
    part: Part,
    numbers: Sequence[Any],
    verdict: RuleOutcome,
    places: int,
    first_seed: int,
) -> JudgedPart:
    before = [m.numbers[s] for s in sorted(m.numbers) if s < first_seed]
    if start.unit == wording.SHARE != m.unit and before:
        start = replace(start, before=proportion(sum(map(bool, map(m.on_side, before))), len(before)))
    else:
        earlier = m.rule_part(before).estimate(len(before)) if before and m.rule_part else None
        start = replace(start, before=None if earlier is None else _cut(earlier, m))
    n = verdict.decided_at or verdict.n
    if n < FIRST_LOOK_SEEDS:
        return start
    evidence = part.evidence()
    met = max(float(Fraction(min(e.met[n - FIRST_LOOK_SEEDS], 10**9))) for e in evidence) * places
    broken = (
        min(float(Fraction(min(e.broken[n - FIRST_LOOK_SEEDS], 10**9))) for e in evidence) * places * verdict.bounds
    )
    level = float(ERROR_LEVEL) / places / (1 if verdict.word == "supported" else verdict.bounds)
    wide = _wide(m, start, part, numbers[:n], level)
    seen_by_t = [mean.values for mean in means(part)[:1]]
    word: VerdictWord = start.verdict
    if word == "open" and m.refusal is None:
        word = "supported" if met <= ERROR_LEVEL else "refuted" if broken <= ERROR_LEVEL else "open"
    return replace(
        start,
        verdict=word,
        decides=wide if wide is None or _agrees(wide, m, part, word) else None,
        p_supported=min(1.0, met),
        p_refuted=min(1.0, broken),
        doubts=tuple(d for values in seen_by_t for d in assumption.doubts(values)),
        doubts_asked=any(map(assumption.can_be_asked, seen_by_t)),
    )


def _wide(m: Measured, start: JudgedPart, part: Part, numbers: Sequence[Any], level: float) -> Estimate | None:
    """The interval that decides, of what the part's own number is of: its metric, or a share of seeds."""
    if start.unit != wording.SHARE or not isinstance(part, MeanPart | RatioPart):
        wide = part.interval(level, len(numbers))
        nothing = wide is None or (math.isinf(wide.low) and math.isinf(wide.high))  # no look has excluded anything
        return None if wide is None or nothing else _cut(wide, m)
    if len(part.bounds) > 1 or part.estimate(len(numbers)) is not None:
        return None  # several bounds are counted one by one; or t decided before a trial was lost
    met = tuple(bool(m.on_side(x)) for x in numbers)
    broken = tuple(not (hit or _is_tie(x)) for hit, x in zip(met, numbers, strict=True))
    share = majority_interval(met, [broken], COUNTS_SHARE * level)
    return None if share is None else Estimate(share.value, share.low, share.high, share.n, share.method)


def _agrees(wide: Estimate, m: Measured, part: Part, word: VerdictWord) -> bool:
    """Whether the interval of a ratio says what its verdict says.

    That b lies above 0 may have been shown at an earlier look than that the ratio lies beyond its bound; where it is
    not shown at that look too, the interval is wider than what was decided.
    """
    if not isinstance(part, RatioPart) or m.unit == wording.SHARE or word not in ("supported", "refuted"):
        return True
    beyond = [(wide.low > b.value, wide.high < b.value)[:: 1 if b.direction == "above" else -1] for b in part.bounds]
    return all(met for met, _ in beyond) if word == "supported" else any(broken for _, broken in beyond)


def _has_lost(part: RatioPart) -> bool:
    """Whether a trial of a ratio diverged or failed."""
    return not all(map(math.isfinite, (*part.numerators, *part.denominators)))


def _is_tie(number: Any) -> bool:
    """Whether both of a pair were lost: NaN as a difference, two infinite numbers as a ratio."""
    return all(map(math.isinf, number)) if isinstance(number, tuple) else math.isnan(number)


def means(part: Part) -> tuple[MeanPart, ...]:
    """The numbers that t looks at: of a ratio a - r b for each bound r; none of what is judged by counts."""
    if isinstance(part, MeanPart):
        return (part,)
    if isinstance(part, RatioPart):
        a, b = np.array(part.numerators), np.array(part.denominators)
        return tuple(
            MeanPart("contrast", tuple(against(a, b, bound.value).tolist()), (Bound(0.0, bound.direction),))
            for bound in part.bounds
        )
    return ()


def need(
    measured: Sequence[Measured], parts: Sequence[Part], places: int, first_seed: int, most: int = power.MAX_SEEDS
) -> power.Need | None:
    """How many seeds an undecided claim would need in all; None where it is unknown.

    Args:
        measured: its parts that are judged.
        parts: the same as the rule takes them, along the path.
        places: of its family.
        first_seed: of the path; what all parts have below it tells of the spread, and counts for nothing.
        most: seeds that are looked at.
    """
    seen = sorted(set.intersection(*({s for s in m.numbers if s < first_seed} for m in measured)))
    before = [m.rule_part([m.numbers[s] for s in seen]) if seen and m.rule_part else None for m in measured]
    if any(isinstance(p, AssociationPart) and not np.isfinite([p.x, p.y]).all() for p in (*parts, *before)):
        return None  # an arm that lost a trial has no spread to go on with
    looks = [part.looks_at for part in parts if isinstance(part, AssociationPart)]
    one_look = max(looks) if len(looks) == len(parts) else None
    if one_look is not None and parts[0].n >= one_look:
        return None  # it had its look
    found = power.seeds_still_needed(parts, places, before=before, most=most, paths=ADVICE_PATHS)
    return None if found is None else replace(found, one_look=one_look)
