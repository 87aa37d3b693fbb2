"""Where a view is drawn: a terminal, a notebook's cell, or nowhere."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from types import SimpleNamespace

import pytest
from rich.console import Console

from study.app.drawing import NotebookDrawing, TerminalDrawing, drawing_on
from tests.study.planning.test_redrawing import Drawable


class Handle:
    """Keeps what a cell would show."""

    shown: list[dict[str, str]]

    def __init__(self) -> None:
        Handle.shown = []

    def display(self, what: dict[str, str], *, raw: bool) -> None:
        assert raw, "whose text IPython does not take from the name of a class"
        Handle.shown.append(what)

    update = display


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    display = SimpleNamespace(DisplayHandle=Handle)
    monkeypatch.setitem(sys.modules, "IPython.display", display)


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_the_cell_shows_it_as_text() -> None:
    drawing = drawing_on(Console(file=io.StringIO()))
    assert isinstance(drawing, NotebookDrawing) and drawing.size()[0] >= 80
    drawing.draw(["arm  <b>", "wide"])
    assert "arm  &lt;b&gt;\nwide" in Handle.shown[-1]["text/html"]
    drawing.close(keep=True)
    assert Handle.shown[-1]["text/plain"] == "arm  <b>\nwide"
    drawing.close(keep=False)
    assert Handle.shown[-1] == {"text/plain": ""}


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_nobody_advises_widgets() -> None:
    NotebookDrawing()
    with warnings.catch_warnings(record=True) as said:
        warnings.warn("IProgress not found. Please update jupyter and ipywidgets.", stacklevel=1)
    assert said == [] and not logging.getLogger("ray.widgets.util").isEnabledFor(logging.INFO)


def test_elsewhere_a_terminal_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    assert drawing_on(Console(file=io.StringIO())) is None
    out = Drawable()
    drawing = drawing_on(Console(file=out, force_terminal=True, width=60, height=20, _environ={"TERM": "xterm"}))
    assert isinstance(drawing, TerminalDrawing) and drawing.size() == (60, 19)
    drawing.draw(["arm  wide"])
    drawing.close(keep=True)
    assert "arm  wide" in out.getvalue()


def test_ipython_on_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=SimpleNamespace))
    assert drawing_on(Console(file=io.StringIO())) is None
