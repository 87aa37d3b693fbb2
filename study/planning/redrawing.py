"""Where lines that were shown can be drawn over: a bar, a live view, a moving line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def can_redraw(console: Console) -> bool:
    """Whether a console is a terminal that can draw over its lines.

    FORCE_COLOR makes Rich take a pipe for one, and a notebook sets it; what a cell shows of a command (`!study run`,
    `%%bash`) keeps every frame, also where IPython gives it a terminal of its own.
    """
    of_a_cell = "JPY_PARENT_PID" in os.environ
    return console.is_terminal and not console.is_dumb_terminal and console.file.isatty() and not of_a_cell
