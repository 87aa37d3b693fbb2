"""Text as wide as the terminal: broken between words, never within a command that is to be pasted."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import textwrap
from typing import TextIO

from analysis.text.plain_text import printable

MIN_COLUMNS = 40
"""A window that is narrower is written to as if it were so wide."""
COMMAND = re.compile(r"\s*(next\s+)?study [a-z]")
"""A line that is a command."""
QUOTED = re.compile(r"`[^`\n]*`")
NUMBER = re.compile(r"(?<=\d) (?=%)|(?<=\d) (?=(?:\+-|±) )|(?<=\+-) (?=\d)|(?<=±) (?=\d)")
"""Within a number with its unit, or its interval: no line ends there."""
HANGING = re.compile(r"\s*(\S+( \S+)? {2,})?")
"""What the lines after the first stand below: the indent, and a first word or two that are set apart."""


def wrapped(text: str, stream: TextIO) -> str:
    """Break a text to the width of the terminal that a stream is, or that is asked for; else it stays as it is."""
    width = asked_columns(stream)
    return text if width is None else filled(text, width)


def columns_of(stream: TextIO) -> int:
    """Columns of the terminal that a stream is, or that are asked for; else 100."""
    return asked_columns(stream) or 100


def asked_columns(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream is, or that COLUMNS in the environment asks for; None of a plain pipe."""
    if not stream.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        return None
    return shutil.get_terminal_size().columns


def filled(text: str, width: int) -> str:
    """Break a text into lines of at most so many columns; a command, and what is in backquotes, stays whole.

    >>> print(filled("  time     about one minute and a half on two cores", 40))
      time     about one minute and a half
               on two cores
    """
    return "\n".join(part for line in text.splitlines() for part in _parts(line, max(width, MIN_COLUMNS)))


def _parts(line: str, width: int) -> list[str]:
    if len(line) <= width or COMMAND.match(line):
        return [line]
    found = HANGING.match(line)
    hang = found.end() if found and found.end() <= width // 3 else len(line) - len(line.lstrip())
    whole = QUOTED.sub(lambda quoted: quoted[0].replace(" ", "\0"), line[hang:])
    parts = wrapped_words(whole, width - hang, break_on_hyphens=False, break_long_words=False)
    lead = [line[:hang], *[" " * hang] * len(parts)]
    return [before + part for before, part in zip(lead, parts, strict=False)]


def wrapped_words(
    text: str,
    width: int,
    indents: tuple[str, str] = ("", ""),
    *,
    break_on_hyphens: bool = True,
    break_long_words: bool = True,
) -> list[str]:
    """A text in lines so wide, a number and its unit in one of them; `indents`: of the first line, and of the others.

    >>> wrapped_words("it ends at 10.0 % of all", 14)
    ['it ends at', '10.0 % of all']
    """
    parts = textwrap.wrap(
        NUMBER.sub("\0", text), width, initial_indent=indents[0], subsequent_indent=indents[1],
        break_on_hyphens=break_on_hyphens, break_long_words=break_long_words,
    )  # fmt: skip
    return [part.replace("\0", " ") for part in parts]


def say_after_ctrl_c(text: str) -> None:
    """The same on standard error, where a terminal has shown the key: the line begins over that `^C`."""
    with contextlib.suppress(OSError):
        if sys.stderr.isatty():
            sys.stderr.write("\r")
    say(text)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a text, broken to the width of where it goes: standard error if nothing else is named.

    Words beside a command's own, which standard error does not take, end nothing: its exit code still tells.
    """
    stream = stream or sys.stderr
    with contextlib.suppress(*[OSError] if stream is sys.stderr else []):
        print(wrapped(printable(text), stream), file=stream, flush=True)
