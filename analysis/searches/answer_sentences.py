"""A search's answer under fresh seeds, and that of its repeats, in sentences and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from analysis.searches.repeats import RepeatedSearch
from analysis.searches.retrained import Retrained, TestResult
from analysis.statistics.estimates import Estimate
from analysis.statistics.evidence import Interval
from analysis.statistics.spread import alike_but_apart, clear
from analysis.text.agreement import agree
from analysis.text.arm_names import by_name
from analysis.text.columns import column_decimals, scaled
from analysis.text.numbers import decimals, interval_ends, places_not_0, with_interval, written
from analysis.text.phrases import IN_ALL, SPREAD_UNKNOWN, UNKNOWN, first_up
from analysis.text.sheet import Cell
from study.spec import selection
from study.storage.search_answer import WINNER
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS, ON_TEST

DecidedArms: TypeAlias = Mapping[tuple[str, str], bool]
"""By arm of an answer and metric: whether the seeds have decided the claim that the first arm is ahead of it."""
NOT_JUDGED: DecidedArms = MappingProxyType({})


def repeat_sentences(found: RepeatedSearch) -> list[str]:
    """What the repeats of a search say together."""
    metric, (_, unit, points) = found.metric, units(found.metric)

    def span(e: Estimate) -> str:
        return f"{_ends(e, metric)}, {e.n} repeats"

    means = {arm: found.mean(arm) for arm in found.arms}
    levels = _and([f"{arm} {_written(e.value, e, metric)}{unit} ({span(e)})" for arm, e in means.items()])
    said = [
        f"Over {len(found.repeats)} repeats, searches that differ in their seed alone, "
        f"{quantity(found.metric)}{selected_on(found.metric)}: {levels}."
    ]
    for arm in found.arms[1:]:
        e = found.apart(arm)
        side = f"{_side(e)} {found.arms[0]}"
        ends = f"{first_up(arm)} ends {_written(abs(e.value), e, metric)}{points}"
        if alike_but_apart(e):
            said.append(f"{ends} {side} {IN_ALL} {counted(e.n, 'repeat')}; how far they vary is not known.")
        else:
            sure = "more than chance" if clear(e) else "maybe chance"
            said.append(f"{ends} ({span(_size(e))}) {side}, {sure}.")
    return said


def lead(retrained: Sequence[Retrained]) -> str:
    """What an answer's numbers are of."""
    number = max((r.tested.evaluations for r in retrained if r.tested), default=0)
    if not number:
        return "Under fresh seeds, on the validation examples that chose them"
    again = "" if number == 1 else ", and each look after the first tells less"
    often = times_words(number)
    return f"Under fresh seeds, on the validation examples that chose them, and {often} on the test examples{again}"


def answer_sentences(
    retrained: Sequence[Retrained],
    objectives: Sequence[str] = ("val_accuracy",),
    decided: DecidedArms = NOT_JUDGED,
) -> list[str]:
    """The answer in words, a sentence or a few for each that was retrained.

    Args:
        retrained: what was, the best of the search first.
        objectives: what the search was after.
        decided: which claims are decided. That alone tells a difference from chance, not its 95 % interval.
    """
    return [_sentence(retrained, r, objectives, decided) for r in retrained]


def plain_answer(retrained: Sequence[Retrained], names: Mapping[str, str], objective: str) -> str:
    """The answer in one sentence: how far the best comes under fresh seeds, and the change of the next against it.

    By their numbers on the test part where all were measured there. A second one says what the winner is.

    Args:
        retrained: what was, the best of the search first.
        names: how a sentence calls an arm.
        objective: what the search was after first.
    """
    best = retrained[0]
    which = f" The winner has {best.knobs}." if best.arm == WINNER and best.knobs else ""
    if there := on_test(retrained, objective):
        return _plain(there, names, ON_TEST[objective]) + which
    return _plain(retrained, names, objective).removesuffix(".") + f"{selected_on(objective)}.{which}"


def on_test(retrained: Sequence[Retrained], objective: str) -> list[Retrained]:
    """The same with their numbers on the test part; nothing where one was not measured there."""
    tested = [r.tested for r in retrained if r.tested is not None]
    if len(tested) < len(retrained) or tested[0].metric != ON_TEST.get(objective):
        return []
    return [replace(r, estimate=t.estimate, behind=t.behind) for r, t in zip(retrained, tested, strict=True)]


def best_of(retrained: Sequence[Retrained], objective: str) -> Retrained:
    """The one with the best mean under fresh seeds."""
    return max(retrained, key=lambda r: METRICS[objective].sign * r.estimate.value)


