"""What looks cost: exact shares of the level."""

from __future__ import annotations

from fractions import Fraction

import pytest

from analysis.statistics import looks


def test_shares_by_hand():
    assert [looks.share(n) for n in (5, 6, 10, 11, 20, 21, 40, 41, 80)] == [
        Fraction(1, 2),
        *(Fraction(1, 20),) * 2,
        *(Fraction(1, 80),) * 2,
        *(Fraction(1, 320),) * 2,
        *(Fraction(1, 1280),) * 2,
    ]


@pytest.mark.parametrize("blocks", range(8))
def test_shares_of_all_looks_add_up_to_less_than_one_by_what_is_left(blocks: int):
    last = 5 * 2**blocks
    assert sum(looks.share(n) for n in range(5, last + 1)) == 1 - Fraction(1, 2 ** (blocks + 1))


@pytest.mark.parametrize("n", [-1, 0, 4])
def test_there_is_no_look_below_five(n: int):
    with pytest.raises(ValueError, match=f"not at {n}"):
        looks.share(n)
    assert not looks.shares(4).any()
