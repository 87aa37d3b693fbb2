"""Which seeds to buy next: what the arms of open claims still lack, the cheapest expected decision first. Pure.

A claim is worth what its seeds cost until it is decided, or given up, for each decision that they may bring; a trial
that several claims share counts once, and brings the decisions of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.statistics.looks import FIRST_LOOK_SEEDS

if TYPE_CHECKING:  # scipy takes a quarter of a second, and a run comes here
    from analysis.statistics.power import Need

UNKNOWN_CHANCE = 0.5
"""The chance that the first look decides a claim of which no seed tells anything yet: neither likely nor unlikely."""
MIN_CHANCE = 0.1
"""A claim that all seeds that are allowed decide with less is not bought, unless another chance is asked for."""
ENOUGH_CHANCE_SHARE = 0.25
"""A purchase ends where it has this share of the chance that all seeds have: so few are bought in vain."""
BATCH_SECONDS = 600.0
"""Purchases are put together up to so long a batch; then claims are judged again."""

Trial = tuple[str, float]
"""What is to be trained: its identity, and its expected seconds on one core."""
MissingTrial = Callable[[str, int], Trial | None]
"""What an arm (`STUDY/ARM`) lacks of a seed; None where that is on record."""


@dataclass(frozen=True)
class OpenClaim:
    """A claim that seeds may decide."""

    study: str
    id: str
    arms: tuple[str, ...]
    """`STUDY/ARM`."""
    first: int
    """The first seed of its path."""
    seeds: int
    """On its path."""
    need: Need | None = None
    """None: nothing is known of it."""
    asked: int = 0
    """Seeds that its path has once all that was asked of its arms is trained; more than now after an interruption."""

    def chance(self, seeds: int) -> float:
        """Return the chance that so many seeds on its path decide it."""
        if self.need is None:
            return UNKNOWN_CHANCE if seeds >= FIRST_LOOK_SEEDS else 0.0
        return self.need.by_seed[min(seeds, self.need.most) - 1] if seeds > 0 else 0.0

    def is_blocked(self, lacks: MissingTrial) -> bool:
        """Whether its path ends at a seed that is on record and gives no number: none behind it ever counts."""
        return all(lacks(arm, self.first + self.seeds) is None for arm in self.arms)

    def trials(self, seeds: int, lacks: MissingTrial) -> dict[str, dict[int, Trial]]:
        """What its arms lack until its path has so many seeds, by arm and seed."""
        wanted = range(self.first + self.seeds, self.first + seeds)
        found = {arm: {s: trial for s in wanted if (trial := lacks(arm, s)) is not None} for arm in self.arms}
        return {arm: of for arm, of in found.items() if of}


@dataclass(frozen=True)
class AllowedSeeds:
    """What a claim may get."""

    most_seeds: int
    """On its path."""
    least_chance: float = MIN_CHANCE
    """A claim that all of these decide with less gets none; what was begun is trained to its end."""

    def buys(self, claim: OpenClaim) -> bool:
        """Whether a claim gets more seeds."""
        return claim.seeds < self.ends_at(claim)

    def ends_at(self, claim: OpenClaim) -> int:
        """How many seeds its path may come to: all, or what was begun where all are too unlikely to decide it."""
        return self.most_seeds if self.is_likely(claim) else min(self.most_seeds, claim.asked)

    def is_likely(self, claim: OpenClaim) -> bool:
        """Whether all seeds decide it with the chance that is asked for; where nothing is known, that is trusted."""
        return claim.need is None or claim.chance(self.most_seeds) >= self.least_chance


@dataclass(frozen=True)
class Offer:
    """Seeds of one claim's arms that may be bought now."""

    claim: OpenClaim
    seeds: int
    """That its path has then."""
    trials: Mapping[str, Mapping[int, Trial]]
    """By arm and seed."""
    expected: float
    """Seconds on one core for each decision."""

    @property
    def seconds(self) -> float:
        """How many seconds it takes on one core, each trial once."""
        return seconds_of([self])


def seconds_of(offers: Sequence[Offer]) -> float:
    """Add up the seconds of some offers on one core, each trial once and at its longest."""
    once: dict[str, float] = {}
    for trial, seconds in (t for o in offers for of in o.trials.values() for t in of.values()):
        once[trial] = max(seconds, once.get(trial, 0.0))
    return math.fsum(once.values())


def longest_of(offers: Sequence[Offer]) -> float:
    """Return the seconds of the longest trial."""
    return max((t[1] for o in offers for of in o.trials.values() for t in of.values()), default=0.0)


