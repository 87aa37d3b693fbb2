"""Seeds as people write them: a count, or the seeds themselves."""

from __future__ import annotations

import pytest

from study.planning.seeds import read_seeds, seeds_text
from trainables.config.errors import BadInput


@pytest.mark.parametrize(
    ("asked", "seeds"),
    [
        (5, (0, 1, 2, 3, 4)),
        ("2", (0, 1)),
        ("3-4", (3, 4)),
        ("3,4", (3, 4)),
        (" 4 , 3 ", (3, 4)),
        ("0-1,7", (0, 1, 7)),
        ((2, 0), (0, 2)),
    ],
)
def test_a_count_starts_at_0_and_a_list_is_the_seeds_themselves(
    asked: int | str | tuple[int, ...], seeds: tuple[int, ...]
) -> None:
    assert read_seeds(asked) == seeds
    assert read_seeds(seeds_text(seeds)) == seeds


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (0, "--seeds: got 0; expected 1 to 10000"),
        ("-3", "--seeds: got -3; expected 1 to 10000"),
        ("10001", "expected 1 to 10000"),
        ("", "expected how many"),
        ("five", "got 'five'; expected how many"),
        ("1.5", "expected how many"),
        ("True", "expected how many"),
        ("4-3", "expected how many"),
        ("3-", "expected how many"),
        ("3,,4", "expected how many"),
        ("²", "expected how many"),
        ("0-99999999999999999999", "no seed is above 9999"),
        ("0-10000", "no seed is above 9999"),
        ("3,3", "seed 3 is named twice"),
        ((), "expected how many"),
        ((-1,), "expected how many"),
        ((True, 0), "expected how many"),
    ],
)
def test_what_is_no_seed_is_refused_in_a_line(asked: int | str | tuple[int, ...], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_seeds(asked)
    assert message in str(refused.value)
