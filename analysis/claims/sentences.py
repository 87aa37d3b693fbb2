"""A verdict in words: a sentence, and what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from analysis.claims.words import DECIDED, GO_ON_SO, UNDECIDED, WORDS
from analysis.statistics.estimates import Estimate
from analysis.statistics.power import Need
from analysis.statistics.shares import could_be_otherwise, seeds_without_exception
from analysis.statistics.spread import all_alike
from analysis.text import numbers
from analysis.text import phrases as wording
from study.planning.seeds import seeds_named
from study.spec.claims import Contrast
from study.spec.selection import quantities_selected
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from analysis.claims.judged_part import JudgedPart
    from analysis.claims.verdicts import Verdict

NO_ONE_INTERVAL = "No one interval decides it: numerator and denominator were settled at different numbers of seeds."
NO_END_YET = "At the level that decides, the ratio's denominator cannot be told from 0 yet."
ELSEWHERE = "Seeds that were seen in another folder cannot be known."


def p_words(p: float) -> str:
    """A p-value against 5 %.

    >>> p_words(0.0304), p_words(0.00001), p_words(1.0)
    ('p = 0.03 against 5 %', 'p below 0.001 against 5 %', 'p = 1 against 5 %')
    """
    shown = "p below 0.001" if p < 0.001 else f"p = {p:.2g}"
    return f"{shown} against 5 %"


def advice(need: Need | None) -> str:
    """How many seeds an open claim would need in all, as a range with its chance; empty where it is unknown."""
    if need is None:
        return ""
    if need.one_look is not None:
        chance = chance_words(1 - need.undecided)
        return f"it is judged once, at {need.one_look} seeds, which decide it with a {chance}"
    stays = f"with a {chance_words(need.undecided)} even {need.most} seeds leave it open"
    if need.low is None:
        return stays
    last = need.most if need.high is None else need.high
    seeds = str(last) if need.low == last else f"{need.low} to {last}"
    if need.high is not None:
        return f"{seeds} seeds in all would decide it, with a {chance_words(need.chance)}"
    within = need.by_seed[-1] - (need.by_seed[need.low - 2] if need.low > 1 else 0.0)
    return f"{seeds} seeds in all would decide it, with a {chance_words(within)}; {stays}"


def chance_words(chance: float) -> str:
    """A chance in words: one that is simulated is never known to be none or whole.

    >>> chance_words(0.07), chance_words(0.0), chance_words(0.998)
    ('chance of 7 %', 'chance below 1 %', 'chance above 99 %')
    """
    if chance < 0.005:
        return "chance below 1 %"
    return "chance above 99 %" if chance > 0.995 else f"chance of {100 * chance:.0f} %"


def seeds_needed(verdict: Verdict) -> str:
    """The same of a claim that seeds could still decide; empty of any other."""
    return advice(verdict.need) if verdict.verdict in ("open", "not-enough-seeds") else ""


def still_needed(verdict: Verdict) -> str:
    """The same, to stand beside the reason: empty where that says it, of seeds that all give one number."""
    return "" if GO_ON_SO in verdict.reason else seeds_needed(verdict)


def sentence(verdict: Verdict) -> str:
    """The verdict and the finding that decided it."""
    part, several = verdict.part, len(verdict.parts) > 1
    word = WORDS[verdict.verdict]
    head = wording.first_up(word)
    if verdict.verdict == "mechanism" and part.estimate is not None:
        held = f"held in {sum(p.holds_in or 0 for p in verdict.parts)} of {sum(p.n for p in verdict.parts)} trials"
        return f"{head}: {held}. {part.finding}"
    if verdict.reduced:
        r = verdict.recorded
        on_record = f" In full, on record: {r.word}.{f' {r.found}.' * bool(r.found)}" if r else ""
        return f"{head}. {part.finding}{on_record}"
    count = (
        f" ({numbers.met(sum(p.verdict == 'supported' for p in verdict.parts), len(verdict.parts))})" if several else ""
    )
    if verdict.decided_at is not None:
        return f"{head}{count}. {part.with_interval} {decision(verdict)}"
    why = "" if _is_said(verdict) else f" Why: {wording.after_colon(f'{verdict.reason}{_more(verdict)}')}."
    return f"{head}{count}. {part.finding}{why}"


def _is_said(v: Verdict) -> bool:
    """Whether there is no reason, or what was found has it."""
    return not v.reason or any(said(v.reason) in v.part.finding for said in (wording.after_colon, wording.in_sentences))


def short(verdict: Verdict) -> str:
    """What decided it in a sentence or two, without the verdict and what stands behind it; of a terminal's line."""
    part = verdict.part
    if verdict.reduced:
        return _short_reduced(verdict)
    if part.estimate is None and verdict.reason:
        return f"{wording.in_sentences(verdict.reason)}."
    met = sum(p.verdict == "supported" for p in verdict.parts)
    several = len(verdict.parts) > 1 and verdict.judged
    every = f" {numbers.met(met, len(verdict.parts))}."
    if met == len(verdict.parts):
        every = " Both parts are met." if met == 2 else f" All {met} parts are met."
    has_reason = (
        (verdict.verdict in ("open", "no-place", "not-judged", "missing") or verdict.fills)
        and verdict.reason
        and (verdict.fills or not verdict.reason.startswith(UNDECIDED))
    )
    said = verdict.reason.removeprefix(f"{UNDECIDED}; ")
    why = f" {wording.in_sentences(said)}." if has_reason and not _is_said(verdict) else ""
    worst = f" {_failed(verdict)}" if verdict.judged and verdict.failed else ""
    return part.said("interval") + (every if several else "") + wider_words(verdict) + why + worst


