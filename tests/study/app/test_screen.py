"""The terminal's screen of a run that goes on elsewhere, or is over."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import platform
import shlex
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.app import screen, signs_of_life
from study.app.live_view import render
from study.app.screen import SNAPSHOT_FILE
from study.app.snapshot import ArmRow, RunningTrial, Snapshot, State
from study.app.status import status_of
from study.cli import status_text
from study.planning.executor import StopRequest
from study.storage import unfinished
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.unfinished import UnfinishedTrial
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_signs_of_life import elsewhere
from tests.study.app.test_status import SMALL
from tests.study.cli.test_main import study
from tests.waiting import wait_until


@pytest.mark.parametrize("state", ["interrupted", "running"])
def test_of_a_run_that_is_over_only_what_was_saved_is_shown(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was stopped, or killed and left what its screen showed last: there the trial had three epochs."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").touch()
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    write_run(store.folder, "20260102T000000-000000", RunRecord(studies=("small",), seeds=(0, 1), reduced=False))
    trial = SMALL.config("b", seed=1)
    name, metrics = trial.identity(synthetic.CHECKSUM), {"val_accuracy": 0.5, "train_accuracy": 0.6}
    store.save_checkpoint(name, 2, b"state")
    unfinished.keep_unfinished(
        store.folder, [UnfinishedTrial(trial, synthetic.CHECKSUM, dict.fromkeys((1, 2, 3), metrics))]
    )
    rows = (ArmRow("small", "a", 2, 1, ""), ArmRow("small", "b", 2, 1, "3/3"))
    screen.write_snapshot(store.folder, Snapshot("small", 0.0, 9.0, (3, 6), (0, 2), 0, 0, 3.0, "", rows, "", (), (), "",
                                        state=state, command="study run s.yaml", host="nowhere"))  # fmt: skip
    said = status_text.status_lines(where)
    assert any(line.startswith("missing  2 of 4 trials: 1 goes on after epoch 2, 1 not begun") for line in said)
    assert f"next     study run s.yaml --results {where}" in said
    table = [line.split()[:5] for line in said if line.startswith(("a ", "b "))]
    assert [row[:4] for row in table] == [["a", "1", "of", "2"], ["b", "1", "of", "2"]]
    assert table[1][4] == "2/3" and not any("next" in line for line in said[:-1]), "nothing comes next: it does not run"


@pytest.mark.parametrize("behind", [-7200.0, -3600.0, 0.0, 3600.0, 36_000.0])
def test_a_run_on_another_machine_goes_on_whatever_its_clock_says(
    behind: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes every two seconds, and that is seen; a run that is over does not."""
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    screen.write_snapshot(store.folder, elsewhere(behind))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) % 3 == 0:
            screen.write_snapshot(store.folder, elsewhere(behind - len(slept)))

    monkeypatch.setattr("study.app.signs_of_life.time.sleep", sleep)
    assert status_of(where).alive and len(slept) == (3 if behind else 0)
    said = status_text.status_lines(where)
    assert said[0].startswith("running for 1 min 0") and " on another, since " in said[0], said[0]


def test_a_run_on_another_machine_that_writes_nothing_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    monkeypatch.setattr(signs_of_life, "LOOK_SECONDS", 0.01)
    screen.write_snapshot(store.folder, elsewhere(3600.0))
    said = status_text.status_lines(where)[0]
    assert said.startswith("not running. It ended without a word after 1 min 00 s, 2")
    assert said.endswith(" by the clock of another."), "which may differ from ours"
    monkeypatch.setattr(
        "study.app.signs_of_life.time.sleep", lambda _: pytest.fail("days ago is no difference of clocks")
    )
    screen.write_snapshot(store.folder, elsewhere(5 * 86_400.0))
    assert not status_of(where).alive


