"""Errors as one line that every terminal can show."""

from __future__ import annotations

import pytest

from trainables.config.errors import BadInput


@pytest.mark.parametrize("odd", ["\x1b[31m", "a\nb", "\ud800", "\x9b"])
def test_a_name_that_people_made_up_is_shown_and_never_obeyed(odd: str) -> None:
    for error in (BadInput(odd, 1, "x"), BadInput("x", odd, "x"), BadInput("x", 1, f"{odd} is not there")):
        assert str(error).isprintable()
