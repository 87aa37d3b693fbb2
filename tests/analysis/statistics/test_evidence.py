"""Evidence along the path of seeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics.evidence import seed_path


@given(st.dictionaries(st.integers(0, 25), st.floats(0.5, 1.5), min_size=1), st.randoms(), st.integers(0, 3))
def test_the_order_in_which_seeds_came_does_not_matter(values, random, start: int):
    items = list(values.items())
    random.shuffle(items)
    path = seed_path([dict(items)], start)
    assert path == seed_path([values], start) == tuple(range(start, start + len(path)))
    assert start + len(path) not in values


def test_a_path_waits_at_a_gap_and_takes_what_all_arms_have():
    assert seed_path([{0, 1, 2, 3}, {0, 1, 3}]) == (0, 1)
    assert seed_path([range(12), range(5, 10)], from_seed=5) == (5, 6, 7, 8, 9)
    assert seed_path([{1, 2}, {1, 2}]) == ()
    with pytest.raises(ValueError, match="arm"):
        seed_path([])
