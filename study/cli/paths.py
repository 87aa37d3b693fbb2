"""Paths as the command line takes them, one way for every option."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from trainables.config.errors import BadInput
from trainables.config.paths import expanded

T = TypeVar("T")
_HALF_URL = re.compile(r"((?:s3|gs|gcs|hdfs|file|abfss?|https?):)(?:/[^/]|/?$)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

FILES = ("sqlite:///", "journal:")
"""Storages whose URL ends in a path."""


def path(what: str, kind: Callable[[str], T], envvar: str | None = None) -> Callable[[str], T]:
    """Reads the path of that argument or option: `~` means the home folder, and none is empty; URLs stay as they are.

    >>> path("--results", str)("s3://bucket/~x")
    's3://bucket/~x'
    >>> path("--results", str)("-mine")
    './-mine'
    """

    def read(text: str) -> T:
        try:
            return checked(text, what)
        except BadInput:
            if envvar and os.environ.get(envvar) == text and not any(word.startswith(what) for word in sys.argv):
                return checked(text, envvar)  # said of what it was read from
            raise

    def checked(text: str, what: str) -> T:
        scheme = next((s for s in FILES if text.startswith(s)), "")
        given = text.removeprefix(scheme)
        if not given.strip():
            raise BadInput(what, text, "it is empty; expected a path (a variable that is not set is empty)")
        if odd := next((c for c in given if ord(c) < 32 or 127 <= ord(c) < 160), ""):
            raise BadInput(what, text, f"it has a control character, {odd!a}, that no path of ours may have")
        if odd := next((c for c in given if "\udc80" <= c <= "\udcff"), ""):
            why = "and no command that is to be pasted could name it: rename it"
            raise BadInput(what, text, f"its byte 0x{ord(odd) - 0xDC00:02x} is no UTF-8, {why}")
        if half := _HALF_URL.match(given):
            raise BadInput(what, text, f"a URL has two slashes, {half[1]}//...; a folder of that name is ./{given}")
        given = expanded(what, given, scheme)
        if text.startswith("-"):  # as an argument of the next command it would be an option
            given = f"./{given}"
        return kind(scheme + given)

    return read


def not_empty(what: str) -> Callable[[str], str]:
    """Reads the text of that option: an empty one is a variable that is not set."""

    def read(text: str) -> str:
        if not text.strip():
            raise BadInput(what, text, "it is empty; leave it out, or set the variable that it comes from")
        return text.strip()

    return read


def seconds(what: str, least: float) -> Callable[[str], float]:
    """Reads seconds that have an end.

    >>> seconds("--stall-seconds", 1)("2.5")
    2.5
    """

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found < math.inf:
            raise BadInput(what, text, f"expected a number of seconds, {least:g} or more")
        return found

    return read


def cluster_address(text: str) -> str:
    """Reads the address of a Ray cluster; whether one answers there is asked when a run begins.

    >>> cluster_address("127.0.0.1:6379")
    '127.0.0.1:6379'
    """
    given = not_empty("--address")(text)
    host, _, port = given.removeprefix("ray://").rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if given not in ("auto", "local") and not (host and not re.search(r"[\s/]", host) and 0 < number < 65536):
        raise BadInput("--address", given, "it is not HOST:PORT, nor auto; an example is 127.0.0.1:6379")
    return given


def folder_option(flag: str, words: str, kind: type[str] | type[Path] = str, *, envvar: str | None = None) -> Any:
    """An option that is a folder."""
    return typer.Option(flag, help=words, parser=path(flag, kind, envvar), metavar="DIR", envvar=envvar)


def output_option(words: str) -> Any:
    """The option that says where pages, exports and their like are written: a path, for no URL is written to."""
    read = path("--out", Path)

    def read_local(text: str) -> Path:
        if _URL.match(text):
            why = "it is a URL, and --out is a path on this machine: write there, then copy what was written"
            raise BadInput("--out", text, why)
        return read(text)

    return typer.Option("--out", help=words, parser=read_local, metavar="DIR")


def path_argument(name: str, words: str, complete: Callable[[str], list[str]] | None = None) -> Any:
    """An argument that is a path, or a name; `complete`: what a shell offers for its beginning, beside files."""
    return typer.Argument(help=words, parser=path(name, str), metavar=name, autocompletion=complete)


def study_names(incomplete: str) -> list[str]:
    """What a shell offers for the beginning of a study's name: studies, and study files that lie here."""
    from study.spec import registry  # wanted when a shell asks alone

    there = [*registry.names(), *registry.catalogues(), *(str(p) for p in sorted(Path().glob("*.y*ml")))]
    return [name for name in there if name.startswith(incomplete)]


def one_of(*words: str) -> Callable[[str], list[str]]:
    """What a shell offers where an option takes one of some words.

    >>> one_of("fp32", "bf16")("b")
    ['bf16']
    """
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]
