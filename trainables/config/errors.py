"""The errors that a user can cause or meet; the command line prints each as one line with an exit code of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path

from trainables.config.passwords import without_password

_OURS = tuple(f"{Path(__file__).parents[2] / package}{os.sep}" for package in ("trainables", "study", "analysis"))


class StudyError(Exception):
    """Something that a person can act on; its message says what is wrong and what to do. Not a bug of ours."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: the caller's line, and the message, without the lines in between."""
        import itertools
        import traceback

        frames = traceback.extract_tb(self.__traceback__)
        met = [*itertools.takewhile(lambda f: not f.filename.startswith(_OURS), frames)]
        lines = [f"line {met[-1].lineno}: {met[-1].line}", ""] if met else []
        return [*lines, f"{type(self).__name__}: {self}"]


class BadInput(StudyError):
    """A value that cannot be used. The message names the field, the value and what would be right."""

    exit_code = 2

    def __init__(self, field: str, value: object, expected: str) -> None:
        if expected.startswith("expected a number"):
            expected += point_hint(value)
        self.field, self.value, self.expected = field, value, expected
        super().__init__(legible(" ".join(self._words(_shortened(value)).splitlines())))

    def _words(self, shown: str) -> str:
        return f"{self.field}: got {shown}; {self.expected}"

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, object, str]]:
        return type(self), (self.field, _Shown(spelled(self.value)), self.expected)


class NotGiven(BadInput):
    """Something that has to be given and was not: the message says what to give.

    >>> print(NotGiven("study", "name a study: one of depth, dropout"))
    name a study: one of depth, dropout
    """

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field, None, expected)

    def _words(self, shown: str) -> str:
        del shown
        return self.expected

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, ...]]:  # type: ignore[override]
        return type(self), (self.field, self.expected)


class NotFound(BadInput):
    """A study or a file that is not there: what it is, its name, and what there is instead.

    >>> print(NotFound("study", "detph", "did you mean depth?"))
    there is no study 'detph'; did you mean depth?
    """

    def __init__(self, field: str, value: object, expected: str = "") -> None:
        super().__init__(field, value, expected)

    def _words(self, shown: str) -> str:
        return f"there is no {self.field} {shown}" + (f"; {self.expected}" if self.expected else "")


def point_hint(value: object) -> str:
    """What to write for a number with a decimal comma; empty for anything else.

    >>> point_hint("0,01"), point_hint("a,b"), point_hint(1)
    ('; write a point: 0.01', '', '')
    """
    comma = isinstance(value, str) and re.fullmatch(r"[-+]?\d+,\d+", value.strip())
    return f"; write a point: {str(value).strip().replace(',', '.')}" if comma else ""


def legible(text: str) -> str:
    r"""A line that a terminal can show: what cannot be printed is spelled out.

    >>> print(legible("a\x1b[2J"))
    a\x1b[2J
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _shortened(value: object) -> str:
    shown = spelled(value)
    return shown if len(shown) <= 200 else shown[:197] + "..."


def spelled(value: object) -> str:
    """A value as a message shows it: a flag and what is empty as files have them, not in Python's words; no password.

    >>> spelled([True, None, "a", 1.0]), spelled({"lr": None})
    ("[true, nothing, 'a', 1.0]", "{'lr': nothing}")
    """
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    try:
        if isinstance(value, list | tuple) and type(value) in (list, tuple):  # others spell themselves
            return f"[{', '.join(map(spelled, value))}]"
        if isinstance(value, dict) and type(value) is dict:
            return "{" + ", ".join(f"{spelled(k)}: {spelled(v)}" for k, v in value.items()) + "}"
        return repr(without_password(value) if type(value) is str else value)
    except ValueError:  # a whole number of thousands of digits
        return "a number of thousands of digits"
    except RecursionError:
        return "..."


class _Shown(str):
    """A value as it was shown; shown again it is the same, and it can be pickled whatever it was."""

    __slots__ = ()
    __repr__ = str.__str__


class DataError(StudyError):
    """A data set that is missing, damaged or of the wrong shape."""

    exit_code = 3


class NoDataSet(DataError):
    """No place has a data set of that name: the name, and where it was looked for."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    def __str__(self) -> str:
        return f"data set {self.name}: {self.why}"


class StoreError(StudyError):
    """A results folder that cannot be read or written, or is not ours to touch."""

    exit_code = 4


class NoResults(StoreError):
    """Nothing is where a results folder was named."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where

    def __str__(self) -> str:
        return f"there are no results in {self.where}; `study run` makes some"


class StorageRefused(StoreError):
    """A results folder that takes nothing more for now: full, read-only or gone. No trial can go on until it does."""


class EngineError(StudyError):
    """Ray is not there, or cannot give what the trials ask for."""

    exit_code = 5
