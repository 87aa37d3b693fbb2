"""The trials of one arm as claims read them: rows, curves, tensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from trainables.records.correct_examples import CorrectExamples

Tensors = Mapping[tuple[str, int, str], tuple[Sequence[float], float]]


class TrialRow(NamedTuple):
    """A row of `analysis.data.arms.arm_frame`, without what is the same for the whole arm."""

    seed: int
    trial: str
    status: str
    epochs: int
    epochs_done: int
    host: str
    cpu: str


@dataclass(frozen=True)
class ArmRows:
    """The trials of one arm, ready to be read."""

    trials: pd.DataFrame
    """Rows of `analysis.data.arms.arm_frame`, in the order of the seeds."""
    curves: Mapping[str, Mapping[str, np.ndarray]]
    """Trial -> metric -> one value an epoch, cut at the arm's epochs."""
    read_tensors: Callable[[], Tensors]
    """Gives `tensors`; there are many, and few claims ask for them."""
    correct: Mapping[str, CorrectExamples] = field(default_factory=dict)
    """Which validation examples were right; of trials that ran to the end and no further than the arm asks."""

    @cached_property
    def tensors(self) -> Tensors:
        """Quantiles and standard deviation, by trial, epoch and tensor."""
        return self.read_tensors()

    @cached_property
    def each(self) -> tuple[TrialRow, ...]:
        """The rows of `trials`, once: a frame gives them slowly, and every number of every claim asks for them."""
        columns = (self.trials[name].tolist() for name in TrialRow._fields)
        return tuple(itertools.starmap(TrialRow, zip(*columns, strict=True)))

    @property
    def failed(self) -> frozenset[int]:
        """The seeds whose trial failed."""
        return frozenset(row.seed for row in self.each if row.status == "failed")
