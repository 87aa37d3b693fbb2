"""What newcomers and programs meet: old names, the version, plain letters, and what can be typed instead."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path

import pytest

from study.cli.main import show_every_letter
from tests.study.cli.test_main import study


@pytest.mark.parametrize(
    ("old", "new"),
    [("figures", "export DIR --to figures"), ("tables", "export DIR --to tables"), ("replay", "show --replay DIR"),
     ("knobs", "show --knobs"), ("data", "show --data NAME --fetch")],
)  # fmt: skip
def test_an_old_name_says_the_new_one(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert study(old) == 2
    assert capsys.readouterr().err == f"error: {old} is now: study {new}\n"


@pytest.mark.parametrize(
    ("typed", "new"),
    [
        ("figures 'some where' --out here", "export 'some where' --to figures --out here"),
        ("tables --out=here results", "export results --to tables --out=here"),
        ("replay curves.parquet --scheduler asha", "show --replay curves.parquet --scheduler asha"),
        ("replay mine.yaml results/x --orders 20", "show mine.yaml --replay results/x --orders 20"),
        ("knobs mine.yaml", "show mine.yaml --knobs"),
        ("data digits --data-dir d", "show --data digits --fetch --data-dir d"),
        ("data --data-dir d", "show --data NAME --fetch --data-dir d"),
        ("data digits --fetch", "show --data digits --fetch"),
        ("knobs mine.yaml --x", "show mine.yaml --knobs --x"),
    ],
)
def test_the_new_name_keeps_all_that_was_typed(typed: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert study(*shlex.split(typed)) == 2
    assert capsys.readouterr().err == f"error: {typed.split()[0]} is now: study {new}\n", "ready to be pasted"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("--version") == 0
    assert capsys.readouterr().out.startswith("study 0.")


def test_letters_that_the_terminal_lacks_become_question_marks(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    show_every_letter()
    print("± ✓ done")
    sys.stdout.flush()
    assert raw.getvalue() == b"? ? done\n"


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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("plan dropout --quick --difference 0.01", "--difference: got 0.01; it does not go with --quick"),
        (
            "run dropout --dashboard postgresql://me:secret@h/d",
            "--dashboard: got 'postgresql://me:...@h/d'; it shows a",
        ),
        ("plan search-sgd-adam --difference 0.01", "--difference: got 0.01; no study here compares arms"),
        ("status x --watch --json", "--watch: got true; it does not go with --json"),
        ("claims x --long --json", "--long: got true; it does not go with --json"),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(
    typed: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each was ignored in silence."""
    monkeypatch.chdir(tmp_path)
    assert study(*typed.split()) == 2
    assert f"error: {said}" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("columns", ["0", "00"])
def test_a_window_of_no_columns_is_written_to(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert study("claims", str(Path(__file__).parents[3] / "results/search-sgd-adam")) == 0
    assert "SGD" in capsys.readouterr().out
    assert study("list") == 0 and "dropout" in capsys.readouterr().out
