"""Exit codes: each is in the guide; a closed stream is no failure, words that cannot be written are one line."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from study.cli import main
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study
from trainables.config import errors


def test_every_exit_code_is_in_the_guide() -> None:
    """Every class of error that a person can act on has its code in the table of `docs/guides/faults.md`."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.StudyError)]
    codes = {kind.exit_code for kind in kinds} | {0, 6, 7, 130}
    guide = (Path(__file__).parents[3] / "docs/guides/faults.md").read_text()
    rows = guide.partition("## Exit codes")[2].partition("\n## ")[0].splitlines()
    assert [
        int(row.split("|")[1]) for row in rows if row.startswith("| ") and row.split("|")[1].strip().isdigit()
    ] == sorted(codes)


@pytest.mark.parametrize(("said", "closed"), [("list", ">&-"), ("--version", "2>&-"), ("list", ">&- 2>&-")])
def test_a_stream_that_is_closed_is_no_failure(said: str, closed: str) -> None:
    words = ["sh", "-c", f'"$0" -m study.cli {said} {closed}', sys.executable]
    assert subprocess.run(words, check=False, cwd=Path(__file__).parents[3]).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", ["--version", "list", "show dropout"])
def test_words_that_cannot_be_written_are_an_error_in_one_line(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "study.cli", *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == errors.StoreError.exit_code
    assert done.stderr == "error: standard output cannot be written: no space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        *[("show none-such", 2, w) for w in ("2>/dev/full", "2>&-", ">/dev/full 2>/dev/full", ">&- 2>&-")],
        ("status nowhere", 4, "2>&1 >/dev/full"),
        ("status nowhere", 4, ">&- 2>&-"),
        ("plan --none-such", 2, "2>/dev/full"),
        ("none-such", 2, ">/dev/full 2>/dev/full"),
    ],
)
def test_an_error_that_cannot_be_written_has_its_code(where: str, words: str, code: int, tmp_path: Path) -> None:
    command = ["sh", "-c", f'"$0" -m study.cli {words} {where}', sys.executable]
    assert subprocess.run(command, check=False, cwd=tmp_path, capture_output=True).returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_words_beside_a_commands_own_that_cannot_be_written_end_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning of a plan: the plan stands on standard output, and the exit code is that of the plan."""
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1, 0.2], epochs=1, data="small")
    ResultsFolder(tmp_path / "r", create=True).folder.write("runs/20260101T000000-000000.json", b"{")
    words = f"plan {tmp_path}/mine.yaml --data-dir {tmp_path} --results {tmp_path}/r"
    assert study(*words.split()) == 0
    said = capsys.readouterr()
    assert "to train" in said.out and "is damaged" in said.err
    command = ["sh", "-c", f'"$0" -m study.cli {words} 2>/dev/full', sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and "to train" in done.stdout and not done.stderr


def test_where_nothing_can_be_kept_for_a_moment_that_is_said_and_nothing_of_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere/at/all"])
    monkeypatch.setattr(main, "app", tempfile.gettempdir)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == errors.StoreError.exit_code
    assert capsys.readouterr().err == "error: no temporary folder can be written; set TMPDIR to one that can\n"


@pytest.mark.parametrize("name", [None, "/full/results"])
def test_a_full_disk_is_not_told_as_words_that_could_not_be_written(
    name: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", name)

    monkeypatch.setattr(main, "app", full)
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == errors.StoreError.exit_code
    said = capsys.readouterr().err
    assert said.startswith(f"error: no space is left {f'for {name}' if name else 'in the results folder'}")
    assert said.count("\n") == 1 and "standard output" not in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.EIO, "Input/output error", "r/trials/a.parquet"),
            "r/trials/a.parquet cannot be read or written",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", b"r/x"),
            "r/x cannot be read or written: permission denied",
        ),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), "the system refused: is a directory"),
        (OSError("Couldn't deserialize thrift"), "the system refused: couldn't deserialize thrift"),
    ],
)
def test_what_the_system_refuses_is_a_line_with_its_file_and_only_a_broken_output_is_called_so(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a file that had a name a traceback was shown, and of any other "standard output cannot be written"."""

    def refuse() -> None:
        raise error

    monkeypatch.setattr(main, "app", refuse)
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == errors.StoreError.exit_code
    told = capsys.readouterr().err
    assert told.startswith(f"error: {said}") and told.count("\n") == 1 and "standard output" not in told


def test_where_nothing_can_be_written_commands_that_read_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> str:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setattr(tempfile, "mkdtemp", nowhere)
    with main.place_for_matplotlib():
        assert "MPLCONFIGDIR" not in os.environ


@pytest.mark.parametrize(
    ("number", "command"),
    [
        *[(number, "run") for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)],
        (signal.SIGINT, "show"),
    ],
)
def test_a_signal_before_anything_is_trained_ends_with_130_too(
    number: signal.Signals, command: str, tmp_path: Path
) -> None:
    """It comes while the study file is read: by event, whatever the machine's speed."""
    file = tmp_path / "mine.py"
    file.write_text(f"import os, signal\nos.kill(os.getpid(), {int(number)})\nsignal.pause()\n")
    words = [sys.executable, "-m", "study.cli", command, str(file)]
    heard = partial(signal.signal, number, signal.SIG_DFL)  # these tests may themselves run under nohup
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, preexec_fn=heard)
    assert done.returncode == 130 and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_ctrl_c_while_a_plan_reads_its_study_ends_with_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("raise KeyboardInterrupt\n")
    monkeypatch.chdir(tmp_path)
    assert study("plan", str(file)) == 130
    assert capsys.readouterr().err == "interrupted\n" and list(tmp_path.iterdir()) == [file]


def test_a_signal_that_is_ignored_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_IGN, signal.SIGINT: signal.SIG_IGN}
    heard: dict[int, object] = {}
    monkeypatch.setattr(signal, "getsignal", said.__getitem__)
    monkeypatch.setattr(signal, "signal", heard.__setitem__)
    main.signals_are_ctrl_c()
    assert list(heard) == [signal.SIGTERM], "under nohup a hang-up ends nothing"
