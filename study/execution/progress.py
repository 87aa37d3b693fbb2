"""What a person sees while a study runs: a live line on a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from study.planning.redrawing import can_redraw
from study.storage.search_events import Proposal, ranked_proposals
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from study.search.controller import SearchController


def duration(seconds: float) -> str:
    """Write seconds in words.

    >>> duration(5), duration(75), duration(7500)
    ('5 s', '1 min 15 s', '2 h 05 min')
    """
    s = max(0, round(seconds))
    if s < 60:
        return f"{s} s"
    if s < 3600:
        return f"{s // 60} min {s % 60:02d} s"
    return f"{s // 3600} h {s % 3600 // 60:02d} min"


def rough_duration(seconds: float) -> str:
    """Write seconds that are a guess: a second at least, to ten seconds from one minute on, to a minute from three.

    >>> [rough_duration(s) for s in (0.2, 40, 59.7, 97, 689, 3580, 7500)]
    ['1 s', '40 s', '1 min', '1 min 40 s', '11 min', '1 h 00 min', '2 h 05 min']
    """
    if seconds < 59.5:
        return duration(max(1.0, seconds))
    if seconds < 180:
        return duration(10 * round(seconds / 10)).replace(" 00 s", "")
    return f"{round(seconds / 60)} min" if seconds < 3570 else duration(60 * round(seconds / 60))


def short_duration(seconds: float) -> str:
    """Write seconds that are a guess in one unit.

    >>> [short_duration(s) for s in (0.4, 40, 97, 3580, 7500)]
    ['1 s', '40 s', '2 min', '60 min', '2 h']
    """
    if seconds < 59.5:
        return rough_duration(seconds)
    return f"{round(seconds / 60)} min" if seconds < 5370 else f"{round(seconds / 3600)} h"


def rough_range(low: float, high: float, write: Callable[[float], str] = rough_duration) -> str:
    """A guess with two ends; the unit is said once where both have it, and one end alone where they read alike.

    >>> [rough_range(*ends) for ends in ((300, 1200), (40, 97), (5, 5.2), (3000, 7500))]
    ['5 to 20 min', '40 s to 1 min 40 s', '5 s', '50 min to 2 h 05 min']
    >>> rough_range(3000, 17000, short_duration)
    '50 min to 5 h'
    """
    ends = [write(low), write(high)]
    if ends[0] == ends[1]:
        return ends[0]
    (number, unit), *more = [end.rsplit(" ", 1) for end in ends]
    once = number.isdigit() and more[0][0].isdigit() and unit == more[0][1]
    return f"{number if once else ends[0]} to {ends[1]}"


@dataclass
class Progress:
    """Counts of a run under way, shown as they change.

    Args:
        trials: how many are to be trained.
        cost: expected cost of them all, in any unit; the remaining time follows from the share that is done.
    """

    trials: int
    cost: float
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    interval: float = 15.0
    finished: int = 0
    diverged: int = 0
    failed: int = 0
    stopped: int = 0
    cost_done: float = 0.0
    epochs: int = 0
    running: dict[str, tuple[str, int, int, float]] = field(default_factory=dict)
    """Per trial under way: its label, epochs done, epochs in all, cost."""

    def start(self) -> None:
        """Begin to count the time and to show."""
        self._began = self._shown = time.monotonic()
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=self.stream)
        drawn = can_redraw(self._console)
        self._live = Live(console=self._console, refresh_per_second=4, transient=True) if drawn else None
        if self._live:
            self._live.start()

    def began(self, label: str) -> None:
        """A trial was handed to a worker."""

    def imported(self) -> None:
        """A worker has imported PyTorch, and begins to train."""

    def update(
        self,
        trial: str,
        label: str,
        done: int,
        total: int,
        cost: float,
        metrics: Mapping[str, float] | None = None,  # noqa: ARG002  # the interface's
        epoch_seconds: float = 0.0,  # noqa: ARG002  # the interface's
        accuracies: Sequence[tuple[int, float, float]] = (),  # noqa: ARG002  # the interface's
    ) -> None:
        """A trial under way reported.

        Args:
            trial: its name here.
            label: its name for people.
            done: epochs behind it, of `total`.
            total: epochs that it is to have.
            cost: that of the whole trial.
            metrics: after its latest epoch, which took so many seconds.
            epoch_seconds: see `metrics`.
            accuracies: of each epoch since it last reported: its number, validation and training accuracy.
        """
        before = self.running.get(trial)
        self.epochs += max(0, done - (before[1] if before else 0))
        self.running[trial] = (label, done, total, cost)
        self._show()

    def end(self, trial: str, status: str, cost: float, label: str = "") -> None:  # noqa: ARG002  # who shows names
        """A trial is over; it may never have reported, so its label comes along."""
        self.running.pop(trial, None)
        self.cost_done += cost
        setattr(self, status, getattr(self, status) + 1)
        self._show()

    @property
    def share(self) -> float:
        """How much of the expected cost is behind us, 0 to 1."""
        part = sum(c * d / max(t, 1) for _, d, t, c in self.running.values())
        return min(1.0, (self.cost_done + part) / self.cost) if self.cost else 1.0

    def line(self) -> str:
        """The state in a line."""
        elapsed = time.monotonic() - self._began
        over = self.finished + self.diverged + self.failed + self.stopped
        parts = [f"{over}/{counted(self.trials, 'trial')}", f"{self.share:.0%}", f"{duration(elapsed)} so far"]
        if self.share > 0.02:
            parts.append(f"{duration(elapsed * (1 - self.share) / self.share)} to go")
        parts += [f"{n} {name}" for name in ("diverged", "failed", "stopped") if (n := getattr(self, name))]
        return ", ".join(parts)

    def _show(self) -> None:
        if self._live:
            from rich.table import Table

            table = Table.grid(padding=(0, 2))
            for label, done, total, _ in sorted(self.running.values()):
                table.add_row("  " + label, f"epoch {done}/{total}")
            outer = Table.grid()
            outer.add_row(self.line())
            outer.add_row(table)
            self._live.update(outer)
        elif time.monotonic() - self._shown >= self.interval:
            self._shown = time.monotonic()
            print(self.line(), file=self.stream, flush=True)

    def stop(self) -> None:
        """Show the last state and stop."""
        if self._live:
            self._live.stop()
        print(self.line(), file=self.stream, flush=True)


@dataclass
class SearchProgress(Progress):
    """What a person sees of a search."""

    controller: SearchController | None = None
    _labels: dict[int, str] = field(default_factory=dict)

    def sent(self, proposal: Proposal) -> None:
        """A proposal was handed to a worker."""
        label = f"configuration {proposal.number}"
        self.running[str(proposal.number)] = (label, proposal.epochs, proposal.until, 0.0)
        self.began(label)

    def epoch(self, number: int, done: int, until: int) -> None:
        """A proposal under way reported."""
        self.update(str(number), f"configuration {number}", done, until, 0.0)

    def ended(self, proposal: Proposal) -> None:
        """A segment is over."""
        self.running.pop(str(proposal.number), None)
        self._show()

    def line(self) -> str:
        """The state in a line."""
        assert self.controller is not None
        proposals, objective = self.controller.proposals, self.controller.search.objectives[0]
        counts = {s: sum(p.state == s for p in proposals) for s in ("whole", "paused", "diverged", "failed")}
        parts = [f"{len(proposals)}/{self.trials} tried", *(f"{c} {s}" for s, c in counts.items() if c)]
        if first := ranked_proposals(proposals, objective)[:1]:
            parts.append(f"best {objective} {first[0].values([objective])[0]:.4f}")
        return ", ".join([*parts, f"{duration(time.monotonic() - self._began)} so far"])
