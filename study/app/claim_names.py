"""What a claim is called among others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def claim_names(claims: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Names by study and id: the id, and `STUDY/ID` where claims of several studies have that one.

    >>> list(claim_names([("p", "c"), ("q", "c"), ("q", "d")]).values())
    ['p/c', 'q/c', 'd']
    """
    different = list(dict.fromkeys(claims))
    counts = Counter(name for _, name in different)
    return {(study, name): name if counts[name] == 1 else f"{study}/{name}" for study, name in different}
