"""The chapter's studies in short: group, question, main effect, and an answer whose every number is measured.

The answer is one sentence; what else is worth saying stands in the study itself.

A word like "cuts" or "costs" stands where the interval says so; where it no longer does, the sentence is not said and
the page falls back on its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.chapter.arms import (
    DARK,
    DROPPED,
    KEPT,
    L1,
    LARGE,
    LIGHT,
    NONE,
    NORM,
    NORMED,
    NORMED_NO_BIAS,
    PLAIN,
    RAW,
    RAW_SLOW,
    SCALED,
    SCALED_ADAM,
    SMALL,
    SQUARED,
    TINY,
    pair,
)
from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.verdicts import Verdict
from analysis.report.chart_blocks import SurpriseWords
from analysis.report.first_in_pairs import first_in_pairs
from analysis.report.headline import Headline
from analysis.report.main_effect import MainEffect
from analysis.report.plain_words import rounded, times_words
from analysis.report.trial_places import trials_anchor
from analysis.statistics.spread import clearly_above, clearly_below
from analysis.text.phrases import UNKNOWN, unit
from study.spec.claims import CurvePlace, Quantity
from trainables.config.plurals import counted

Q = Quantity
GOOD, FAST = SCALED_ADAM, "learning-rate/lr-0.1"
SGD, ADAM = "optimizer/sgd", "optimizer/adam"
NO_LAYER, ONE_LAYER, TWO_LAYERS = (f"depth/hidden-{n}" for n in (0, 1, 2))
ANNEALED = "annealing/plateau"
USUAL_RANGE, TINY_RANGE = "input-range/divisor-255", "input-range/divisor-2550000"
INPUT, TRAINING, NETWORK, OVERFITTING = "Input", "Training", "Network", "Overfitting"


def level(measured: Measurements, arm: str, metric: str, at: CurvePlace = "last") -> str:
    """Write a mean for a sentence."""
    quantity = Q(arm=arm, metric=metric, at=at)
    return rounded(measured.estimate(quantity), unit(quantity))


def rise(measured: Measurements, a: str, b: str, metric: str, at: CurvePlace = "last") -> str:
    """Say by how much a is above b.

    Raises:
        NotMeasured: it is not clearly above.
    """
    first, second = pair(a, b, metric, at)
    found = measured.difference(first, second, loose=True)
    if not clearly_above(found):
        raise NotMeasured(f"{metric} of {a} is not clearly above that of {b}")
    return rounded(found, unit(first, difference=True))


def _scaling(measured: Measurements) -> str:
    raw, scaled = level(measured, RAW, "train_accuracy"), level(measured, SCALED, "train_accuracy")
    return f"Without scaling the network hardly learns: it ends at {raw} training accuracy, with scaling at {scaled}."


def _range(measured: Measurements) -> str:
    a, b = (Q(arm=arm, metric="width", tensor="W1") for arm in (TINY_RANGE, USUAL_RANGE))
    wide = times_words(measured.ratio(a, b, loose=True).value)
    cost = rise(measured, USUAL_RANGE, TINY_RANGE, "val_accuracy")
    return f"Small inputs make wide weights: inputs up to 0.0001 widen the first layer {wide} and cost {cost}."


def _background(measured: Measurements) -> str:
    return f"A light background costs {rise(measured, DARK, LIGHT, 'val_accuracy')} of accuracy after 10 epochs."


def _batch(measured: Measurements) -> str:
    times = measured.ratio(*pair(SMALL, LARGE, "seconds", "mean"))
    if not times.low > 1:
        raise NotMeasured(f"an epoch of {LARGE} is not clearly shorter than one of {SMALL}")
    cost, said = rise(measured, SMALL, LARGE, "val_accuracy", 5), times_words(times.value)
    shorter = "halves the time of an epoch" if said == "twice" else f"makes an epoch {said} shorter"
    return f"A batch of 10,000 {shorter} and costs {cost} of accuracy."


def _optimizer(measured: Measurements) -> str:
    found = first_in_pairs(measured, *(Q(arm=arm, metric="val_accuracy", reaches=0.85) for arm in (ADAM, SGD)))
    seeds = counted(found.n, "seed")
    text = f"Adam reaches 85 % first in {found.a} of {seeds}, SGD in {found.b}."
    return text if found.clear else f"{UNKNOWN} Adam is faster than SGD: {text}"


def _rate(measured: Measurements) -> str:
    good, fast = level(measured, GOOD, "val_accuracy", 10), level(measured, FAST, "val_accuracy", 10)
    return f"A rate of 0.1 ruins the network: after 10 epochs 0.1 is at {fast} and 0.001 at {good}."


def _rate_unscaled(measured: Measurements) -> str:
    cost = rise(measured, GOOD, RAW_SLOW, "val_accuracy", 10)
    return f"Without scaling, a rate of 0.00001 does not stand in for scaled 0.001: it ends {cost} lower."


def _annealing(measured: Measurements) -> str:
    less = rise(measured, PLAIN, ANNEALED, "accuracy_gap", 100)
    return f"Annealing cuts the gap by {less.split()[0]} of {level(measured, PLAIN, 'accuracy_gap', 100)}."


def _depth(measured: Measurements) -> str:
    return f"Without a hidden layer accuracy is {rise(measured, ONE_LAYER, NO_LAYER, 'val_accuracy')} lower."


def _second_layer(measured: Measurements) -> str:
    early = measured.difference(*pair(TWO_LAYERS, ONE_LAYER, "val_loss", 10), loose=True)
    more = rise(measured, TWO_LAYERS, ONE_LAYER, "val_loss", 30)
    still = "" if clearly_above(early) else "; after 10 it is not known"
    return f"A second hidden layer raises the validation loss by {more} after 30 epochs{still}."


def _norm(measured: Measurements) -> str:
    with_it, without = level(measured, NORMED, "val_accuracy"), level(measured, TINY, "val_accuracy")
    rise(measured, TINY, NORMED, "val_accuracy")
    return f"On tiny inputs batch norm lowers accuracy from {without} to {with_it}."


def _norm_without_biases(measured: Measurements) -> str:
    return f"Batch norm without biases reaches {level(measured, NORMED_NO_BIAS, 'val_accuracy')}."


def _dropout(measured: Measurements) -> str:
    less, cost = (
        rise(measured, KEPT, DROPPED, "accuracy_gap"),
        measured.difference(*pair(DROPPED, KEPT, "val_accuracy")),
    )
    size = rounded(cost, unit(Q(arm=KEPT, metric="val_accuracy"), difference=True), size=True)
    end = "and costs" if clearly_below(cost) else "and adds" if clearly_above(cost) else "at no clear cost:"
    return f"Dropout cuts the gap by {less} {end} {size} of accuracy."


def _penalties(measured: Measurements) -> str:
    for arm in (L1, NORM):
        rise(measured, NONE, arm, "val_accuracy")
    cuts = [rise(measured, NONE, arm, "accuracy_gap") for arm in (L1, NORM)]
    return f"L1 and L2 cut the gap and cost accuracy: L1 cuts {cuts[0]}, L2 as coded {cuts[1]}."


def _penalties_cost(measured: Measurements) -> str:
    costs = [rise(measured, NONE, arm, "val_accuracy") for arm in (L1, NORM, SQUARED)]
    cut = rise(measured, NONE, SQUARED, "accuracy_gap")
    return (
        f"L1 costs {costs[0]} of accuracy, L2 as coded {costs[1]}. "
        f"L2 as written cuts the gap by {cut} and costs {costs[2]}."
    )


def _effect(a: str, b: str, metric: str, what: str, at: CurvePlace = "last", tensor: str | None = None) -> MainEffect:
    x, y = (Q(arm=arm, metric=metric, at=at, tensor=tensor) for arm in (a, b))
    return MainEffect(x, y, tensor is not None, what)


def _reaches(a: str, b: str, metric: str, level: float, what: str) -> MainEffect:
    x, y = (Q(arm=arm, metric=metric, reaches=level) for arm in (a, b))
    return MainEffect(x, y, what=what)


HEADLINES: Mapping[str, Headline] = {
    "scaling": Headline(
        INPUT,
        "What happens when input values are not scaled?",
        "Scaling",
        effect=_effect(SCALED, RAW, "train_accuracy", "training accuracy, scaled against not"),
        answer=_scaling,
    ),
    "input-range": Headline(
        INPUT,
        "How does the range of the input affect the weights?",
        "Input range",
        effect=_effect(TINY_RANGE, USUAL_RANGE, "width", "width of the first layer's weights", tensor="W1"),
        answer=_range,
    ),
    "inverted": Headline(
        INPUT,
        "What if the background is white and the content black?",
        "Background",
        effect=_effect(LIGHT, DARK, "val_accuracy", "validation accuracy, light against dark"),
        answer=_background,
    ),
    "batch-size": Headline(
        TRAINING,
        "What does batch size do to time and accuracy?",
        "Batch size",
        effect=_effect(LARGE, SMALL, "val_accuracy", "validation accuracy, 10,000 against 32", 5),
        answer=_batch,
    ),
    "optimizer": Headline(
        TRAINING,
        "Is Adam faster than SGD?",
        "Optimiser",
        effect=_reaches(ADAM, SGD, "val_accuracy", 0.85, "epochs until 85 % validation accuracy, Adam against SGD"),
        answer=_optimizer,
    ),
    "learning-rate": Headline(
        TRAINING,
        "What does the learning rate do?",
        "Learning rate",
        effect=_effect(FAST, GOOD, "val_accuracy", "validation accuracy, 0.1 against 0.001", 10),
        answer=_rate,
    ),
    "learning-rate-unscaled": Headline(
        TRAINING,
        "Does a smaller rate make up for input that is not scaled?",
        "Rate without scaling",
        effect=_effect(RAW_SLOW, GOOD, "val_accuracy", "validation accuracy, against 0.001 on scaled input", 10),
        answer=_rate_unscaled,
    ),
    "annealing": Headline(
        TRAINING,
        "What does annealing the learning rate do?",
        "Annealing",
        effect=_effect(ANNEALED, PLAIN, "accuracy_gap", "gap, annealed against constant", 100),
        answer=_annealing,
    ),
    "depth": Headline(
        NETWORK,
        "How many hidden layers does it take?",
        "Depth",
        effect=_effect(NO_LAYER, ONE_LAYER, "val_accuracy", "validation accuracy, no hidden layer against one"),
        answer=_depth,
        more=_second_layer,
    ),
    "batch-norm": Headline(
        NETWORK,
        "How does batch norm help accuracy?",
        "Batch norm",
        effect=_effect(NORMED, TINY, "val_accuracy", "validation accuracy on tiny inputs, batch norm against none"),
        answer=_norm,
        more=_norm_without_biases,
    ),
    "dropout": Headline(
        OVERFITTING,
        "How does dropout reduce overfitting?",
        "Dropout",
        effect=_effect(DROPPED, KEPT, "accuracy_gap", "gap, dropout of 0.25 against none"),
        answer=_dropout,
    ),
    "regularization": Headline(
        OVERFITTING,
        "How do L1 and L2 help, and how do they differ?",
        "L1 and L2",
        effect=_effect(NORM, NONE, "accuracy_gap", "gap, L2 as coded against none"),
        answer=_penalties,
        more=_penalties_cost,
    ),
}
"""By the name of the study."""


# ----------------------------------------------------------------------------------------------------------- surprises


Told = tuple[str, tuple[tuple[str, str], ...]]
"""A text, and its numbers in order, each with the arm that it is of."""


def _norm_ruins(measured: Measurements) -> Told:
    with_it, without = level(measured, NORMED, "val_accuracy"), level(measured, TINY, "val_accuracy")
    best = level(measured, NORMED_NO_BIAS, "val_accuracy")
    rise(measured, TINY, NORMED, "val_accuracy")
    text = f"Batch norm lowers accuracy from {without} to {with_it}. Batch norm without biases reaches {best}."
    return text, ((without, TINY), (with_it, NORMED), (best, NORMED_NO_BIAS))


def _rate_for_scale(measured: Measurements) -> Told:
    scaled, raw = (level(measured, arm, "val_accuracy", 10) for arm in (GOOD, RAW_SLOW))
    rise(measured, GOOD, RAW_SLOW, "val_accuracy", 10)
    text = f"Scaled input at a rate of 0.001 reaches {scaled} after 10 epochs. Raw input at 0.00001 reaches {raw}."
    return text, ((scaled, GOOD), (raw, RAW_SLOW))


def _large_weights(measured: Measurements) -> Told:
    less = rise(measured, NONE, L1, "accuracy_gap")
    far, near = (Q(arm=arm, metric="tail", tensor="W1") for arm in (L1, NONE))
    if not clearly_above(measured.difference(far, near, loose=True)):
        raise NotMeasured(f"the largest weight of {L1} is not clearly larger than that of {NONE}")
    sizes = [rounded(measured.estimate(q), unit(q)) for q in (far, near)]
    text = f"L1 cuts the gap by {less}. Its largest weight is {sizes[0]} standard deviations, without L1 {sizes[1]}."
    return text, ((less, L1), (sizes[0], L1), (sizes[1], NONE))


@dataclass(frozen=True)
class Teller:
    """Tells a claim that went otherwise, in a headline and in sentences whose numbers are measured."""

    title: str
    say: Callable[[Measurements], Told]


TELLERS: Mapping[tuple[str, str], Teller] = {
    ("batch-norm", "batch-norm-3"): Teller("Batch norm ruins tiny inputs", _norm_ruins),
    ("learning-rate-unscaled", "lr-11"): Teller("A smaller rate does not stand in for scaling", _rate_for_scale),
    ("regularization", "overfit-2"): Teller("Far larger weights, less overfitting", _large_weights),
}
"""By study and claim. Which claims surprise is not chosen here."""


def surprise_words(measured: Measurements, verdict: Verdict) -> SurpriseWords | None:
    """How the chapter tells a claim that went otherwise; None where it has no words, or a number of them is missing."""
    teller = TELLERS.get((verdict.study, verdict.id))
    if teller is None:
        return None
    try:
        text, numbers = teller.say(measured)
    except NotMeasured:
        return None
    of = tuple((number, _trials_of(measured, arm)) for number, arm in numbers)
    return SurpriseWords(teller.title, text, of, HEADLINES[verdict.study].title)


def _trials_of(measured: Measurements, name: str) -> str:
    """Where on the page the trials of an arm begin."""
    study, _, arm = name.partition("/")
    return trials_anchor(measured.studies[study], arm)
