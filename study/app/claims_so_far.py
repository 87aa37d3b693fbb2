"""What claims come to so far, while their trials train: counted from the accuracies that a run reports, judged by none.

Only parts that speak of accuracies and their gap can be told from those; the verdicts come from the records, at the
end, and on the live page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from analysis.statistics.looks import FIRST_LOOK_SEEDS
from analysis.text import numbers
from analysis.text.arm_names import called
from study.app.board import Board, measure
from study.app.snapshot import ACCURACY_PERCENT, DIFFERENCE_POINTS
from study.app.trial_state import TrialState
from study.spec.claims import Claim, Contrast, Form, Level, Quantity
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.records.metrics import metric_of

MAX_CLAIMS_SHOWN = 4
"""Claims that are shown."""
METRIC_NAMES = {"val_accuracy": "accuracy", "train_accuracy": "training accuracy", "accuracy_gap": "gap"}


def provisional_lines(board: Board) -> tuple[str, ...]:
    """A line a claim that has a number, the first ones."""
    lines = [line for study in board.plan.studies if not study.reduced for line in _of(board, study)]
    width = max((len(name) for name, _ in lines[:MAX_CLAIMS_SHOWN]), default=0)
    return tuple(
        f"{'so far' if i == 0 else '':8s}{name:{width}s}  {text}"
        for i, (name, text) in enumerate(lines[:MAX_CLAIMS_SHOWN])
    )


def _of(board: Board, study: Study) -> Iterator[tuple[str, str]]:
    others = {claim.id for other in board.plan.studies if other.name != study.name for claim in other.claims}
    for claim in study.claims:
        if text := _words(board, study, claim):
            yield f"{study.name}/{claim.id}" if claim.id in others else claim.id, text


def _words(board: Board, study: Study, claim: Claim) -> str:
    measured = [(part, values) for part in claim.parts if (values := _values(board, study, part))]
    if not measured:
        return ""
    seeds = min(len(values) for _, values in measured)
    first = not min(board.plan.protocol.seeds, default=0)  # else there are seeds before these
    waits = (
        f"; judged from {FIRST_LOOK_SEEDS} seeds on" if first and seeds < FIRST_LOOK_SEEDS else "; judged at the end"
    )
    untold = len(claim.parts) - len(measured)
    waits = (f"; {counted(untold, 'part')} told only at the end" if untold else "") + waits
    if len(measured) > 1:
        met = sum(_met(part, math.fsum(values) / len(values)) for part, values in measured)
        return f"{numbers.met(met, len(measured))} after {counted(seeds, 'seed')}{waits}"
    part, values = measured[0]
    return _part(study, part, values) + waits


def _part(study: Study, part: Form, values: list[float]) -> str:
    """One part: a level, or the change against the baseline."""
    assert isinstance(part, Contrast | Level)
    turned = isinstance(part, Contrast) and part.a.arm == study.baseline != part.b.arm
    found = measure([-100 * v if turned else 100 * v for v in values])
    if found is None:
        return "not measured yet"
    level = isinstance(part, Level) and part.quantity.metric != "accuracy_gap"
    spread = f" +- {found.half:z.1f}" if found.half is not None else ""
    if (ends := found.cut(*(ACCURACY_PERCENT if level else DIFFERENCE_POINTS))) is not None:
        low, high = ends if isinstance(part, Level) or found.value >= 0 else (-ends[1], -ends[0])  # told as a size
        spread = f" ({low:z.1f} to {high:z.1f})"
    seeds = counted(len(values), "seed")
    if isinstance(part, Level):
        unit = "points" if part.quantity.metric == "accuracy_gap" else "%"
        name = f"{_called(study, part.quantity)}: {METRIC_NAMES[part.quantity.metric]}"
        return f"{name} {found.value:z.1f}{spread} {unit} in {seeds}"
    a, b = (part.b, part.a) if turned else (part.a, part.b)
    same = sum((-v if turned else v) * found.value > 0 for v in values)  # a seed without a difference is on no side
    way = "lower" if found.value < 0 else "higher"
    than = "" if b.arm == study.baseline else f" than with {_called(study, b)}"
    size = f"{abs(found.value):z.1f}{spread} points"
    return f"{METRIC_NAMES[a.metric]} {size} {way} with {_called(study, a)}{than}, in {same} of {seeds}"


def _called(study: Study, q: Quantity) -> str:
    """How a sentence calls the arm of a quantity."""
    return called(next((a.say for a in study.arms if a.name == q.arm), ""), q.arm)


def _met(part: Form, value: float) -> bool:
    assert isinstance(part, Contrast | Level)
    return (part.low is None or value >= part.low) and (part.high is None or value <= part.high)


def _values(board: Board, study: Study, part: Form) -> list[float]:
    """A value a seed that has it; nothing for a part that cannot be told."""
    if isinstance(part, Level) and part.share is None:
        return list(_by_seed(board, study, part.quantity).values())
    if isinstance(part, Contrast) and not part.ratio and part.share is None:
        a, b = (_by_seed(board, study, q) for q in (part.a, part.b))
        return [a[seed] - b[seed] for seed in sorted(set(a) & set(b))]
    return []


def _by_seed(board: Board, study: Study, quantity: Quantity) -> dict[int, float]:
    owner, _, arm = quantity.arm.rpartition("/")
    arm_so_far = next((a for a in board.arms if (a.study, a.name) == (owner or study.name, arm)), None)
    plain = quantity.metric in METRIC_NAMES and quantity.tensor is None and quantity.reaches is None
    if arm_so_far is None or not plain or not (quantity.at == "last" or isinstance(quantity.at, int)):
        return {}
    at = arm_so_far.epochs if quantity.at == "last" else quantity.at
    found = ((t.seed, _value(t, quantity.metric, at)) for t in arm_so_far.trials if t.status != "failed")
    return {seed: value for seed, value in found if value is not None and math.isfinite(value)}


def _value(trial: TrialState, metric: str, at: int) -> float | None:
    if at not in trial.curve:
        return None
    val, train = trial.curve[at]
    return metric_of(metric, {"val_accuracy": val, "train_accuracy": train})
