"""Who reaches a level first, counted in pairs by seed, also where an arm misses the level in some seed."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.queries import Measurements
from analysis.data.frames import from_records
from analysis.report.first_in_pairs import FirstInPairs, first_in_pairs
from analysis.report.headline import Headline, answer_groups, study_in_short
from analysis.report.main_effect import MainEffect
from study.spec.claims import Contrast
from tests.analysis.report.test_headline import measured
from tests.analysis.report.test_headline_odd import PAIR, claiming, of, reaching, told, with_accuracy

B_FIRST = Contrast(a=of("a", reaches=0.85), b=of("b", reaches=0.85), low=0.0)
SOME = reaching(a={0: 3, 1: 3, 2: 3}, b={0: 2, 1: 2, 3: 5, 4: 5})


def test_a_row_has_its_axis_where_an_arm_misses_the_level_in_a_seed() -> None:
    """It had no axis, number, unit or bound as soon as one seed of one arm did not arrive."""
    found = told(claiming(B_FIRST), SOME)
    (group,) = answer_groups([found])
    (row,) = group.rows
    assert row.effect is not None and row.effect.mark is not None and row.effect.scale is not None
    assert (row.effect.number, row.effect.unit, row.effect.interval) == ("4 of 5", "seeds", "28 to 99 %")
    assert row.effect.what == "b reaches 85 % validation accuracy before a"
    assert row.claimed == "in more than half of seeds" and row.verdict == "open"
    assert row.effect.mark.deciding is not None and row.effect.mark.bounds == (0.5,)
    assert row.deciding == "12 to 100 %", "28 to 99 % alone looks decided where it lies beyond the bound"
    assert dataclasses.replace(row, verdict="supported").deciding == ""
    assert row.effect.trials == "trials-s--1"


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ({0: 3, 1: 3, 2: 3}, {0: 2, 1: 2, 3: 5, 4: 5}, "b did in 4 of 5 seeds, a in 1."),
        ({0: 3, 1: 3}, {0: 2, 1: 4, 2: 5}, "b did in 2 of 5 seeds, a in 1."),
    ],
)
def test_an_answer_says_that_it_is_not_known_and_what_was_seen(a: dict[int, int], b: dict[int, int], said: str) -> None:
    """It was "B reaches 85 % within 6 epochs in 4 of 5 seeds, a within 6 epochs in 3", which answers nothing."""
    answer = told(claiming(B_FIRST), reaching(a=a, b=b)).row.answer
    assert answer == f"We do not know whether b or a reaches 85 % first: {said}"


def test_what_was_not_claimed_is_counted_of_the_pairs_themselves() -> None:
    records = list(with_accuracy(PAIR, SOME))
    effect = MainEffect(of("s/b", reaches=0.85), of("s/a", reaches=0.85))
    row = study_in_short(PAIR, Measurements({"s": PAIR}, from_records(records)), [], Headline(effect=effect)).row
    assert row.effect is not None and row.effect.mark is not None and row.effect.mark.bounds == ()
    assert (row.effect.number, row.claimed, row.verdict) == ("4 of 5", "", "none")
    assert row.effect.what == "b reaches 85 % validation accuracy before a"


def test_seeds_that_tell_for_neither_count_all_the_same() -> None:
    found = measured(PAIR, tuple(range(5)))
    pair = of("s/a", reaches=0.0), of("s/b", reaches=0.0)
    assert first_in_pairs(found, *pair) == FirstInPairs(0, 0, 5)
    assert not FirstInPairs(4, 1, 5).clear and FirstInPairs(9, 0, 9).a_is_first and FirstInPairs(0, 9, 9).clear