def cost_seconds(claim: OpenClaim, seeds: int, lacks: MissingTrial) -> float:
    """Seconds on one core until its path has so many seeds, each trial once."""
    return seconds_of([Offer(claim, seeds, claim.trials(seeds, lacks), 0.0)])


def expected_cost(claim: OpenClaim, claims: Sequence[OpenClaim], most: int, lacks: MissingTrial) -> float:
    """Seconds for each decision, if one buys seed after seed, as far as pays best, and stops once it is decided."""
    served = [c for c in claims if c != claim and set(c.arms) <= set(claim.arms)]
    spent, best, before = 0.0, math.inf, 0.0
    for seeds in range(claim.seeds + 1, most + 1):
        whole = cost_seconds(claim, seeds, lacks)
        spent += (whole - before) * (1 - claim.chance(seeds - 1))
        before = whole
        end = claim.first + seeds
        along = [
            c.chance(min(most, end - c.first)) for c in served if claim.first + claim.seeds <= c.first + c.seeds < end
        ]
        if (won := claim.chance(seeds) + math.fsum(along)) > 0:
            best = min(best, spent / won)
    return best


def offers(claims: Sequence[OpenClaim], allowed: AllowedSeeds, lacks: MissingTrial, at_once: int = 1) -> list[Offer]:
    """What may be bought of each claim, the cheapest expected decision first.

    Args:
        claims: that are open.
        allowed: what each of them may get.
        lacks: what an arm lacks of a seed, and what that costs.
        at_once: trials; no fewer are bought, so that no core waits.
    """
    found = []
    for claim in claims:
        if not allowed.buys(claim):
            continue
        seeds, most = _until(claim, allowed), allowed.most_seeds
        while seeds < allowed.ends_at(claim) and sum(map(len, claim.trials(seeds, lacks).values())) < at_once:
            seeds += 1
        found.append(Offer(claim, seeds, claim.trials(seeds, lacks), expected_cost(claim, claims, most, lacks)))
    return sorted(found, key=lambda o: (o.expected, o.seconds, o.claim.study, o.claim.id))


def _until(claim: OpenClaim, allowed: AllowedSeeds) -> int:
    """Seeds on its path after one purchase: at most twice as many, for then more is known.

    Fewer, where these have a fair share of the chance that all have; no share is fair of no chance at all.
    """
    cap = min(allowed.ends_at(claim), max(FIRST_LOOK_SEEDS, 2 * claim.seeds))
    enough = ENOUGH_CHANCE_SHARE * claim.chance(allowed.most_seeds)
    if claim.need is None or not allowed.is_likely(claim) or not enough:
        return cap
    return next((n for n in range(claim.seeds + 1, cap) if claim.chance(n) >= enough), cap)


def choose_batch(
    found: Sequence[Offer], wall: Callable[[Sequence[Offer]], float], left: float = math.inf
) -> list[Offer]:
    """The first offers that make a batch, in order; those that cost more than what is left are passed over.

    Args:
        found: by `offers`.
        wall: seconds that some offers take together.
        left: seconds that may be spent.
    """
    chosen: list[Offer] = []
    for offer in found:
        if chosen and wall(chosen) >= BATCH_SECONDS:
            break
        if offer.trials and wall([*chosen, offer]) <= left:
            chosen.append(offer)
    return chosen


def seeds_by_arm(chosen: Sequence[Offer]) -> dict[str, tuple[int, ...]]:
    """The seeds of some offers, by arm."""
    found: dict[str, set[int]] = {}
    for offer in chosen:
        for arm, of in offer.trials.items():
            found.setdefault(arm, set()).update(of)
    return {arm: tuple(sorted(seeds)) for arm, seeds in found.items()}


def money(seconds: float, hourly: float) -> str:
    """What so many seconds cost, in words.

    >>> money(1800, 2.0), money(1, 2.0)
    ('1.00', 'below 0.01')
    """
    amount = seconds / 3600 * hourly
    return "below 0.01" if 0 < amount < 0.005 else f"{amount:.2f}"


def seeds_words(claim: OpenClaim) -> str:
    """How many more seeds would decide it.

    >>> seeds_words(OpenClaim("s", "c", (), 0, 3))
    '2: its first look'
    """
    need = claim.need
    if need is None:
        return f"{max(0, 5 - claim.seeds)}: its first look"
    if need.one_look is not None:
        return f"{max(0, need.one_look - claim.seeds)}: its one look"
    if need.low is None:
        return f"over {need.most - claim.seeds}"
    low = need.low - claim.seeds
    if need.high is None:
        return f"{low} to over {need.most - claim.seeds}"
    return str(low) if need.high == need.low else f"{low} to {need.high - claim.seeds}"