def _short_reduced(verdict: Verdict) -> str:
    """Of what is not judged: what was found here, then the verdict on record with its number, and what was claimed."""
    said, full = verdict.part.said("interval"), verdict.recorded
    if full is None:
        return said
    here = said.partition(". Claimed: ")[0].removesuffix(".")
    found = f" {full.found}." if full.found else ""
    claimed = f" Claimed: {full.claimed}." if full.claimed else ""
    return f"{here}. In full, on record: {full.word}.{found}{claimed}"


def wider_words(v: Verdict) -> str:
    """Of an open claim whose 95 % interval alone would seem to decide: that a wider one does."""
    part, e, bounds = v.part, v.part.estimate, (v.part.low_bound, v.part.high_bound)
    if v.verdict != "open" or not v.judged or part.unit == wording.SHARE or e is None:
        return ""
    known = [b for b in bounds if b is not None]
    if not known or any(e.low <= b <= e.high for b in known):
        return ""
    if part.decides is None:
        return f" {NO_END_YET}" if _is_ratio(part) else ""
    return f" The interval that decides is wider: {interval_words(part)}."


def _is_ratio(part: JudgedPart) -> bool:
    """Whether its number is one arm's divided by another's, and not a share of seeds."""
    return isinstance(part.form, Contrast) and part.form.ratio and part.unit != wording.SHARE


def _more(v: Verdict) -> str:
    said = still_needed(v)
    return f"; {said}" if said else ""


def decision(verdict: Verdict) -> str:
    """When it was decided, and how surely."""
    of = f" of {len(verdict.path)}" if len(verdict.path) > (verdict.decided_at or 0) else ""
    return f"Decided after {verdict.decided_at}{of} seeds, with seed {verdict.decided_seed}, {p_words(verdict.p)}."


def details(verdict: Verdict) -> tuple[str, ...]:
    """What stands behind it, a sentence each."""
    part, said = verdict.part, []
    if verdict.verdict == "supported" and len(verdict.parts) > 1:
        said.append(f"This is the weakest of its {len(verdict.parts)} parts.")
    if verdict.judged and part.decides is not None:
        said.append(_decides(part, part.decides, verdict.decided_at))
    elif verdict.judged and _is_ratio(part) and part.n:
        said.append(NO_ONE_INTERVAL if part.verdict in DECIDED else NO_END_YET)
    if verdict.judged and part.holds_in is not None and part.n:
        said.append(_side(part))
    if (
        part.decides is not None
        and part.unit == wording.SHARE
        and verdict.verdict == "open"
        and part.holds_in == part.n
    ):
        said.append(_without_exception(verdict))
    said += _doubted(verdict)
    if verdict.judged and verdict.failed:
        said.append(_failed(verdict))
    if part.before is not None:
        seen = wording.estimate_words(*part.in_words(part.before))
        said.append(f"Seen before the claim was written, and not used: {seen}. {ELSEWHERE}")
    if part.selected and part.n:
        said.append(_selected(part))
    if part.new_examples is not None:
        said.append(_examples(part))
    others = sum(p.within_margin for p in verdict.parts if p is not part) if verdict.verdict == "supported" else 0
    if others:
        said.append(f"On new examples {counted(others, 'other part')} could be otherwise too.")
    said += [one.sentence for one in verdict.replaced]
    return tuple(s for s in said if s)


def _doubted(verdict: Verdict) -> Iterator[str]:
    """Where the seeds of a part do not look normal; of a refuted claim its other parts decide nothing."""
    for number, part in parts_relied_on(verdict):
        whose = "The seeds" if part is verdict.part else f"The seeds of part {number}"
        for doubt in part.doubts:
            where = seeds_named(verdict.path[place] for place in doubt.places)
            yield f"{whose} do not look normal: {doubt.what} ({where})."


def parts_relied_on(verdict: Verdict) -> Iterator[tuple[int, JudgedPart]]:
    """The parts that decide a claim, with their numbers from 1: of a refuted one the part that refutes it alone."""
    for number, part in enumerate(verdict.parts, 1):
        if part is verdict.part or (verdict.judged and verdict.verdict != "refuted"):
            yield number, part


