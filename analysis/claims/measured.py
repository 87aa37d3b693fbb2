"""A part of a claim as measured: numbers by seed, what is claimed of them, and how the rule takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.claims import ranges
from analysis.claims.arm_words import ArmWords
from analysis.claims.new_examples import Margin
from analysis.statistics.estimates import Refusal
from analysis.statistics.evidence import Part
from analysis.text import phrases as wording
from study.spec.claims import Form


def no_margin(path: Sequence[int]) -> None:
    """Nothing is known of new examples."""


@dataclass(frozen=True)
class Measured:
    """One part of a claim before it is judged."""

    form: Form
    what: str
    """The quantity in words."""
    claimed: str
    unit: wording.Unit = field(default_factory=wording.Unit)
    low: float | None = None
    high: float | None = None
    """What is claimed of the number, in its natural unit; None: no such bound."""
    within: ranges.Range = ranges.ANY_RANGE
    """Where the number ends."""
    refusal: Refusal | None = None
    """Why it cannot be judged at all."""
    numbers: Mapping[int, Any] = field(default_factory=dict)
    """By seed, whatever `rule_part` takes; a seed is here if every arm of the part gives its number."""
    lacking: Mapping[int, Refusal] = field(default_factory=dict)
    """Seeds with trials that give none."""
    trials: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    failed: frozenset[int] = frozenset()
    """Seeds of which a trial failed and counts as worst, until a later run has trained it."""
    rule_part: Callable[[Sequence[Any]], Part] | None = None
    """From the numbers along the path to what the rule judges; None for a mechanism."""
    on_side: Callable[[Any], bool] = bool
    """Whether one seed's number lies on the claimed side."""
    selected: str = ""
    """Why its number was selected on the validation part; empty where it was not."""
    on_test: Measured | None = None
    """Of one that was selected: the same on the test part, where that has a meaning."""
    margin: Margin = no_margin
    """What new validation examples would add."""
    rises: bool | None = None
    """Of falls: whether every arm's mean rises, or falls; None where they are unlike, or it is of no fall."""
    words: ArmWords = field(default_factory=ArmWords)
    """How sentences speak of its arms."""

    def refused(self, refusal: Refusal) -> Measured:
        """The same, which cannot be judged."""
        return replace(self, refusal=refusal)
