"""The `study` command, called in this process by the name under which it is installed: no module path is assumed."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from unittest import mock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.layout_engine import ConstrainedLayoutEngine


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


def study(*words: object) -> Said:
    """Run `study WORDS`; what would be a traceback there is an exception here."""
    (script,) = entry_points(group="console_scripts", name="study")
    main = importlib.import_module(script.module).main
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["study", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Said(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def undrawn(*, concepts: bool = True) -> Iterator[None]:
    """Within, figures are put together but no picture is made of them, which takes most of a report's time.

    Args:
        concepts: whether a report holds the figures that need no training; they take most of the rest.
    """
    with contextlib.ExitStack() as stack:
        for owner, name in (
            (FigureCanvasAgg, "print_png"),
            (FigureCanvasSVG, "print_svg"),
            (ConstrainedLayoutEngine, "execute"),
        ):
            stack.enter_context(mock.patch.object(owner, name, return_value=None))
        if not concepts:  # the one place that a module of ours is named; it moves with the module
            stack.enter_context(mock.patch("analysis.chapter.sections.all_concepts", return_value=[]))
        yield
