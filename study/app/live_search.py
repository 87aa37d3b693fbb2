"""What a search shows: hears of its proposals, and gives a `Snapshot` of the best so far to the `Screen`."""

from __future__ import annotations

import contextlib
import itertools
import math
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence

from analysis.text.numbers import knob_text
from study.app.gpu_in_use import GpuInUse
from study.app.live_view import UNICODE, sparkline
from study.app.screen import Screen, memory_in_use
from study.app.search_status import (
    ENDED_STATES,
    SearchStatus,
    different_tried,
    saved_of,
    to_try_words,
    tried_words,
)
from study.app.search_time_left import AfterPart, Earlier, search_time_left
from study.app.snapshot import RunningTrial, Snapshot, State
from study.app.start_phase import LATER_PART, STARTS_RAY, StartPhase
from study.execution.progress import SearchProgress, duration
from study.execution.signals import STOP_GRACE_SECONDS
from study.planning.executor import StopRequest
from study.search.controller import SearchController
from study.search.rungs import decisions
from study.spec.domains import Choice
from study.storage.checkpoints import saved_epochs
from study.storage.durable_files import Folder
from study.storage.search_events import Proposal, pareto_front
from study.storage.this_machine import signature
from trainables.config.errors import StudyError
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS, Metric

CONFIGURATIONS_SHOWN = 3
"""Configurations that are shown."""
TREND_LEAST, TREND_LETTERS = 3, 24
"""A trend is shown from so many configurations on, in so many letters at most."""


