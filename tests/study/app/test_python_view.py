"""What a call from Python shows, in a notebook and elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import study
from study.app.python_view import PythonView
from tests.study import own


class SilentHandle:
    """A cell that shows nothing."""

    def display(self, what: dict[str, str], *, raw: bool) -> None: ...

    update = display


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(DisplayHandle=SilentHandle))


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_notes_are_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    PythonView().note("runs in this process (--executor ray if you want it)")
    assert capsys.readouterr() == ('runs in this process (executor="ray" if you want it)\n', "")


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_what_a_run_did_stays_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cell ended empty, with "<IPython.core.display.HTML object>" as its text."""
    own.data(tmp_path, "mine", 60, 30)
    file = own.study(tmp_path, "rates", "lr", [0.1, 0.01], data="mine")
    monkeypatch.chdir(tmp_path)
    study.run(file, 1, data_dir=".")
    assert re.search(r"^2 trials trained in .*, recorded in results/rates$", capsys.readouterr().out, re.MULTILINE)
    study.run(file, 1, data_dir=".")
    assert "nothing to train: all of it is on record in results/rates\n" in capsys.readouterr().out
    study.run(file, 1, data_dir=".", progress=False)
    assert capsys.readouterr().out == ""
