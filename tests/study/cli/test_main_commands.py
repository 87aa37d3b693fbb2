"""What newcomers and programs meet: the page of help, old names, the last results folder, JSON, plain letters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from study.app.screen import SNAPSHOT_FILE
from study.app.snapshot import Snapshot
from study.cli.help_page import GROUPS
from study.cli.last_folder import given_or_last, remember
from study.cli.main import app, show_every_letter
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study
from trainables.config.errors import BadInput

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


def test_the_page_of_help_names_every_command_once_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("--help") == 0
    page = capsys.readouterr().out
    names = {c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands}
    assert {n for n in names if f"\n  {n} " not in page} == set()
    assert "Also" not in page and max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("name", [name for of in GROUPS.values() for name in of])
def test_the_page_of_a_command_has_no_words_of_a_library(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It had `NAME <list[str]>`, `{DIR}`, `[x>=1]` and "Show this message and exit."."""
    assert study(name, "--help") == 0
    page = capsys.readouterr().out
    assert not any(sign in page for sign in ("<", "{", "[[", "x>=", "<=x", "and exit"))
    assert page.rstrip().endswith("Show this page.")


@pytest.mark.parametrize(
    ("old", "new"),
    [("figures", "export DIR --to figures"), ("tables", "export DIR --to tables"), ("replay", "show --replay DIR"),
     ("knobs", "show --knobs"), ("data", "show --data NAME --fetch")],
)  # fmt: skip
def test_an_old_name_says_the_new_one(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert study(old) == 2
    assert capsys.readouterr().err == f"error: {old} is now: study {new}\n"
    assert study(old, "some where", "--x") == 2
    typed = new.replace("DIR", "'some where'").replace("NAME", "'some where'")
    assert capsys.readouterr().err == f"error: {old} is now: study {typed}\n", "ready to be pasted"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("--version") == 0
    assert capsys.readouterr().out.startswith("study 0.")


def test_list_and_plan_and_status_speak_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("list", "--json") == 0
    assert "dropout" in [s["name"] for s in json.loads(capsys.readouterr().out)]
    assert study("plan", "dropout", "--json", "--results", str(tmp_path / "r")) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["trials"] == {"distinct": 10, "missing": 10}
    assert plan["needed_elsewhere"] == [{"study": "annealing", "claims": ["overfit-1"], "trials": 10}]
    assert study("status", str(CHAPTER), "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["running"], status["missing"], status["trials"]) == (
        False,
        0,
        {"finished": len(list(ResultsFolder(str(CHAPTER)).trials.records()))},
    )


def test_a_plan_says_what_claims_need_of_other_studies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(tmp_path / "r")
    assert study("plan", "dropout", "--results", where) == 0
    said = capsys.readouterr().out
    assert "overfit-1 also needs annealing: 10 trials" in said and "study run dropout annealing" in said
    assert study("plan", "dropout", "--results", where, "--quick") == 0
    assert "also needs" not in capsys.readouterr().out, "a reduced run judges nothing"
    assert study("plan", "dropout", "annealing", "--results", where) == 0
    assert "also needs" not in capsys.readouterr().out
    assert study("plan", "dropout", "--results", str(CHAPTER)) == 0
    assert "also needs" not in capsys.readouterr().out, "it is on record there"


def test_the_last_results_folder_is_that_of_this_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "a")
    with pytest.raises(BadInput, match="name a results folder"):
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


@pytest.mark.parametrize("command", ["repair", "merge"])
def test_what_changes_a_folder_wants_it_named(command: str) -> None:
    assert study(command) == 2


def test_a_home_that_cannot_be_written_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").write_text("a file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    remember("r")


def test_letters_that_the_terminal_lacks_become_question_marks(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    show_every_letter()
    print("± ✓ done")
    sys.stdout.flush()
    assert raw.getvalue() == b"? ? done\n"


def run_of(folder: Path, **changes: object) -> None:
    values = {
        "title": "s", "began": 0.0, "now": 26.0, "epochs": (5, 20), "trials": (2, 9), "failed": 0, "diverged": 0,
        "left": 9.0, "phase": "", "rows": (), "caption": "", "running": (), "events": (), "machine": "",
        "command": "study run s.yaml", "pid": 0, "host": "nowhere",
    }  # fmt: skip
    (folder / SNAPSHOT_FILE).write_text(json.dumps(Snapshot(**{**values, **changes}).to_dict()))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["interrupted", "running"])
def test_an_interrupted_folder_says_what_is_missing_and_the_command(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ResultsFolder(tmp_path, create=True)
    run_of(tmp_path, state=state)
    assert study("status", str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert said.startswith("not running. ") and "7 of 9 trials" in said and "study run s.yaml" in said
    assert study("verify", str(tmp_path)) == 0, "what a run shows is no record"


def test_a_status_file_that_is_none_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ResultsFolder(tmp_path, create=True)
    for text in ("", "{", "[1]", "null", '{"rows": 3}'):
        (tmp_path / SNAPSHOT_FILE).write_text(text)
        assert study("status", str(tmp_path)) == 0
        assert capsys.readouterr().out.startswith("not running.\n")


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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("rn", "did you mean run?"),
        ("xyzzy", "`study --help` lists them"),
        ("run dropout --cpus 0", "expected 1 or more"),
        ("run dropout --cpus two", "expected a whole number"),
        ("live x --port 70000", "expected 65535 at most"),
        ("plan dropout --difference much", "expected a number"),
    ],
)
def test_what_cannot_be_a_command_or_a_value_says_what_can(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(*typed.split()) == 2
    error = capsys.readouterr().err
    assert said in error and "Input should" not in error


def test_help_is_a_word_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("help") == 0 and "Look first" in capsys.readouterr().out
    assert study("help", "list") == 0 and "List the studies" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--hours", "2"], "--hours: got 2.0; it goes with --decide alone"),
        (["--max-seeds", "12"], "--max-seeds: got 12; it goes with --decide alone"),
        (["--decide", "--quick"], "--quick: got True; it does not go with --decide"),
    ],
)
def test_what_a_cluster_buys_and_what_it_trains_are_asked_apart(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study("submit", "dropout", "--results", "s3://b/r", *given) == 2
    assert said in capsys.readouterr().err


def test_a_plan_says_what_claims_stand_at_and_asks_nothing_for_what_is_decided(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Seed 7 of annealing is not on record, and overfit-1 is decided by those before it."""
    assert study("plan", "dropout", "--seeds", "8", "--results", str(CHAPTER)) == 0
    said = capsys.readouterr().out
    assert "dropout-1  supported: needs no more seeds" in said and "also needs" not in said
    assert said.index("on record") < said.index("What seeds would find") < said.index("Claims") < said.index("next  ")
