"""How long it takes to train what a results folder lacks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from study.app.board import Board
from study.app.pace import in_machine_times, pace_from
from study.app.plan_clock import PlanClock
from study.planning.usable_cores import usable_cores


def seconds_to_train(where: str, boards: Sequence[Board]) -> float | None:
    """Seconds on all cores of this machine until what boards lack is trained, from where checkpoints go on.

    Args:
        where: the results folder.
        boards: one a study.

    Returns:
        None where nothing is missing, or this machine's pace is not known.
    """
    saved = {name: trial.saved for b in boards for name, trial in b.trials.items()}
    missing = {t.id: t for b in boards for t in b.plan.missing}
    if not missing:
        return None
    plan = dataclasses.replace(boards[0].plan, trials=tuple(missing.values()))
    pace = pace_from(where)(plan)
    if pace is None:
        return None
    timed = in_machine_times(plan, pace).trials
    rest = [t.seconds * (1 - min(saved.get(t.id) or 0, t.config.epochs) / t.config.epochs) for t in timed]
    return PlanClock.of(plan, usable_cores(), pace).seconds(sum(rest), max(rest))
