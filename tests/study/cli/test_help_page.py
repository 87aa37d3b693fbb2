"""The page of help."""

from __future__ import annotations

import pytest

from study.app.nothing_trained import NOTHING_TRAINED
from study.cli.help_page import GROUPS
from study.cli.main import app
from tests.study.cli.test_main import study


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


def test_no_words_are_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of its lines began with `error:`."""
    assert study() == 0
    said = capsys.readouterr()
    assert "Look first" in said.out and said.err == ""


def test_help_is_a_word_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("help") == 0 and "Look first" in capsys.readouterr().out
    assert study("help", "list") == 0 and "List the studies" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("mine.yaml", "; it names a study, so: study plan mine.yaml"),
        ("dropout", "; it names a study, so: study plan dropout"),
        ("plna", "; did you mean plan?"),
        ("zzz", "; `study --help` lists them"),
    ],
)
def test_a_word_that_is_no_command_is_told_what_was_meant(
    word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(word) == 2
    assert capsys.readouterr().err == f"error: there is no command '{word}'{said}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "dropout", "--sedes", "3"], "there is no option --sedes; did you mean --seeds?"),
        (["run", "dropout", "--bogus"], "there is no option --bogus; study"),
        (["plan", "dropout", "--hlep"], "there is no option --hlep; did you mean --help?"),
        (["status", "--results", "r"], "there is no option --results; the folder stands alone: study status DIR"),
        (["status", "--watch=1"], "--watch takes no value"),
        (["merge", "a"], "DIR is missing"),
        (["run"], "NAME is missing"),
        (["status", "a", "b"], "too many words: b"),
        (["run", "dropout", "--results"], "--results needs a value"),
        (["run", "dropout", "--cpus", "many"], "--cpus: expected a whole number"),
        (["run", "dropout", "--cpus", "0"], "--cpus: expected 1 or more"),
    ],
)
def test_words_that_a_command_does_not_take_are_refused_in_a_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(*words) == 2
    told = " ".join(capsys.readouterr().err.split())
    end = f" {NOTHING_TRAINED}" if words[0] == "run" else ""
    assert told.startswith(f"error: study {words[0]}: {said}")
    assert told.endswith(f"study {words[0]} --help says more{end}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bogus"], "there is no option --bogus before a command;"),
        (["--versio"], "there is no option --versio; did you mean --version?"),
        (["--json", "list"], "there is no option --json before a command;"),
        (["--help=3"], "--help takes no value;"),
    ],
)
def test_words_before_a_command_are_refused_in_a_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four lines of the library's stood there."""
    assert study(*words) == 2
    assert capsys.readouterr().err == f"error: study: {said} study --help says more\n"
