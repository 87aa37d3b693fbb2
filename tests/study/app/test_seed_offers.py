"""Which seeds are bought first."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from analysis.statistics.power import Need
from study.app import seed_offers as so

SECONDS = {"s/a": 10.0, "s/b": 10.0, "s/c": 100.0}


def need(at: int, chance: float = 0.9, most: int = 80) -> Need:
    by = tuple(chance if n >= at else 0.0 for n in range(1, most + 1))
    return Need(at if chance > 0.1 else None, at if chance >= 0.9 else None, 0.8, 1 - chance, most, by)


def claim(name: str, arms: str, seeds: int = 5, first: int = 0, told: Need | None = None) -> so.OpenClaim:
    return so.OpenClaim("s", name, tuple(f"s/{a}" for a in arms), first, seeds, told)


def lacks(arm: str, seed: int, have: int = 5) -> so.Trial | None:
    return None if seed < have else (f"{arm}-{seed}", SECONDS[arm])


def test_the_cheapest_expected_decision_comes_first():
    soon, late = claim("soon", "ab", told=need(7)), claim("late", "b", told=need(30))
    dear, unlikely = claim("dear", "ac", told=need(7)), claim("unlikely", "a", told=need(7, chance=0.2))
    found = so.offers([late, dear, unlikely, soon], so.AllowedSeeds(40), lacks)
    assert [o.claim.id for o in found] == ["soon", "unlikely", "dear", "late"]
    assert [o.seeds for o in found] == [7, 7, 7, 10]  # at most twice as many at once
    assert so.expected_cost(dear, [dear], 40, lacks) == pytest.approx(220 / 0.9)
    assert so.expected_cost(unlikely, [unlikely], 40, lacks) == pytest.approx(20 / 0.2)


def test_what_several_claims_share_counts_once_and_brings_the_decisions_of_both():
    one, other = claim("one", "ab", told=need(7)), claim("other", "a", told=need(7))
    assert so.expected_cost(one, [one, other], 40, lacks) == pytest.approx(40 / 1.8)
    both = so.offers([one, other], so.AllowedSeeds(40), lacks)
    assert so.seconds_of(both) == 40.0
    assert so.seeds_by_arm(both) == {"s/a": (5, 6), "s/b": (5, 6)}


def test_only_the_seeds_that_an_arm_lacks_are_bought():
    held = so.offers(
        [claim("one", "ac", told=need(7))],
        so.AllowedSeeds(40),
        lambda a, s: None if a == "s/c" and s < 9 else lacks(a, s),
    )
    assert so.seeds_by_arm(held) == {"s/a": (5, 6)} and held[0].seconds == 20.0


def test_nothing_known_buys_the_first_look():
    (found,) = so.offers([claim("new", "a", seeds=0, first=5)], so.AllowedSeeds(40), lacks)
    assert so.seeds_by_arm([found]) == {"s/a": (5, 6, 7, 8, 9)}


def test_what_no_allowed_number_of_seeds_decides_is_not_bought():
    on_bound, far = claim("bound", "a", told=need(60)), claim("full", "a", seeds=40, told=None)
    assert (
        not so.AllowedSeeds(40).buys(on_bound)
        and so.AllowedSeeds(70).buys(on_bound)
        and not so.AllowedSeeds(40).buys(far)
    )
    assert so.offers([on_bound, far], so.AllowedSeeds(40), lacks) == []
    assert [(o.claim.id, o.seeds) for o in so.offers([on_bound, far], so.AllowedSeeds(40, 0.0), lacks)] == [
        ("bound", 10)
    ]
    sure = claim("sure", "c", told=need(7))
    assert [o.claim.id for o in so.offers([on_bound, sure], so.AllowedSeeds(40, 0.0), lacks)] == ["sure", "bound"]


def test_the_chance_that_is_asked_for_holds_for_each_purchase_too():
    """A claim of 5 % took a whole batch under `--min-chance 1`, where one of 12 % took a seed."""
    unlikely, likelier = claim("unlikely", "a", told=need(6, 0.05)), claim("likelier", "a", told=need(6, 0.12))
    bought = {o.claim.id: o.seeds for o in so.offers([unlikely, likelier], so.AllowedSeeds(40, 0.01), lacks)}
    assert bought == {"unlikely": 6, "likelier": 6}


def test_the_first_look_is_bought_on_trust_whatever_chance_is_asked_for():
    (found,) = so.offers([claim("new", "a", seeds=0, first=5)], so.AllowedSeeds(40, 0.6), lacks)
    assert found.seeds == 5


@pytest.mark.parametrize("at_once", [1, 16])
def test_of_a_claim_with_less_chance_nothing_beyond_what_was_begun_is_bought(at_once: int):
    begun = replace(claim("begun", "ab", told=need(9, 0.3)), asked=7)
    (found,) = so.offers([begun], so.AllowedSeeds(40, 0.5), lacks, at_once)
    assert found.seeds == 7 == so.AllowedSeeds(40, 0.5).ends_at(begun)
    assert so.AllowedSeeds(40, 0.2).ends_at(begun) == 40


def test_no_core_waits_and_a_batch_ends_where_it_is_long_or_dear():
    found = so.offers(
        [claim("one", "a", told=need(6)), claim("two", "c", told=need(6))], so.AllowedSeeds(40), lacks, at_once=4
    )
    assert so.seeds_by_arm(found) == {"s/a": (5, 6, 7, 8), "s/c": (5, 6, 7, 8)}
    assert [o.claim.id for o in so.choose_batch(found, so.seconds_of)] == ["one", "two"]
    assert [o.claim.id for o in so.choose_batch(found, so.seconds_of, left=50)] == ["one"]
    assert so.choose_batch(found, so.seconds_of, left=1) == []
    long = [o for o in found for _ in range(3)]
    assert len(so.choose_batch(long, lambda some: 300.0 * len(some), math.inf)) == 2


def test_a_claim_whose_path_ends_at_a_seed_that_is_on_record_is_blocked():
    assert claim("times", "ab").is_blocked(lambda a, s: None if s == 5 else lacks(a, s))
    assert not claim("times", "ab").is_blocked(lambda a, s: None if (a, s) == ("s/a", 5) else lacks(a, s))