def _decides(part: JudgedPart, e: Estimate, seeds: int | None) -> str:
    """The wider interval, and after how many seeds it decided where more came since; what counts of seeds say where it
    has no width, for then they alone decide.
    """
    if not all_alike(e.low, e.high):
        when = f"decided, after {counted(seeds, 'seed')}" if seeds is not None and seeds < part.n else "decides"
        return f"The interval that {when}: {interval_words(part)}."
    return f"Counts of seeds decide it: in more than half of seeds it is {wording.value_words(*part.in_words(e))}."


def _failed(v: Verdict) -> str:
    anew = " If that succeeds, this verdict is made anew." if v.decided_at is not None else ""
    return f"What failed counts as worst ({seeds_named(v.failed)}). The next run tries it again.{anew}"


def _side(part: JudgedPart) -> str:
    hits, n = part.holds_in, part.n
    if part.unit == wording.SHARE and hits != n:
        return ""
    unseen = f" Up to {100 * could_be_otherwise(n):.0f} % of seeds could behave otherwise unseen." if hits == n else ""
    return f"On the claimed side in {hits} of {n} seeds.{unseen}"


def _without_exception(v: Verdict) -> str:
    share = v.part.share
    if share is None:
        return ""
    return f"It takes {seeds_without_exception(v.places, share)} seeds without an exception."


def _selected(part: JudgedPart) -> str:
    head = f"Selected on val: {part.selected}, so the number flatters"
    places = [] if part.form is None else [q.at for q in quantities_selected(part.form)]
    if part.on_test is not None:
        said = wording.estimate_words(*part.in_words(part.on_test))
        where = ", after the last epoch" if any(at != "last" for at in places) else ""
        return f"{head}. On the test part, on which nothing selects{where}: {said}."
    if not part.could_be_tested:
        return f"{head}."
    if any(at in ("max", "min") for at in places):
        return f"{head}. The test part has no extreme over epochs to set beside it; at: best, or an epoch, has one."
    return f"{head}. The test part is not on record. A claim about test_accuracy or test_loss needs it."


def _examples(part: JudgedPart) -> str:
    margin = part.new_examples
    assert margin is not None
    ends = margin_words(part)
    new = f"On {margin.interval.n:,} new examples like these, with the same seeds,"
    rests = f" This rests on the examples of {margin.seeds} of {part.n} seeds." if margin.seeds < part.n else ""
    if margin.interval.low == margin.interval.high:
        return f"{new} the number stays at {ends}.{rests}"
    end = " The verdict is about these examples. On new ones it could be otherwise." if part.within_margin else ""
    return f"{new} the number could lie from {ends}.{rests}{end}"


def margin_words(part: JudgedPart, *, as_claimed: bool = False) -> str:
    """Where a number could lie on new examples; empty where that is not known.

    as_claimed: in the direction and the unit of the claim, as a table has it, and not of the sentence.
    """
    if part.new_examples is None:
        return ""
    margin = part.new_examples.interval
    whole = Estimate(margin.value, margin.low, margin.high, margin.n)
    e, unit = (whole, part.unit) if as_claimed else part.in_words(whole)
    half = (e.high - e.low) * unit.scale / 20
    places = max(numbers.decimals(end * unit.scale, half) for end in (e.low, e.high))
    claimed = [b * unit.scale for b in (part.low_bound, part.high_bound) if b is not None]
    return _between(e, unit, places, claimed if as_claimed and unit != wording.SHARE else part.bounds_in_words(whole))


def interval_words(part: JudgedPart) -> str:
    """The wider interval, in the direction and the unit of the part's sentence."""
    if part.decides is None:
        return "none"
    e, unit = part.in_words(part.decides)
    ends = [end * unit.scale for end in (e.low, e.high) if math.isfinite(end)]
    if not ends:
        return "anything"
    half = abs(ends[-1] - ends[0]) / 2 or abs(ends[0]) or 1.0
    return _between(e, unit, max(numbers.decimals(end, half) for end in ends), part.bounds_in_words(part.decides))


MAX_MORE_PLACES = 3
"""Decimals that an end may get so that it does not read as a bound that it only lies near."""


def _between(e: Estimate, unit: wording.Unit, places: int, bounds: Sequence[float]) -> str:
    """Both ends, with so many decimals that each is seen to lie on its side of every bound."""
    ends = [end * unit.scale for end in (e.low, e.high)]
    pairs = [(end, b) for end in ends for b in bounds if math.isfinite(end) and math.isfinite(b) and end != b]
    enough = (n for n in range(places, places + MAX_MORE_PLACES) if all(round(x, n) != round(b, n) for x, b in pairs))
    places = next(enough, places)
    low, high = (numbers.written(end, places) for end in ends)
    if e.low == e.high:
        return f"{low} {unit.word}".rstrip()
    said = f"above {low}" if math.isinf(ends[1]) else f"below {high}" if math.isinf(ends[0]) else f"{low} to {high}"
    return f"{said} {unit.word}".rstrip()
