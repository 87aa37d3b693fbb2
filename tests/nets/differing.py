"""Where two snapshots differ, as paths such as `chapter/tables/runs.csv/optimizer/lbfgs/val_loss`, and what may."""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

REL = 1e-9
"""Numbers may differ by so much from one machine's mathematical library to another's."""
REL_PRINTED = 1e-8
"""The same for numbers that were written with nine digits: by one in the last."""
LEAST = 1e-12
"""Numbers below this are differences of equal numbers."""
KEYS = ("study", "arm", "id")
"""Columns of a CSV file that say what a row is about."""
LIST = Path(__file__).with_name("may-differ.md")

Difference = tuple[str, str]
"""A path, and what is there."""


@dataclass(frozen=True)
class Allowed:
    """A row of `may-differ.md`."""

    patterns: tuple[str, ...]
    done: bool
    """Whether the change that it speaks of has been made."""
    why: str

    def covers(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.patterns)


def allowed() -> list[Allowed]:
    """The table of `may-differ.md`."""
    rows = [line.strip("| ").split(" | ") for line in LIST.read_text().splitlines() if line.startswith("| `")]
    return [Allowed(tuple(re.findall(r"`([^`]+)`", where)), done.strip() == "yes", why) for where, done, why in rows]


def unexpected(found: Iterable[Difference]) -> list[str]:
    """The differences that no change on the list explains which has been made, a line each."""
    rows = [row for row in allowed() if row.done]
    return [f"{path}: {what}" for path, what in found if not any(row.covers(path) for row in rows)]


def in_json(value: Any, expected: Any, path: str) -> Iterator[Difference]:
    """Between two pieces of plain data; members of lists that have an `id` go by it."""
    if isinstance(value, dict) and isinstance(expected, dict):
        for key in sorted(value.keys() | expected.keys()):
            if key in value and key in expected:
                yield from in_json(value[key], expected[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}", "new" if key in value else "missing"
    elif isinstance(value, list) and isinstance(expected, list):
        yield from in_json(_by_name(value), _by_name(expected), path)
    elif not _same(value, expected, REL):
        yield path, f"{value!r} instead of {expected!r}"


def in_csv(text: str, expected: str, path: str) -> Iterator[Difference]:
    """Between two CSV files: the rows about one study, arm or claim are compared in their order."""
    rel = REL_PRINTED if "/figures/" in path else REL
    one, other = _rows(text), _rows(expected)
    for key in [*other, *(k for k in one if k not in other)]:
        where = f"{path}/{key}" if key else path
        if len(one.get(key, ())) != len(other.get(key, ())):
            yield f"{where}/rows", f"{len(one.get(key, ()))} instead of {len(other.get(key, ()))}"
        for row, wanted in zip(one.get(key, ()), other.get(key, ()), strict=False):
            for column in dict.fromkeys((*wanted, *row)):
                a, b = row.get(column), wanted.get(column)
                if not (a == b or _same(_number(a), _number(b), rel)):
                    yield f"{where}/{column}", f"{a} instead of {b}"


def in_text(text: str, expected: str, path: str) -> Iterator[Difference]:
    """Between two texts: each line that only one of them has."""
    if text != expected:
        for line in difflib.ndiff(expected.splitlines(), text.splitlines(), None, None):
            if line[0] in "+-":
                yield f"{path}/{line[2:]}", "new" if line[0] == "+" else "missing"


def paths(value: Any, path: str) -> Iterator[str]:
    """Of everything in plain data that can differ."""
    if isinstance(value, dict | list):
        for key, one in (_by_name(value) if isinstance(value, list) else value).items():
            yield from paths(one, f"{path}/{key}")
    else:
        yield path


def paths_in_csv(text: str, path: str) -> Iterator[str]:
    """Of every column of every study, arm or claim of a CSV file."""
    for key, rows in _rows(text).items():
        where = f"{path}/{key}" if key else path
        yield from (f"{where}/{column}" for column in rows[0])


def _by_name(values: list[Any]) -> dict[str, Any]:
    named = all(isinstance(v, dict) and "id" in v for v in values)
    return {str(v["id"] if named else i): v for i, v in enumerate(values)}


def _rows(text: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        found.setdefault("/".join(row[k] for k in KEYS if k in row), []).append(row)
    return found


def _number(text: str | None) -> Any:
    try:
        return float(text or "")
    except ValueError:
        return text


def _same(value: Any, expected: Any, rel: float) -> bool:
    if isinstance(value, float) and isinstance(expected, float):
        return math.isclose(value, expected, rel_tol=rel, abs_tol=LEAST)
    return type(value) is type(expected) and bool(value == expected)
