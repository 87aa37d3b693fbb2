"""Measured numbers as words: what an answer may say of arms, and precisely why where it cannot. No question lives here.

An answer is a list of sentences; a sentence asks for numbers, and where one is not to be had it raises `NotMeasured`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.claims import ranges
from analysis.claims.samples import ArmReader, Sample, comparable, in_pairs, sample
from analysis.data.arms import Asked, arm_epochs, asked_rows, seeds_so_far
from analysis.data.frames import Frames
from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Estimate, Refusal
from analysis.statistics.spread import clearly_above
from analysis.text import numbers
from analysis.text import phrases as wording
from analysis.text.columns import column_texts, scaled
from analysis.text.numbers import DECIMALS_OF_PERCENT
from analysis.text.sheet import Cell, Sheet
from study.planning.seeds import seeds_named
from study.spec.claims import CurvePlace, Quantity
from study.spec.selection import why_selected
from study.spec.splits import why_no_verdict
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.records.tensor_summary import QUANTILES


class NotMeasured(Exception):
    """There is no such number; the message says why."""


@dataclass(frozen=True)
class Remarks:
    """What sentences and a table could say, and what is missing."""

    said: tuple[str, ...] = ()
    behind: tuple[tuple[str, ...], ...] = ()
    """Of each sentence the arms that it was measured on, as `STUDY/ARM`."""
    missing: tuple[str, ...] = ()
    sheet: Sheet | None = None


Sentence = Callable[["Measurements"], str]


@dataclass(frozen=True)
class InPairs:
    """What two quantities are over the pairs that they are compared in."""

    a: Estimate
    b: Estimate
    elsewhere: int
    """Pairs that are left out, for their times were measured on another kind of machine."""


@dataclass(frozen=True)
class Measurements:
    """A folder's trials, to be asked for numbers; arms are named `STUDY/ARM`."""

    studies: Mapping[str, Study]
    frames: Frames
    asked: Asked = field(default_factory=dict)
    """The seeds that an arm must have, and no others count; if not given, those that it has."""
    wanted: Asked = field(default_factory=dict)
    """All seeds that were asked of an arm, where `asked` is a part of them."""
    _arms: dict[str, ArmReader] = field(default_factory=dict, repr=False)
    noted: set[Quantity] = field(default_factory=set, repr=False, compare=False)
    """What was asked for; quantiles of a tensor count as its width."""

    def selected(self) -> bool:
        """Whether a number that was asked for was selected on the validation part."""
        return any(self._selected(quantity) for quantity in self.noted)

    def so_far(self) -> str:
        """How many of the seeds asked of what was asked for are there: `10 of 60 seeds so far`; empty where all are."""
        return seeds_so_far(self.asked, self.wanted, {quantity.arm for quantity in self.noted})

    def _selected(self, quantity: Quantity) -> bool:
        config, owner = self.arms().config(quantity.arm), quantity.arm.rpartition("/")[0]
        return not isinstance(config, Refusal) and bool(why_selected(quantity, config, owner))

    def arms(self) -> ArmReader:
        """A reader of all arms of all studies."""
        if "" not in self._arms:
            self._arms[""] = ArmReader(next(iter(self.studies.values())), self.studies, self.frames, asked=self.asked)
        return self._arms[""]

    def curves(self, name: str) -> pd.DataFrame:
        """One row an epoch of the arm's trials, those of the seeds that were asked for."""
        owner, _, arm = name.rpartition("/")
        return asked_rows(arm_epochs(self.frames, self.studies[owner], [arm]), self.asked, owner)

    def epochs(self, *names: str) -> int:
        """The last epoch that all these arms have."""
        found = []
        for name in names:
            config = self.arms().config(name)
            if isinstance(config, Refusal):
                raise NotMeasured(config.text)
            found.append(config.epochs)
        return min(found)

    def sample(self, quantity: Quantity) -> Sample:
        """One ordinary number a seed."""
        self.noted.add(quantity)
        found = sample(self.arms(), quantity)
        if isinstance(found, Refusal):
            raise NotMeasured(found.text)
        return _whole(found, quantity)

    def estimate(self, quantity: Quantity) -> Estimate:
        """Estimate a quantity's mean over seeds, in its recorded unit."""
        values = self._reached(quantity, self.sample(quantity).values)
        return ranges.mean([values[s] for s in sorted(values)], ranges.of(quantity))

    def diverged(self, quantity: Quantity) -> int:
        """In how many seeds the arm of a quantity diverged; 0 where it has no trials."""
        found = sample(self.arms(), quantity)
        return 0 if isinstance(found, Refusal) else len(found.diverged)

    def words(self, quantity: Quantity) -> str:
        """Write a quantity's mean with its interval."""
        return wording.brief_words(self.estimate(quantity), wording.unit(quantity))

    def value(self, arm: str, metric: str, at: CurvePlace = "last") -> str:
        """A mean in words, alone."""
        quantity = Quantity(arm=arm, metric=metric, at=at)
        return wording.value_words(self.estimate(quantity), wording.unit(quantity))

    def extremes(self, quantity: Quantity) -> tuple[str, str]:
        """The lowest and the highest of the seeds' values, in words."""
        values, kind = self.sample(quantity).values.values(), wording.unit(quantity)
        low, high = (
            f"{numbers.plain_number(round(kind.scale * end(values), 1))} {kind.word}".strip() for end in (min, max)
        )
        return low, high

    def level(self, arm: str, metric: str, at: CurvePlace = "last", tensor: str | None = None) -> str:
        """A mean in words."""
        return self.words(Quantity(arm=arm, metric=metric, at=at, tensor=tensor))

    def reaches(self, arm: str, metric: str, level: float) -> str:
        """That a level is reached, and when first; says so where some seed never did."""
        quantity = Quantity(arm=arm, metric=metric, reaches=level)
        kind = wording.unit(Quantity(arm=arm, metric=metric))
        reached = f"{numbers.plain_number(round(kind.scale * level, 10))} {kind.word}".strip()
        found, epochs = self.sample(quantity), self.epochs(arm)
        never, n = sum(v > epochs for v in found.values.values()), len(found.values)
        if never == n:
            return f"never reaches {reached} within {counted(epochs, 'epoch')}"
        if never:
            return f"reaches {reached} within {counted(epochs, 'epoch')} in {n - never} of {counted(n, 'seed')}"
        after = wording.brief_words(self.estimate(quantity), wording.Unit(1.0, "epochs"))
        return f"reaches {reached} after {after}".replace("after 1 epochs", "after 1 epoch")

    def moved(self, a: Quantity, b: Quantity, up: str, down: str, *, loose: bool = False) -> str:
        """Say how far a is above or below b: the verb of that side, then the number; `loose` as for `difference`."""
        return moved(self.difference(a, b, loose=loose), wording.unit(a, difference=True), up, down)

    def times(self, a: Quantity, b: Quantity, *, loose: bool = False) -> str:
        """How wide or long a is beside b, in words, turned round below 1; `loose` as for `difference`."""
        return times(self.ratio(a, b, loose=loose))

    def difference(self, a: Quantity, b: Quantity, *, loose: bool = False) -> Estimate:
        """The difference a - b, in pairs by seed.

        loose: the arms may differ in several knobs or be at different epochs, because the sentence says so.
        """
        found = stats.paired(*self._pair(a, b, loose=loose))
        if isinstance(found, Refusal):
            raise NotMeasured(found.text)
        return ranges.cut(found, ranges.difference(a))

    def ratio(self, a: Quantity, b: Quantity, *, loose: bool = False) -> Estimate:
        """The ratio a / b, in pairs by seed; `loose` as for `difference`."""
        found = stats.ratio(*self._pair(a, b, loose=loose))
        if isinstance(found, Refusal):
            raise NotMeasured(found.text)
        return ranges.cut(found, ranges.ratio(a, b))

    def in_pairs(self, a: Quantity, b: Quantity) -> InPairs:
        """Both quantities over the pairs that `difference` and `ratio` rest on."""
        x, y = self._sides(a, b)
        means = [ranges.mean(list(side.values.values()), ranges.of(of)) for side, of in ((x, a), (y, b))]
        return InPairs(means[0], means[1], len(x.elsewhere))

    def _sides(self, a: Quantity, b: Quantity) -> tuple[Sample, Sample]:
        self.noted.update((a, b))
        pair = in_pairs(self.arms(), a, b)
        if isinstance(pair, Refusal):
            raise NotMeasured(pair.text)
        return _whole(pair[0], a), _whole(pair[1], b)

    def _pair(self, a: Quantity, b: Quantity, *, loose: bool) -> tuple[Mapping[int, float], Mapping[int, float]]:
        x, y = self._sides(a, b)
        if why := why_no_verdict([x.config, y.config]):
            raise NotMeasured(why)
        refused = None if loose else comparable(x, y, tuple(x.config.differing(y.config)))
        if refused is not None:
            raise NotMeasured(refused.text)
        return self._reached(a, x.values), self._reached(b, y.values)

    def _reached(self, quantity: Quantity, values: Mapping[int, float]) -> Mapping[int, float]:
        """The same, where a mean of them is one: a level that was never reached has no epoch."""
        if quantity.reaches is not None:
            epochs = self.epochs(quantity.arm)
            if never := sum(v > epochs for v in values.values()):
                where = f"within {counted(epochs, 'epoch')} in {never} of {counted(len(values), 'seed')}"
                raise NotMeasured(f"{quantity.arm} does not get there {where}, so there is no mean epoch")
        return values

    def between(self, arm: str, tensor: str, low: float, high: float) -> Estimate:
        """Distance between two quantiles of a tensor's values at the arm's last epoch, mean over seeds."""
        ends = QUANTILES.index(low), QUANTILES.index(high)
        spans = [q[ends[1]] - q[ends[0]] for q in self._quantiles(arm, tensor, self.epochs(arm))]
        return ranges.mean(spans, ranges.POSITIVE_RANGE)

    def zeros(self, arm: str, epoch: int, tensor: str = "A1") -> str:
        """The share of a tensor's values that are not above 0 in every seed, as far as the kept quantiles tell."""
        found = self._quantiles(arm, tensor, epoch)
        share = min(max((level for level, q in zip(QUANTILES, qs, strict=True) if q <= 0), default=0.0) for qs in found)
        return f"at least {numbers.plain_number(100 * share)} %"

    def _quantiles(self, arm: str, tensor: str, epoch: int) -> list[Sequence[float]]:
        """A tensor's quantiles, for each seed."""
        rows = self.arms().rows(arm)
        if isinstance(rows, Refusal):
            raise NotMeasured(rows.text)
        for trial in rows.trials["trial"]:
            if (trial, epoch, tensor) not in rows.tensors:
                raise NotMeasured(f"{arm} has no summary of {tensor} at epoch {epoch}")
        self.noted.add(Quantity(arm=arm, metric="width", tensor=tensor, at=epoch))
        found = [rows.tensors[trial, epoch, tensor][0] for trial in rows.trials["trial"]]
        if not all(math.isfinite(q) for qs in found for q in qs):
            raise NotMeasured(f"{tensor} of {arm} is not finite")
        return found

    def sheet(
        self, caption: str, arms: Sequence[tuple[str, str]], columns: Mapping[str, Callable[[str], Estimate]],
        percent: Iterable[str] = (),
    ) -> Sheet | None:  # fmt: skip
        """A row an arm, a column a quantity: mean ± half of the 95 % interval; None where there is nothing."""
        found, notes, share = dict[tuple[str, str], Estimate](), [], set(percent)
        for label, arm in arms:
            for head, measure in columns.items():
                try:
                    found[arm, head] = scaled(measure(arm), 100.0 if head in share else 1.0)
                except NotMeasured as reason:
                    notes.append(f"{label}: {reason}.")
        shown = []
        for head in columns:
            column = [found.get((arm, head)) for _, arm in arms]
            texts = zip(column_texts(column, DECIMALS_OF_PERCENT if head in share else None), column, arms, strict=True)
            shown.append([Cell(t) if e is None else Cell(t, e.value, of=arm) for t, e, (_, arm) in texts])
        rows = zip((Cell(label) for label, _ in arms), *shown, strict=True)
        remark = "Mean over seeds ± half of its 95 % interval."
        return Sheet(caption, ("Arm", *columns), tuple(rows), (*dict.fromkeys(notes), remark)) if found else None

    def of(self, metric: str, at: CurvePlace = "last", tensor: str | None = None) -> Callable[[str], Estimate]:
        """A column of `sheet`."""
        return lambda arm: self.estimate(Quantity(arm=arm, metric=metric, at=at, tensor=tensor))


