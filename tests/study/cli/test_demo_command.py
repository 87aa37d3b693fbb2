"""The demo of the digits: in full, in this process, with a verdict and a page; what a person changed stays."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from pathlib import Path

import pytest

from study.app.pace import Pace
from study.app.run_studies import RunOptions
from study.cli.demo_command import ELSEWHERE, demo_heading, what_follows, write_digits
from study.execution.progress import rough_range
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec.registry import load_study
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study
from tests.synthetic import FASHION
from tests.test_architecture import ROOT
from tests.waiting import wait_until


@pytest.mark.e2e
def test_the_digits_are_trained_judged_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert study("demo", "digits") == 0
    said = capsys.readouterr()
    assert "15 trials trained" in said.out and "units-80" in said.out and "digits-1" in said.out
    answer = " ".join(said.out.split())
    assert "From 5 to 20 units they do: with 5, accuracy ends" in answer and "With 80 units it ends at" in answer
    assert "in this process" in said.err, "no Ray is started for it"
    lines = [line for line in said.err.splitlines() if " seeds, " in line]
    assert [line.split()[2] for line in sorted(lines, key=lambda x: x.split()[2])] == [
        "units-20:",
        "units-5:",
        "units-80:",
    ]
    assert "study report" not in said.out and "report: results/digits/report/index.html" in said.out, "it is written"
    again = "study run digits-demo/digits.yaml --data-dir digits-demo --seeds 10"
    assert f"next  {again}" in said.out and "study plan digits-demo/digits.yaml --data-dir digits-demo" in said.out
    assert "Supported." not in said.out, "the word is said once"
    assert len(ResultsFolder("results/digits").trials.on_record()) == 15
    assert Path("results/digits/report/index.html").is_file()
    assert not list(Path("results/digits").glob(".live*")), "it ended well"
    assert study("demo", "digits") == 0
    assert "nothing to train" in capsys.readouterr().out
    assert study("status") == 0
    assert "15 finished" in capsys.readouterr().out


def test_the_demo_of_digits_has_its_own_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option was ignored, and repeated in the command that goes on."""
    monkeypatch.chdir(tmp_path)
    assert study("demo", "digits", "--data-dir", "/nonexistent") == 2
    assert "--data-dir: got '/nonexistent'; it does not go with digits" in capsys.readouterr().err


def test_a_study_of_the_demo_that_has_another_name_now_goes_on_in_the_demos_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that was offered trained all of it anew, in a folder of the new name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDY_DATA_DIR", "/nonexistent")
    file = write_digits(Path("digits-demo"))
    file.write_text(
        file.read_text()
        .replace("name: digits\n", "name: mine\n")
        .replace("epochs: 20", "epochs: 1")
        .replace("at: 20", "at: 1")
    )
    assert study("demo", "digits") == 0
    follows = [line for line in capsys.readouterr().out.splitlines() if "digits-demo/digits.yaml --data-dir" in line]
    assert len(follows) == 2 and all("--results=results/digits" in line for line in follows)


def test_the_first_demo_says_beside_its_range_what_it_takes_where_it_was_measured() -> None:
    epyc, *_ = json.loads((ROOT / "benchmarks/clocks.json").read_text())
    took = [run["took"] for run in epyc["cases"]["demo"]["runs"]]
    assert "AMD EPYC" in epyc["machine"]["processor"] and "AMD EPYC" in ELSEWHERE
    assert f"takes {rough_range(min(took), max(took))}." in ELSEWHERE
    plan = plan_trials([load_study("dropout")], Protocol((0, 1), quick=True), "x", {}, FASHION)
    first = demo_heading("chapter", RunOptions(cpus=2))(plan, None, (), {})
    assert first.endswith(f".\n{ELSEWHERE}") and " to " in first.splitlines()[-2]
    assert ELSEWHERE not in demo_heading("chapter", RunOptions(cpus=2))(plan, Pace(1.0), (), {}), "its own says more"
    assert ELSEWHERE not in demo_heading("digits", RunOptions(cpus=2))(plan, None, (), {})


def test_what_is_there_already_is_left(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text("mine")
    assert write_digits(tmp_path).read_text() == "mine"


def test_another_demo_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("demo", "cifar") == 2
    assert "expected one of chapter, digits" in capsys.readouterr().err


def test_the_command_that_goes_on_is_the_one_that_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, words = tmp_path / "my results", ["study", "demo", "digits", "--results", "my results", "--cpus", "1"]

    def interrupt() -> None:
        wait_until("a trial is on record", lambda: any(folder.glob("trials/*")), 60, every=0.001)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=interrupt)
    person.start()
    assert study(*words[1:]) == 130
    person.join()
    (command,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("next ")]
    assert shlex.split(command)[1:] == words


def test_what_follows_names_the_folder_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert study("demo", "digits", "--results=-my demo") == 0
    follows = [line for line in capsys.readouterr().out.splitlines() if "digits-demo/digits.yaml --data-dir" in line]
    assert len(follows) == 2 and all("'--results=./-my demo'" in line for line in follows)


@pytest.mark.parametrize(
    ("which", "results", "data", "said"),
    [
        ("digits", None, None, "study run digits.yaml --data-dir digits-demo --seeds 10"),
        ("digits", "my r", None, "study run digits.yaml --data-dir digits-demo '--results=my r' --seeds 10"),
        ("chapter", None, None, "next  study plan dropout  "),
        ("chapter", "r", Path("my d"), "next  study plan dropout --data-dir 'my d'"),
    ],
)
def test_the_next_command_keeps_the_folders_that_were_named(
    which: str, results: str | None, data: Path | None, said: str
) -> None:
    """It began again in a folder of its own."""
    assert said in "\n".join(what_follows(which, "digits.yaml", results, data))


@pytest.mark.parametrize("name", ["digits.yaml", "digits.npz"])
def test_where_a_link_waits_for_the_demo_nothing_is_written_through_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / name).symlink_to(tmp_path / "new")
    write_digits(tmp_path / "demo")
    assert not (tmp_path / "new").exists() and (tmp_path / "demo" / name).is_symlink()


def test_a_file_where_the_demos_folder_belongs_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits-demo").write_text("mine")
    assert study("demo", "digits") == 4
    assert "digits-demo is no folder: rename it" in capsys.readouterr().err
