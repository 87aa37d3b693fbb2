"""`~` is the home folder in every path of the command line, and an empty path is refused, by the option's name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from typer.models import ArgumentInfo, ParameterInfo

from study.cli import main as cli
from study.cli.paths import path
from study.cli.report_commands import EXPORTS
from tests.study import own
from tests.study.cli.test_main import study
from trainables.config.errors import BadInput

PATHS = {
    "--results": {"decide", "demo", "list_", "show", "plan", "run", "submit"},
    "--data-dir": {"decide", "demo", "show", "plan", "run", "submit"},
    "--out": {"report", "export"},
    "--replay": {"show"},
    "--into": {"merge", "upgrade"},
    "--cluster": {"submit"},
    "--dashboard": {"run"},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and a working folder in it with a study and its data."""
    (tmp_path / "work").mkdir()
    own.data(tmp_path, "grains", 60, 10)
    own.study(tmp_path, "case", "lr", [0.1], data="grains")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_every_option_and_argument_that_is_a_path_is_read_as_one(home: Path) -> None:
    seen: dict[str, set[str]] = {name: set() for name in PATHS}
    for command in cli.app.registered_commands:
        assert command.callback is not None
        for hint in get_type_hints(command.callback, include_extras=True).values():
            info: Any = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, ParameterInfo)), None)
            flags = set(PATHS) & {getattr(info, "default", ...), *(getattr(info, "param_decls", None) or ())}
            if flags or isinstance(info, ArgumentInfo):
                assert str(info.parser("~/x")) == str(home / "x"), (command.callback, hint)
                with pytest.raises(BadInput, match="it is empty"):
                    info.parser("")
            for flag in flags:
                seen[flag].add(command.callback.__name__)
    assert seen == PATHS


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("~", "{home}"),
        ("-mine", "./-mine"),
        ("a-mine", "a-mine"),
        ("~/a/b", "{home}/a/b"),
        ("sqlite:///~/s.db", "sqlite:///{home}/s.db"),
        ("journal:~/s.log", "journal:{home}/s.log"),
        ("sqlite:///s.db", "sqlite:///s.db"),
        ("s3://bucket/~/x", "s3://bucket/~/x"),
        ("./~", "./~"),
        ("a~b", "a~b"),
        ("chapter", "chapter"),
    ],
)
def test_a_tilde_at_the_beginning_is_the_home_folder(given: str, read: str, home: Path) -> None:
    assert path("--results", str)(given) == read.format(home=home)


@pytest.mark.parametrize("given", ["", " ", "sqlite:///", "journal:", "~nobody-of-that-name/x"])
def test_no_path_is_refused_by_name(given: str) -> None:
    with pytest.raises(BadInput, match=r"^--out: got "):
        path("--out", Path)(given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("s3:/bucket/x", "a URL has two slashes, s3://...; a folder of that name is ./s3:/bucket/x"),
        ("gs:", "a URL has two slashes, gs://..."),
        ("a\nb", r"it has a control character, '\\n', that no path of ours may have"),
        ("caf\udce9", r"its byte 0xe9 is no UTF-8, and no command that is to be pasted could name it: rename it"),
    ],
)
def test_a_path_that_means_something_else_is_refused(given: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        path("--results", str)(given)
    assert [path("--results", str)(name) for name in ("./s3:/x", "C:/x", "s3/x")] == ["./s3:/x", "C:/x", "s3/x"]


@pytest.mark.parametrize("url", ["s3://nobucket/x", "gs://b/x", "file:///tmp/x", "sqlite:///x.db"])
@pytest.mark.parametrize("words", [["report"], *(["export", "--to", kind] for kind in EXPORTS)])
def test_no_url_is_written_to(words: list[str], url: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It made a folder `s3:` here, and ended well."""
    assert study(words[0], "nowhere", *words[1:], "--out", url) == 2
    error = capsys.readouterr().err
    assert f"--out: got '{url}'; it is a URL, and --out is a path on this machine" in error and "nowhere" not in error
    assert list(Path().iterdir()) == []


def test_an_empty_address_is_no_cluster(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("plan", "../case.yaml", "--data-dir", "..", "--address=") == 2
    assert "--address: got ''; it is empty; leave it out" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--results="], ["--results", ""], ["--data-dir="]])
def test_an_empty_path_is_one_line_and_makes_nothing(
    words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = [] if "--data-dir=" in words else ["--data-dir", ".."]
    assert study("run", "../case.yaml", *rest, *words) == 2
    error = capsys.readouterr().err
    assert "it is empty" in error and error.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_plan_reads_all_its_paths_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("plan", "~/case.yaml", "--data-dir=~", "--results=~/r") == 0
    assert f"on record  nothing in {home}/r" in capsys.readouterr().out
    assert list(Path().iterdir()) == []


def test_the_next_command_of_a_folder_that_begins_with_a_hyphen_works_when_pasted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study("run", "../case.yaml", "--seeds", "1", "--data-dir", "..", "--results", "-mine") in (
        0,
        None,
    )
    told = next(line for line in capsys.readouterr().out.splitlines() if "study report" in line)
    assert "study report ./-mine" in told
    assert study("verify", "./-mine") in (0, None)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("study run drop", ["dropout"]),
        ("study show ch", ["chapter"]),
        ("study plan min", ["mine.yaml"]),
        ("study run dropout --executor i", ["inline"]),
        ("study export r --to t", ["tables", "tensorboard"]),
        ("study demo d", ["digits"]),
    ],
)
def test_a_shell_completes_names_and_words(typed: str, offered: list[str], tmp_path: Path) -> None:
    """It completed commands and options alone."""
    (tmp_path / "mine.yaml").touch()
    asked = {"_STUDY_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from study.cli.main import app; app(prog_name='study')"],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, **asked}, check=False,
    )  # fmt: skip
    assert done.stdout.split() == offered


def test_what_comes_from_the_environment_is_said_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, code in (("~nobody-of-that-name", 2), ("  ", 2), ("/not/there", 3)):
        monkeypatch.setenv("STUDY_DATA_DIR", text)
        assert study("plan", "depth") == code
        assert "STUDY_DATA_DIR" in capsys.readouterr().err
        assert study("plan", "depth", "--data-dir", text) == code
        assert "--data-dir" in (said := capsys.readouterr().err) or code == 3, said


@pytest.mark.parametrize("seconds", ["inf", "nan", "1e400"])
@pytest.mark.parametrize("option", ["--checkpoint-seconds", "--stall-seconds"])
def test_seconds_without_an_end_are_refused_before_anything_is_made(
    option: str, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study("run", "depth", option, seconds) == 2
    assert option in capsys.readouterr().err
