"""Paths as the command line takes them, one way for every option."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from trainables.config.errors import BadInput

T = TypeVar("T")
_HALF_URL = re.compile(r"((?:s3|gs|gcs|hdfs|file|abfss?|https?):)(?:/[^/]|/?$)")

FILES = ("sqlite:///", "journal:")
"""Storages whose URL ends in a path."""


def path(what: str, kind: Callable[[str], T]) -> Callable[[str], T]:
    """Reads the path of that argument or option: `~` means the home folder, and none is empty; URLs stay as they are.

    >>> path("--results", str)("s3://bucket/~x")
    's3://bucket/~x'
    """

    def read(text: str) -> T:
        scheme = next((s for s in FILES if text.startswith(s)), "")
        given = text.removeprefix(scheme)
        if not given.strip():
            raise BadInput(what, text, "it is empty; expected a path (a variable that is not set is empty)")
        if odd := next((c for c in given if ord(c) < 32 or 127 <= ord(c) < 160), ""):
            raise BadInput(what, text, f"it has a control character, {odd!a}, that no path of ours may have")
        if half := _HALF_URL.match(given):
            raise BadInput(what, text, f"a URL has two slashes, {half[1]}//...; a folder of that name is ./{given}")
        if given.startswith("~"):
            try:
                given = str(Path(given).expanduser())
            except RuntimeError:
                raise BadInput(what, text, f"no such user; a folder of that name is {scheme}./{given}") from None
        return kind(scheme + given)

    return read


def not_empty(what: str) -> Callable[[str], str]:
    """Reads the text of that option: an empty one is a variable that is not set."""

    def read(text: str) -> str:
        if not text.strip():
            raise BadInput(what, text, "it is empty; leave it out, or set the variable that it comes from")
        return text.strip()

    return read


def folder_option(flag: str, words: str, kind: type[str] | type[Path] = str, **more: Any) -> Any:
    """An option that is a folder."""
    return typer.Option(flag, help=words, parser=path(flag, kind), metavar="DIR", **more)


def path_argument(name: str, words: str) -> Any:
    """An argument that is a path, or a name."""
    return typer.Argument(help=words, parser=path(name, str), metavar=name)
