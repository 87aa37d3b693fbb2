"""How far the building of a page is, as a bar on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def watched(work: Sequence[T], what: str) -> Iterable[T]:
    """The pieces of work, one after another; on a terminal that can draw over a line a bar tells how many are done."""
    console = Console(stderr=True)
    return track(
        work, what, console=console, transient=True, disable=not console.is_terminal or console.is_dumb_terminal
    )
