"""A number and its noun."""

from __future__ import annotations

from trainables.config.plurals import counted


def test_one_has_the_singular_and_a_noun_may_have_its_own_plural() -> None:
    assert counted(1, "epoch") == "1 epoch" and counted(0, "epoch") == "0 epochs"
    assert counted(2, "study", "studies") == "2 studies" and counted(12_000, "image") == "12,000 images"