def test_a_status_file_that_is_none_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ResultsFolder(tmp_path, create=True)
    for text in ("", "{", "[1]", "null", '{"rows": 3}'):
        (tmp_path / SNAPSHOT_FILE).write_text(text)
        assert study("status", str(tmp_path)) == 0
        assert capsys.readouterr().out.startswith("not running.\n")


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "±"), ("ascii", "+-")])
def test_a_line_of_a_log_has_the_signs_of_its_stream(
    encoding: str, sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    folder = ResultsFolder(tmp_path, create=True).folder
    log = screen.Screen(lambda _: elsewhere(0.0), list, StopRequest(), folder, stream, quiet=False)
    log.line("wide: 6 seeds, 91.73 +- 1.23 %")
    assert raw.getvalue().decode(encoding).endswith(f"wide: 6 seeds, 91.73 {sign} 1.23 %\n")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\x1b[2J\nnext  rm -r ~"),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=4,
)
FIELDS = [f.name for f in dataclasses.fields(Snapshot)]
NESTED = [("rows", "trend"), ("rows", "accuracy"), ("rows", "seeds"), ("running", "epoch"), ("running", "seconds")]


@given(
    st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4), st.sampled_from(NESTED), ODD, st.sampled_from(["", "x"])
)
def test_a_strangers_status_file_is_shown_or_passed_over_and_steers_nothing(
    changed: dict[str, object], nested: tuple[str, str], odd: object, host: str
) -> None:
    row = ArmRow("s", "a", 3, 1, "1/2", trend=(0.1, 0.2))
    shown = replace(elsewhere(0.0, host=host or platform.node(), pid=os.getpid()), rows=(row,))
    plain = replace(shown, running=(RunningTrial("s/a", 1, 2, 0.1, 0.1),)).to_dict()
    plain[nested[0]][0][nested[1]] = odd
    with tempfile.TemporaryDirectory() as where, pytest.MonkeyPatch.context() as patch:
        patch.setattr("study.app.signs_of_life.LOOK_SECONDS", 0.0)
        ResultsFolder(where, create=True)
        (Path(where) / SNAPSHOT_FILE).write_text(json.dumps({**plain, **changed}))
        lines = status_text.status_lines(where)
        run = screen.read_snapshot(ResultsFolder(where).folder)
    assert "\x1b" not in "".join(lines) and not any(line.startswith("next  rm") for line in lines)
    assert run is None or render(run, 80)


