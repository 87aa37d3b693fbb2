"""Shows a run while it goes on: a live view on a terminal, lines elsewhere, and a small file for who looks on."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from study.app.board import Board
from study.app.live_view import ASCII, UNICODE, Letters, render
from study.app.snapshot import Measure, Snapshot
from study.execution.progress import Progress, duration
from study.planning.executor import StopRequest
from study.storage.durable_files import Folder

STATUS = ".live.json"
"""In a results folder: what its run shows, for `study status`; hidden, so that it is none of the records."""
STATUS_SECONDS = 2.0


def letters_of(stream: TextIO) -> Letters:
    """What a stream can show: `TERM=dumb` and other encodings than UTF-8 get plain letters."""
    plain = os.environ.get("TERM") == "dumb" or "utf" not in (getattr(stream, "encoding", "") or "").lower()
    return ASCII if plain else UNICODE


class LiveProgress(Progress):
    """A run of a plan, shown.

    Args:
        board: what is known of its trials.
        stop: asked whether the run is to end.
        folder: the results folder.
        title: names of the studies.
        command: goes on from here.
        quiet: show nothing but failures.
        phase: what is done before the first trial begins.
    """

    def __init__(
        self,
        board: Board,
        stop: StopRequest,
        folder: Folder,
        title: str,
        command: str,
        *,
        quiet: bool = False,
        phase: str = "starting",
        stream: TextIO | None = None,
    ) -> None:
        super().__init__(len(board.missing), board.plan.seconds_to_train, stream=stream or sys.stderr)
        self.board, self.stop_request, self.folder = board, stop, folder
        self.title, self.command, self.quiet = title, command, quiet
        self.phase = phase
        self._by_label = {t.label: t for t in board.missing}
        self._lock, self._over = threading.RLock(), threading.Event()
        self._live: Live | None = None
        self._heard = False

    # -- what is heard ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """See `Progress`."""
        self._began, self._began_at = time.monotonic(), time.time()
        self._console = Console(file=self.stream, highlight=False)
        self.letters = letters_of(self.stream)
        shown = self._console.is_terminal and not self._console.is_dumb_terminal and not self.quiet
        if shown:
            self._live = Live(console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop")
            self._live.start()
        elif not self.quiet:
            self._line(f"{self.title}: {self.trials} trials")
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def began(self, label: str) -> None:
        """A trial was handed to a worker."""
        with self._lock:
            if self.phase:
                self.phase = "a worker imports PyTorch and begins to train"
            for trial in self._trials(label):
                self.board.began(trial, time.monotonic())

    def update(
        self,
        trial: str,
        label: str,
        done: int,
        total: int,
        cost: float,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """See `Progress`."""
        with self._lock:
            super().update(trial, label, done, total, cost)
            if self.phase and not self.quiet and self._live is None:
                self._line(f"training on {self.board.cores} cores")
            self.phase = ""
            point = None
            if metrics and "val_accuracy" in metrics and "train_accuracy" in metrics:
                point = (float(metrics["val_accuracy"]), float(metrics["train_accuracy"]))
            for state in self._trials(label):
                self.board.report(state, done, point, time.monotonic(), self._elapsed)

    def end(self, trial: str, status: str, cost: float) -> None:
        """See `Progress`."""
        with self._lock:
            label = self.running[trial][0] if trial in self.running else ""
            super().end(trial, status, cost)
            for state in self._trials(label):
                before = {(r.study, r.arm) for r in self.board.rows() if r.epoch == "done"}
                self.board.end(state, status, self._elapsed)
                if self._live is None and not self.quiet:
                    self._said_of_arms(before)

    def stop(self) -> None:
        """See `Progress`."""
        self._over.set()
        self._ticker.join()
        if self.stop_request.asked:
            if not self._heard:
                self._say_stopping()
            counts = self.board.counts
            done = counts["finished"] + counts["diverged"]
            under_way = sum(t.status in ("running", "waiting") and t.done > 0 for t in self.board.missing)
            rest = self.trials - done - under_way - counts["failed"]
            self._last(
                f"{self._clock()}  saved. {done} of {self.trials} trials are done, {under_way} are under way, "
                f"{rest} are not begun."
            )
            self._write_status("interrupted")
        elif self._live:
            self._live.stop()
        if not self.stop_request.asked:
            forget(self.folder)

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _clock(self) -> str:
        from study.app.live_view import clock

        return clock(self._elapsed)

    def _trials(self, label: str) -> list[Any]:
        """Of a label such as `study/arm, seed 0, 1`: one a seed."""
        if label in self._by_label:
            return [self._by_label[label]]
        head, _, seeds = label.partition(", seed ")
        names = [f"{head}, seed {s}" for s in seeds.split(", ")]
        return [self._by_label[n] for n in names if n in self._by_label]

    def snapshot(self, state: str = "running") -> Snapshot:
        """As it stands now."""
        with self._lock:
            now, counts = time.monotonic(), self.board.counts
            busy = min(counts["running"], self.board.cores)
            return Snapshot(
                title=self.title,
                began=self._began_at,
                now=self._began_at + self._elapsed,
                epochs=self.board.epochs,
                trials=(counts["finished"] + counts["diverged"], self.trials),
                failed=counts["failed"],
                diverged=counts["diverged"],
                left=self.board.left(now),
                phase=self.phase,
                rows=self.board.rows(),
                caption=self.board.caption(),
                running=self.board.running(now),
                events=tuple(self.board.events)[-3:],
                machine=f"{busy} of {self.board.cores} cores busy{memory()}",
                state=state,  # type: ignore[arg-type]
                command=self.command,
                pid=os.getpid(),
                host=platform.node(),
            )

    def _tick(self) -> None:
        """Draw each second, and at once when the run is asked to stop."""
        shown = written = said = 0.0
        while not self._over.wait(0.1):
            now = time.monotonic()
            if self.stop_request.asked and not self._heard:
                self._say_stopping()
            if self._live and now - shown >= 1.0 and not self._heard:
                shown = now
                self._draw()
            if now - written >= STATUS_SECONDS * (1 if self.folder.local else 5):
                written = now
                self._write_status("stopping" if self._heard else "running")
            if self._live is None and not self.quiet and self._elapsed - said >= 60 and not self.phase:
                said = self._elapsed
                done, total = self.board.epochs
                left = self.board.left(now)
                self._line(f"{done:,} of {total:,} epochs" + (f", {duration(left)} left" if left is not None else ""))

    def _show(self) -> None:
        """Nothing at each report: `_tick` draws."""

    def _draw(self, state: str = "running") -> None:
        assert self._live is not None
        size = self._console.size
        lines = render(self.snapshot(state), size.width, size.height - 1, self.letters)
        self._live.update(Group(*(Text(line, no_wrap=True, overflow="crop") for line in lines)), refresh=True)

    def _say_stopping(self) -> None:
        self._heard = True
        if self._live and not self.phase:
            self._draw("stopping")
        with self._lock:
            saving = [f"{self.board.short(t)} at epoch {t.done}" for t in self.board.missing if t.status == "running"]
        some = " and ".join(saving) if len(saving) < 3 else f"{len(saving)} trials"
        self._last(f"{self._clock()}  stopping: saving {some}" if some else f"{self._clock()}  stopping")

    def _last(self, line: str) -> None:
        """A line that stays; the view above it stays as it was."""
        if self._live:
            live, self._live = self._live, None
            live.transient = False
            live.stop()
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _line(self, text: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}", file=self.stream, flush=True)

    def _said_of_arms(self, before: set[tuple[str, str]]) -> None:
        for row in self.board.rows():
            if row.epoch == "done" and (row.study, row.arm) not in before and row.accuracy and row.gap:
                name = row.arm if len(self.board.plan.studies) == 1 else f"{row.study}/{row.arm}"
                self._line(
                    f"{name}: {row.done} seeds, {_plain(row.accuracy)} %, gap {_plain(row.gap)}"
                    + (f", {row.note}" if row.note else "")
                )

    def _write_status(self, state: str) -> None:
        write(self.folder, self.snapshot(state))


def _plain(m: Measure) -> str:
    return f"{m.value:.2f}" + (f" +- {m.half:.2f}" if m.half is not None else "")


def memory(system: Path = Path("/proc/meminfo")) -> str:
    """Memory in use on this machine, where it can be read."""
    try:
        values = {k: float(v.split()[0]) / 2**20 for k, v in (x.split(":") for x in system.read_text().splitlines())}
        return f", {values['MemTotal'] - values['MemAvailable']:.1f} of {values['MemTotal']:.0f} GB"
    except (OSError, KeyError, ValueError, IndexError):
        return ""


# ---------------------------------------------------------------------------------------------- for who looks on


def write(folder: Folder, snapshot: Snapshot) -> None:
    """Keep what is shown; not flushed to disk, for it is of no use after a crash of the machine."""
    data = json.dumps(snapshot.to_dict()).encode()
    with contextlib.suppress(OSError, Exception):
        folder.write(STATUS, data, flush=False)


def read(folder: Folder) -> Snapshot | None:
    """What the folder's run shows or showed last; None where it ended well, or nothing can be read."""
    try:
        data = folder.read(STATUS)
        return Snapshot.from_dict(json.loads(data)) if data else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def forget(folder: Folder) -> None:
    """The run ended well."""
    with contextlib.suppress(Exception):
        folder.delete(STATUS)


Announce = Callable[[Any], None]
