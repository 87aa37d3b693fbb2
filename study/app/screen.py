"""A live view on a terminal, lines elsewhere, and a small file for who looks on; of whatever can give a `Snapshot`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from analysis.claims.words import ASCII_MARKS, MARKS, VerdictWord
from analysis.text.plain_text import printable
from study.app.drawing import Drawing, drawing_on
from study.app.live_view import ASCII, UNICODE, CharacterSet, clock_text, render
from study.app.snapshot import Snapshot, State
from study.app.wrapping import wrapped
from study.execution.progress import rough_duration
from study.planning.executor import StopRequest
from study.storage import unfinished
from study.storage.durable_files import Folder
from study.storage.unfinished import UnfinishedTrial
from trainables.config.errors import StudyError

SNAPSHOT_FILE = ".live.json"
"""In a results folder: what its run shows, for `study status`; hidden, so that it is none of the records."""
STATUS_SECONDS, LINE_SECONDS = 2.0, 60.0
"""Between two writings of that file; between two lines of a log."""
START_SECONDS = 0.3
"""Between two writings until there is a number: who looks on waits for it."""
TICK_SECONDS = 0.1
"""Between two looks at whether there is something to draw or to write."""


def letters_of(stream: TextIO) -> CharacterSet:
    """What a stream can show: `TERM=dumb` and other encodings than UTF-8 get plain letters."""
    plain = os.environ.get("TERM") == "dumb" or "utf" not in (getattr(stream, "encoding", "") or "").lower()
    return ASCII if plain else UNICODE


def marks_of(letters: CharacterSet) -> Mapping[VerdictWord, str]:
    """The sign of each verdict, in these letters."""
    return MARKS if letters is UNICODE else ASCII_MARKS


class Screen:
    """Shows something each second, until it is left.

    Args:
        snapshot: what is to be shown now.
        saving: what is under way, each with its epoch: what a stop saves.
        stop: asked whether the run is to end.
        folder: the results folder.
        quiet: show nothing but what a stop does.
        under_way: trials that are trained now, for the live page.
        late: what cannot be saved in time when the run is to stop, a line each.
        since: when the command began, by the monotonic clock, where this is a later part of it.
    """

    def __init__(
        self,
        snapshot: Callable[[State], Snapshot],
        saving: Callable[[], list[str]],
        stop: StopRequest,
        folder: Folder,
        stream: TextIO,
        *,
        quiet: bool,
        under_way: Callable[[], Iterable[UnfinishedTrial]] = tuple,
        late: Callable[[], list[str]] = list,
        since: float | None = None,
    ) -> None:
        self._part, self._saving, self._stop, self._folder = snapshot, saving, stop, folder
        self._under_way, self._late = under_way, late
        self._stream, self.quiet = stream, quiet
        self._console, self._letters = Console(file=stream, highlight=False), letters_of(stream)
        self._over, self._heard = threading.Event(), False
        self._drawing: Drawing | None = None
        self._stopping: list[str] = []
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._began = time.monotonic()
        self._since = since

    @property
    def earlier(self) -> float:
        """Seconds of the command before it was entered."""
        return 0.0 if self._since is None else self._began - self._since

    @property
    def elapsed(self) -> float:
        """Seconds since it was entered."""
        return time.monotonic() - self._began

    @property
    def draws(self) -> bool:
        """Whether it draws; else it writes lines."""
        return self._drawing is not None

    def enter(self, first: str) -> None:
        """Begin; `first`: the first line of a log."""
        self._began = time.monotonic()
        self._drawing = None if self.quiet else drawing_on(self._console)
        self.line(first)
        self._ticker.start()

    def _snapshot(self, state: State) -> Snapshot:
        """What is to be shown now, with the command's clock."""
        return self._part(state).after(self.earlier)

    def leave(self, saved: Callable[[], str]) -> None:
        """End; after a stop with the line that says what was saved."""
        self._over.set()
        self._ticker.join()
        if self._stop.asked:
            if not self._heard:
                self._say_stopping()
            said = "nothing is saved: the results folder is gone." if self._is_gone() else saved()
            self._leave_view()
            self._last(f"{clock_text(self.earlier + self.elapsed)}  {said}")
            self._keep("interrupted")
            return
        if self._drawing:
            self._drawing.close(keep=False)
        remove_snapshot(self._folder)
        unfinished.remove_unfinished(self._folder)

    def _is_gone(self) -> bool:
        """Whether somebody has removed the results folder."""
        try:
            return not self._folder.top_names()
        except StudyError:
            return True

    def end_now(self, words: str) -> str:
        """The process ends now, in the middle of the view: that stays, and who looks on hears of it.

        Returns:
            What is to be said of it, as wide as the terminal.
        """
        self._over.set()
        if self._ticker.is_alive():
            self._ticker.join(TICK_SECONDS)
        if not self._heard:
            self._say_stopping()
        self._leave_view()
        self._keep("interrupted")
        return self._fitted(f"{clock_text(self.earlier + self.elapsed)}  {words}" if words else "")

    def line(self, text: str) -> None:
        """A line of a log, where nothing is drawn."""
        if self._drawing is None and not self.quiet:
            with contextlib.suppress(OSError):
                said = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {self._letters.shown(text)}"
                print(wrapped(said, self._stream) if self._stream.isatty() else said, file=self._stream, flush=True)

    def _tick(self) -> None:
        """Draw each second, and at once when the run is asked to stop."""
        shown = written = said = 0.0
        starts = True
        while not self._over.wait(TICK_SECONDS):
            now = time.monotonic()
            if self._stop.asked and not self._heard:
                self._say_stopping()
                written = 0.0  # who looks on hears of it at once
            if self._drawing and now - shown >= 1.0:
                shown = now
                self._draw("stopping" if self._heard else "running")
            if now - written >= (START_SECONDS if starts and self._folder.local else self._status_seconds()):
                written = now
                starts = bool(self._keep("stopping" if self._heard else "running").phase)
            if self._drawing is None and not self._heard and self.elapsed - said >= LINE_SECONDS:
                said = self.elapsed
                s = self._snapshot("running")
                left = f", {rough_duration(s.left)} left" if s.left is not None else ""
                self.line(s.phase or f"{s.epochs[0]:,} of {s.epochs[1]:,} {s.unit}{left}")

    def _status_seconds(self) -> float:
        return STATUS_SECONDS * (1 if self._folder.local else 5)

    def _keep(self, state: State) -> Snapshot:
        """For who looks on; returns what was kept."""
        write_snapshot(self._folder, now := self._snapshot(state))
        unfinished.keep_unfinished(self._folder, self._under_way())
        return now

    def _draw(self, state: State) -> None:
        assert self._drawing is not None
        with contextlib.suppress(OSError):
            width, height = self._drawing.size()
            view = render(self._snapshot(state), width, height - len(self._stopping), self._letters)
            self._drawing.draw([*view, *self._stopping])

    def _say_stopping(self) -> None:
        """Say what is saved: below the view, whose clock goes on."""
        self._heard = True
        saving = self._saving()
        some = " and ".join(saving) if len(saving) < 3 else f"{len(saving)} trials"
        said = f"{clock_text(self.earlier + self.elapsed)}  stopping" + (f": saving {some}" if some else "")
        lines = [self._fitted(line) for line in (said, *(f"      {line}" for line in self._late()))]
        if self._drawing:
            self._stopping = [part for line in lines for part in line.splitlines()]
            self._draw("stopping")
            return
        if self._stream.isatty():
            with contextlib.suppress(OSError):
                self._stream.write("\r")  # over the `^C` that the terminal shows
        for line in lines:
            self._last(line)

    def _leave_view(self) -> None:
        """Draw what was saved, and leave the view as it is. A terminal that has gone keeps nothing from saving."""
        if self._drawing:
            self._draw("interrupted")
            drawing, self._drawing = self._drawing, None
            with contextlib.suppress(OSError):
                drawing.close(keep=True)

    def _last(self, line: str) -> None:
        """A line that stays, below the view."""
        with contextlib.suppress(OSError):
            self._console.print(self._fitted(line), highlight=False, markup=False, soft_wrap=True)

    def _fitted(self, words: str) -> str:
        """Words as wide as the terminal; in a log as they are."""
        return wrapped(words, self._stream) if self._stream.isatty() else words