class LiveSearch(SearchProgress):
    """A part of a search, shown.

    Args:
        controller: knows its proposals.
        stop: asked whether the run is to end.
        folder: the results folder.
        title: name of the study.
        command: goes on from here.
        cores: configurations at once.
        checksum: of the data.
        after: what follows it.
        phase: what is done before the first epoch.
        later: whether another part of the search is over already.
        since: when the command began, by the monotonic clock, where this is a later part of it.
    """

    def __init__(
        self,
        controller: SearchController,
        stop: StopRequest,
        folder: Folder,
        title: str,
        command: str,
        *,
        quiet: bool,
        phase: str,
        later: bool = False,
        cores: int,
        checksum: str = "",
        after: AfterPart | None = None,
        since: float | None = None,
    ) -> None:
        search, shared, size = controller.search, controller.shared, controller.size
        super().__init__(search.tries(shared, size), 1.0, stream=sys.stderr, controller=controller)
        self._most = search.configurations(shared, size)
        self._search, self.title, self.command, self.cores = controller, title, command, cores
        self._after, self._same_process = after, phase != STARTS_RAY
        self.start_phase = StartPhase(LATER_PART if later else phase)
        self._folder, self._checksum, self._gpu = folder, checksum, GpuInUse()
        self._events: deque[tuple[float, str]] = deque(maxlen=30)
        self._best, self._lock = "", threading.RLock()
        self._started = 0.0
        self._earlier = Earlier.of(controller.proposals)
        self._began = time.monotonic()
        self._screen = Screen(
            self.snapshot, self._saving, stop, folder, self.stream, quiet=quiet, late=self._late, since=since
        )  # fmt: skip
        stop.unsaved, stop.command = self._unsaved, command
        stop.nothing_yet = lambda: self.start_phase.nothing_trained
        self._metrics = tuple(METRICS[o] for o in controller.search.objectives)
        self._sign = self._metrics[0].sign
        space = controller.search.space
        self._fixed = frozenset(n for n, d in space.items() if isinstance(d, Choice) and len(d.values) == 1)

    def start(self) -> None:
        """See `Progress`."""
        self._began = time.monotonic()
        self._screen.enter(f"{self.title}: {to_try_words(self.trials, self._most)}")

    def began(self, label: str) -> None:  # noqa: ARG002  # the interface's
        """See `Progress`."""
        with self._lock:
            self.start_phase.began(self._screen.elapsed)

    def imported(self) -> None:
        """See `Progress`."""
        with self._lock:
            self.start_phase.imported(self._screen.elapsed)

    def sent(self, proposal: Proposal) -> None:
        """See `SearchProgress`."""
        with self._lock:
            super().sent(proposal)

    def epoch(self, number: int, done: int, until: int) -> None:
        """A proposal under way reported."""
        with self._lock:
            if self.start_phase.phase:
                self._started = self._screen.elapsed
            self.start_phase.over()
            super().epoch(number, done, until)

    def ended(self, proposal: Proposal) -> None:
        """A segment is over."""
        with self._lock:
            super().ended(proposal)
            now, ranked = self._screen.elapsed, self._ranked()
            if proposal.state in ("diverged", "failed"):
                self._events.append((now, f"{proposal.state}: {self._named(proposal)}"))
            elif len(self._metrics) > 1:
                if proposal in self._front():
                    said = f"on the front: {self._reached(proposal)}"
                    self._tell(now, said, f"{said} after {counted(proposal.epochs, 'epoch')}", proposal)
            elif ranked and ranked[0].number == proposal.number and self._best != (best := self._with_epochs(proposal)):
                before = f", was {self._best}" if self._best else ""
                self._best = best
                self._tell(now, f"best so far: {best}{before}", f"best so far: {best}", proposal)

    def _tell(self, now: float, event: str, line: str, proposal: Proposal) -> None:
        """In the view an event; in a log a line, with the configuration."""
        self._events.append((now, event))
        self._screen.line(f"{line}: {self._named(proposal)}")

    def stop(self) -> None:
        """See `Progress`."""
        self._screen.leave(self._saved)

    def _saved(self) -> str:
        """What is on disk, and where each configuration goes on."""
        with self._lock, contextlib.suppress(StudyError):
            there, seeds = self._search.proposals, self._search.search.seeds
            saved = saved_of(there, seeds, self._search.shared, self._checksum, saved_epochs(self._folder))
            status = SearchStatus(self.title, self._over(), self.trials, different_tried(there), self._most, saved)
            return f"saved. {status.tried_words()}, {status.words()}."
        tried = tried_words(self._over(), self.trials, different_tried(self._search.proposals), self._most)
        return f"saved. {tried}."

    def snapshot(self, state: State = "running") -> Snapshot:
        """Return the search as it stands now."""
        gpu = self._gpu.words() if dict(self._search.shared.base).get("device") == "cuda" else ""
        with self._lock:
            elapsed, clock, over = time.monotonic() - self._began, time.time(), self._over()
            busy = min(len(self.running), self.cores)
            counts = {s: sum(p.state == s for p in self._search.proposals) for s in ("whole", "diverged", "failed")}
            return Snapshot(
                title=self.title,
                began=clock - elapsed,
                now=clock,  # the clock may have been set since: who looks on compares with it
                epochs=(over, self.trials),
                unit="tried" if self._most >= self.trials else "tries",
                trials=(0, 0),
                to_the_end=counts["whole"],
                failed=counts["failed"],
                diverged=counts["diverged"],
                left=self._seconds_left(elapsed - self._started) if state == "running" else None,
                phase=self.start_phase.phase,
                steps=self.start_phase.steps,
                rows=(),
                caption="",
                running=tuple(
                    RunningTrial(self._named(self._search.proposals[int(n)]), done, until, 0.0)
                    for n, (_, done, until, _) in sorted(self.running.items(), key=lambda item: int(item[0]))
                ),
                events=tuple(self._events)[-3:],
                machine=f"{busy} of {counted(self.cores, 'core')} busy{memory_in_use()}{gpu}",
                found=tuple(self._found()),
                state=state,
                command=self.command,
                **signature()._asdict(),
            )

    def _show(self) -> None:
        """Nothing at each report: the screen draws."""

    def _seconds_left(self, spent: float) -> float | None:
        search, under_way = self._search, {int(n): done for n, (_, done, _, _) in self.running.items()}
        return search_time_left(
            search.search, search.shared.epochs, search.proposals, under_way, spent, self._after,
            same_process=self._same_process, earlier=self._earlier,
        )  # fmt: skip

    def _over(self) -> int:
        return sum(p.state in ENDED_STATES for p in self._search.proposals)

    def _saving(self) -> list[str]:
        with self._lock:
            return [f"configuration {n} at epoch {done}" for n, done in self._under_way().items() if done]

    def _late(self) -> list[str]:
        """Configurations that a stop may not save: none of their epochs is over."""
        given = duration(STOP_GRACE_SECONDS)
        with self._lock:
            first = [n for n, done in self._under_way().items() if not done]
        return [f"configuration {n} has {given} to end its first epoch, else it begins again" for n in first]

    def _unsaved(self, when: str) -> str:
        """All ends now: where configurations under way go on; `when`: how that is said."""
        with self._lock:
            under_way = self._under_way()
        said = [
            f"configuration {n} goes on from its last checkpoint" if done else f"configuration {n} begins again"
            for n, done in under_way.items()
        ]
        return self._screen.end_now(f"ended {when}: {'; '.join(said)}" if said else "")

    def _under_way(self) -> dict[str, int]:
        """By configuration that trains, the epochs behind it; none while no worker trains."""
        return {} if self.start_phase.nothing_trained else {n: done for n, (_, done, _, _) in self.running.items()}

    def _value(self, p: Proposal) -> float:
        return p.values(self._search.search.objectives)[0]

    def _front(self) -> list[Proposal]:
        """Of two objectives, those trained to the end that no other beats in both, each configuration once."""
        front = pareto_front(self._search.proposals, self._search.search.objectives)
        points = [p.point.knobs for p in front]
        return [p for i, p in enumerate(front) if p.point.knobs not in points[:i]]

    def _reached(self, p: Proposal) -> str:
        """What a configuration reached in each objective."""
        values = zip(p.values(self._search.search.objectives), self._metrics, strict=True)
        return " and ".join(_in_words(value, metric) for value, metric in values)

    def _named(self, proposal: Proposal) -> str:
        return configuration_words(proposal, self._fixed)

    def _in_words(self, number: float) -> str:
        return _in_words(number, self._metrics[0])

    def _found(self) -> list[str]:
        """The best so far, each with its configuration; what a search finds best was chosen for being so."""
        if len(self._metrics) > 1:
            return self._found_front()
        ranked = self._ranked()
        names = ("best so far", "second", "third")
        lines = [
            f"{name:11s}  {self._with_epochs(p)}: {self._named(p)}"
            for name, p in zip(names, ranked[:CONFIGURATIONS_SHOWN], strict=False)
        ]
        if not lines:
            return []
        lines[1:1] = self._trend(ranked)
        return [*lines, "chosen for being best, so expect less: fresh seeds come at the end", *self._rungs()]

    def _rank(self, p: Proposal) -> tuple[float, ...]:
        """Sorts configurations: those trained longest first, of those the best in the first objective."""
        return -p.epochs, -self._sign * self._value(p), p.number

    def _ranked(self) -> list[Proposal]:
        """Those with a number, the best first; one that trains on has that of where it rested."""
        known = (p for p in self._search.proposals if p.state in ("whole", "paused", "running"))
        return sorted((p for p in known if math.isfinite(self._value(p))), key=self._rank)

    def _with_epochs(self, p: Proposal) -> str:
        """What a configuration reached in the first objective, and after how many epochs."""
        return f"{self._in_words(self._value(p))} after {counted(p.epochs, 'epoch')}"

    def _trend(self, ranked: Sequence[Proposal]) -> list[str]:
        """How the best so far moved, from the first configuration to the last; nothing of fewer than three."""
        if len(ranked) < TREND_LEAST:
            return []

        def better(a: Proposal, b: Proposal) -> Proposal:
            return min(a, b, key=self._rank)

        best = [self._value(p) for p in itertools.accumulate(sorted(ranked, key=lambda p: p.number), better)]
        trend = sparkline([self._sign * value for value in best], TREND_LETTERS, UNICODE)
        return [f"{'':11s}  {trend}  from {self._in_words(best[0])}"]

    def _found_front(self) -> list[str]:
        """Those on the front so far, from the best in the first objective on."""
        front = self._front()
        if not front:
            return []
        lines = [f"on the front  {self._reached(p)}: {self._named(p)}" for p in front[:CONFIGURATIONS_SHOWN]]
        more = len(front) - len(lines)
        return [
            *lines,
            *([f"{more} more on the front"] if more > 0 else []),
            "chosen for being best, so expect less: fresh seeds come at the end",
            *self._rungs(),
        ]

    def _rungs(self) -> list[str]:
        """How many came to each epoch at which some rest or go on, and how many of them went on."""
        there = [p for p in self._search.proposals if p.epochs]
        paused = {p.epochs for p in there if p.state == "paused"}
        places = decisions(self._search.search.scheduler, self._search.shared.epochs) if paused else ()
        ends = sorted(paused | {e for e in places if any(p.epochs >= e for p in there)})
        if not ends:
            return []
        said = []
        for end in ends:
            came = [p for p in there if p.epochs >= end]
            said.append(f"{end}: {len(came)} came, {sum(p.epochs > end or p.state == 'running' for p in came)} went on")
        whole = sum(p.state == "whole" for p in there)
        return ["", "at epoch     " + "    ".join([*said, f"{self._search.shared.epochs}: {whole or 'none yet'}"])]


def _in_words(number: float, metric: Metric) -> str:
    """A number of an objective.

    >>> _in_words(0.9, METRICS["val_accuracy"]), _in_words(0.00791234, METRICS["seconds"])
    ('90.0 %', '0.007912 s')
    """
    scaled = number * metric.scale
    return f"{scaled:z.1f} %" if metric.unit == "%" else f"{scaled:.4g} {metric.unit}".strip()


def configuration_words(proposal: Proposal, without: Collection[str] = ()) -> str:
    """A configuration in a line, numbers with three digits; `without`: knobs that are the same in all."""
    return ", ".join(
        f"{knob} {v:.3g}" if isinstance(v, float) else f"{knob} {knob_text(v)}"
        for knob, v in proposal.point.knobs.values
        if knob not in without
    )
