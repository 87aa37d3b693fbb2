"""How the trials and arms of a plan do while they train: reports in, a `Snapshot` out. No clock, no screen here."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from study.app.full_numbers import full_measures
from study.app.snapshot import ArmRow, Measure, RunningTrial
from study.app.time_left import time_left
from study.app.trial_state import Point, TrialState, on_test_part
from study.planning.plan import Plan, PlannedTrial
from study.spec.selection import why_arm_selects
from study.spec.splits import why_no_verdict
from study.storage.search_answer import has_baseline
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import metric_of

if TYPE_CHECKING:
    from study.app.pace import Pace

BROKEN = "possibly broken"
MIN_SEEDS_FOR_INTERVAL = 3
"""Seeds from which on an interval is shown: with two it is wider than anything that it could tell."""
MAX_TREND_VALUES = 120


@dataclass(frozen=True)
class _Arm:
    study: str
    name: str
    config: TrialConfig
    baseline: bool
    selected: bool
    trials: tuple[TrialState, ...]

    @property
    def epochs(self) -> int:
        return self.config.epochs

    @property
    def diverged(self) -> int:
        """How many of its trials diverged within its epochs."""
        return sum(_lost(t, self.epochs) for t in self.trials)

    def compared(self, baseline: _Arm | None) -> bool:
        """Whether a change against the baseline means something: splits share images."""
        return baseline is not None and not self.baseline and not why_no_verdict([self.config, baseline.config])


class Board:
    """The trials of a plan, by identity and by label.

    `pace`: this machine's, in whose times the plan is; None where they are not known.
    """

    def __init__(self, plan: Plan, checksum: str, cores: int, pace: Pace | None = None) -> None:
        self.plan, self.checksum, self.cores, self._measured = plan, checksum, cores, pace is not None
        self.clock_factor = pace.clock_factor if pace else 1.0
        self.trials = {
            t.id: TrialState(
                t.id, f"{t.wanted_by[0]}, seed {t.config.seed}" if t.wanted_by else t.id, t.config.seed,
                t.config.epochs, self.clock_factor * t.seconds / t.config.epochs,
                _status(t),
                on_record=t.done,
                recorded=t.on_record.epochs if t.on_record else 0,
            )
            for t in plan.trials
        }  # fmt: skip
        self.events: deque[tuple[float, str]] = deque(maxlen=30)
        self.arms = [
            _Arm(
                s.name,
                a.name,
                s.config(a.name),
                a.name == s.baseline and has_baseline(s),
                bool(why_arm_selects(s.config(a.name), a.name, s.name)),
                tuple(self.trials[s.config(a.name, seed=seed).identity(checksum)] for seed in seeds),
            )
            for s in plan.studies
            for a in s.arms
            if (seeds := plan.protocol.seeds_of(s.name, a.name))
        ]
        self.missing = [self.trials[t.id] for t in plan.missing]
        self.in_full = full_measures(plan.studies)
        self.broken: dict[str, str] = {}
        """Why an arm is possibly broken, by `STUDY/ARM`."""
        self._start_epochs = {t.id: 0 for t in self.missing}
        self._handed_over = self.seeds_on_record = 0

    def short_label(self, trial: TrialState) -> str:
        """Return its label, without the study where there is only one."""
        return trial.label.partition("/")[2] if len(self.plan.studies) == 1 else trial.label

    def fill(self, rows: Iterable[tuple[str, int, float, float]]) -> None:
        """Curves on record: identity, epoch, validation and training accuracy."""
        for trial, epoch, val, train in rows:
            if trial in self.trials:
                self.trials[trial].curve[epoch] = (val, train)

    def fill_tests(self, rows: Iterable[tuple[str, int, float]]) -> None:
        """Accuracy on the test part on record: identity, epoch, share."""
        for trial, epoch, test in rows:
            if trial in self.trials and math.isfinite(test):
                self.trials[trial].tests[epoch] = test

    def go_on_from(self, saved: Mapping[str, int]) -> None:
        """Before the run: epochs behind the last checkpoint of trials, by identity."""
        for trial in self.missing:
            trial.saved = saved.get(trial.id, 0)

    def keep_saved(self, saved: Mapping[str, int]) -> None:
        """The run is over: of trials that are not, what came after their last checkpoint is lost.

        `saved`: epochs behind that, by identity.
        """
        for trial in self.trials.values():
            if trial.status in ("running", "waiting"):
                trial.saved, trial.reported = saved.get(trial.id, 0), 0
                last = max(trial.saved, trial.recorded)
                trial.curve = {epoch: point for epoch, point in trial.curve.items() if epoch <= last}
                trial.status = "running" if trial.saved else "waiting"

    # -- what is heard ---------------------------------------------------------------------------------------------

    def began(self, trial: TrialState, now: float) -> None:
        """Note that a trial was handed to a worker."""
        trial.status, trial.last_report, trial.first_report, trial.began = "running", now, None, now
        self._handed_over += 1
        trial.warm = self._handed_over > self.cores

    def report(
        self, trial: TrialState, epoch: int, point: Point | None, now: float, elapsed: float, seconds: float = 0.0
    ) -> None:
        """Note how many epochs it has behind it; `seconds`: of a processor for the last one, if its worker said so."""
        nobody = all(t.first_report is None for t in self.missing)
        if trial.status != "running":
            self.began(trial, now)
        before = min(trial.done, epoch - 1) if epoch else trial.done
        if 0 < epoch < trial.done:  # it goes on from an earlier epoch, for no checkpoint of its last one was kept
            trial.saved = 0
        trial.reported = epoch or trial.reported
        if trial.first_report is None:
            trial.first_report = (now, epoch)
            self._start_epochs[trial.id] = before
        trial.measure(epoch, now, seconds, self._start_epochs[trial.id], self.clock_factor)
        if point is not None and epoch:
            trial.curve[epoch] = point
            if nobody:
                self.events.append((elapsed, f"first number: {self.short_label(trial)}: {100 * point[0]:.1f} %"))
        trial.last_report = now

    def end(self, trial: TrialState, status: str, elapsed: float, now: float | None = None) -> None:
        """Note that a trial is over, and how it ended."""
        if now is not None and trial.epoch_seconds is not None and trial.warm:
            epochs = trial.done - self._start_epochs[trial.id]
            trial.overhead_seconds = max(0.0, now - trial.began - epochs * trial.epoch_seconds)
        trial.status = status if status in ("finished", "diverged", "failed") else "failed"  # type: ignore[assignment]
        said = "done"
        if status == "finished" and trial.curve:
            val, train = trial.curve[trial.done]
            said = f"done: {100 * val:.1f} %, gap {100 * gap_of((val, train)):z.1f}"
        elif status != "finished":
            said = status
        self.events.append((elapsed, f"{self.short_label(trial)} {said}"))

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def counts(self) -> dict[str, int]:
        """Trials of this run by status."""
        return {s: sum(t.status == s for t in self.missing) for s in ("finished", "diverged", "failed", "running")}

    @property
    def epochs(self) -> tuple[int, int]:
        """How many epochs are done, before this run or in it, of all; a trial that diverged has done all of its own."""
        over, every = ("finished", "diverged", "failed"), self.trials.values()
        return sum(t.epochs if t.status in over else t.done for t in every), sum(t.epochs for t in every)

    def seconds_left(self, now: float) -> float | None:
        """Seconds until all is over; see `study.app.time_left`."""
        return time_left(self.missing, self.cores, now, measured=self._measured)

    def running(self, now: float) -> tuple[RunningTrial, ...]:
        """What is under way, in the order of the plan."""
        return tuple(
            RunningTrial(self.short_label(t), t.done, t.epochs, now - t.last_report, t.epoch_seconds)
            for t in self.missing
            if t.status == "running"
        )

    def rows(self) -> tuple[ArmRow, ...]:
        """A row an arm, in the order of the studies."""
        baselines = {a.study: a for a in self.arms if a.baseline}
        seen: dict[tuple[str, ...], str] = {}
        rows = []
        for arm in self.arms:
            name, full = f"{arm.study}/{arm.name}", self.in_full.get(f"{arm.study}/{arm.name}")
            same = seen.setdefault((*(t.id for t in arm.trials), str(arm.epochs)), name)
            row = ArmRow(arm.study, arm.name, len(arm.trials), _done(arm), "")
            if same == name or full:  # arms with the same trials here are others in full, so their numbers are shown
                row = _row(arm, baselines.get(arm.study))
                row = replace(row, note=", ".join(filter(None, (row.note, BROKEN)))) if name in self.broken else row
            row = replace(row, same_as=same) if same != name else row
            rows.append(replace(row, full_accuracy=full.accuracy, full_gap=full.gap) if full else row)
        return tuple(rows)

    def broken_lines(self, *, short: bool) -> list[str]:
        """What is possibly broken, a sentence an arm; `short_label`: named without its study."""
        names = {name: name.partition("/")[2] if short else name for name in self.broken}
        return [f"{names[name]} is {BROKEN}: {why}" for name, why in self.broken.items()]

    def caption(self) -> str:
        """What the columns show."""
        epochs = {a.epochs for a in self.arms}
        after = f"after {counted(next(iter(epochs)), 'epoch')}, " if len(epochs) == 1 else ""
        most = max((_done(a) for a in self.arms), default=0)
        if most == 0:
            return "validation accuracy, change in pairs by seed; ~ one seed, still training"
        if most < MIN_SEEDS_FOR_INTERVAL:
            return f"{after}too few seeds for an interval yet; ~ one seed, still training"
        return f"{after}over finished seeds; change of accuracy, in pairs by seed"


def _finished(trial: TrialState, epochs: int) -> bool:
    known = trial.status != "failed" and epochs in trial.curve and trial.reached(epochs)
    return known and not _lost(trial, epochs) and trial.curve[epochs][0] == trial.curve[epochs][0]


def _lost(trial: TrialState, epochs: int) -> bool:
    """Whether it diverged within so many epochs: the last of those that it has is the one in which it did."""
    return trial.status == "diverged" and trial.done <= epochs


def _done(arm: _Arm) -> int:
    return sum(t.reached(arm.epochs) for t in arm.trials)


def _latest(arm: _Arm) -> TrialState | None:
    """The trial under way that is to be shown where none is finished: that of the lowest seed with a number."""
    return next((t for t in arm.trials if t.curve and t.status in ("running", "waiting")), None)


def _status(trial: PlannedTrial) -> Literal["waiting", "finished", "diverged"]:
    if not trial.done:
        return "waiting"
    return "diverged" if trial.on_record and trial.on_record.status == "diverged" else "finished"


def _row(arm: _Arm, baseline: _Arm | None) -> ArmRow:
    ready = [t for t in arm.trials if _finished(t, arm.epochs)]
    under_way = next((t for t in arm.trials if t.status == "running"), None)
    done = _done(arm)
    epoch = "done" if done == len(arm.trials) else ""
    if under_way is not None and not epoch:
        epoch = f"{min(under_way.done, arm.epochs)}/{arm.epochs}"
    lost, of_base = (a.diverged if a else 0 for a in (arm, baseline))
    row = ArmRow(
        arm.study, arm.name, len(arm.trials), done, epoch,
        baseline=arm.baseline, selected=arm.selected, note=f"{lost} diverged" if lost else "", diverged=lost,
        epoch_seconds=next((t.epoch_seconds for t in reversed(arm.trials) if t.epoch_seconds is not None), None),
    )  # fmt: skip
    if not ready:
        return _while_training(row, arm, baseline)
    points, tests = {t.seed: t.curve[arm.epochs] for t in ready}, on_test_part(ready, arm.epochs)
    against: list[TrialState] = []
    if baseline is not None and arm.compared(baseline) and baseline.epochs == arm.epochs and not (lost or of_base):
        against = [t for t in baseline.trials if _finished(t, arm.epochs)]
    other, other_tests = {t.seed: t.curve[arm.epochs] for t in against}, on_test_part(against, arm.epochs)
    pairs = [(points[s], other[s]) for s in points if s in other]
    return replace(
        row,
        mean_of=len(ready),
        accuracy=measure([100 * v for v, _ in points.values()]),
        training=measure([100 * t for _, t in points.values()]),
        test=measure([*tests.values()]),
        test_change=measure([tests[s] - other_tests[s] for s in tests if s in other_tests]),
        gap=measure([100 * gap_of(p) for p in points.values()]),
        change=measure([100 * (a[0] - b[0]) for a, b in pairs]),
        gap_change=measure([100 * (gap_of(a) - gap_of(b)) for a, b in pairs]),
        trend=mean_trend([t.curve for t in ready if 1 in t.curve] or [t.curve for t in ready], arm.epochs),
    )


def _while_training(row: ArmRow, arm: _Arm, baseline: _Arm | None) -> ArmRow:
    """Of the first seed that has a number, at its latest epoch; compared at an epoch that both have."""
    trial = _latest(arm)
    if trial is None:
        return row
    curve = {e: p for e, p in trial.curve.items() if e <= trial.done} or trial.curve
    val, train = curve[max(curve)]
    change = gap_change = None
    if baseline is not None and arm.compared(baseline):
        other = next((t for t in baseline.trials if t.seed == trial.seed), None)
        common = sorted(set(curve) & set(other.curve)) if other else []
        if other and common:
            a, b = curve[common[-1]], other.curve[common[-1]]
            change = Measure(100 * (a[0] - b[0]), training=True)
            gap_change = Measure(100 * (gap_of(a) - gap_of(b)), training=True)
    return replace(
        row,
        accuracy=Measure(100 * val, training=True),
        training=Measure(100 * train, training=True),
        gap=Measure(100 * gap_of((val, train)), training=True),
        change=change,
        gap_change=gap_change,
        trend=mean_trend([curve], arm.epochs),
    )


def gap_of(point: Point) -> float:
    """The accuracy gap at a point of a curve, as the table of metrics derives it."""
    val, train = point
    return metric_of("accuracy_gap", {"val_accuracy": val, "train_accuracy": train})


def measure(values: Sequence[float]) -> Measure | None:
    """Mean and, from three seeds on, half its 95 % interval (Student's t); None of nothing.

    >>> measure([1.0, 2.0, 3.0]).half > 2.4
    True
    """
    values = [v for v in values if math.isfinite(v)]
    if not values:
        return None
    mean = math.fsum(values) / len(values)
    if len(values) < MIN_SEEDS_FOR_INTERVAL:
        return Measure(mean)
    from analysis.statistics.students_t import half_width

    std = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return Measure(mean, float(half_width(std, len(values))))


def mean_trend(curves: Sequence[Mapping[int, Point]], epochs: int) -> tuple[float, ...]:
    """Mean validation accuracy by epoch, over the epochs that all have, up to the arm's last; of many, some from the
    first to the last.
    """
    common = [e for e in sorted(set.intersection(*(set(c) for c in curves))) if e <= epochs] if curves else []
    most = min(len(common), MAX_TREND_VALUES)
    common = [common[round(i * (len(common) - 1) / max(1, most - 1))] for i in range(most)]
    values = [math.fsum(c[e][0] for c in curves) / len(curves) for e in common]
    return tuple(round(v, 4) for v in values if math.isfinite(v))
