"""The last results folder of a working folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from study.app.api import run
from study.app.folders import last_folder
from study.cli.last_folder import given_or_last, remember
from study.storage.results_folder import ResultsFolder
from tests.study import own
from tests.study.cli.test_main import study
from trainables.config.errors import BadInput, StoreError, StudyError


def test_the_last_results_folder_is_that_of_this_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "a")
    with pytest.raises(
        BadInput, match=r"^No run has written results from here yet\. Name a folder, or: study run NAME$"
    ):
        given_or_last(None)
    ResultsFolder("r", create=True)
    remember("r")
    assert given_or_last(None) == "r" and given_or_last("x") == "x"
    assert "results of the last run: r" in capsys.readouterr().err
    assert study("verify") == 0 and "results of the last run: r" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path / "b")
    with pytest.raises(BadInput):
        given_or_last(None)
    ResultsFolder("results/one", create=True)
    assert given_or_last(None) == "results/one", "nothing is remembered, and there is one to be seen"


def by_python() -> int:
    """A run from Python; the exit code of its error."""
    with pytest.raises(StudyError) as refused:
        run("mine.yaml", results="other", data_dir=".", progress=False)
    return refused.value.exit_code


@pytest.mark.parametrize(
    "refused",
    [
        lambda: study("run", "mine.yaml", "--results", "other", "--data-dir", "."),
        lambda: study("decide", "mine.yaml", "--results", "other", "--data-dir", "."),
        lambda: study("demo", "digits", "--results", "other"),
        by_python,
    ],
    ids=["run", "decide", "demo", "python"],
)
def test_a_run_that_is_refused_leaves_the_last_folder_as_it_was(
    refused: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wrote nothing there: `study status` would only say that the folder is none."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1], data="small")
    assert study("run", "mine.yaml", "--seeds", "1", "--results", "r", "--executor", "inline", "--data-dir", ".") == 0
    assert last_folder() == "r"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_text("a file")
    assert refused() == StoreError.exit_code
    assert last_folder() == "r"


@pytest.mark.parametrize("command", ["repair", "merge"])
def test_what_changes_a_folder_wants_it_named(command: str) -> None:
    assert study(command) == 2


def test_a_home_that_cannot_be_written_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").write_text("a file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    remember("r")
    assert (tmp_path / "state").read_text() == "a file"


HEADLESS = """
import os, sys
from study.cli import main
main.main = lambda: __import__("matplotlib.font_manager")
main.entry()
"""


@pytest.mark.parametrize("home", ["/proc/nothing", "{tmp}/home"])
def test_a_home_that_cannot_be_written_gives_no_line_and_leaves_nothing(home: str, tmp_path: Path) -> None:
    """Whether it can be written or not: Matplotlib has a folder that goes away where it is none of the user's."""
    (tmp_path / "home").mkdir()
    (tmp_path / "t").mkdir()
    plain = {k: v for k, v in os.environ.items() if k not in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", HEADLESS],
        env={**plain, "HOME": home.format(tmp=tmp_path), "TMPDIR": str(tmp_path / "t")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list((tmp_path / "t").iterdir()) == []


@pytest.mark.parametrize("command", ["status", "claims", "report", "verify", "export"])
def test_a_folder_that_is_not_there_names_the_one_that_was_meant(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said that there are no results, and no more."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    assert study(command, "results/digts") == 4
    assert capsys.readouterr().err == "error: there are no results in results/digts; `study run` makes some\n"
    for name in ("digits", "width"):
        ResultsFolder(f"results/{name}", create=True).folder.write("trials/x", b"")
    assert study(command, "digts") == 4
    assert capsys.readouterr().err.splitlines()[1] == "Did you mean results/digits?"
    assert study(command, "quite-another") == 4
    assert capsys.readouterr().err.splitlines()[1].startswith("There are results in results/")
