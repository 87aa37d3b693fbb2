"""Text breaks between words, and nothing that is to be pasted breaks at all."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest

from study.app.wrapping import columns_of, filled, say_after_ctrl_c, wrapped, wrapped_words


def test_words_stay_whole_and_stand_below_the_text() -> None:
    said = filled("  time     6 min 57 s to 39 min 17 s on 2 cores: not measured on this machine yet", 60)
    assert said.splitlines() == [
        "  time     6 min 57 s to 39 min 17 s on 2 cores: not",
        "           measured on this machine yet",
    ]
    assert all(len(line) <= 60 for line in said.splitlines())


@pytest.mark.parametrize(
    "command", ["next  study run dropout --results results/dropout", "      study run dropout annealing --results r"]
)
def test_a_command_stays_whole(command: str) -> None:
    assert filled(command, 40) == command


def test_a_command_within_a_sentence_stays_whole() -> None:
    said = filled("error: 7 of 9 trials are damaged: `study repair results/x` moves them", 50)
    assert "`study repair results/x`" in said and "\n" in said


def test_a_pipe_has_the_columns_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert columns_of(io.StringIO()) == 80
    assert max(map(len, wrapped("word " * 100, io.StringIO()).splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "many")
    assert columns_of(io.StringIO()) == 100


def test_what_is_no_terminal_gets_its_lines_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    long = "word " * 100
    assert wrapped(long, io.StringIO()) == long


@pytest.mark.parametrize("width", range(40, 90))
def test_no_line_ends_within_a_number_and_its_unit(width: int) -> None:
    text = "p1 is possibly broken: it ends no better than guessing in seeds 0 to 4 (9.5 to 10.5 %; 11.0 % of them); "
    text += "the others reach 77.83 +- 13.68 % and 77.83 ± 13.68 % of all, which is more than a chance of 10 %"
    lines = wrapped_words(text, width)
    assert max(map(len, lines)) <= width and " ".join(lines) == text
    assert not any(re.match(r"%|\+-|±", after) or re.search(r"(\+-|±)$", line) for line, after in pairwise(lines))


@pytest.mark.parametrize(("terminal", "begins"), [(True, "\r"), (False, "")])
def test_what_is_said_after_ctrl_c_begins_over_the_sign_of_the_key(
    terminal: bool, begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was "^Cinterrupted"."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stderr", stream)
    say_after_ctrl_c("interrupted")
    assert stream.getvalue() == f"{begins}interrupted\n"
