"""A number and its noun, for whatever a person reads."""

from __future__ import annotations


def counted(n: int, one: str, many: str = "") -> str:
    """Write a number and its noun.

    >>> counted(1, "study", "studies"), counted(1875, "update")
    ('1 study', '1,875 updates')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
