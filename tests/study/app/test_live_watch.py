"""One look serves all viewers: it builds where something has changed, seldom, and only while somebody looks."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import threading
import time
from pathlib import Path

import pytest

from analysis.report.live_page import LiveDocument
from study.app import live_watch, screen
from study.app.live_watch import LiveWatch, run_state
from study.app.signs_of_life import SignsOfLife
from study.app.snapshot import Snapshot
from study.storage.results_folder import ResultsFolder
from study.storage.unfinished import UnfinishedTrial, keep_unfinished
from trainables.config.errors import StoreError
from trainables.config.trial_config import TrialConfig


def fresh(**changes: object) -> Snapshot:
    """A run of this process, begun a minute ago, that has just written what it shows."""
    now = time.time()
    shown = Snapshot(
        title="s", began=now - 60, now=now, epochs=(20, 100), trials=(1, 5), failed=0, diverged=0,
        left=90.0, phase="", rows=(), caption="", running=(), events=(), machine="", command="study run s",
        pid=os.getpid(), host=platform.node(),
    )  # fmt: skip
    return dataclasses.replace(shown, **changes)  # type: ignore[arg-type]


class Built:
    """Counts the pages that it makes; each takes so many seconds of a clock that stands still otherwise."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.calls: list[bool] = []
        self.now, self.seconds = 0.0, seconds

    def __call__(self, where: str, *, provisional: bool) -> LiveDocument:
        self.calls.append(provisional)
        self.now += self.seconds
        return LiveDocument("t", f"v{len(self.calls)}", "document", "content")

    def clock(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    made = ResultsFolder(tmp_path / "r", create=True)
    screen.write_snapshot(made.folder, fresh())
    return made


def report(store: ResultsFolder, epochs: int) -> None:
    keep_unfinished(store.folder, [UnfinishedTrial(TrialConfig(epochs=99), "c", {e: {} for e in range(1, epochs + 1)})])


def test_a_page_is_built_where_something_has_changed(store: ResultsFolder) -> None:
    built = Built()
    watch = LiveWatch(store.folder.where, built, built.clock, built.clock)
    watch.look()
    watch.look()
    assert built.calls == [True]
    report(store, 1)
    watch.look()
    screen.remove_snapshot(store.folder)
    watch.look()
    assert built.calls == [True, True, False], "once the run has ended nothing is provisional"


def test_a_folder_that_is_gone_or_holds_a_link_is_said_to_and_the_watch_goes_on(store: ResultsFolder) -> None:
    built = Built()
    watch = LiveWatch(store.folder.where, built, built.clock, built.clock)
    live = Path(store.folder.where) / screen.SNAPSHOT_FILE
    live.unlink()
    live.symlink_to(Path(store.folder.where) / "study-results.json")
    watch.look()
    assert watch.words.state == "over" and ".live.json" in watch.words.text
    live.unlink()
    screen.write_snapshot(store.folder, fresh())
    watch.look()
    assert watch.words.state == "running"
    Path(store.folder.where).rename(store.folder.where + ".gone")
    watch.look()
    assert watch.words.state == "over" and len(built.calls) == 3


def test_after_a_long_build_the_next_one_waits(store: ResultsFolder) -> None:
    built = Built(seconds=3.0)
    watch = LiveWatch(store.folder.where, built, built.clock, built.clock)
    watch.look()
    report(store, 1)
    built.now += 11.0
    watch.look()
    assert len(built.calls) == 1
    assert watch.words.text.endswith(" What stands below is of 14 s ago."), "the line counted 15 tries, the page 9"
    built.now += 1.1
    watch.look()
    assert len(built.calls) == 2
    watch.look()
    assert "ago" not in watch.words.text, "nothing has changed since it was read"


def test_a_build_that_waited_for_a_core_is_not_waited_for_again(store: ResultsFolder) -> None:
    """On a busy machine the page was four minutes behind: it rested four times the clock's time of a build."""
    built = Built(seconds=60.0)
    watch = LiveWatch(store.folder.where, built, built.clock, lambda: built.now / 20)
    watch.look()
    report(store, 1)
    built.now += 11.9
    watch.look()
    assert len(built.calls) == 1
    built.now += 0.2
    watch.look()
    assert len(built.calls) == 2, "of 60 s by the clock it worked 3"


def test_the_end_of_a_run_is_told_before_its_page_is_built_and_waits_for_no_rest(store: ResultsFolder) -> None:
    """A page that was open when the run ended looked provisional for as long as the last build let it rest."""
    heard: list[str] = []
    built = Built(seconds=60.0)

    def build(where: str, *, provisional: bool) -> LiveDocument:
        heard.append(watch.words.state + watch.words.text[-25:])
        return built(where, provisional=provisional)

    watch = LiveWatch(store.folder.where, build, built.clock, built.clock)
    watch.look()
    screen.remove_snapshot(store.folder)
    watch.look()
    assert built.calls == [True, False] and heard[-1] == "over The last numbers follow."
    assert "follow" not in watch.words.text
    report(store, 1)
    watch.look()
    assert len(built.calls) == 2, "what comes after the end may wait"


def test_every_viewer_hears_the_page_and_the_words_and_then_what_changes(store: ResultsFolder) -> None:
    built = Built()
    watch = LiveWatch(store.folder.where, built, built.clock, built.clock)
    watch.look()
    one, other = watch.events(""), watch.events("v1")
    event, identity, data = next(one)
    assert (event, identity, json.loads(data)["html"]) == ("page", "v1", "content")
    assert next(one)[0] == "words" and next(other)[0] == "words", "who has the page is not sent it again"
    report(store, 2)
    watch.look()
    assert next(one)[:2] == next(other)[:2] == ("page", "v2")


def test_a_line_where_nothing_happens_is_kept_open(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_watch, "BEAT_SECONDS", 0.01)
    watch = LiveWatch(store.folder.where, Built())
    watch.look()
    events = watch.events("v1")
    assert [next(events)[0] for _ in range(3)] == ["words", "", ""]


def test_nobody_looks_and_nothing_is_built_until_somebody_does(store: ResultsFolder) -> None:
    built = Built()
    watch = LiveWatch(store.folder.where, built)
    watch.start()
    assert built.calls == [] and watch.document() == "document" and built.calls == [True]
    watch.stop()


def test_the_end_lets_all_viewers_go(store: ResultsFolder) -> None:
    watch = LiveWatch(store.folder.where, Built())
    watch.look()
    heard: list[str] = []
    begun = threading.Event()

    def follow() -> None:
        for event, _, _ in watch.events(""):
            heard.append(event)
            begun.set()

    viewer = threading.Thread(target=follow)
    viewer.start()
    assert begun.wait(30)
    watch.stop()
    viewer.join(30)
    assert not viewer.is_alive() and heard[0] == "page"


def said(run: Snapshot) -> live_watch.RunState:
    return run_state(run, "r", goes_on=SignsOfLife().goes_on(run))


def test_what_is_said_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_watch, "since_written", lambda run: 10.0)
    assert said(fresh()).text == "s has run for 1 min 10 s, 1 min 20 s left: 20 of 100 epochs."
    assert said(fresh(phase="starting Ray")).text == "s has run for 1 min 10 s: starting Ray."
    stopped = said(fresh(state="interrupted"))
    assert stopped.state == "interrupted"
    assert stopped.text == "s was interrupted after 1 min 00 s."
    assert (stopped.lead, stopped.command) == ("This goes on:", "study run s"), "a line of its own, to be pasted"
    assert "ended without a word" in said(fresh(pid=2**22 + 1)).text
    over = run_state(None, "my results", goes_on=False)
    assert over.state == "over" and over.lead == "The page with all figures:"
    assert over.command == "study report 'my results'"
    assert not said(fresh()).command, "while it runs nothing is to be typed"


def test_what_is_no_results_folder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there are no results"):
        LiveWatch(str(tmp_path / "nothing"))
