"""Errors as one line that every terminal can show."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

import study
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig


@pytest.mark.parametrize("odd", ["\x1b[31m", "a\nb", "\ud800", "\x9b"])
def test_a_name_that_people_made_up_is_shown_and_never_obeyed(odd: str) -> None:
    for error in (BadInput(odd, 1, "x"), BadInput("x", odd, "x"), BadInput("x", 1, f"{odd} is not there")):
        assert str(error).isprintable()


def test_a_notebook_shows_the_line_that_met_it_and_the_message_alone() -> None:
    with pytest.raises(BadInput) as caught:
        TrialConfig.from_dict({"lrr": 1})
    where, empty, message = caught.value._render_traceback_()
    assert where.endswith(': TrialConfig.from_dict({"lrr": 1})') and not empty
    assert message == f"{caught.typename}: {caught.value}"
    assert BadInput("x", 1, "2")._render_traceback_() == ["BadInput: x: got 1; 2"]


def test_a_notebook_shows_the_callers_line_also_where_a_library_lies_between() -> None:
    with pytest.raises(BadInput) as caught:
        study.plan("no-such-study.yaml", seeds=1)
    files = [Path(frame.filename).name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "contextlib.py" in files, "else this shows nothing"
    assert caught.value._render_traceback_()[0].endswith(': study.plan("no-such-study.yaml", seeds=1)')


def test_a_decimal_comma_is_told_what_to_write() -> None:
    with pytest.raises(BadInput, match=r"lr: got '0,01'; expected a number > 0; write a point: 0\.01"):
        TrialConfig.from_dict({"lr": "0,01"})
    with pytest.raises(BadInput) as caught:
        TrialConfig.from_dict({"lr": "fast"})
    assert str(caught.value).endswith("expected a number > 0")
