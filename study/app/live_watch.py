"""What a live page shows, kept up to date: looks at a results folder, builds the page where something has changed.

One thread looks for all viewers. It builds only while somebody looks, and takes at most a fifth of one core for it, so
that whoever trains hardly notices. It reads what anybody may read: the records, and the two small files of the run.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Protocol

from study.app import screen
from study.app.command_for_folder import of_this_folder
from study.app.signs_of_life import SignsOfLife, since_written
from study.app.snapshot import Snapshot
from study.execution.progress import duration, rough_duration
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from study.storage.unfinished import UNFINISHED
from trainables.config.errors import StudyError

if TYPE_CHECKING:
    from analysis.report.live_page import LiveDocument

LOOK_SECONDS, REMOTE_LOOK_SECONDS = 1.0, 10.0
"""Between two looks at a folder on this machine; at one in a bucket."""
REST_FACTOR = 4.0
"""After a build, so many times its processor seconds pass before the next."""
SHOWN_AGE_SECONDS = 2.0
"""From this age on a page that lags behind the run is said to."""
BEAT_SECONDS = 15.0
"""A viewer hears something at least this often, so that a connection that is gone is noticed."""


@dataclass(frozen=True)
class RunState:
    """How the run does, in a line; `state` is `running`, `interrupted`, or `over`."""

    state: str
    text: str
    lead: str = ""
    command: str = ""
    """What follows, on a line of its own: words, and a command to be pasted; both empty while it runs."""


def run_state(run: Snapshot | None, where: str, *, goes_on: bool) -> RunState:
    """What is said of a run above the page; `run`: what it showed last, None where none goes on."""
    if run is None:
        report = shlex.join(["study", "report", where])
        return RunState("over", "No run goes on in this folder.", "The page with all figures:", report)
    if goes_on:
        (done, total), gone = run.epochs, since_written(run)
        known = run.left is not None and not run.phase
        left = f", {rough_duration((run.left or 0.0) - gone)} left" if known else ""
        far = run.phase or f"{done:,} of {total:,} {run.unit}"
        return RunState("running", f"{run.title} has run for {duration(run.now - run.began + gone)}{left}: {far}.")
    how = "was interrupted" if run.state == "interrupted" else "ended without a word"
    lead = "This goes on:" if run.command else ""
    return RunState("interrupted", f"{run.title} {how} after {duration(run.now - run.began)}.", lead, run.command)


def _page(where: str, *, provisional: bool) -> LiveDocument:
    """Imported by the thread that builds: the address is said meanwhile."""
    from analysis.report.live_page import live_page

    return live_page(where, provisional=provisional)


class PageBuilder(Protocol):
    """Makes the page of a results folder."""

    def __call__(self, where: str, *, provisional: bool) -> LiveDocument:
        """As it stands."""


class LiveWatch:
    """A results folder, watched.

    Args:
        where: the results folder; a `StoreError` where it is none.
        build: makes the page; if not given, `analysis.report.live_page`.
        clock: seconds that never go back.
        worked: processor seconds of the thread that asks.
    """

    def __init__(
        self,
        where: str,
        build: PageBuilder | None = None,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self.where, self._build, self._clock, self._worked = where, build or _page, clock, worked
        self._store, self._signs = ResultsFolder(where), SignsOfLife(clock)
        self._changed = threading.Condition()
        self._ended = False
        self._viewers = self._looks = 0
        self._seen = ""
        self._not_before = self._read_at = 0.0
        self.words = RunState("over", "")
        self.page: LiveDocument | None = None

    # -- who looks at the folder -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Look again and again, in a thread of its own."""
        threading.Thread(target=self._run, name="live page", daemon=True).start()

    def stop(self) -> None:
        """Let the thread and all viewers go."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _run(self) -> None:
        every = LOOK_SECONDS if self._store.folder.local else REMOTE_LOOK_SECONDS
        while not self._ended:
            if self._viewers:
                self.look()
            with self._changed:
                if self._viewers:
                    self._changed.wait_for(lambda: self._ended, every)
                else:
                    self._changed.wait_for(lambda: self._ended or self._viewers > 0)

    def look(self) -> None:
        """Look once; build the page where something has changed since, and the last build was long enough ago.

        Viewers hear how the run does before the page is built, and the end of a run waits for no rest.
        """
        words = self._how_the_run_does()
        seen = self._fingerprint(words.state)
        page, turned = self.page, words.state != self.words.state
        behind = page is not None and seen != self._seen
        if page is not None:
            self._tell(self._with_age(words) if behind else words)
        if page is None or (behind and (turned or self._clock() >= self._not_before)):
            self._read_at, behind, before = self._clock(), False, self._worked()
            page = self._build(self.where, provisional=words.state != "over")
            self._seen, self._not_before = seen, self._clock() + REST_FACTOR * (self._worked() - before)
        words = self._with_age(words) if behind else words
        with self._changed:
            self.page, self.words, self._looks = page, words, self._looks + 1
            self._changed.notify_all()

    def _with_age(self, words: RunState) -> RunState:
        # Where the page lags behind what runs, for both count what was done.
        age = self._clock() - self._read_at
        if words.state != "running":
            return replace(words, text=f"{words.text} The last numbers follow.")
        if age < SHOWN_AGE_SECONDS:
            return words
        return replace(words, text=f"{words.text} What stands below is of {duration(age)} ago.")

    def _how_the_run_does(self) -> RunState:
        try:
            run = screen.read_snapshot(self._store.folder)
            goes_on = run is not None and self._signs.goes_on(run)
            shown = run if run is None or goes_on else self._with_command_here(run)
            return run_state(shown, self.where, goes_on=goes_on)
        except StudyError as error:  # the folder is gone, or what lies there is no run's
            return RunState("over", str(error))

    def _with_command_here(self, run: Snapshot) -> Snapshot:
        """What it shows, with the command that goes on in this folder."""
        return of_this_folder(run, self._store.folder.where, read_runs(self._store.folder))

    def _tell(self, words: RunState) -> None:
        with self._changed:
            self.words = words
            self._changed.notify_all()

    def _fingerprint(self, state: str) -> str:
        from analysis.report.fingerprint import records_fingerprint

        try:
            records = records_fingerprint(self._store)
            under_way = self._store.folder.read(UNFINISHED) or b""
        except StudyError as error:
            return f"{state} {error}"
        return f"{state} {records} {hashlib.sha256(under_way).hexdigest()}"

    # -- who looks at the page -------------------------------------------------------------------------------------

    def document(self) -> str:
        """The whole page, after one more look."""
        with self._changed:
            self._viewers += 1
            before = self._looks
            try:
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._looks > before or self._ended)
            finally:
                self._viewers -= 1
        return self.page.document if self.page else ""

    def events(self, known_version: str) -> Iterator[tuple[str, str, str]]:
        """What happens from now on: event, identity and data in JSON; an empty event now and then keeps a line open.

        `known_version`: the version that the viewer has.
        """
        said: RunState | None = None
        with self._changed:
            self._viewers += 1
            self._changed.notify_all()
        try:
            while not self._ended:
                page, words = self.page, self.words
                news = (page is not None and page.version != known_version) or words != said
                if page is not None and page.version != known_version:
                    known_version = page.version
                    yield (
                        "page",
                        known_version,
                        json.dumps({"version": known_version, "title": page.title, "html": page.content}),
                    )
                if words != said and page is not None:
                    said = words
                    yield "words", known_version, json.dumps(asdict(words))
                elif not news:
                    yield "", "", ""
                self._wait(page, words)
        finally:
            with self._changed:
                self._viewers -= 1

    def _wait(self, page: LiveDocument | None, words: RunState) -> None:
        """For something else than these, a beat at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self.page is not page or self.words != words, BEAT_SECONDS)
