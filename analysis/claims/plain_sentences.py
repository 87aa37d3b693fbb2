"""What was found of a part of a claim, as a plain sentence: subject, verb, number. One function a form.

One direction everywhere: the change against the baseline, whichever way round the claim has it. Digits follow
`analysis.text.numbers`; nothing is estimated here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from analysis.claims import plain_falls as falls
from analysis.claims import plain_nouns as nouns
from analysis.claims.arm_words import ArmWords
from analysis.claims.plain_compare import ComparisonWords, NumberWording, difference, ratio
from analysis.statistics.estimates import Estimate
from analysis.text import numbers
from analysis.text import phrases as wording
from analysis.text.agreement import agree
from study.spec.claims import Association, Contrast, Form, Level, Mechanism, Quantity, Trajectory
from trainables.config.plurals import counted, noun

Detail = Literal["bare", "interval", "seeds"]
"""How a number is shown: alone, with its interval, or with the number of seeds too."""
HALF = "in more than half of seeds"
EACH_HALF = "each end in more than half of seeds"
"""What is claimed of two bounds that are judged by counts: each by itself."""


@dataclass(frozen=True)
class PlainFinding:
    """A finding in words."""

    template: str
    """With `{n}` where the number goes; without a point."""
    claimed: str
    """What was claimed, in the direction of the sentence."""
    number: Estimate
    """As the sentence tells it."""
    unit: wording.Unit
    telling: NumberWording | None = None
    """How that came of the claim's own number; None: it is that."""

    both_ways: NumberWording | None = None
    """How an interval is told that says larger as well as smaller, where the number is so many times smaller."""

    def telling_of(self, e: Estimate) -> NumberWording | None:
        """How another number or interval of the same kind is told beside the sentence's own."""
        straddles = self.both_ways is not None and self.telling is not None and self.telling.of(e).low < 1
        return self.both_ways if straddles else self.telling

    def text(self, detail: Detail = "interval") -> str:
        """The sentence, without what was claimed and without its point."""
        return wording.first_up(self.template.replace("{n}", shown(self.number, self.unit, detail)))


def shown(estimate: Estimate, unit: wording.Unit, detail: Detail) -> str:
    """A number in a sentence."""
    if unit == wording.SHARE and detail != "seeds":
        return f"in {round(estimate.value * estimate.n)} of {counted(estimate.n, 'seed')}"
    words = {"bare": wording.value_words, "interval": wording.brief_words, "seeds": wording.estimate_words}[detail]
    return words(estimate, unit)


def half(low: float | None, high: float | None) -> str:
    """What is claimed of counts of seeds: of two bounds each by itself, for so they are judged."""
    return HALF if low is None or high is None else EACH_HALF


def _half_clause(form: Level | Contrast) -> str:
    """The same as the end of a sentence."""
    return f", {EACH_HALF}" if half(form.low, form.high) == EACH_HALF else f" {HALF}"


def plain(form: Form, words: ArmWords, estimate: Estimate, unit: wording.Unit) -> PlainFinding:
    """The finding of one part; its unit is `SHARE` where seeds are counted."""
    counted = unit == wording.SHARE
    match form:
        case Level(quantity=q) if q.reaches is not None:
            return PlainFinding(f"{_reaches(form, words)} {{n}}", half(form.low, form.high), estimate, unit)
        case Level():
            return _counted_level(form, words, estimate) if counted else _level(form, words, estimate)
        case Contrast(a=a) if a.reaches is not None:
            return PlainFinding(f"{_first(form, words)} {{n}}", half(form.low, form.high), estimate, unit)
        case Contrast():
            found = (ratio if form.ratio else difference)(form, words, None if counted else estimate)
            return _compared(found, form.share, estimate, unit)
        case Trajectory():
            return PlainFinding(f"{_moves(form, words)} {{n}}", share_words(form.share), estimate, unit)
        case Mechanism():
            return _mechanism(form, words, estimate)
        case Association():
            return _association(form, words, estimate)


