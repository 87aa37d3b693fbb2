"""Two arms set against each other in a plain sentence: a difference, or how many times as large.

The subject is the arm that is not the baseline, so the number is the change against the baseline; where neither is, the
order is the claim's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from analysis.claims import plain_falls as falls
from analysis.claims import plain_nouns as nouns
from analysis.claims.arm_words import ArmWords
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import clearly_above
from analysis.text import numbers
from analysis.text import phrases as wording
from analysis.text.agreement import agree
from study.spec.claims import Contrast, Quantity

PERCENT = wording.Unit(100.0, "%")
TIMES = wording.Unit(1.0, "times")
ABOVE = nouns.SizeWords("", "above", "below")
MIN_TIMES_IN_WORDS = 1.5
"""From this ratio on a size is so many times another; below it is so many per cent more."""


@dataclass(frozen=True)
class NumberWording:
    """How a sentence tells a number of a claim: the other way round, by its reciprocal, or as so much more or less."""

    unit: wording.Unit
    reciprocal: bool = False
    factor: float = 1.0
    """1 or -1, applied after the reciprocal."""
    added: float = 0.0
    """At the end: 1.2 times as large is told as 0.2 more."""

    def of(self, e: Estimate) -> Estimate:
        """An estimate, or an interval with its number, in the direction of the sentence.

        >>> NumberWording(TIMES, reciprocal=True, factor=-1.0, added=1.0).of(Estimate(2.0, 1.25, 4.0, 5)).low
        0.19999999999999996
        """
        e = inverse(e) if self.reciprocal else e
        value, *ends = (self.factor * x + self.added for x in (e.value, e.low, e.high))
        low, high = ends if self.factor > 0 else ends[::-1]
        return replace(e, value=value, low=low, high=high)


@dataclass(frozen=True)
class ComparisonWords:
    """A comparison in words."""

    template: str
    """With `{n}` for the number; without one a clause that is met or not in a seed."""
    claimed: str = ""
    telling: NumberWording | None = None
    both_ways: NumberWording | None = None
    """Of "so many times smaller": how an interval is told that says larger, too."""


@dataclass(frozen=True)
class TwoArms:
    """Two quantities in the order of the sentence."""

    a: Quantity
    b: Quantity
    words: ArmWords
    turned: bool = False
    """Whether the claim has them the other way round."""

    @property
    def subject(self) -> str:
        """The arm that the sentence is about, in words."""
        return self.words.name(self.a.arm)

    @property
    def other(self) -> str:
        """The arm that it is compared with, in words."""
        return self.words.name(self.b.arm)

    @property
    def places(self) -> tuple[str, str]:
        """Where on their curves, after the subject and after the other: once where both are alike."""
        mine, its = nouns.place(self.a, self.words), nouns.place(self.b, self.words)
        if mine == its:
            return "", mine
        counts = all(place.endswith((" epochs", " epoch")) for place in (mine, its))
        return mine, its.rpartition(" ")[0] if counts else its

    @property
    def moves(self) -> bool:
        """Whether it is one number of one arm at two epochs."""
        return self.a.arm == self.b.arm and self.alike and None not in map(self.words.epoch, (self.a, self.b))

    @property
    def falls(self) -> bool:
        """Whether it is how far one metric falls in both."""
        return self.a.at == "fall" and self.alike

    @property
    def rises(self) -> bool:
        """Whether the sentence says that it rises, so that its numbers are those of a fall the other way round."""
        return self.falls and falls.rising(self.a, self.words)

    @property
    def alike(self) -> bool:
        """Whether both are the same metric at the same place."""
        return nouns.noun(self.a) == nouns.noun(self.b)


def oriented(form: Contrast, words: ArmWords) -> TwoArms:
    """The two in the order of a sentence: the baseline last; of one arm, the earlier place."""
    turned = form.a.arm == words.baseline != form.b.arm
    if form.a.arm == form.b.arm:
        turned = (words.epoch(form.a) or 0) < (words.epoch(form.b) or 0)
    return TwoArms(form.b, form.a, words, turned=True) if turned else TwoArms(form.a, form.b, words)


def _against_baseline(pair: TwoArms) -> bool:
    """Whether the other is the baseline, with the number of both at one place."""
    same_place = pair.alike and not pair.places[0] and not pair.falls
    return pair.b.arm == pair.words.baseline != pair.a.arm and same_place


def _with_both(pair: TwoArms, start: str, joint: str = "than with") -> str:
    """A clause, then both arms: "with Adam at 0.1 than at 0.001"; a long one leaves out the baseline."""
    mine, its = pair.places
    bare = joint.removesuffix(" with")
    if pair.a.arm == pair.b.arm and mine:
        return f"{start} with {pair.subject}{mine} {bare}{its}"
    rest = nouns.rest_of_name(pair.other, pair.subject)
    than = f" {bare} {rest}" if rest else f" {joint} {pair.other}"
    text = f"{start} with {pair.subject}{mine}{than}{its}"
    if not rest and _against_baseline(pair) and nouns.too_long(text):
        return f"{start} with {pair.subject}{its}"
    return text


# ------------------------------------------------------------------------------------------------------- a difference


def difference(form: Contrast, words: ArmWords, estimate: Estimate | None) -> ComparisonWords:
    """A minus b; without a number the clause that is claimed."""
    pair, unit = oriented(form, words), wording.unit(form.a, difference=True)
    turned = pair.turned != pair.rises
    low, high = (form.low, form.high) if not turned else (_minus(form.high), _minus(form.low))
    above = not pair.alike or (_levels(pair) and not pair.moves)
    way = ABOVE if above else falls.FURTHER if pair.falls else nouns.size(pair.a)
    claimed = difference_claimed(low, high, unit, way)
    if estimate is None:
        within = claimed.startswith("within") and not pair.falls
        return ComparisonWords(_clause(pair, f"{claimed} of" if within else claimed))
    up = estimate.value <= 0 if turned else estimate.value >= 0
    telling = NumberWording(unit, factor=1.0 if up != turned else -1.0)
    if clearly_above(telling.of(estimate)) and _is_gap(pair) and pair.b.arm == words.baseline and not pair.places[0]:
        gap = nouns.noun(pair.a)
        text = f"{pair.subject} {agree(pair.subject, 'widens' if up else 'cuts')} the {gap} by {{n}}{pair.places[1]}"
        return ComparisonWords(text, claimed, telling)
    if pair.moves:
        name = f"{nouns.noun(pair.a)} of {pair.subject}"
        span = f"from epoch {words.epoch(pair.b)} to {words.epoch(pair.a)}"
        return ComparisonWords(f"The {name} {'rises' if up else 'falls'} by {{n}} {span}", claimed, telling)
    text = _clause(pair, f"{{n}} {way.more if up else way.less}")
    if (
        above
        and _levels(pair)
        and _against_baseline(pair)
        and nouns.too_long(text)
        and clearly_above(telling.of(estimate))
    ):
        claimed = difference_claimed(low, high, unit, nouns.size(pair.a))
        verb = agree(pair.subject, "raises" if up else "lowers")
        text = f"{pair.subject} {verb} the {nouns.noun(pair.a)} by {{n}}{pair.places[1]}"
    return ComparisonWords(text, claimed, telling)


def _is_gap(pair: TwoArms) -> bool:
    """Whether it is one gap in both, which an arm widens or cuts."""
    return pair.a.metric in nouns.GAPS and pair.alike and not pair.falls


def _levels(pair: TwoArms) -> bool:
    """Whether one arm is simply above or below the other."""
    return nouns.rises(pair.a) and pair.alike and all(q.at not in (*nouns.ENDS, "fall") for q in (pair.a, pair.b))


def _clause(pair: TwoArms, how: str) -> str:
    mine, its = pair.places
    if pair.falls:
        return falls.compared(pair.a, _with_both(pair, ""), how, rises=pair.rises)
    if _levels(pair) and not pair.moves:
        name = nouns.noun(pair.a)
        ends = not mine and all(map(pair.words.is_last, (pair.a, pair.b)))
        verb = agree(pair.subject, "ends" if ends else "is")
        if mine:
            return f"{pair.subject}{mine} {verb} {how} {pair.other}{its} in {name}"
        return f"{pair.subject} {verb} {how} {pair.other} in {name}{its}"
    if not pair.alike:
        return f"{nouns.subject(pair.a, pair.subject + mine)} {how} the {nouns.noun(pair.b)} of {pair.other}{its}"
    if how.endswith(" of"):
        return f"{nouns.subject(pair.a, pair.subject + mine)} {how} that of {pair.other}{its}"
    return _with_both(pair, f"{nouns.subject(pair.a)} {how}")


def difference_claimed(low: float | None, high: float | None, unit: wording.Unit, way: nouns.SizeWords) -> str:
    """What is claimed of a difference.

    >>> way = nouns.SizeWords("", "above", "below")
    >>> [difference_claimed(*b, wording.Unit(100.0, "points"), way) for b in ((0.6, None), (None, 0.0), (-0.01, 0.01))]
    ['more than 60 points above', 'below', 'within 1 point']
    >>> [difference_claimed(*b, wording.Unit(100.0, "points"), way) for b in ((0.1, 0.4), (-0.4, -0.1), (-0.1, 0.4))]
    ['10 to 40 points above', '10 to 40 points below', 'between 10 points below and 40 points above']
    """
    if low is not None and high is not None:
        if low == -high:
            return f"within {wording.bound_words(high, unit)}"
        if low < 0 < high:
            ends = wording.bound_words(-low, unit), wording.bound_words(high, unit)
            return f"between {ends[0]} {way.less} and {ends[1]} {way.more}"
        least, most = sorted((abs(low), abs(high)))
        near = "" if least == most else f"{numbers.plain_number(least * unit.scale)} to "
        return f"{near}{wording.bound_words(most, unit)} {way.more if high > 0 else way.less}"
    if low is not None:
        if low == 0:
            return way.more
        size = wording.bound_words(abs(low), unit)
        return f"more than {size} {way.more}" if low > 0 else f"at most {size} {way.less}"
    assert high is not None
    if high == 0:
        return way.less
    size = wording.bound_words(abs(high), unit)
    return f"more than {size} {way.less}" if high < 0 else f"at most {size} {way.more}"


def _minus(x: float | None) -> float | None:
    return None if x is None else -x + 0.0


# ------------------------------------------------------------------------------------------------------- a ratio


def ratio(form: Contrast, words: ArmWords, estimate: Estimate | None) -> ComparisonWords:
    """A divided by b; without a number the clause that is claimed."""
    pair, way = oriented(form, words), nouns.size(form.a)
    least = None if form.high is not None and form.low == form.range[0] else form.low  # on record; it bounds nothing
    not_of_size = estimate is not None and not estimate.value > 0  # its reciprocal says nothing of size
    if not_of_size or any(b is not None and b <= 0 for b in (least, form.high)):
        pair = TwoArms(form.a, form.b, words)
    low, high = (least, form.high) if not pair.turned else (_over(form.high), _over(least))
    claimed = ratio_claimed(low, high, way)
    if estimate is None:
        return ComparisonWords(_times_clause(pair, claimed))
    over = pair.turned and estimate.value > 0
    value = 1 / estimate.value if over else estimate.value
    if None not in (low, high) or value >= MIN_TIMES_IN_WORDS or value <= 0 or not math.isfinite(value):
        return ComparisonWords(_times_clause(pair, f"{{n}} as {way.much}"), claimed, NumberWording(TIMES, over))
    if value <= 1 / MIN_TIMES_IN_WORDS:
        both_ways = NumberWording(wording.Unit(1.0, f"times as {way.much}"), over)
        text, claimed = _times_clause(pair, f"{{n}} {way.less}"), _turned_claimed(low, high, way) or claimed
        return ComparisonWords(text, claimed, NumberWording(TIMES, not over), both_ways)
    claimed = _percent_claimed(low, high, way) or claimed
    if value >= 1:
        return ComparisonWords(
            _times_clause(pair, f"{{n}} {way.more}"), claimed, NumberWording(PERCENT, over, added=-1.0)
        )
    return ComparisonWords(_times_clause(pair, f"{{n}} {way.less}"), claimed, NumberWording(PERCENT, over, -1.0, 1.0))


def _turned_claimed(low: float | None, high: float | None, way: nouns.SizeWords) -> str:
    """What is claimed of a ratio that is told as so many times smaller, where the claim's own number is below 1.

    >>> way = nouns.SizeWords("large", "larger", "smaller")
    >>> _turned_claimed(0.5, None, way), _turned_claimed(None, 0.1, way), _turned_claimed(1.2, None, way)
    ('at most 2 times smaller', 'more than 10 times smaller', '')
    """
    bound = low if low is not None else high
    if bound is None or not 0 < bound < 1:
        return ""
    return f"{'at most' if low is not None else 'more than'} {_plain(1 / bound)} times {way.less}"


def _percent_claimed(low: float | None, high: float | None, way: nouns.SizeWords) -> str:
    """What is claimed of a ratio that is told as so many per cent more or less, where the claim's is as near to 1.

    >>> way = nouns.SizeWords("high", "higher", "lower")
    >>> [_percent_claimed(*b, way) for b in ((1.2, None), (0.9, None), (None, 0.8), (None, 1.1), (2.0, None))]
    ['more than 20 % higher', 'at most 10 % lower', 'more than 20 % lower', 'at most 10 % higher', '']
    """
    bound = low if low is not None else high
    if bound is None or bound == 1 or not 1 / MIN_TIMES_IN_WORDS < bound < MIN_TIMES_IN_WORDS:
        return ""
    beyond = "more than" if (bound > 1) == (low is not None) else "at most"
    return f"{beyond} {_plain(100 * abs(bound - 1))} % {way.more if bound > 1 else way.less}"


def inverse(estimate: Estimate) -> Estimate:
    """Return the estimate of the ratio the other way round; an end that would be infinite is unknown.

    >>> inverse(Estimate(0.5, 0.25, 1.0, 5))
    Estimate(value=2.0, low=1.0, high=4.0, n=5, method='')
    """
    value, low, high = (
        1 / x if x > 0 else math.nan if math.isnan(x) else math.inf
        for x in (estimate.value, estimate.high, estimate.low)
    )
    return replace(estimate, value=value, low=low, high=high)


def ratio_claimed(low: float | None, high: float | None, way: nouns.SizeWords) -> str:
    """What is claimed of a ratio.

    >>> way = nouns.SizeWords("wide", "wider", "narrower")
    >>> [ratio_claimed(*b, way) for b in ((2.0, None), (1.0, None), (None, 0.1), (0.5, 2.0))]
    ['more than 2 times as wide', 'wider', 'more than 10 times narrower', '0.5 to 2 times as wide']
    >>> [ratio_claimed(*b, way) for b in ((0.9, None), (None, 1.5))]
    ['at least 0.9 times as wide', 'at most 1.5 times as wide']
    """
    if low is not None and high is not None:
        return f"{_plain(low)} to {_plain(high)} times as {way.much}"
    bound = low if low is not None else high
    assert bound is not None
    if bound == 1:
        return way.more if low is not None else way.less
    if bound <= 0:
        return f"{'above' if low is not None else 'below'} {_plain(bound)} times"
    if (bound > 1) != (low is not None):  # it may lie on either side of 1
        return f"{'at most' if low is None else 'at least'} {_plain(bound)} times as {way.much}"
    times = f"{_plain(bound)} times as {way.much}" if bound > 1 else f"{_plain(1 / bound)} times {way.less}"
    return f"more than {times}"


def _times_clause(pair: TwoArms, how: str) -> str:
    joint = "as with" if " as " in how else "than with"
    wide = pair.a.metric == "width" and pair.alike
    subject = f"{wording.first_up(nouns.tensor(pair.a))} spread" if wide else nouns.subject(pair.a)
    if pair.rises:
        subject = f"The rise of the {nouns.of_fall(pair.a)} is"
    return _with_both(pair, f"{subject} {how}", joint)


def _plain(x: float) -> str:
    return numbers.plain_number(float(f"{x:.4g}"))


def _over(x: float | None) -> float | None:
    return None if x is None else math.inf if x == 0 else 1 / x
