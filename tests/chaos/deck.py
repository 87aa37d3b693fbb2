"""Kinds of faults like cards."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence


class Deck:
    """Kinds of faults like cards: each is dealt before any is dealt again, in an order that the chance decides.

    The first time round each kind is there once; afterwards as often as it is named.
    """

    def __init__(self, kinds: Sequence[str], chance: random.Random) -> None:
        self.kinds, self.chance = tuple(kinds), chance
        once = tuple(dict.fromkeys(kinds))
        self.left = chance.sample(once, len(once))

    def deal(self) -> str:
        """The next one."""
        if not self.left:
            self.left = self.chance.sample(self.kinds, len(self.kinds))
        return self.left.pop(0)

    def deal_first(self, done: Callable[[str], bool]) -> str:
        """The first that can be done now; the others stay where they are. Empty where none can."""
        passed = list[str]()
        while len(passed) < len(self.kinds) and not done(kind := self.deal()):
            passed.append(kind)
        for other in reversed(passed):
            self.back(other)
        return kind if len(passed) < len(self.kinds) else ""

    def back(self, kind: str) -> None:
        """One that could not be done; it comes first."""
        self.left.insert(0, kind)
