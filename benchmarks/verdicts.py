"""How often a whole study has any wrong verdict, and how many seeds a verdict takes; see `docs/verdicts.md`.

Each case is drawn as often as its figure says and looked at from 5 seeds on after each, up to 80. `ours` and the ratio
are per cent of studies with any wrong verdict, the range is Clopper and Pearson's 95 % interval, `peer` is the rule
before it. A case whose seeds are not about normal is measured like the others and shown as broken where it is.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.statistics import power
from analysis.statistics.looks import ERROR_LEVEL, Floats
from benchmarks import rule_digest, verdict_variants
from benchmarks import verdict_rules as rules
from benchmarks.figures import Figure
from benchmarks.verdict_studies import CASES, CHAPTER, SEEDS, Case, Distribution, SimulatedClaim, claim, study

Flags = npt.NDArray[np.bool_]
AIM = 100 * float(ERROR_LEVEL)
CHUNK = 250
DISTANCES = (0.5, 1.0, 2.0, 3.0)
MEASURED = 20
"""Numbers that a rewritten claim could be about."""
VERSIONS = (0, 8, 20)
"""The seeds from which on the versions of a claim are judged that is rewritten after looking."""


def verdicts(repeats: int, part: int) -> list[Figure]:
    """Verdicts: any wrong one in a study, and the seeds that one takes, beside other rules; about three minutes."""
    studies, simulated = 2000 * repeats // part, rule_digest.digest()
    found = [_wrong(case, studies if case.places < 60 else studies // 4) for case in CASES]
    found += [_rewritten(studies, fresh=fresh) for fresh in (True, False)]
    kinds: tuple[Distribution, ...] = ("normal", "uniform", "lognormal", "collapse20")
    found += [_variant(name, kind, studies // 25) for name in _VARIANTS for kind in kinds]
    found += [_seeds(distance, places) for places in (6, 60) for distance in DISTANCES]
    found += [_flip_seeds(distance, max(studies // 25, 100)) for distance in DISTANCES[1:]]
    found += [_variant_seeds(name, d, places) for name in _FOR_MEANS for places in (6, 60) for d in DISTANCES]
    return [dataclasses.replace(figure, rule=simulated) for figure in found]


def _wrong(case: Case, studies: int) -> Figure:
    """One case: ours over all studies, the other rules over a tenth of them."""
    rng = np.random.default_rng(sum(map(ord, case.name)))
    wrong, others, few = 0, dict.fromkeys(rules.RULES, 0), 0
    chunk = CHUNK if case.places < 60 else CHUNK // 5
    for start in range(0, studies, chunk):
        claims = case.draw(rng, min(chunk, studies - start))
        wrong += int(rules.any_wrong(claims, rules.ours(claims, case.places)).sum())
        if start % (10 * chunk) == 0:
            few += len(claims[0].values)
            for name, rule in rules.RULES.items():
                others[name] += int(rules.any_wrong(claims, rule(claims, case.places)).sum())
    peer, *rest = (f"{name}: {100 * number / few:.1f} %" for name, number in others.items())
    assumed = "" if case.assumed else "seeds are not about normal, so nothing is promised; "
    return _rate(
        f"verdicts/wrong-{case.name}",
        wrong,
        studies,
        100 * next(iter(others.values())) / few,
        f"{case.meaning}; {case.places} places",
        f"{assumed}peer is {peer}. {'; '.join(rest)} (each of {few} studies)",
    )


def _rate(name: str, wrong: int, studies: int, peer: float | None, meaning: str, note: str) -> Figure:
    ends = stats.binomtest(wrong, studies).proportion_ci(0.95)
    rate = 100 * wrong / studies
    return Figure(
        name=name,
        ours=rate,
        peer=peer,
        ratio=rate,
        low=100 * float(ends.low),
        high=100 * float(ends.high),
        repeats=studies,
        aim=AIM,
        unit="%",
        meaning=f"studies with any wrong verdict: {meaning}",
        note=note,
        at_most=True,
    )


def _rewritten(studies: int, *, fresh: bool) -> Figure:
    """Six false claims; who looks writes each anew, about what the seeds seen favour most of all that was measured."""
    rng = np.random.default_rng(8)
    total = {"ours": 0, "peer": 0}
    for start in range(0, studies, CHUNK):
        values = rng.standard_normal((6, min(CHUNK, studies - start), MEASURED, SEEDS))
        for name, rule in (("ours", rules.ours), ("peer", rules.intervals)):
            total[name] += int(_ever_wrong(values, rule, fresh=fresh).sum())
    how = "judged from new seeds on" if fresh else "judged over the seeds that suggested it too, as must not be"
    return _rate(
        f"verdicts/wrong-rewritten{'' if fresh else '-old-seeds'}",
        total["ours"],
        studies,
        100 * total["peer"] / studies,
        f"six claims; each open one is written anew after {VERSIONS[1]} and {VERSIONS[2]} seeds, about that of "
        f"{MEASURED} numbers and that direction which the seeds seen favour most, {how}; 20 places",
        "peer is 95 % intervals part by part, at every seed, treated in the same way",
    )


def _ever_wrong(values: Floats, rule: rules.Rule, *, fresh: bool) -> Flags:
    """Whether any version of any claim was supported while it stood; all are false, for each lies on its bound."""
    claims, studies, _, seeds = values.shape
    wrong = np.zeros(studies, bool)
    for i in range(claims):
        open_still = np.ones(studies, bool)
        for start, end in zip(VERSIONS, (*VERSIONS[1:], seeds), strict=True):
            first = start if fresh else 0
            drawn = SimulatedClaim(_favoured(values[i], start)[..., first:], closed=False, true=False)
            ((supported, refuted),) = rule([drawn], 20)
            now = np.minimum(supported, refuted) + first <= end
            wrong |= open_still & now & (supported < refuted)
            open_still &= ~now
    return wrong


def _favoured(values: Floats, seen: int) -> Floats:
    """Of [studies, numbers, seeds] the number, and with the sign, that the first seeds favour: [studies, 1, seeds]."""
    if not seen:
        return values[:, :1]
    t = values[..., :seen].mean(-1) / values[..., :seen].std(-1)
    best = np.abs(t).argmax(-1)[:, None]
    return np.asarray(
        np.take_along_axis(values, best[..., None], 1) * np.sign(np.take_along_axis(t, best, 1))[..., None]
    )


def _variant(name: str, kind: Distribution, studies: int) -> Figure:
    """A rule that was not taken, beside the one that was."""
    claims = study(CHAPTER, kind)(np.random.default_rng(4), studies)
    rule, meaning = _VARIANTS[name]
    wrong, ours = (int(rules.any_wrong(claims, r(claims, 6)).sum()) for r in (rule, rules.ours))
    return _rate(
        f"verdicts/variant-{name}-{kind}",
        wrong,
        studies,
        100 * ours / studies,
        f"not the rule, but {meaning}: six claims on their bounds, {kind} seeds",
        "peer is the rule, on the same studies",
    )


_VARIANTS: dict[str, tuple[rules.Rule, str]] = {
    "flips": (rules.with_flips, "t *and* sign flips, these with looks unpaid"),
    "counts": (rules.counts_beside_t, "counts at every look beside t"),
    "mixture": (verdict_variants.mixture, "a bet that mixes over effects"),
    "block-ends": (verdict_variants.block_ends, "t with one look a block, at 5, 10, 20, 40, ... seeds"),
}
_FOR_MEANS = ("mixture", "block-ends")
"""Of these, the rules that are cheaper than ours for some distances."""


def _seeds(distance: float, places: int) -> Figure:
    """Seeds until one bound is decided with 80 %, beside one look at a number of seeds that was planned before."""
    level = float(ERROR_LEVEL) / places
    ours, most = [_until_decided(distance, places, chance) for chance in (0.8, 0.95)]
    once = [rules.seeds_alone(distance, chance, level) for chance in (0.8, 0.95)]
    today = [rules.seeds_alone(distance, chance, 0.025) for chance in (0.8, 0.95)]
    closed = [_closed_form_seeds(distance, places, chance) for chance in (0.8, 0.95)]
    return _count(
        f"verdicts/seeds-{distance:g}sd-places-{places}",
        ours,
        once[0],
        f"seeds until one bound {distance:g} standard deviations away is decided with 80 %; {places} places",
        f"with 95 %: {most}. Peer is 5 % / places at one number of seeds fixed before (95 %: {once[1]}). One look at a "
        f"95 % interval, without a guarantee: {today[0]} ({today[1]}). Closed form: {closed[0]} ({closed[1]})",
    )


def _until_decided(distance: float, places: int, chance: float) -> int | None:
    return power.seeds_for(distance, places, chance, most=200) or power.seeds_for(distance, places, chance, most=400)


def _count(name: str, ours: int | None, peer: int | None, meaning: str, note: str) -> Figure:
    ratio = peer / ours if ours and peer else None
    return Figure(name, ours, peer, ratio, ratio, ratio, power.PATHS, None, "seeds", meaning, note)


def _closed_form_seeds(distance: float, places: int, chance: float) -> int | None:
    for most in (200, 400):
        noise = np.random.default_rng(19).standard_normal((power.PATHS, 1, most)) + distance
        ((supported, _),) = rules.closed_form([SimulatedClaim(noise, closed=False, true=True)], places)
        if found := _quantile(supported, chance):
            return found
    return None


def _quantile(seeds: rules.Counts, chance: float) -> int | None:
    """The number of seeds by which a share of paths is decided."""
    found = int(np.sort(seeds)[int(np.ceil(chance * len(seeds))) - 1])
    return None if found == rules.NEVER else found


def _variant_seeds(name: str, distance: float, places: int) -> Figure:
    """The seeds that a rule which was not taken needs, beside ours, on the paths of `_seeds`."""
    rule, meaning = _VARIANTS[name]
    noise = np.random.default_rng(19).standard_normal((power.PATHS, 1, 200)) + distance
    paths = [SimulatedClaim(noise, closed=False, true=True)]
    (theirs, late), (ours, _) = [
        [_quantile(r(paths, places)[0][0], chance) for chance in (0.8, 0.95)] for r in (rule, rules.ours)
    ]
    return _count(
        f"verdicts/variant-{name}-seeds-{distance:g}sd-places-{places}",
        theirs,
        ours,
        f"not the rule, but {meaning}: seeds to decide a bound {distance:g} deviations away with 80 %",
        f"peer is the rule, on the same paths; {places} places; with 95 %: {late or 'over 200'}",
    )


def _flip_seeds(distance: float, studies: int) -> Figure:
    """What asking for sign flips too would cost."""
    drawn = claim(np.random.default_rng(5), studies, 1, true=True)
    drawn = SimulatedClaim(drawn.values + distance, closed=False, true=True)
    ours, flips = (_quantile(rule([drawn], 6)[0][0], 0.8) for rule in (rules.ours, rules.with_flips))
    return _count(
        f"verdicts/variant-flips-seeds-{distance:g}sd",
        flips,
        ours,
        f"not the rule, but t *and* sign flips: seeds to decide a bound {distance:g} deviations away with 80 %",
        "peer is the rule, on the same paths; 6 places",
    )
