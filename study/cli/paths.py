"""Paths as the command line takes them, one way for every option."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from trainables.config.errors import BadInput

T = TypeVar("T")

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
        if given.startswith("~"):
            try:
                given = str(Path(given).expanduser())
            except RuntimeError:
                raise BadInput(what, text, f"no such user; a folder of that name is {scheme}./{given}") from None
        return kind(scheme + given)

    return read


def folder_option(flag: str, words: str, kind: type[str] | type[Path] = str, **more: Any) -> Any:
    """An option that is a folder."""
    return typer.Option(flag, help=words, parser=path(flag, kind), metavar="DIR", **more)


def path_argument(name: str, words: str) -> Any:
    """An argument that is a path, or a name."""
    return typer.Argument(help=words, parser=path(name, str), metavar=name)
