"""Numbers in sentences, and the sentence that answers a study: subject, verb, number. Nothing is estimated here.

A study file may give its answer with slots, which are filled from the records and checked against them: see
`study.spec.answer_slots`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from analysis.claims.arm_words import ArmWords
from analysis.claims.plain_falls import all_rise, rising, verb
from analysis.claims.plain_nouns import noun, of_fall
from analysis.claims.queries import Measurements, NotMeasured
from analysis.report.first_in_pairs import first_in_pairs
from analysis.statistics.estimates import Estimate
from analysis.statistics.spread import alike_but_apart, all_alike, clear, clearly_above, clearly_below
from analysis.text import numbers
from analysis.text.agreement import agree
from analysis.text.arm_names import called
from analysis.text.phrases import IN_ALL, LABELS, SPREAD_UNKNOWN, UNKNOWN, Unit, first_up, unit
from study.spec.answer_slots import SLOT, quantity_of
from study.spec.arm_names import full_arm_name
from study.spec.claims import Quantity
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.plurals import counted

NAMES = {"accuracy_gap": "the gap", "loss_gap": "the gap in loss"}
PLAIN = re.compile(r"[{}]")


def rounded(estimate: Estimate, kind: Unit, *, size: bool = False) -> str:
    """A number for a sentence: one decimal of percent and points, none from an interval of 10 on; else what it allows.

    >>> percent, points = Unit(100.0, "%"), Unit(100.0, "points")
    >>> rounded(Estimate(0.89213, 0.889, 0.895, 5), percent), rounded(Estimate(0.35, 0.1, 0.6, 5), percent)
    ('89.2 %', '35 %')
    >>> rounded(Estimate(-0.03, -0.035, -0.025, 5), points, size=True)
    '3.0 points'
    >>> nats = Unit(1.0, "nats")
    >>> [rounded(Estimate(0.915, low, high, 6), nats) for low, high in ((0.6, 1.2), (0.91, 0.92), (0.915, 0.915))]
    ['0.9 nats', '0.915 nats', '0.915 nats']
    >>> rounded(Estimate(0.00066, 0.0, 0.0013, 6), Unit(1.0, "s"))
    '0.0007 s'
    """
    value, wide = estimate.value * kind.scale, (estimate.high - estimate.low) * kind.scale
    value = abs(value) if size else value
    if kind.scale != 1.0 or kind.word == "epochs":
        places = 0 if wide >= 10 else 1
    else:
        places = numbers.decimals(value, math.nan if all_alike(estimate.low, estimate.high) else wide / 2)
    return f"{numbers.written(value, numbers.places_not_0(value, places))} {kind.word}".strip()


def times_words(ratio: float) -> str:
    """A ratio of 1 and above in words.

    >>> times_words(2.04), times_words(10.62), times_words(33.6)
    ('twice', '10.6 times', '34 times')
    """
    if 1.9 <= ratio <= 2.1:
        return "twice"
    return f"{ratio:.0f} times" if ratio >= 20 else f"{ratio:.1f} times"


PLACES: Mapping[object, str] = {
    "mean": " in the mean over epochs",
    "max": " at its highest",
    "min": " at its lowest",
    "best": " at the best epoch",
    "fall": " from first to last epoch",
}
"""Places on a curve that are no epoch, as they end a clause."""


def metric_name(quantity: Quantity) -> str:
    """A metric as the object of a sentence.

    >>> metric_name(Quantity(arm="a", metric="loss_gap")), metric_name(Quantity(arm="a", metric="val_loss", at="fall"))
    ('the gap in loss', 'the fall of the validation loss')
    """
    if quantity.at == "fall":
        return f"the {noun(quantity)}"
    name = NAMES.get(quantity.metric, LABELS[quantity.metric])
    return f"the {name} of {quantity.tensor}" if quantity.tensor else name


def arm_name(study: Study, arm: str, studies: Mapping[str, Study] | None = None) -> str:
    """How a sentence calls an arm, which may be another study's (`STUDY/ARM`): in its own study's words."""
    owner, _, name = arm.rpartition("/")
    of = study if owner in ("", study.name) else (studies or {}).get(owner)
    if of is None or name not in {a.name for a in of.arms}:
        return arm
    return called(of.arm(name).say, name if of is study else arm)


def arms_in_answer(template: str) -> list[str]:
    """The arms of the slots of a study's own answer, in order.

    >>> arms_in_answer("Adam reaches {val_accuracy of adam}, SGD {val_accuracy of sgd}.")
    ['adam', 'sgd']
    """
    return [found[3] for found in SLOT.finditer(template)]


def filled_answer(template: str, study: Study, measurements: Measurements) -> str:
    """A study's own answer with its slots filled.

    Raises:
        NotMeasured: a slot is not understood, has no number, or the records say otherwise.
    """
    text = SLOT.sub(lambda found: _slot(found, study, measurements), template)
    if PLAIN.search(text):
        raise NotMeasured(f"the answer of {study.name} has a slot that is not understood: {template}")
    return text


def _slot(found: re.Match[str], study: Study, measurements: Measurements) -> str:
    how, arm = found[1], found[3]
    try:
        mine, base = (quantity_of(found, full_arm_name(study, a)) for a in (arm, study.baseline))
    except BadInput as error:
        raise NotMeasured(str(error)) from None
    if how is None:
        return rounded(measurements.estimate(mine), unit(mine))
    change = measurements.difference(mine, base)
    said_rightly = {"fall": clearly_below(change), "rise": clearly_above(change), "change": True}[how]
    if not said_rightly:
        raise NotMeasured(f"the answer of {study.name} says {found[0]}, and the records do not")
    return rounded(change, unit(mine, difference=True), size=True)


def answer_by_rule(study: Study, a: Quantity, b: Quantity, measurements: Measurements) -> str:
    """What an arm does against another, for a study that does not say it itself.

    Raises:
        NotMeasured: there is no such number.
    """
    arm, base = (arm_name(study, q.arm, measurements.studies) for q in (a, b))
    if a.reaches is not None:
        return _first(arm, base, a, b, measurements)
    change, kind, name = measurements.difference(a, b, loose=True), unit(a, difference=True), metric_name(a)
    if a.at == b.at == "fall":
        return _falls(arm, base, (a, b), measurements)
    levels = [rounded(measurements.estimate(q), unit(q)) for q in (a, b)]
    when, apart = places_words(a, b, measurements)
    levels = [f"{level}{place}" for level, place in zip(levels, apart, strict=True)]
    if math.isnan(change.low):
        if not any(apart) and max(measurements.estimate(q).n for q in (a, b)) > 1:  # its level is of other seeds too
            size, side = rounded(change, kind, size=True), "lower" if change.value < 0 else "higher"
            return f"In the one seed that both have, {name}{when} is {size} {side} with {arm} than with {base}."
        return f"With one seed, {name}{when} is {levels[0]} with {arm} and {levels[1]} with {base}."
    size = rounded(change, kind, size=True)
    if alike_but_apart(change):
        side = "higher" if change.value > 0 else "lower"
        same = f"{SPREAD_UNKNOWN}: {IN_ALL} {counted(change.n, 'seed')} {name}{when} is {size} {side} with {arm}"
        return f"{same} than with {base}, {levels[0]} against {levels[1]}."
    if not clear(change):
        unknown = f"{UNKNOWN} {arm} {agree(arm, 'changes')} {name}{when}"
        return f"{unknown}: {levels[0]} with {arm}, {levels[1]} with {base}."
    verb = "raises" if change.value > 0 else "cuts" if a.metric.endswith(("gap", "loss")) else "lowers"
    return f"{first_up(arm)} {agree(arm, verb)} {name} by {size}{when}, to {levels[0]}."


def _falls(arm: str, base: str, pair: tuple[Quantity, Quantity], measurements: Measurements) -> str:
    """The same of how far a metric falls, or rises, in each of two arms."""
    a, kind, when = pair[0], unit(pair[0]), PLACES["fall"]
    change, found = measurements.difference(*pair, loose=True), [measurements.estimate(q) for q in pair]
    moves = [fall_words(e, kind) for e in found]
    sizes, both = [rounded(e, kind, size=True) for e in found], all_rise([e.value for e in found])
    if not clear(change) and not alike_but_apart(change):
        start = f"With one seed, the {of_fall(a)}" if math.isnan(change.low) else ""
        start = start or f"{UNKNOWN} {arm} {agree(arm, 'changes')} how far the {of_fall(a)} moves: it"
        also = moves[1] if both is None else f"by {sizes[1]}"
        return f"{start} {moves[0]} with {arm} and {also} with {base}{when}."
    rises = rising(a, ArmWords(rises=both))
    way = "less" if (change.value > 0) == rises else "more"
    does = f"{of_fall(a)} {verb(rises=rises)} by {rounded(change, kind, size=True)} {way} with {arm} than with {base}"
    ends = f"it {moves[0]}, and {moves[1]} with {base}" if both is None else f"{sizes[0]} against {sizes[1]}"
    same = "" if clear(change) else f"{SPREAD_UNKNOWN}: {IN_ALL} {counted(change.n, 'seed')} "
    return f"{same}{'the' if same else 'The'} {does}{when}: {ends}."


def fall_words(fall: Estimate, kind: Unit) -> str:
    """That a metric falls, or rises, and how far.

    >>> fall_words(Estimate(-0.43, -0.45, -0.41, 5), Unit(100.0, "points"))
    'rises by 43.0 points'
    """
    return f"{verb(rises=fall.value < 0)} by {rounded(fall, kind, size=True)}"


def level_by_rule(arm: str, quantity: Quantity, measurements: Measurements) -> str:
    """What one arm has, and where on its curve."""
    found, kind, when = (
        measurements.estimate(quantity),
        unit(quantity),
        places_words(quantity, quantity, measurements)[0],
    )
    if quantity.at == "fall":
        return f"The {of_fall(quantity)} of {arm} {fall_words(found, kind)}{when}."
    level = rounded(found, kind)
    return f"{first_up(metric_name(quantity))} of {arm} {f'is {level}{when}' if when else f'ends at {level}'}."


def places_words(a: Quantity, b: Quantity, measurements: Measurements) -> tuple[str, tuple[str, str]]:
    """Where on their curves two quantities are compared; empty where that is the end of both arms' training.

    Returns:
        What both have in common, and, where they have not, what is said of each; each begins with a space.
    """
    epochs = [measurements.epochs(q.arm) for q in (a, b)]
    at = [end if q.at == "last" else q.at for q, end in zip((a, b), epochs, strict=True)]
    said = [PLACES.get(place) or f" after {counted(int(place), 'epoch')}" for place in at]
    if at[0] != at[1]:
        return "", (said[0], said[1])
    return ("" if at == epochs else said[0]), ("", "")


def _goal(q: Quantity) -> str:
    kind = unit(Quantity(arm=q.arm, metric=q.metric))
    return f"{numbers.plain_number((q.reaches or 0) * kind.scale)} {kind.word}".strip()


def before_words(study: Study, a: Quantity, b: Quantity, measurements: Measurements) -> str:
    """That an arm reaches its level before another."""
    arm, base = (arm_name(study, q.arm, measurements.studies) for q in (a, b))
    return f"{arm} {agree(arm, 'reaches')} {_goal(a)} {metric_name(a).removeprefix('the ')} before {base}"


def _first(arm: str, base: str, a: Quantity, b: Quantity, measurements: Measurements) -> str:
    when, level = (first_epoch_words(measurements, a), first_epoch_words(measurements, b)), _goal(a)
    try:
        change = measurements.difference(a, b, loose=True)
    except NotMeasured:  # it was never reached somewhere, so there is no mean of epochs
        never = [words.startswith("never") for words in when]
        if when[0] == when[1] and not never[0]:
            return f"{first_up(arm)} and {base} both reach {level} {when[0]}."
        if all(never):
            if when[0] != when[1]:
                ends = [words.removeprefix("never ") for words in when]
                said = f"{first_up(arm)} {agree(arm, 'does')} not reach {level} {ends[0]}"
                return f"{said}, nor {agree(base, 'does')} {base} {ends[1]}."
            return f"Neither {arm} nor {base} {agree(base, 'reaches')} {level} {when[0].removeprefix('never ')}."
        if never[0]:
            first = f"{first_up(arm)} {agree(arm, 'does')} not reach {level} {when[0].removeprefix('never ')}"
            return f"{first}; {base} {agree(base, 'does')} {when[1]}."
        count = first_in_pairs(measurements, a, b)
        if not count.clear:
            unknown = f"{UNKNOWN} {arm} or {base} {agree(base, 'reaches')} {level} first"
            return f"{unknown}: {arm} did in {count.a} of {counted(count.n, 'seed')}, {base} in {count.b}."
        return f"{first_up(arm)} {agree(arm, 'reaches')} {level} {when[0]}, {base} {when[1]}."
    sure = clear(change)
    if not sure and not alike_but_apart(change):
        start = f"{UNKNOWN} {arm} or {base} {agree(base, 'reaches')} {level} first"
    else:
        if when[0] == when[1]:  # apart by less than an epoch
            when = (first_epoch_words(measurements, a, places=1), first_epoch_words(measurements, b, places=1))
        later = "later" if change.value > 0 else "sooner"
        start = f"{agree(arm, 'reaches')} {level} {later} than {base}"
        if not sure:
            same = f"{SPREAD_UNKNOWN}: {IN_ALL} {counted(change.n, 'seed')} {arm} {start}"
            return f"{same}, {when[0]} against {when[1]}."
        start = f"{first_up(arm)} {start}"
    return f"{start}: {when[0]} against {when[1]}."


def first_epoch_words(measurements: Measurements, quantity: Quantity, places: int = 0) -> str:
    """When a level was reached first, over the seeds; `places`: decimals of their mean.

    Raises:
        NotMeasured: there is no such number.
    """
    values, epochs = measurements.sample(quantity).values.values(), measurements.epochs(quantity.arm)
    never = sum(v > epochs for v in values)
    if never == len(values):
        return f"never within {counted(epochs, 'epoch')}"
    if never:
        of = counted(len(values), "seed")
        return f"within {counted(epochs, 'epoch')} in {len(values) - never} of {of}"
    mean = sum(values) / len(values)
    return f"after {mean:.{places}f} epochs" if places else f"after {counted(round(mean), 'epoch')}"