def asked(form: Form, words: ArmWords) -> str:
    """What one part claims, as a sentence without its point."""
    match form:
        case Level(quantity=q):
            first = f"{_reaches(form, words)}{_half_clause(form)}" if q.reaches is not None else ""
            said = first or _level_clause(form, words)
        case Contrast(a=q) if q.reaches is not None:
            said = f"{_first(form, words)}{_half_clause(form)}"
        case Contrast():
            said = (ratio if form.ratio else difference)(form, words, None).template
        case Trajectory():
            said = _moves(form, words)
        case Mechanism():
            said = _by_rule(form, words)
        case Association():
            x, y, where = _ranked(form, words)
            more = nouns.size(form.x).more, nouns.size(form.y).more
            said = f"The {more[0]} the {x}, the {more[1]} the {y}{where} over {len(form.arms)} arms"
    share = share_words(form.share) if isinstance(form, Level | Contrast | Trajectory) else ""
    return wording.first_up(f"{said} {share}".rstrip())


def share_words(share: float | None) -> str:
    """In what share of seeds it is claimed; empty where it is claimed of the mean."""
    return "" if share is None else f"in at least {100 * share:g} % of seeds"


def _compared(found: ComparisonWords, share: float | None, e: Estimate, unit: wording.Unit) -> PlainFinding:
    if found.telling is None:
        return PlainFinding(f"{found.template} {{n}}", share_words(share) or "in the mean", e, unit)
    return PlainFinding(
        found.template, found.claimed, found.telling.of(e), found.telling.unit, found.telling, found.both_ways
    )


# ------------------------------------------------------------------------------------------------------- one arm


def _level(form: Level, words: ArmWords, e: Estimate) -> PlainFinding:
    q = form.quantity
    if q.at == "fall":
        return _falls(form, words, e)
    unit, claimed = wording.unit(q), wording.bounds_words(form.low, form.high, wording.unit(q))
    arm, where = words.name(q.arm), nouns.place(q, words)
    name, ends = nouns.noun(q), words.is_last(q)
    if q.tensor:
        return PlainFinding(f"The {name} is {{n}} with {arm}{where}", claimed, e, unit)
    if q.at == "mean" and q.metric not in nouns.TIMES:
        label = name.removeprefix("mean ")
        return PlainFinding(
            f"{arm} {agree(arm, 'averages')} {nouns.with_article(label)} of {{n}}{where}", claimed, e, unit
        )
    if q.metric in nouns.GAPS and q.at not in nouns.ENDS:
        verb = f"{agree(arm, 'ends')} with" if ends else agree(arm, "has")
        return PlainFinding(f"{arm} {verb} {nouns.with_article(name)} of {{n}}{where}", claimed, e, unit)
    if nouns.rises(q) and q.at not in nouns.ENDS:
        verb = f"{agree(arm, 'ends')} at" if ends else agree(arm, "has")
        return PlainFinding(f"{arm} {verb} {nouns.with_article(name)} of {{n}}{where}", claimed, e, unit)
    if nouns.time(q):
        return PlainFinding(f"{nouns.time(q)} of {arm} takes {{n}}{where}", claimed, e, unit)
    return PlainFinding(f"{nouns.subject(q, arm)} {{n}}{where}", claimed, e, unit)


def _falls(form: Level, words: ArmWords, e: Estimate) -> PlainFinding:
    q, up = form.quantity, e.value < 0
    unit, telling = wording.unit(q), NumberWording(wording.unit(q), factor=-1.0 if up else 1.0)
    text = f"The {nouns.of_fall(q)} of {words.name(q.arm)} {falls.verb(rises=up)} by {{n}}{nouns.place(q, words)}"
    claimed = falls.to_do(falls.level_claimed(form.low, form.high, unit))
    return PlainFinding(text, claimed, telling.of(e), unit, telling)


def _counted_level(form: Level, words: ArmWords, e: Estimate) -> PlainFinding:
    return PlainFinding(
        f"{_level_clause(form, words)} {{n}}", share_words(form.share) or "in the mean", e, wording.SHARE
    )


def _level_clause(form: Level, words: ArmWords) -> str:
    q, unit = form.quantity, wording.unit(form.quantity)
    if q.at == "fall":
        does = falls.level_claimed(form.low, form.high, unit)
        return f"The {nouns.of_fall(q)} of {words.name(q.arm)} {does}{nouns.place(q, words)}"
    bounds = wording.bounds_words(form.low, form.high, unit)
    return f"{nouns.subject(q, words.name(q.arm))} {bounds}{nouns.place(q, words)}"


def _moves(form: Trajectory, words: ArmWords) -> str:
    return f"The {wording.LABELS[form.metric]} of {words.name(form.arm)} {form.direction} in every epoch"