def test_a_status_file_that_is_nested_without_end_is_passed_over(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path, create=True)
    for name in (SNAPSHOT_FILE, unfinished.UNFINISHED):
        (tmp_path / name).write_text("[" * 100_000)
    assert screen.read_snapshot(store.folder) is None and unfinished.read_unfinished(store.folder) == ()


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        (("study", "run", "my study.yaml", "--results=it's here/$HOME"), True),
        (("study", "run", "größe.yaml", "--data-dir", "~/x"), True),
        (("wget", "http://x"), False),
        (("study\n", "run"), False),
        ((), False),
    ],
)
def test_a_command_that_a_folder_says_to_go_on_with_is_one_of_ours(command: tuple[str, ...], ours: bool) -> None:
    text = shlex.join(command)
    assert screen.own_command(text) == (text if ours else "")
    for behind in ("; x", " | x", " $(x)", " `x`", "\nx", " > x", " & x", ' "$(x)"'):
        assert screen.own_command(text + behind) == ""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_a_line_that_stays_breaks_between_words_on_a_terminal_alone(
    kind: type[io.StringIO], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was cut in the middle of a word: "seed 1 in epoc"."""
    monkeypatch.setenv("COLUMNS", "60")
    stream, words = kind(), "stopping: saving narrow-network, seed 1 in epoch 127, at 77.83 +- 13.68 % of all"
    now = Snapshot("s", 0.0, 9.0, (3, 6), (0, 2), 0, 0, 3.0, "", (), "", (), (), "")
    shown = screen.Screen(lambda state: now, list, StopRequest(), Folder(tmp_path), stream, quiet=False)
    shown.line(words)
    shown._last(words)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 60 if kind is Terminal else len(lines) == 2
    assert "".join(stream.getvalue().split()).count("".join(words.split())) == 2


class Drawn:
    """A drawing that keeps what it was given."""

    def __init__(self) -> None:
        self.views: list[list[str]] = []
        self.kept = False

    def size(self) -> tuple[int, int]:
        return 60, 20

    def draw(self, lines: Sequence[str]) -> None:
        self.views.append(list(lines))

    def close(self, *, keep: bool) -> None:
        self.kept = keep


def test_while_trials_are_saved_the_clock_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stood still for up to eight seconds, beside a status that went on."""
    drawn, stop, stream = Drawn(), StopRequest(), Terminal()
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(screen, "drawing_on", lambda _: drawn)
    folder = ResultsFolder(tmp_path, create=True).folder
    began = time.time()
    now = Snapshot("s", began, began, (3, 6), (0, 2), 0, 0, 3.0, "", (), "", (), (), "")
    shown = screen.Screen(
        lambda state: replace(now, state=state, now=time.time()),
        lambda: ["a, seed 0 in epoch 4"],
        stop,
        folder,
        stream,
        quiet=False,
        late=lambda: ["b, seed 0 has 8 s to end its first epoch here, else it begins again"],
    )
    shown.enter("s: 2 trials")
    stop.signalled = True
    views = (view for view in drawn.views if "stopping" in view[0])
    wait_until("its clock goes on", lambda: len({v[0] for v in drawn.views if "stopping" in v[0]}) >= 2, 20)
    first, *_, last = views
    assert first[-3:] == last[-3:], "what was said stays"
    assert "stopping: saving a, seed 0 in epoch 4" in last[-3]
    assert stream.getvalue() == "" and max(map(len, last)) <= 60
    shown.leave(lambda: "saved. 1 of 2 trials done.")
    assert drawn.kept and "interrupted" in drawn.views[-1][0]
    assert stream.getvalue().endswith("saved. 1 of 2 trials done.\n")


def test_nothing_is_called_saved_where_the_folder_is_gone(tmp_path: Path) -> None:
    """Somebody deleted it under the run: "saved. 9 of 90 trials done" stood above "the results folder is gone"."""
    folder, stream, stop = ResultsFolder(tmp_path / "r", create=True).folder, io.StringIO(), StopRequest()
    now = Snapshot("s", 0.0, 9.0, (3, 6), (0, 2), 0, 0, 3.0, "", (), "", (), (), "")
    shown = screen.Screen(lambda state: replace(now, state=state), list, stop, folder, stream, quiet=False)
    shown.enter("s: 2 trials")
    shutil.rmtree(tmp_path / "r")
    stop.because("the results folder is gone")
    shown.leave(lambda: "saved. 9 of 90 trials done.")
    assert "nothing is saved: the results folder is gone." in stream.getvalue() and "9 of 90" not in stream.getvalue()


class Looked(StopRequest):
    """Counts how often somebody asked whether to stop: once a tick."""

    times = 0

    @property
    def asked(self) -> bool:
        self.times += 1
        return False


def test_who_looks_on_sees_the_first_number_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It came up to two seconds later than on the run's own terminal."""
    monkeypatch.setattr(screen, "STATUS_SECONDS", 60.0)
    monkeypatch.setattr(screen, "START_SECONDS", 0.0)
    monkeypatch.setattr(screen, "TICK_SECONDS", 0.01)
    folder = ResultsFolder(tmp_path, create=True).folder
    begins = Snapshot("s", 0.0, 9.0, (0, 6), (0, 2), 0, 0, 3.0, "workers import PyTorch", (), "", (), (), "")
    trains = replace(begins, phase="", epochs=(1, 6))
    states, written, stop = [begins, begins, trains, replace(trains, epochs=(2, 6))], list[Any](), Looked()
    monkeypatch.setattr(screen, "write_snapshot", lambda _, shown: written.append(shown.epochs))
    shown = screen.Screen(lambda _: states.pop(0), list, stop, folder, io.StringIO(), quiet=True)
    shown.enter("s: 2 trials")
    wait_until("it has a number", lambda: (1, 6) in written, 20)
    before = stop.times
    wait_until("it looks some times more", lambda: stop.times > before + 5, 20)
    shown.leave(lambda: "")
    assert written == [(0, 6), (0, 6), (1, 6)], "and then it is written as seldom as ever"
