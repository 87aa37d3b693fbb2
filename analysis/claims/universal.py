"""What holds in every epoch (a share of seeds), and what holds by construction (a mechanism: counted, not judged)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analysis.claims.by_seed import not_tested, unfinished
from analysis.claims.measured import Measured
from analysis.claims.samples import ENDED_EARLY, ArmReader, lacks, needed_by, of_status
from analysis.statistics.estimates import Refusal
from analysis.statistics.shares import SharePart
from analysis.text import phrases as wording
from analysis.text.agreement import with_verb
from study.spec.claims import Mechanism, Quantity, Trajectory
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import METRICS
from trainables.training.lr_schedules import plateau_rates

CORE = tuple(m.name for m in METRICS.values() if m.is_core)
Curves = dict[str, npt.NDArray[np.float64]]


def trajectory(arms: ArmReader, form: Trajectory) -> Measured:
    """Measure in which seeds a metric falls, or rises, in every epoch."""
    what = f"every epoch's {wording.LABELS[form.metric]} of {form.arm} against the epoch before"
    claimed = f"{form.direction} each time, in at least {100 * form.share:g} % of seeds"
    start = Measured(form, what, claimed, wording.SHARE)
    config = arms.config(form.arm)
    if isinstance(config, Refusal):
        return start.refused(config)
    if config.epochs < 2:
        return start.refused(Refusal("not-reached", with_verb(arms.called(form.arm), "has one epoch here")))
    sign = -1.0 if form.direction == "falls" else 1.0
    found = _held(start, arms, form.arm, lambda curves: bool((sign * np.diff(curves[form.metric]) > 0).all()))
    return replace(found, rule_part=lambda outcomes: SharePart(tuple(outcomes), form.share))


def mechanism(arms: ArmReader, form: Mechanism) -> Measured:
    """Measure in which seeds a rule that holds by construction does."""
    shown = "" if form.value is None else f"{form.value:,g}"
    words = {
        "plateau": (f"learning rate of {form.arm}", "cut exactly after epochs that do not beat the best"),
        "updates": (f"updates per epoch of {form.arm}", f"exactly {shown}"),
    }
    start = Measured(form, *words[form.rule], wording.SHARE)
    config = arms.config(form.arm)
    if isinstance(config, Refusal):
        return start.refused(config)
    if form.rule == "updates" and arms.reduced(form.arm):
        seen = "fewer epochs" if config.train_images is None else counted(config.train_images, "image")
        text = f"the claim is about what the study declares, and here are {seen}"
        return start.refused(Refusal("reduced", text))
    if form.rule == "plateau" and config.schedule != "plateau":
        return start.refused(Refusal("rule", f"the schedule of {arms.called(form.arm)} is {config.schedule}"))
    if form.rule == "updates":
        return _held(start, arms, form.arm, lambda curves: bool((curves["updates"] == form.value).all()))
    return _held(start, arms, form.arm, lambda c: follows_plateau(c["lr"].tolist(), c["val_loss"].tolist(), config))


def _held(start: Measured, arms: ArmReader, arm: str, holds: Callable[[Curves], bool]) -> Measured:
    """Of each seed whether its whole curve does; one that diverged or failed does not hold where it is judged.

    None of a mechanism's trial that failed before its first epoch: nothing held, and nothing broke.
    """
    rows = arms.on_record(arm)
    if isinstance(rows, Refusal):
        return start.refused(rows)
    judged = isinstance(start.form, Trajectory)
    every = Quantity(arm=arm, metric=start.form.metric, at="mean") if isinstance(start.form, Trajectory) else None
    needed = needed_by(every) if every else CORE
    outcomes: dict[int, bool | None] = {}
    trials: dict[int, tuple[str, ...]] = {}
    lacking: dict[int, Refusal] = {}
    for row in rows.each:
        seed, trial = row.seed, row.trial
        curves = rows.curves.get(trial)
        short = unfinished(arms.called(arm), row) or lacks(arms, arm, seed, trial, of_status(needed, row.status))
        if short is None and every and row.status not in ENDED_EARLY:
            short = not_tested(every, seed, curves or {}, len(next(iter((curves or {}).values()), ())))
        if short is not None:
            lacking[seed] = short
            continue
        lost = curves is None or (judged and row.status in ENDED_EARLY)
        outcomes[seed] = (False if judged else None) if lost else holds(dict(curves or {}))
        trials[seed] = (trial,)
    return replace(start, numbers=outcomes, trials=trials, lacking=lacking, failed=rows.failed)


def follows_plateau(lrs: Sequence[float], losses: Sequence[float], config: TrialConfig) -> bool:
    """Whether the rate of every epoch is what the plateau rule makes of the validation losses before it."""
    rates = itertools.islice(plateau_rates(config, losses), len(losses))
    return all(math.isclose(seen, rate, rel_tol=1e-9) for seen, rate in zip(lrs, rates, strict=True))