def _reaches(form: Level, words: ArmWords) -> str:
    q = form.quantity
    low, high = (None if b is None else numbers.plain_number(b) for b in (form.low, form.high))
    when = f"after {low} to {_epochs(form.high or 0)}" if low and high else ""
    when = when or (f"within {_epochs(form.high or 0)}" if high else "")
    arm = words.name(q.arm)
    return f"{arm} {agree(arm, 'reaches')} {nouns.level(q)} {when or f'only after {_epochs(form.low or 0)} or later'}"


def _mechanism(form: Mechanism, words: ArmWords, e: Estimate) -> PlainFinding:
    share_words = f"in {round(e.value * e.n)} of {counted(e.n, 'trial')}"
    return PlainFinding(f"{_by_rule(form, words)} {share_words}", "in every trial", e, wording.SHARE)


def _by_rule(form: Mechanism, words: ArmWords) -> str:
    arm = words.name(form.arm)
    if form.rule == "updates":
        return f"An epoch of {arm} has exactly {form.value:,g} updates"
    return f"{arm} {agree(arm, 'cuts')} {agree(arm, 'its')} rate exactly after epochs that do not beat the best"


# ------------------------------------------------------------------------------------------------------- several arms


def _first(form: Contrast, words: ArmWords) -> str:
    """Who reaches a level first, as it is claimed."""
    a, b = form.a, form.b
    sooner, later, by = (b, a, form.low) if form.low is not None else (a, b, -(form.high or 0.0))
    assert by is not None
    one, other = words.name(sooner.arm), words.name(later.arm)
    also = f" {agree(other, 'reaches')} {nouns.level(later)}" if _goal(sooner) != _goal(later) else ""
    if form.low is not None and form.high is not None:
        ends = _span(form.low, form.high)
        arm = words.name(a.arm)
        return f"{arm} {agree(arm, 'reaches')} {nouns.level(a)} {ends} {words.name(b.arm)}"
    how = "before" if not by else f"{'more than' if by > 0 else 'at most'} {_epochs(abs(by))} "
    how += "" if not by else "before" if by > 0 else "after"
    return f"{one} {agree(one, 'reaches')} {nouns.level(sooner)} {how} {other}{also}"


def _span(low: float, high: float) -> str:
    """How long after another, from `low` to `high` epochs; below 0 before it.

    >>> _span(1, 4), _span(-4, -1), _span(-4, 1)
    ('1 to 4 epochs after', '1 to 4 epochs before', 'at most 4 epochs before and at most 1 epoch after')
    """
    if low < 0 < high:
        return f"at most {_epochs(-low)} before and at most {_epochs(high)} after"
    near, far = sorted((abs(low), abs(high)))
    return f"{numbers.plain_number(near)} to {_epochs(far)} {'before' if low < 0 else 'after'}"


def _epochs(n: float) -> str:
    return f"{numbers.plain_number(n)} {noun(n, 'epoch')}"


def _goal(q: Quantity) -> tuple[str, float | None]:
    return q.metric, q.reaches


def _ranked(form: Association, words: ArmWords) -> tuple[str, str, str]:
    """What is ranked, with where on its curve it is; last, where both are, if they are at one place."""
    found = []
    for q in (form.x, form.y):
        places = {"" if q.at == "mean" else nouns.place(replace(q, arm=arm), words) for arm in form.arms}
        found.append(places.pop() if len(places) == 1 else "")
    x, y = nouns.noun(form.x), nouns.noun(form.y)
    return (x, y, found[0]) if found[0] == found[1] else (x + found[0], y + found[1], "")


def _association(form: Association, words: ArmWords, e: Estimate) -> PlainFinding:
    x, y, where = _ranked(form, words)
    rest = f": rank correlation {{n}} over {len(form.arms)} arms"
    claimed = wording.bounds_words(form.low, None, wording.Unit())
    if math.isnan(e.low):  # a permutation has no interval, so the number is said and no way of it
        said = f"The rank correlation of the {x} and the {y}{where} is {{n}} over {len(form.arms)} arms"
        return PlainFinding(said, claimed, e, wording.Unit())
    if e.low <= 0 <= e.high:
        return PlainFinding(f"The {x} and the {y} show no clear order{where}{rest}", claimed, e, wording.Unit())
    way = nouns.size(form.y)
    grows = way.more if e.value > 0 else way.less
    return PlainFinding(
        f"The {nouns.size(form.x).more} the {x}, the {grows} the {y}{where}{rest}", claimed, e, wording.Unit()
    )
