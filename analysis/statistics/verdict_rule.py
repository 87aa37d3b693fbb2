"""The verdict on one claim: a pure function of its own parts along the path of seeds and of its family's places.

Over all claims that ever take a place in a family, the chance that any decided verdict is wrong is at most 5 %, however
often seeds are added, if seeds vary about normally. Why is told in `docs/verdicts.md`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from analysis.statistics.evidence import Evidence, Interval, Number, Part
from analysis.statistics.looks import ERROR_LEVEL, FIRST_LOOK_SEEDS

Word = Literal["supported", "refuted", "open", "not-enough-seeds"]


@dataclass(frozen=True)
class RuleOutcome:
    """What became of a claim. Once `decided_at` is set, no later seed changes any field but `n`."""

    word: Word
    n: int
    """Seeds on the path; estimates over all of them are shown, and change nothing once it is decided."""
    decided_at: int | None
    """The number of seeds at which it was decided, or at which it became open for good."""
    p: float
    """To be held against 5 %: looks, parts and family are paid for. Supported: `p_supported`; refuted: `p_refuted`;
    else the smaller one. As of `decided_at`, else of n; 1 at most."""
    p_supported: float
    """Places x the largest over bounds of the smallest p / share so far."""
    p_refuted: float
    """Places x number of bounds x the smallest p / share of any bound so far."""
    part: int
    """Supported and open: the weakest part, farthest from being met. Refuted: the part that refutes."""
    bound: int
    """Which of that part's bounds."""
    interval: Interval | None
    """Of that part, as of `decided_at` (else n): the wider one, which decides. Of a supported claim each end is at
    5 % / places; else at 5 % / (places x bounds). It holds over all looks at once."""
    plain: Interval | None
    """Of that part, over the same seeds: the number with its plain 95 % interval."""
    for_good: bool
    """Open for good: support and refutation were both reached at the same number of seeds."""
    bounds: int = 0
    """Of all parts; 0 where there was no look."""


def judge(parts: Sequence[Part], places: int) -> RuleOutcome:
    """Judge one claim. `places` is the family's frozen number; all parts lie along the same path of seeds.

    Raises:
        ValueError: no parts, parts of unequal numbers of seeds, or fewer than one place.
    """
    if not parts or places < 1:
        raise ValueError(f"a claim has parts and a family places, not {len(parts)} and {places}")
    lengths = {part.n for part in parts}
    if len(lengths) != 1:
        raise ValueError(f"the parts of a claim lie along one path of seeds, not along {sorted(lengths)} seeds")
    (n,) = lengths
    if n < FIRST_LOOK_SEEDS:
        return RuleOutcome("not-enough-seeds", n, None, 1.0, 1.0, 1.0, 0, 0, None, parts[0].estimate(n), for_good=False)
    owners = [(i, j, e) for i, part in enumerate(parts) for j, e in enumerate(part.evidence())]
    evidence = [e for _, _, e in owners]
    looks = n - FIRST_LOOK_SEEDS + 1  # no evidence ever rises, so from the look that decides on every look would
    first = bisect_left(range(looks), True, key=lambda look: min(_combined(evidence, places, look)) <= ERROR_LEVEL)
    look = min(first, looks - 1)
    at = FIRST_LOOK_SEEDS + look if first < looks else None
    met, broken = _combined(evidence, places, look)
    word: Word = "open"
    if at is not None and max(met, broken) > ERROR_LEVEL:
        word = "supported" if met <= ERROR_LEVEL else "refuted"
    p_supported, p_refuted = (min(1.0, float(p)) for p in (met, broken))
    i, j, _ = (
        min(owners, key=lambda o: o[2].broken[look]) if word == "refuted" else max(owners, key=lambda o: o[2].met[look])
    )
    level = ERROR_LEVEL / places / (1 if word == "supported" else len(evidence))
    return RuleOutcome(
        word=word,
        n=n,
        decided_at=at,
        p={"supported": p_supported, "refuted": p_refuted}.get(word, min(p_supported, p_refuted)),
        p_supported=p_supported,
        p_refuted=p_refuted,
        part=i,
        bound=j,
        interval=parts[i].interval(float(level), look + FIRST_LOOK_SEEDS),
        plain=parts[i].estimate(look + FIRST_LOOK_SEEDS),
        for_good=word == "open" and at is not None,
        bounds=len(evidence),
    )


def _combined(evidence: Sequence[Evidence], places: int, look: int) -> tuple[Fraction, Fraction]:
    """Both p-values of the claim up to a look, exact: what floats and fractions say is compared as it is."""

    def exact(p: Number) -> Fraction:
        return Fraction(min(p, 10**9))

    met = places * exact(max(e.met[look] for e in evidence))
    broken = places * len(evidence) * exact(min(e.broken[look] for e in evidence))
    return met, broken