def memory_in_use(system: Path = Path("/proc/meminfo")) -> str:
    """Memory in use on this machine, where it can be read."""
    try:
        values = {k: float(v.split()[0]) / 2**20 for k, v in (x.split(":") for x in system.read_text().splitlines())}
        return f", {values['MemTotal'] - values['MemAvailable']:.1f} of {values['MemTotal']:.0f} GB"
    except (OSError, KeyError, ValueError, IndexError):
        return ""


# ---------------------------------------------------------------------------------------------- for who looks on


def write_snapshot(folder: Folder, snapshot: Snapshot) -> None:
    """Keep what is shown; not flushed to disk, for it is of no use after a crash of the machine."""
    data = json.dumps(snapshot.to_dict()).encode()
    with contextlib.suppress(OSError, Exception):
        folder.write(SNAPSHOT_FILE, data, flush=False)


def read_snapshot(folder: Folder) -> Snapshot | None:
    """What the folder's run shows or showed last; None where it ended well, or nothing can be read."""
    try:
        data = folder.read(SNAPSHOT_FILE)
        return Snapshot.from_dict(_harmless(json.loads(data))) if data else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


LARGEST_SHOWN_SECONDS = 1e11
"""Of any number that is shown: more seconds than the calendar of a system knows."""
_WORD = r"(?:[\w@%+=:,./~-]|'[^']*'|\"'\")+"
_COMMAND = re.compile(rf"study(?: {_WORD})*")


def _harmless(given: Any) -> Any:
    """Plain data of a folder that may be a stranger's: no text steers a terminal, and each number can be shown."""
    if isinstance(given, dict):
        return {name: own_command(v) if name == "command" else _harmless(v) for name, v in given.items()}
    if isinstance(given, list):
        return [_harmless(v) for v in given]
    if isinstance(given, str):
        return printable(" ".join(given.split("\n")))
    if isinstance(given, int | float) and not -LARGEST_SHOWN_SECONDS < given < LARGEST_SHOWN_SECONDS:  # nor is NaN
        return 0
    return given


def own_command(given: Any) -> str:
    """A command that a folder says to go on with: one of ours and nothing behind it, else none.

    >>> own_command("study run a.yaml --results='my results'"), own_command("study run a; wget b"), own_command("rm a")
    ("study run a.yaml --results='my results'", '', '')
    """
    return str(given) if _COMMAND.fullmatch(str(given)) and str(given).isprintable() else ""


def remove_snapshot(folder: Folder) -> None:
    """The run ended well."""
    with contextlib.suppress(Exception):
        folder.delete(SNAPSHOT_FILE)
