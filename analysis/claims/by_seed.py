"""A claim's `Quantity` seed by seed: a number where there is one, and why where there is none.

A verdict takes seeds in the order of their numbers, up to the first that gives no number. A trial that diverged, or
that failed for good, gives the worst number that there is; where the metric knows no worst it gives none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from analysis.claims.arm_rows import ArmRows, TrialRow
from analysis.claims.curve_values import curve_value, tensor_metric
from analysis.claims.samples import ENDED_EARLY, ArmReader, lacks, needed_by, not_reached, of_status
from analysis.statistics.estimates import Refusal, Why
from study.spec.claims import Quantity
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.records.correct_examples import CorrectExamples
from trainables.records.metrics import METRICS, OF_TEST, TIMES

Column = npt.NDArray[np.float64]
OVER_EPOCHS = ("best", "max", "min")
"""Places that are sought over all epochs: a trial that was lost has not all of them."""


@dataclass(frozen=True)
class SeedValues:
    """One quantity of one arm."""

    arm: str
    config: TrialConfig
    place: int
    """The epoch that the numbers are of; for a number of the whole curve, the last."""
    values: Mapping[int, float] = field(default_factory=dict)
    """By seed; infinite where the trial was lost. Of first epochs: one more than were trained where it never is."""
    trials: Mapping[int, str] = field(default_factory=dict)
    lacking: Mapping[int, Refusal] = field(default_factory=dict)
    """Seeds with a trial that gives no number."""
    hosts: Mapping[int, str] = field(default_factory=dict)
    """Of measured times: the kind of processor that each was measured on."""
    failed: frozenset[int] = frozenset()
    """Seeds whose trial failed: the next run tries them again."""
    correct: Mapping[int, CorrectExamples] = field(default_factory=dict)
    """Which validation examples were right, of trials that hold it at the very epoch that the number is of."""
    at_best: bool = False
    """Whether the number is of the best epoch."""


def by_seed(arms: ArmReader, quantity: Quantity) -> SeedValues | Refusal:
    """The quantity for every seed on record of its arm."""
    config = arms.config(quantity.arm)
    if isinstance(config, Refusal):
        return config
    rows = arms.on_other_data([quantity]) or arms.on_record(quantity.arm)
    if isinstance(rows, Refusal):
        return rows
    place = quantity.at if isinstance(quantity.at, int) else config.epochs
    if place > config.epochs:
        return not_reached(arms, quantity, config.epochs)
    found = SeedValues(quantity.arm, config, place)
    values: dict[int, float] = {}
    trials: dict[int, str] = {}
    lacking: dict[int, Refusal] = {}
    hosts: dict[int, str] = {}
    needed, called = needed_by(quantity), arms.called(quantity.arm)
    for row in rows.each:
        seed, trial, status = row.seed, row.trial, row.status
        short = unfinished(called, row) or lacks(arms, quantity.arm, seed, trial, of_status(needed, status))
        number = short or _number(rows, quantity, config, place, trial, seed, status)
        if isinstance(number, Refusal):
            lacking[seed] = number
            continue
        values[seed], trials[seed] = float(number), trial
        if quantity.metric in TIMES:
            hosts[seed] = row.cpu or row.host
    correct = {seed: rows.correct[trial] for seed, trial in trials.items() if trial in rows.correct}
    at_best = quantity.at in ("best", "max")
    if not at_best and place != config.epochs:
        correct = {}
    return replace(
        found,
        values=values,
        trials=trials,
        lacking=lacking,
        hosts=hosts,
        failed=rows.failed,
        correct=correct,
        at_best=at_best,
    )


def not_tested(quantity: Quantity, seed: int, curves: Mapping[str, Column], epochs: int) -> Refusal | None:
    """Why a finished trial gives no number of the test part; None where it does, or where it is not asked for one."""
    if quantity.metric not in OF_TEST or _is_measured(quantity, curves, epochs):
        return None
    text = f"seed {seed} of {quantity.arm} was not measured on the test part there; the next run trains it again"
    return Refusal("no-metric", text)


def _is_measured(quantity: Quantity, curves: Mapping[str, Column], epochs: int) -> bool:
    """Whether there is a number after each epoch that a quantity rests on."""
    known, nothing = np.zeros(epochs, dtype=bool), np.full(epochs, -math.inf)
    column = curves.get(quantity.metric, nothing)
    known[: len(column)] = np.isfinite(column)
    if quantity.reaches is not None:
        return bool(known.all())
    match quantity.at:
        case "mean":
            return bool(known.all())
        case "fall":
            return bool(known[0] and known[-1])
        case "best":
            return bool(known[int(np.argmax(curves.get("val_accuracy", nothing)))])
        case int(place):
            return bool(known[place - 1])
    return bool(known[-1])


def unfinished(arm: str, row: TrialRow) -> Refusal | None:
    """Why a trial says nothing yet; None where it ran to its end, diverged or failed. `arm`: as sentences call it."""
    if row.status != "stopped":
        return None
    asked = counted(row.epochs, "epoch")
    return Refusal("stopped", f"seed {row.seed} of {arm} ended early (after {row.epochs_done} of {asked})")


def _number(
    rows: ArmRows, quantity: Quantity, config: TrialConfig, place: int, trial: str, seed: int, status: str
) -> float | Refusal:
    if quantity.tensor:
        summary = rows.tensors.get((trial, place, quantity.tensor))
        if summary is None and status not in ENDED_EARLY:
            known = any(name == quantity.tensor for _, _, name in rows.tensors)
            where = f"summary of {quantity.tensor} at epoch {place} for seed {seed}" if known else quantity.tensor
            return Refusal("no-tensor", f"{quantity.arm} has no {where}")
        number = math.nan if summary is None else tensor_metric(quantity.metric, *summary)
    else:
        curves = rows.curves.get(trial, {})
        if status not in ENDED_EARLY and (short := not_tested(quantity, seed, curves, config.epochs)) is not None:
            return short
        number = curve_value(curves, quantity, config.epochs, status)
        if (
            status in ENDED_EARLY
            and quantity.at in OVER_EPOCHS
            and quantity.reaches is None
            and quantity.metric not in TIMES
        ):
            number = METRICS[quantity.metric].worst  # its good epochs before do not make up for the end
    if math.isfinite(number) or (status in ENDED_EARLY and not math.isnan(number)):
        return number
    if status in ENDED_EARLY:
        why: Why = "failed" if status == "failed" else "not-finite"  # the next run tries again what failed, alone
        return Refusal(why, f"seed {seed} of {quantity.arm} {status} and left no such number")
    return Refusal("not-finite", f"{quantity.metric} of {quantity.arm} is not a number for seed {seed}")