def _plain(retrained: Sequence[Retrained], names: Mapping[str, str], objective: str) -> str:
    factor, unit, points = units(objective)
    noun = "of training" if objective == "seconds" else quantity(objective)

    def level(r: Retrained) -> str:
        return (
            f"{factor * r.estimate.value:.1f}{unit}"
            if factor == 100
            else _written(r.estimate.value, r.estimate, objective) + unit
        )

    a, b = retrained[0], retrained[1] if len(retrained) > 1 else None
    if b is None:
        name = names.get(a.arm, a.arm)
        return f"{first_up(name)} {agree(name, 'reaches')} {level(a)} {noun} under fresh seeds."
    apart, sign = b.behind, 1 if METRICS[objective].direction == "higher" else -1
    if apart is not None and len(retrained) > 2:  # the best of each part of a search
        order = sorted(retrained, key=lambda r: -sign * r.estimate.value)
        name, *rest = (names.get(r.arm, r.arm) for r in order)
        others = _and([f"{other} {level(r)}" for other, r in zip(rest, order[1:], strict=True)])
        reached = f"{first_up(name)} {agree(name, 'reaches')} {level(order[0])}"
        return f"{reached}, {others} {noun} under fresh seeds."
    if apart is None:
        a = best_of(retrained, objective)
        name = names.get(a.arm, a.arm)
        reached = f"{first_up(name)} {agree(name, 'reaches')} {level(a)} {noun} under fresh seeds"
        return f"{reached}, the best of {len(retrained)} on the front."
    if isinstance(apart, Estimate) and (clear(apart) or alike_but_apart(apart)):
        size = factor * abs(apart.value)
        shown = f"{size:.{places_not_0(size, 1)}f}" if factor == 100 else _written(size, apart, objective)
        by = f"{shown}{points} {_side(apart)}"
        name = names.get(b.arm, b.arm)
        if not clear(apart):
            same = f"{SPREAD_UNKNOWN}: {IN_ALL} {counted(apart.n, 'fresh seed')} {name} {agree(name, 'ends')} {by}"
            return f"{same} {names.get(a.arm, a.arm)}, {level(b)} against {level(a)} {noun}."
        change = f"{first_up(name)} {agree(name, 'ends')} {by} {names.get(a.arm, a.arm)} under fresh seeds"
        return f"{change}: {level(b)} against {level(a)} {noun}."
    name = names.get(a.arm, a.arm)
    which = f"{UNKNOWN} {name} {agree(name, 'is')} ahead of {names.get(b.arm, b.arm)}"
    return f"{which}: under fresh seeds they reach {level(a)} and {level(b)} {noun}."


def _sentence(retrained: Sequence[Retrained], r: Retrained, objectives: Sequence[str], decided: DecidedArms) -> str:
    text = f"{by_name(r.arm).removeprefix('the ')}: {amount(r.estimate, objectives[0])}{selected_on(objectives[0])}"
    text += f" ({_span(r.new_images)} on new examples)" if r.new_images else ""
    first, there = by_name(retrained[0].arm), r.tested.behind if r.tested else None
    name = by_name(r.arm)
    text += f". {first_up(_on_test(r.tested))}" if r.tested else ""
    if r.tested and isinstance(there, Estimate):
        how = _difference(first, there, r.tested.metric, decided.get((r.arm, r.tested.metric)))
        text += f". There {name} {agree(name, 'ends')} {how}"
    if r.second is not None:
        beaten = [by_name(o.arm) for o in retrained if _beats(o, r, objectives)]
        text += f". {first_up(quantity(objectives[1]))} {amount(r.second, objectives[1])}"
        text += f". Under fresh seeds {_and(beaten)} beats it in both" if beaten else ""
    if isinstance(r.behind, Estimate) and not isinstance(there, Estimate):
        of = f"In {quantity(objectives[0])}{selected_on(objectives[0])}, {name}" if r.tested else first_up(name)
        how = _difference(first, r.behind, objectives[0], decided.get((r.arm, objectives[0])))
        text += f". {of} {agree(name, 'ends')} {how}"
    knobs = f"Configuration: {r.knobs}" if r.knobs else ""
    return f"{text}. {_luck(r, objectives[0])}{knobs}".rstrip()


SELECTED_ON = f", {selection.SELECTED_ON}"


def selected_on(objective: str) -> str:
    """What is said of a number of the validation part, on which a search selects; empty of others.

    >>> selected_on("val_accuracy"), selected_on("seconds")
    (', selected on val', '')
    """
    return SELECTED_ON if selection.is_of_validation(objective) else ""


def times_words(count: int) -> str:
    """How often, in words.

    >>> times_words(1), times_words(3)
    ('once', '3 times')
    """
    return "once" if count == 1 else f"{count} times"


def _on_test(found: TestResult) -> str:
    value = _written(found.estimate.value, found.estimate, found.metric) + units(found.metric)[1]
    said = f"{quantity(found.metric)}, evaluated {times_words(found.evaluations)}, {value}"
    return said + (f" ({_span(found.new_images)} on new examples)" if found.new_images else "")


def _span(found: Interval) -> str:
    return f"{100 * found.low:z.2f} to {100 * found.high:z.2f}"


