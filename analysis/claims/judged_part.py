"""What became of one part of a claim."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.claims import ranges
from analysis.claims.arm_words import ArmWords
from analysis.claims.new_examples import ExamplesMargin
from analysis.claims.plain_compare import NumberWording
from analysis.claims.plain_sentences import Detail, PlainFinding, plain
from analysis.claims.words import VerdictWord
from analysis.statistics.assumption import Doubt
from analysis.statistics.estimates import Estimate, Refusal
from analysis.text import phrases as wording
from study.spec.claims import Form, Level
from study.spec.selection import SELECTED_ON
from trainables.config.plurals import counted

PLAIN = wording.Unit()
HALF_OF_SEEDS = 0.5
"""The share of seeds that counts are held against."""


@dataclass(frozen=True)
class JudgedPart:
    """What became of one part of a claim. Numbers are over the seeds of the path, in their natural unit."""

    what: str
    """The quantity in words."""
    claimed: str
    verdict: VerdictWord
    """Of this part alone, at the level that the claim is judged at."""
    estimate: Estimate | None = None
    """With its plain 95 % interval, over all seeds of the path, those after a decision too."""
    unit: wording.Unit = PLAIN
    trials: tuple[str, ...] = ()
    refusal: Refusal | None = None
    """Why there is no number, or what is odd about it."""
    low_bound: float | None = None
    high_bound: float | None = None
    """What is claimed of the number."""
    decides: Estimate | None = None
    """The wider interval, at the level that decides and over all looks, at the seed that decided (else the last)."""
    p_supported: float = 1.0
    p_refuted: float = 1.0
    """Against 5 %, as the claim's, of this part's bounds alone."""
    holds_in: int | None = None
    """In how many of the n seeds the number lies on the claimed side."""
    share: float | None = None
    """The share of seeds that is claimed, where it is judged by one."""
    doubts: tuple[Doubt, ...] = ()
    """What speaks against seeds that vary about normally."""
    doubts_asked: bool = False
    """Whether its seeds could say so."""
    before: Estimate | None = None
    """Over the seeds before the claim's first one, which were seen when it was written."""
    new_examples: ExamplesMargin | None = None
    """Where the number could lie on new validation examples, where their bits are on record."""

    selected: str = ""
    """Why the number was selected on the validation part; empty where it was not."""
    could_be_tested: bool = False
    """Of one that was selected: whether the same number of the test part has a meaning."""
    on_test: Estimate | None = None
    """That number, where every seed was evaluated on the test part."""
    form: Form | None = None
    """What was claimed, as data; None of a claim that cannot be read."""
    words: ArmWords = field(default_factory=ArmWords)
    """How sentences speak of its arms."""

    @property
    def named(self) -> str:
        """The quantity in words, with how it was selected."""
        return f"{self.what}, {SELECTED_ON}" if self.selected else self.what

    @property
    def n(self) -> int:
        """Seeds behind the number; 0 where there is none."""
        return self.estimate.n if self.estimate else 0

    @property
    def within_margin(self) -> bool:
        """Whether new examples could put the number on the other side of a bound."""
        if self.new_examples is None or self.verdict not in ("supported", "refuted"):
            return False
        e = self.new_examples.interval
        bounds: tuple[float | None, ...] = (self.share,)
        if self.share is None:
            ends = ranges.of(self.form.quantity) if isinstance(self.form, Level) else ranges.ANY_RANGE
            bounds = ranges.crossable(self.low_bound, self.high_bound, ends)
        return any(b is not None and e.low <= b <= e.high for b in bounds)

    @property
    def plain(self) -> PlainFinding | None:
        """What was found, to be said in a plain sentence; None where there is no number."""
        if self.estimate is None or self.form is None:
            return None
        return plain(self.form, self.words, self.estimate, self.unit)

    def in_words(self, e: Estimate) -> tuple[Estimate, wording.Unit]:
        """Another number or interval of this part in the direction and the unit of its sentence."""
        telling = self._telling(e)
        return (e, self.unit) if telling is None else (telling.of(e), telling.unit)

    def _telling(self, e: Estimate) -> NumberWording | None:
        found = self.plain
        return None if found is None else found.telling_of(e)

    def bounds_in_words(self, beside: Estimate) -> tuple[float, ...]:
        """What is claimed of the number, in the direction and the unit in which another one of it is told."""
        if self.unit == wording.SHARE:
            return (wording.SHARE.scale * (HALF_OF_SEEDS if self.share is None else self.share),)
        known = [b for b in (self.low_bound, self.high_bound) if b is not None]
        telling = self._telling(beside)
        if telling is None:
            return tuple(b * self.unit.scale for b in known)
        both_ways = self.plain is not None and telling == self.plain.both_ways
        told = (telling.of(Estimate(b, b, b, self.n)).value * telling.unit.scale for b in known)
        return (*told, 1.0) if both_ways else tuple(told)

    @property
    def finding(self) -> str:
        """What was found, what was claimed, and in how many seeds, a sentence each; without the verdict."""
        return f"{self.with_interval}{self.seen_in}"

    @property
    def with_interval(self) -> str:
        """The same without the seeds; a share of seeds has both."""
        return self.said("seeds" if self.unit == wording.SHARE else "interval")

    @property
    def seen_in(self) -> str:
        """In how many seeds, as a sentence that follows what was found; empty where the number says it."""
        e = self.estimate
        counts = e is None or self.form is None or self.unit == wording.SHARE or wording.names_its_seeds(e)
        return "" if e is None or counts else f" Seen in {counted(e.n, 'seed')}."

    def said(self, detail: Detail) -> str:
        """The same, with so much detail beside the number; what was claimed is a sentence of its own."""
        found = self.plain
        if found is None or self.estimate is None:
            return (
                f"There is no number: {wording.after_colon(self.refusal.text)}."
                if self.refusal
                else "Nothing is measured yet."
            )
        end = f" {wording.in_sentences(self.refusal.text)}." if self.refusal else ""
        chosen = f", {SELECTED_ON}" if self.selected else ""
        if self.verdict == "mechanism" and not end:
            return f"{found.text(detail)}{chosen}."
        return f"{found.text(detail)}{chosen}. Claimed: {found.claimed}.{end}"
