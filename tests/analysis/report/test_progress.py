"""A bar on a terminal while a page is built; where there is none, nothing is written."""

from __future__ import annotations

import sys

import pytest

from analysis.report.progress import doing, watched


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": term, "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


@pytest.mark.parametrize("work", [[], ["a"], ["a", "b", "c"]])
def test_all_work_is_handed_out_in_order_and_a_file_gets_no_bar(
    work: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(watched(work, "figures")) == work
    said = capsys.readouterr()
    assert said.out == said.err == ""


def test_a_terminal_sees_what_is_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_a_terminal(monkeypatch, "xterm-256color")
    assert list(watched(["a", "b"], "figures")) == ["a", "b"]
    said = capsys.readouterr()
    assert "figures" in said.err and said.out == "", "the page's path alone goes to standard output"


def test_a_terminal_that_cannot_draw_over_a_line_gets_no_empty_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal(monkeypatch, "dumb")
    assert list(watched(["a", "b"], "figures")) == ["a", "b"] and capsys.readouterr().err == ""


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_terminal_sees_what_is_read_and_written(
    term: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the results were read and the page was written, for seconds each, the screen was blank."""
    with doing("reading"):
        pass
    assert capsys.readouterr() == ("", "")
    on_a_terminal(monkeypatch, term)
    with doing("reading"):
        pass
    said = capsys.readouterr()
    assert said.out == "" and ("reading" in said.err) is (term != "dumb")
