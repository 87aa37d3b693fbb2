"""A terminal can be drawn over. In a notebook's cell every frame of a command's live view stayed, codes and all."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from study.planning.redrawing import can_redraw


class Drawable(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "drawn"),
    [
        (Drawable, {"TERM": "xterm"}, True),
        (Drawable, {"TERM": "dumb"}, False),
        (io.StringIO, {"TERM": "xterm"}, False),
        (io.StringIO, {"TERM": "xterm", "FORCE_COLOR": "1"}, False),
        (Drawable, {"TERM": "xterm-color", "FORCE_COLOR": "1", "JPY_PARENT_PID": "7"}, False),
    ],
)
def test_only_a_terminal_of_its_own_is_drawn_over(
    stream: type[io.StringIO], environment: dict[str, str], drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert can_redraw(Console(file=stream(), _environ=environment)) is drawn
