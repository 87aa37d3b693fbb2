"""The forms of claims as measured: for each, numbers by seed and how the rule takes them; nothing is judged here.

What holds in every epoch, or by construction, is in `analysis.claims.universal`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.claims import ranges
from analysis.claims.arm_words import arm_words
from analysis.claims.by_seed import SeedValues, by_seed
from analysis.claims.machines import elsewhere
from analysis.claims.measured import Measured, no_margin
from analysis.claims.new_examples import (
    Margin,
    is_of_examples,
    of_difference,
    of_level,
    of_ratio,
    of_share,
    of_test,
)
from analysis.claims.plain_falls import both_rise
from analysis.claims.plain_sentences import half
from analysis.claims.samples import ArmReader, differing
from analysis.claims.universal import mechanism, trajectory
from analysis.statistics.estimates import Refusal, rank_correlation
from analysis.statistics.first_epoch import Outcome, OutcomesPart, Pair, outcome
from analysis.statistics.looks import FIRST_LOOK_SEEDS
from analysis.statistics.permutation import MIN_ARMS, AssociationPart
from analysis.statistics.sequential import Bound, MeanPart, RatioPart
from analysis.statistics.shares import SharePart
from analysis.text import phrases as wording
from study.spec.claims import Association, Contrast, Form, Level, Mechanism, Quantity, Trajectory, quantities
from study.spec.selection import quantities_selected, why_selected
from study.spec.splits import why_no_verdict
from trainables.records.metrics import TEST_COUNTERPARTS


def measure(arms: ArmReader, form: Form, first_seed: int = 0) -> Measured:
    """Measure one part; what stands against it becomes its refusal.

    first_seed: of the claim; times are compared on the kind of machine that measured it.
    """
    found, why = _measured(arms, form, first_seed), _selected(arms, form)
    found = replace(found, words=replace(arm_words(arms, form), rises=found.rises))
    other = _on_test(form) if why else None
    on_test = None if other is None else _measured(arms, other, first_seed)
    return replace(found, selected=why, on_test=on_test) if why else found


def _selected(arms: ArmReader, form: Form) -> str:
    for quantity in quantities_selected(form):
        config, study = arms.config(quantity.arm), arms.study_of(quantity.arm)
        if isinstance(config, Refusal) or isinstance(study, Refusal):
            continue
        if why := why_selected(quantity, config, study.name):
            return why
    return ""


def _on_test(form: Form) -> Form | None:
    """The same of the test part, which is measured after the last epoch; None where that has no meaning."""
    if any(q.metric not in TEST_COUNTERPARTS or q.reaches is not None or q.at == "fall" for q in quantities(form)):
        return None
    match form:
        case Level(share=None):
            return replace(form, quantity=_last_on_test(form.quantity))
        case Contrast(share=None):
            return replace(form, a=_last_on_test(form.a), b=_last_on_test(form.b))
    return None


def _last_on_test(quantity: Quantity) -> Quantity:
    return replace(quantity, metric=TEST_COUNTERPARTS[quantity.metric], at="last")


def _measured(arms: ArmReader, form: Form, first_seed: int) -> Measured:
    match form:
        case Level():
            return _level(arms, form)
        case Contrast():
            return _contrast(arms, form, first_seed)
        case Trajectory():
            return trajectory(arms, form)
        case Mechanism():
            return mechanism(arms, form)
        case Association():
            return _association(arms, form)


@dataclass(frozen=True)
class Bounds:
    """What is claimed of a number; `strict` where a bound itself does not satisfy, as in "larger than"."""

    low: float | None = None
    high: float | None = None
    strict: bool = False

    def holds(self, value: float) -> bool:
        """Whether one number satisfies them; a tie of two lost trials (NaN) does not."""
        if self.strict:
            return (self.low is None or value > self.low) and (self.high is None or value < self.high)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def for_rule(self) -> tuple[Bound, ...]:
        """Return its bounds one by one, as the rule takes them."""
        low = () if self.low is None else (Bound(self.low, "above"),)
        return low if self.high is None else (*low, Bound(self.high, "below"))


NO_BOUND = Refusal("rule", "it has no bound, so there is nothing to judge")


# ------------------------------------------------------------------------------------------------------- one number


def _level(arms: ArmReader, form: Level) -> Measured:
    kind, found = wording.unit(form.quantity), by_seed(arms, form.quantity)
    epoch = None if isinstance(found, Refusal) else found.place
    words = wording.quantity_words(form.quantity, epoch)
    claimed = wording.bounds_words(form.low, form.high, kind)
    start = Measured(form, words, claimed, kind, form.low, form.high, ranges.of(form.quantity))
    if isinstance(found, Refusal):
        return start.refused(found)
    trials = {seed: (trial,) for seed, trial in found.trials.items()}
    start = replace(start, numbers=found.values, lacking=found.lacking, trials=trials, failed=found.failed)
    bounds = Bounds(form.low, form.high)
    if not bounds.for_rule():
        return start.refused(NO_BOUND)
    if form.quantity.reaches is not None:
        return _counted(start, {s: _reached_between(found, s, bounds) for s in found.values})
    crossable = Bounds(*ranges.crossable(form.low, form.high, start.within))
    bounds = crossable if crossable.for_rule() else bounds  # a lost trial lies beyond where the metric ends
    of_bits = is_of_examples(form.quantity)
    if form.share is not None:
        margin = of_share(found, None, form.quantity, form.low, form.high) if of_bits else no_margin
        return as_share(replace(start, margin=margin), form.share, bounds.holds)
    if of_bits:
        start = replace(start, margin=of_level(found, form.quantity))
    elif form.quantity.metric == "test_accuracy" and form.quantity.at not in ("mean", "fall"):
        start = replace(start, margin=of_test(found, arms.test_examples(form.quantity.arm)))
    found_bounds = bounds.for_rule()
    return replace(start, on_side=bounds.holds, rule_part=lambda values: MeanPart("level", tuple(values), found_bounds))


def as_share(start: Measured, share: float, holds: Callable[[Any], bool]) -> Measured:
    """Judged by the share of seeds for which it holds."""
    return replace(
        start,
        claimed=f"{start.claimed}, in at least {100 * share:g} % of seeds",
        unit=wording.SHARE,
        on_side=holds,
        rule_part=lambda values: SharePart(tuple(map(holds, values)), share),
    )


# ------------------------------------------------------------------------------------------------------- first epochs


def _counted(start: Measured, outcomes: Mapping[int, tuple[Outcome, ...]]) -> Measured:
    """Judged by counts of seeds: what becomes of each bound, by seed."""
    return replace(
        start,
        claimed=f"{start.claimed}, {half(start.low, start.high)}",
        unit=wording.SHARE,
        numbers=outcomes,
        on_side=lambda ways: all(way == "met" for way in ways),
        rule_part=lambda found: OutcomesPart(tuple(zip(*found, strict=True))),
    )


def _epoch(values: SeedValues, seed: int) -> int | None:
    """The first epoch; None where it never was within the epochs trained."""
    epoch = values.values[seed]
    return None if epoch > values.config.epochs else int(epoch)


def _reached_between(found: SeedValues, seed: int, bounds: Bounds) -> tuple[Outcome, ...]:
    """Of a first epoch against fixed ones: never is later than every epoch that was trained."""
    epoch, epochs = _epoch(found, seed), found.config.epochs
    ways: list[Outcome] = []
    if bounds.low is not None:
        ways.append(outcome(Pair(0, epoch, epochs, epochs), math.ceil(bounds.low) - 0.5))
    if bounds.high is not None:
        limit = math.floor(bounds.high) + 1
        ways.append(outcome(Pair(epoch, limit, epochs, limit), 0.5))
    return tuple(ways)


def _first_pairs(start: Measured, a: SeedValues, b: SeedValues, form: Contrast, seeds: Sequence[int]) -> Measured:
    if form.ratio:
        return start.refused(Refusal("rule", "first epochs are compared by their difference, not by their ratio"))
    outcomes: dict[int, tuple[Outcome, ...]] = {}
    for s in seeds:
        one, other = _epoch(a, s), _epoch(b, s)
        ways: list[Outcome] = []
        if form.low is not None:
            ways.append(outcome(Pair(other, one, b.config.epochs, a.config.epochs), form.low))
        if form.high is not None:
            ways.append(outcome(Pair(one, other, a.config.epochs, b.config.epochs), -form.high))
        outcomes[s] = tuple(ways)
    return _counted(start, outcomes)


# ------------------------------------------------------------------------------------------------------- in pairs


def _contrast(arms: ArmReader, form: Contrast, first_seed: int) -> Measured:
    kind = wording.unit(form.a, difference=True, ratio=form.ratio)
    a, b = by_seed(arms, form.a), by_seed(arms, form.b)
    places = [None if isinstance(s, Refusal) else s.place for s in (a, b)]
    what = wording.contrast_words(form.a, form.b, places, ratio=form.ratio)
    within = ranges.ratio(form.a, form.b) if form.ratio else ranges.difference(form.a)
    claimed = wording.bounds_words(form.low, form.high, kind)
    start = Measured(form, what, claimed, kind, form.low, form.high, within)
    if isinstance(a, Refusal) or isinstance(b, Refusal):
        return start.refused(a if isinstance(a, Refusal) else b)  # type: ignore[arg-type]
    refused = _unlike(a, b, form, arms.study.knobs) or arms.on_other_data((form.a, form.b))
    if refused is not None:
        return start.refused(refused)
    both = sorted(a.values.keys() & b.values.keys())
    other = elsewhere(both, a.hosts, b.hosts, first_seed)
    seeds = [s for s in both if s not in other]
    trials = {s: tuple(dict.fromkeys((a.trials[s], b.trials[s]))) for s in seeds}
    start = replace(start, lacking={**b.lacking, **a.lacking, **other}, trials=trials, failed=a.failed | b.failed)
    if form.a.reaches is not None:
        return _first_pairs(start, a, b, form, seeds)
    numbers = {s: (a.values[s], b.values[s]) for s in seeds}
    start = replace(start, numbers=numbers, rises=both_rise((form.a, form.b), numbers.values()))
    bounds = Bounds(form.low, form.high, strict=True)
    if is_of_examples(form.a) and is_of_examples(form.b) and form.a.metric == form.b.metric:
        start = replace(start, margin=_margin_of_pairs(a, b, form))
    return _ratio(start, bounds, form.share) if form.ratio else _difference(start, bounds, form.share)


def _margin_of_pairs(a: SeedValues, b: SeedValues, form: Contrast) -> Margin:
    """Ratios of gaps, and shares of seeds by a ratio, have none."""
    if form.ratio:
        return of_ratio(a, b) if form.share is None and form.a.metric == "val_accuracy" else no_margin
    return of_difference(a, b, form.a) if form.share is None else of_share(a, b, form.a, form.low, form.high)


def _unlike(a: SeedValues, b: SeedValues, form: Contrast, knobs: Sequence[str]) -> Refusal | None:
    if form.low is None and form.high is None:
        return NO_BOUND
    if (form.a.reaches is None) != (form.b.reaches is None):
        return Refusal("rule", "a first epoch is compared with another first epoch only")
    if why := why_no_verdict([a.config, b.config]):
        return Refusal("splits", why)
    unlike = differing(a.config, b.config, form.differ or knobs)
    if unlike is None and a.place != b.place and not form.unequal_epochs:
        return Refusal(
            "epochs", f"the epochs differ ({a.place} and {b.place}): write one epoch, or unequal_epochs: true"
        )
    return unlike


def _difference(start: Measured, bounds: Bounds, share: float | None) -> Measured:
    numbers = {s: x - y for s, (x, y) in start.numbers.items()}  # of two lost trials NaN: a tie
    start = replace(start, numbers=numbers)
    if share is not None:
        return as_share(start, share, bounds.holds)
    found = bounds.for_rule()
    return replace(start, on_side=bounds.holds, rule_part=lambda values: MeanPart("contrast", tuple(values), found))


def _ratio(start: Measured, bounds: Bounds, share: float | None) -> Measured:
    def holds(pair: tuple[float, float]) -> bool:
        a, b = pair
        if math.isinf(a) and math.isinf(b):
            return False
        low = bounds.low is None or (a > bounds.low * b if bounds.low else a > 0)
        return low and (bounds.high is None or (a < bounds.high * b if bounds.high else a < 0))

    if share is not None:
        return as_share(start, share, holds)
    found = bounds.for_rule()

    def part(pairs: Sequence[tuple[float, float]]) -> RatioPart:
        return RatioPart(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), found)

    return replace(start, on_side=holds, rule_part=part)


# ------------------------------------------------------------------------------------------------------- association


def _association(arms: ArmReader, form: Association) -> Measured:
    x_words, y_words = (wording.quantity_words(q, named=False) for q in (form.x, form.y))
    what = f"rank correlation of {x_words} and {y_words} over {len(form.arms)} arms"
    claimed = wording.bounds_words(form.low, None, wording.Unit())
    start = Measured(form, what, claimed, low=form.low, within=ranges.CORRELATION_RANGE)
    sides: list[tuple[SeedValues, SeedValues]] = []
    for arm in form.arms:
        x, y = (by_seed(arms, replace(q, arm=arm)) for q in (form.x, form.y))
        if isinstance(x, Refusal) or isinstance(y, Refusal):
            return start.refused(x if isinstance(x, Refusal) else y)  # type: ignore[arg-type]
        sides.append((x, y))
    if len(sides) < MIN_ARMS:
        return start.refused(Refusal("few-arms", f"a rank correlation needs at least {MIN_ARMS} arms"))
    if len({s.place for pair in sides for s in pair}) > 1:
        return start.refused(Refusal("epochs", "the arms are not at equal epochs"))
    if why := why_no_verdict([s.config for pair in sides for s in pair]):
        return start.refused(Refusal("splits", why))
    if other := arms.on_other_data([replace(q, arm=arm) for arm in form.arms for q in (form.x, form.y)]):
        return start.refused(other)
    if form.low != 0:
        return start.refused(Refusal("rule", f"an association is judged against 0, not against {form.low:g}"))
    if form.seeds_at < FIRST_LOOK_SEEDS:
        early = f"its one look is at {form.seeds_at} seeds, and a verdict takes at least {FIRST_LOOK_SEEDS}"
        return start.refused(Refusal("rule", early))
    flat = [s for pair in sides for s in pair]
    seeds = sorted(set.intersection(*(set(s.values) for s in flat)))

    def part(found: Sequence[Sequence[tuple[float, float]]]) -> AssociationPart:
        x, y = (tuple(tuple(of[arm][way] for of in found) for arm in range(len(form.arms))) for way in (0, 1))
        return AssociationPart(x, y, looks_at=form.seeds_at)

    return replace(
        start,
        numbers={s: tuple((x.values[s], y.values[s]) for x, y in sides) for s in seeds},
        lacking={seed: why for s in flat for seed, why in s.lacking.items()},
        trials={s: tuple(dict.fromkeys(x.trials[s] for x, _ in sides)) for s in seeds},
        failed=frozenset().union(*(s.failed for s in flat)),
        on_side=lambda of: rank_correlation([x for x, _ in of], [y for _, y in of]) > 0,
        rule_part=part,
    )
