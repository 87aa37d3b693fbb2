"""How far the building of a page is, on a terminal that can draw over a line; nothing elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from study.planning.redrawing import can_redraw

T = TypeVar("T")


def watched(work: Sequence[T], what: str) -> Iterable[T]:
    """The pieces of work, one after another; a bar tells how many are done."""
    console = Console(stderr=True)
    return track(work, what, console=console, transient=True, disable=not can_redraw(console))


@contextlib.contextmanager
def doing(what: str) -> Iterator[None]:
    """Within, a line says what is done; it moves, and goes away."""
    console = Console(stderr=True)
    with console.status(what) if can_redraw(console) else contextlib.nullcontext():
        yield
