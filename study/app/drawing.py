"""Where a live view is drawn again and again: a terminal, or the output of a notebook's cell."""

from __future__ import annotations

import html
import importlib
import io
import logging
import sys
import warnings
from collections.abc import Sequence
from typing import Any, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from study.planning.redrawing import can_redraw

NOTEBOOK_SIZE = 100, 40
"""Columns and lines of a view in a notebook."""


CSS_PIXELS_PER_INCH = 96
"""A browser shows an SVG of so many inches as so many pixels; the PNG beside it has the same size."""


class Drawing(Protocol):
    """Shows lines in place of those before."""

    def size(self) -> tuple[int, int]:
        """Columns and lines that there is room for."""

    def draw(self, lines: Sequence[str]) -> None:
        """Show these."""

    def close(self, *, keep: bool) -> None:
        """Draw no more; `keep`: what is shown stays."""


def drawing_on(console: Console) -> Drawing | None:
    """Where a view can be drawn, if it can: in the notebook that this process serves, else on the console."""
    shell = shell_of_notebook()
    if shell is not None:
        return NotebookDrawing()
    if can_redraw(console):
        return TerminalDrawing(console)
    return None


def shell_of_notebook() -> Any | None:
    """IPython's shell where a kernel serves it (Jupyter, Colab); else None. Imports nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


def show_figures() -> None:
    """Let a notebook show Matplotlib's figures as SVG, whatever its backend: sharp at any size, and in print.

    Beside it goes a PNG: JupyterLab shows no SVG of a notebook that was executed elsewhere, which it does not trust.
    """
    shell = shell_of_notebook()
    if shell is not None:
        from matplotlib.figure import Figure

        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, _svg)
        shell.display_formatter.formatters["image/png"].for_type(Figure, _png)


def without_advice_on_widgets() -> None:
    """Keep Ray and tqdm from advising ipywidgets in the cell: the view here needs none."""
    warnings.filterwarnings("ignore", message="IProgress not found")
    logging.getLogger("ray.widgets.util").setLevel(logging.WARNING)


def _svg(figure: Any) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight")
    return out.getvalue()


def _png(figure: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", bbox_inches="tight", dpi=CSS_PIXELS_PER_INCH)
    return out.getvalue()


class TerminalDrawing:
    """Draws on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._live.start()

    def size(self) -> tuple[int, int]:
        """See `Drawing`."""
        return self._console.size.width, self._console.size.height - 1

    def draw(self, lines: Sequence[str]) -> None:
        """See `Drawing`."""
        self._live.update(Group(*(Text(line, no_wrap=True, overflow="crop") for line in lines)), refresh=True)

    def close(self, *, keep: bool) -> None:
        """See `Drawing`."""
        self._live.transient = not keep
        self._live.stop()


class NotebookDrawing:
    """Draws in the output of the cell that runs."""

    def __init__(self) -> None:
        without_advice_on_widgets()
        display: Any = importlib.import_module("IPython.display")
        self._handle = display.DisplayHandle()
        self._handle.display({"text/plain": ""}, raw=True)

    def size(self) -> tuple[int, int]:
        """See `Drawing`."""
        return NOTEBOOK_SIZE

    def draw(self, lines: Sequence[str]) -> None:
        """See `Drawing`."""
        text = "\n".join(lines)
        shown = f'<pre style="line-height: 1.2">{html.escape(text)}</pre>'
        self._handle.update({"text/html": shown, "text/plain": text}, raw=True)

    def close(self, *, keep: bool) -> None:
        """See `Drawing`."""
        if not keep:
            self._handle.update({"text/plain": ""}, raw=True)