def _whole(found: Sample, quantity: Quantity) -> Sample:
    if not found.whole:
        raise NotMeasured(f"{quantity.arm} diverged ({seeds_named(found.diverged)})")
    return found


def collect(measurements: Measurements, sentences: Iterable[Sentence]) -> Remarks:
    """The sentences that can be said, and the reasons for those that cannot."""
    said, behind, missing = [], [], []
    for sentence in sentences:
        own = replace(measurements, noted=set())
        try:
            text = sentence(own)
            so_far = own.so_far()
            said.append(f"{text.removesuffix('.')} ({so_far})." if so_far else text)
            behind.append(tuple(sorted({quantity.arm for quantity in own.noted})))
        except NotMeasured as reason:
            missing.append(f"{reason}.")
        measurements.noted.update(own.noted)
    return Remarks(tuple(said), tuple(behind), tuple(dict.fromkeys(missing)))


def moved(found: Estimate, kind: wording.Unit, up: str, down: str) -> str:
    """A difference in words: a verb and a size; whether it may be chance is said.

    >>> moved(Estimate(0.02, 0.01, 0.03, 5), wording.Unit(100.0, "points"), "adds", "costs")
    'adds 2.0 points (1.0 to 3.0)'
    >>> moved(Estimate(-0.02, -0.05, 0.01, 5), wording.Unit(100.0, "points"), "adds", "costs")
    'costs 2 points (-1 to 5), which may be chance'
    """
    turned = Estimate(-found.value, -found.high, -found.low, found.n, found.method) if found.value < 0 else found
    said = f"{down if found.value < 0 else up} {wording.brief_words(turned, kind)}"
    return said if clearly_above(turned) else f"{said}, which may be chance"


def times(found: Estimate) -> str:
    """A ratio in words.

    >>> times(Estimate(2.04, 1.95, 2.13, 5)), times(Estimate(0.25, 0.2, 0.4, 5))
    ('2.04 times as large (1.95 to 2.13)', '4.0 times smaller (2.5 to 5.0)')
    """
    small = found.value < 1 and found.low > 0
    turned = Estimate(1 / found.value, 1 / found.high, 1 / found.low, found.n, found.method) if small else found
    word = "smaller" if small else "as large"
    return wording.brief_words(turned, wording.Unit(1.0, "times")).replace(" times", f" times {word}", 1)


@dataclass(frozen=True)
class Question:
    """A question, the sentences that answer it, and where it is judged."""

    number: int
    text: str
    sentences: tuple[Sentence, ...]
    studies: tuple[str, ...]
    """Without any of these in the folder the question is not answered."""
    claims: tuple[str, ...] = ()
    table: Callable[[Measurements], Sheet | None] | None = None


@dataclass(frozen=True)
class Answered:
    """A question with its evidence."""

    number: int
    text: str
    claims: tuple[str, ...]
    evidence: Remarks