def _difference(first: str, d: Estimate, objective: str, decided: bool | None) -> str:
    """How far below or above the first another ends, from the first minus that other.

    What was not judged is not told from chance, however clear its 95 % interval is.
    """
    size, side = _size(d), f"{_side(d)} {first}"
    said = _written(size.value, size, objective) + units(objective)[2]
    if not math.isfinite(d.low):
        return f"{said} {side}. One seed cannot tell whether that is chance"
    if alike_but_apart(d):
        return f"{said} {side} {IN_ALL} {counted(d.n, 'seed')}, which does not tell how far seeds vary"
    said = f"{said} ({_ends(size, objective)}) {side}"
    if decided:
        return f"{said}, which is more than chance"
    if not clear(d):
        return f"{said}, which may be chance"
    return said if decided is None else f"{said}. The seeds have not decided whether that is chance"


def _side(d: Estimate) -> str:
    """On which side of the first another lies, from the first minus that other."""
    return "below" if d.value > 0 else "above"


def _size(d: Estimate) -> Estimate:
    """A difference without its sign."""
    return d if d.value > 0 else replace(d, value=-d.value, low=-d.high, high=-d.low)


def _luck(r: Retrained, objective: str) -> str:
    """How the search itself had flattered it, or not."""
    if not r.searched:
        return ""
    _, unit, points = units(objective)
    flattered = (r.searched[0] - r.estimate.value) * (1 if METRICS[objective].direction == "higher" else -1)
    apart, had = (_written(x, r.estimate, objective) for x in (abs(flattered), r.searched[0]))
    said = f"{apart}{points} {'better' if flattered > 0 else 'worse'}" if float(apart) else "the same"
    name = by_name(r.arm)
    return f"In the search, whose seeds chose {name}, {name} had {had}{unit}, {said}. "


def _beats(a: Retrained, b: Retrained, objectives: Sequence[str]) -> bool:
    """Whether one mean beats another in both objectives."""
    pairs = ((a.estimate, b.estimate), (a.second, b.second))
    signs = [1 if METRICS[o].direction == "higher" else -1 for o in objectives]
    return all(x and y and s * x.value > s * y.value for (x, y), s in zip(pairs, signs, strict=True))


def units(objective: str) -> tuple[int, str, str]:
    """A factor, a unit, and what a difference is counted in.

    >>> units("val_accuracy"), units("seconds")
    ((100, ' %', ' points'), (1, ' s', ' s'))
    """
    metric = METRICS[objective]
    return int(metric.scale), f" {metric.unit}", f" {metric.difference_unit}"


DECIMALS_OF_PERCENT = 2
"""Of an accuracy: what a search finds lies closer together than what arms are at."""


def places(objective: str, value: float, half: float = math.nan) -> int:
    """Decimals of a number of an objective, as recorded: two of accuracies, of others as half its interval allows.

    >>> places("val_accuracy", 0.9, 0.01), places("seconds", 0.00789, 0.0015), places("seconds", 124.6)
    (2, 4, 0)
    """
    return DECIMALS_OF_PERCENT if units(objective)[0] == 100 else max(0, decimals(value, half))


def cells(column: Iterable[Estimate | None], objective: str) -> list[Cell]:
    """A column of an objective: each number with its interval, all with one number of decimals.

    >>> [c.text for c in cells([Estimate(0.9, 0.89, 0.91, 5), None], "val_accuracy")]
    ['90.00 (89.00 to 91.00)', '-']
    """
    factor, found = units(objective)[0], list(column)
    shown = [None if e is None else scaled(e, factor) for e in found]
    decimals_of_all = column_decimals(filter(None, shown), DECIMALS_OF_PERCENT if factor == 100 else None)
    texts = ["-" if e is None else with_interval(e.value, e.low, e.high, places=decimals_of_all) for e in shown]
    return [Cell(text, None if e is None else e.value) for text, e in zip(texts, found, strict=True)]


def _written(value: float, of: Estimate, objective: str) -> str:
    """A number with as many decimals as an estimate of it has."""
    return written(units(objective)[0] * value, places(objective, of.value, (of.high - of.low) / 2))


def _ends(of: Estimate, objective: str) -> str:
    """Both ends of an interval."""
    factor = units(objective)[0]
    return interval_ends(factor * of.low, factor * of.high, places(objective, of.value, (of.high - of.low) / 2))


def quantity(objective: str) -> str:
    """An objective as a noun.

    >>> quantity("seconds"), quantity("val_accuracy")
    ('seconds of training', 'validation accuracy')
    """
    return "seconds of training" if objective == "seconds" else METRICS[objective].label


def amount(estimate: Estimate, objective: str) -> str:
    """An estimate with its interval.

    >>> amount(Estimate(0.9, 0.89, 0.91, 5), "val_accuracy")
    '90.00 % (89.00 to 91.00, 5 fresh seeds)'
    >>> amount(Estimate(0.0079, 0.0062, 0.0097, 3), "seconds")
    '0.0079 s (0.0062 to 0.0097, 3 fresh seeds)'
    """
    level = _written(estimate.value, estimate, objective) + units(objective)[1]
    if not math.isfinite(estimate.low):
        return f"{level} (one fresh seed, no interval)"
    return f"{level} ({_ends(estimate, objective)}, {estimate.n} fresh seeds)"


def _and(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
