"""Text from outside as text: nothing in it steers a terminal, breaks a file or runs in a spreadsheet."""

from __future__ import annotations

import re
from typing import TypeVar

T = TypeVar("T")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""Control characters but tabs and ends of lines, halves of characters, and those that turn the direction of writing."""
_MINUS = re.compile(r"(?<![^\s(])-(?=\d)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula; the last four are the full-width forms of the first four."""


def printable(text: str) -> str:
    r"""Return text with a mark in place of each character that is none, as XML, a terminal and a page can take it.

    >>> printable("a\x1b[31mb\u202ec"), printable("as it is, 5 %")
    ('a�[31mb�c', 'as it is, 5 %')
    """
    return text if text.isprintable() else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def true_minus(text: str) -> str:
    """Return text for people, in which the minus of a number is one: a hyphen within a word or a date stays.

    >>> true_minus("-0.2 ± 2.6, lr-0.1"), true_minus("-1 (-2 to -0.5)"), true_minus("1e-05 since 2026-11-29")
    ('\u22120.2 ± 2.6, lr-0.1', '\u22121 (\u22122 to \u22120.5)', '1e-05 since 2026-11-29')
    """
    return _MINUS.sub("\N{MINUS SIGN}", text)


def harmless_cell(value: T) -> T | str:
    r"""Return a cell of a CSV file: printable, and with an apostrophe before what a spreadsheet would run as a formula.

    >>> harmless_cell("=1+1"), harmless_cell(-1.5), harmless_cell("a\x00")
    ("'=1+1", -1.5, 'a�')
    """
    if not isinstance(value, str):
        return value
    return printable("'" + value if value.startswith(_FORMULA) else value)


def first_sentence(text: str) -> str:
    """Return a text up to its first full stop or question mark.

    >>> first_sentence("What is it? This and that.")
    'What is it?'
    """
    ends = [i + 1 for mark in ("? ", ". ") if (i := text.find(mark)) >= 0]
    return text[: min(ends)] if ends else text
