"""A number and its noun, for whatever a person reads."""

from __future__ import annotations


def counted(n: int, one: str, many: str = "") -> str:
    """Write a number and its noun.

    >>> counted(1, "study", "studies"), counted(1875, "update")
    ('1 study', '1,875 updates')
    """
    return f"{n:,} {noun(n, one, many)}"


def noun(n: float, one: str, many: str = "") -> str:
    """The noun alone, where the number stands elsewhere or has other words.

    >>> noun(1, "seed"), noun(2, "seed"), noun(0, "study", "studies")
    ('seed', 'seeds', 'studies')
    """
    return one if n == 1 else many or one + "s"
