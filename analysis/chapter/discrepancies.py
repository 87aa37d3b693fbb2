"""Where the chapter's text, its formula and its code do not say the same: what each gives, measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.claims.queries import Measurements, NotMeasured
from analysis.statistics import estimates as stats
from analysis.text import numbers
from analysis.text.columns import column_texts, scaled
from analysis.text.numbers import DECIMALS_OF_PERCENT
from analysis.text.sheet import Cell, Sheet
from study.spec.claims import CurvePlace, Quantity

TEXT_CUTS = (5, 8, 11, 12, 13, 15, 16)
"""The epochs at which the text says that the rate was cut."""


@dataclass(frozen=True)
class Discrepancy:
    """A disagreement: what is said on either side, and what each gives."""

    title: str
    text: str
    sheet: Sheet


def differences(measured: Measurements) -> list[Discrepancy]:
    """Return the disagreements for which there is anything measured."""
    if not measured.studies:
        return []
    made = [make(measured) for make in (_text_numbers, _l2, _cuts, _best, _train_loss)]
    return [d for d in made if d is not None]


# ------------------------------------------------------------------------------------------------------ numbers in text

Said = tuple[str, str, str, str, CurvePlace]
NUMBERS: tuple[Said, ...] = (
    ("scaling-1: unscaled SGD, largest training accuracy", "12 %", "scaling/unscaled", "train_accuracy", "max"),
    ("scaling-3: scaled SGD, training accuracy at the end", "about 85 %", "scaling/scaled", "train_accuracy", "last"),
    ("batch-2: batch 32, validation accuracy at the end", "about 85 %", "batch-size/batch-32", "val_accuracy", "last"),
    ("lr-1: Adam 0.1, validation accuracy at the end", "about 25 %", "learning-rate/lr-0.1", "val_accuracy", "last"),
    ("lr-3: Adam 0.001, validation accuracy at epoch 8", "about 89 %", "learning-rate/lr-0.001", "val_accuracy", 8),
    (
        "lr-3: Adam 0.00001, validation accuracy at epoch 100",
        "about 89 %",
        "learning-rate/lr-0.00001",
        "val_accuracy",
        100,
    ),
    (
        "annealing-2: constant rate, training accuracy at the end",
        "near 100 %",
        "annealing/constant",
        "train_accuracy",
        "last",
    ),
    (
        "annealing-2: constant rate, validation accuracy at the end",
        "near 89 %",
        "annealing/constant",
        "val_accuracy",
        "last",
    ),
    (
        "batch-norm-1: tiny inputs, validation accuracy at the end",
        "about 85 %",
        "batch-norm/tiny",
        "val_accuracy",
        "last",
    ),
)


def _text_numbers(measured: Measurements) -> Discrepancy | None:
    rows, notes, known = [], [], False
    for what, said, arm, metric, at in NUMBERS:
        if arm.split("/")[0] not in measured.studies:
            continue
        try:
            e = measured.estimate(Quantity(arm=arm, metric=metric, at=at))
            value, low, high = (numbers.written(100 * x, DECIMALS_OF_PERCENT) for x in (e.value, e.low, e.high))
            interval = f"{low} to {high}" if math.isfinite(e.low) else "-"
            found = Cell(f"{value} %", 100 * e.value)
            cells = (found, Cell(interval), Cell(str(e.n), e.n))
            known = True
        except NotMeasured as reason:
            cells = (Cell("-"), Cell("-"), Cell("-"))
            notes.append(f"{what}: {reason}.")
        rows.append((Cell(what), Cell(said), *cells))
    if not known:
        return None
    heads = ("Where", "The text says", "Measured", "95 % interval", "n")
    text = "Numbers that the text names, beside what was measured. The verdicts judge the claims, not these numbers."
    return Discrepancy("Numbers in the text", text, Sheet("Numbers in the text", heads, tuple(rows), tuple(notes)))


# ------------------------------------------------------------------------------------------------------------------- L2

PENALTIES = (
    ("no penalty", "none"),
    ("L1, 0.0001", "l1"),
    ("code: sum of norms, 0.01", "l2-norm"),
    ("formula: sum of squares, 0.01", "l2-squared"),
    ("code's form with L1's 0.0001", "l2-norm-0.0001"),
    ("formula's form with L1's 0.0001", "l2-squared-0.0001"),
)


def _l2(measured: Measurements) -> Discrepancy | None:
    if "regularization" not in measured.studies:
        return None
    columns = {
        "Penalty at the end, nats": measured.of("penalty"),
        "Training accuracy, %": measured.of("train_accuracy"),
        "Validation accuracy, %": measured.of("val_accuracy"),
        "Accuracy gap, points": measured.of("accuracy_gap"),
        "Std of W1": measured.of("std", tensor="W1"),
        "Std of W2": measured.of("std", tensor="W2"),
    }
    share = ("Training accuracy, %", "Validation accuracy, %", "Accuracy gap, points")
    arms = [(label, f"regularization/{arm}") for label, arm in PENALTIES]
    sheet = measured.sheet("L2 as the formula writes it and as the code computes it", arms, columns, share)
    text = (
        "The formula of L2 sums the squares of all parameters. The code adds torch.norm(parameter, 2) of every tensor. "
        "That is the square root of the tensor's sum of squares. Its pull on a weight does not shrink as the tensor "
        "shrinks. The text says that L2 needs a larger coefficient because squares are small. The code never takes "
        "these squares."
    )
    return None if sheet is None else Discrepancy("L2: squared in the formula, not in the code", text, sheet)


# ----------------------------------------------------------------------------------------------------------------- cuts


def _cuts(measured: Measurements) -> Discrepancy | None:
    study = measured.studies.get("annealing")
    if study is None or "plateau" not in {a.name for a in study.arms}:
        return None
    curves = measured.curves("annealing/plateau")
    rows = [(Cell("the text"), Cell(_joined(TEXT_CUTS)), Cell(str(len(TEXT_CUTS)), len(TEXT_CUTS)), Cell("-"))]
    for seed, part in curves.groupby("seed"):
        after = cuts(part["lr"].tolist())
        last = float(part["lr"].iloc[-1])
        rows.append((Cell(f"seed {seed}"), Cell(_joined(after) or "none"), Cell(str(len(after)), len(after)),
                     Cell(numbers.plain_number(last), last)))  # fmt: skip
    if len(rows) == 1:
        return None
    text = (
        "The text lists the epochs at which the rate was halved. They depend on the seed. The rule behind them does "
        "not, and annealing-1 judges the rule. The table lists each epoch after which the next one ran at a lower "
        "rate. Epochs are counted from 1."
    )
    heads = ("Run", "Cut after epochs", "Cuts", "Rate of the last epoch")
    return Discrepancy("When the rate is cut", text, Sheet("Epochs after which the rate was cut", heads, tuple(rows)))


def cuts(rates: list[float]) -> tuple[int, ...]:
    """The epochs, from 1, after which the rate fell.

    >>> cuts([0.1, 0.1, 0.05, 0.05, 0.025])
    (2, 4)
    """
    return tuple(i for i, (now, then) in enumerate(pairwise(rates), start=1) if then < now)


def _joined(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))


# ----------------------------------------------------------------------------------------------------------- best epoch

RUNS = ("annealing/constant", "annealing/plateau", "dropout/none", "dropout/dropout-0.25", "batch-norm/tiny-batch-norm")
BEST_COLUMNS = (("epoch", None), ("val_accuracy", DECIMALS_OF_PERCENT), ("accuracy_gap", DECIMALS_OF_PERCENT))
BEST_HEADS = ("Epoch", "Validation accuracy there, %", "Accuracy gap there, points")


def _best(measured: Measurements) -> Discrepancy | None:
    found = dict[str, list[stats.Estimate]]()
    for name in RUNS:
        owner, arm = name.split("/")
        study = measured.studies.get(owner)
        if study is None or arm not in {a.name for a in study.arms}:
            continue
        curves = measured.curves(name)
        curves = curves[curves["status"] == "finished"]
        if len(curves):
            found[name] = [*_at(curves, "val_accuracy", highest=True), *_at(curves, "val_loss", highest=False)]
    if not found:
        return None
    columns = [
        map(Cell, column_texts(column, fixed), (e.value for e in column))
        for column, (_, fixed) in zip(zip(*found.values(), strict=True), 2 * BEST_COLUMNS, strict=True)
    ]
    rows = zip(map(Cell, found), *columns, strict=True)
    heads = ("Arm", *(f"{h}, by {w}" for w in ("accuracy", "loss") for h in BEST_HEADS))
    text = (
        "The best epoch may have the highest validation accuracy or the lowest validation loss. These need not be one "
        "epoch, and the gap differs between them. The tables of overfitting use the highest accuracy."
    )
    remark = (
        "Mean over finished seeds ± half of its 95 % interval. By accuracy: its highest. By loss: its lowest. Both are "
        "selected on val."
    )
    return Discrepancy(
        "The best epoch", text, Sheet("The best epoch, by accuracy and by loss", heads, tuple(rows), (remark,))
    )


def _at(curves: pd.DataFrame, metric: str, *, highest: bool) -> list[stats.Estimate]:
    """Epoch, validation accuracy and gap where a metric is best, over seeds."""
    known = curves[np.isfinite(curves[metric])]
    by_trial = known.groupby("trial")[metric]
    rows = known.loc[by_trial.idxmax() if highest else by_trial.idxmin()]
    found = [ranges.mean(rows[c].to_numpy(dtype=float).tolist(), ranges.of(c)) for c, _ in BEST_COLUMNS]
    return [e if fixed is None else scaled(e, 100.0) for e, (_, fixed) in zip(found, BEST_COLUMNS, strict=True)]


# -------------------------------------------------------------------------------------------------------- training loss


def _train_loss(measured: Measurements) -> Discrepancy | None:
    arms = [
        (n, n) for n in ("dropout/none", "dropout/dropout-0.25", "batch-norm/tiny-batch-norm", "annealing/constant")
    ]
    arms = [(label, name) for label, name in arms if name.split("/")[0] in measured.studies]
    columns: dict[str, Callable[[str], stats.Estimate]] = {
        "During the epoch, train mode": measured.of("train_loss"),
        "After it, eval mode": measured.of("train_loss_eval"),
        "Validation loss": measured.of("val_loss"),
    }
    sheet = measured.sheet("Training loss measured in two ways, last epoch, nats", arms, columns) if arms else None
    text = (
        "The chapter's training loss is a mean over the mini-batches, while the network still changes. Dropout and "
        "batch norm are in train mode then. Its validation loss is measured afterwards, in eval mode. The table has "
        "both. Loss gaps are between losses in eval mode."
    )
    return None if sheet is None else Discrepancy("Two training losses", text, sheet)
