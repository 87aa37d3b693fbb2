"""Why a claim is open: its one look is over, or all seeds give one number, however far that lies from its bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.claims.part_findings import means
from analysis.claims.words import GO_ON_SO, UNDECIDED
from analysis.statistics import one_sided
from analysis.statistics.evidence import Part
from analysis.statistics.looks import ERROR_LEVEL
from analysis.statistics.permutation import AssociationPart
from analysis.statistics.sequential import MeanPart, RatioPart, seeds_that_agree
from analysis.statistics.verdict_rule import RuleOutcome


def explained(reason: str, verdict: RuleOutcome, parts: Sequence[Part], places: int) -> str:
    """A reason, with what stands in the way: the one look is over; or no seeds differ, and how many would decide."""
    known = (_looked(parts) or _words(verdict, parts, places)) if reason.startswith(UNDECIDED) else ""
    return reason.replace(UNDECIDED, known, 1) if known else reason


def _looked(parts: Sequence[Part]) -> str:
    """Of associations, which have one look each, once all of them had it."""
    looks = [part.looks_at for part in parts if isinstance(part, AssociationPart) and part.n >= part.looks_at]
    over = len(looks) == len(parts)
    return f"its one look, at {max(looks)} seeds, did not decide it, and later seeds change nothing" if over else ""


def _words(verdict: RuleOutcome, parts: Sequence[Part], places: int) -> str:
    """Empty where seeds differ.

    All parts of an open claim must have no spread, else that is not why it is open.
    """
    if same := next((part for part in parts if isinstance(part, RatioPart) and _same_denominators(part)), None):
        seeds = seeds_that_agree(float(ERROR_LEVEL) / places)
        if same.n < seeds:
            return (
                f"all {verdict.n} seeds have the same denominator, so nothing is known of how far it varies; only "
                f"counts of seeds show that it lies above 0, and that takes {seeds} seeds"
            )
    flat = [mean for part in parts for mean in means(part)]
    if any(not means(part) for part in parts) or not all(map(_one_number, flat)):
        return ""
    broken = any(_breaks(mean) for mean in flat)
    seeds = seeds_that_agree(float(ERROR_LEVEL) / places / (verdict.bounds if broken else 1))
    return (
        f"all {verdict.n} seeds give the same number, so nothing is known of how far seeds vary; only counts of seeds "
        f"speak, and {GO_ON_SO}, {seeds} seeds in all decide it"
    )


def _same_denominators(part: RatioPart) -> bool:
    """Whether they are one number above 0, and the numerators are not."""
    a, b = np.array(part.numerators), np.array(part.denominators)
    if not len(b) or not (np.isfinite(a).all() and np.isfinite(b).all()) or b[0] <= 0:
        return False
    return bool(one_sided.has_mean(a, 0.0)[-1]) and not one_sided.has_mean(b, 0.0)[-1]


def _one_number(mean: MeanPart) -> bool:
    x = np.array(mean.values)
    bounds = [bound.value for bound in mean.bounds]
    return bool(np.isfinite(x).all()) and not any(bool(one_sided.has_mean(x, bound)[-1]) for bound in bounds)


def _breaks(mean: MeanPart) -> bool:
    """Whether all seeds lie on the wrong side of a bound."""
    for bound in mean.bounds:
        sign = 1.0 if bound.direction == "above" else -1.0
        found = one_sided.count_p_values(sign * np.array(mean.values), sign * bound.value, closed=mean.kind == "level")
        met, broken = (float(p[-1]) for p in found)
        if broken < met:
            return True
    return False
