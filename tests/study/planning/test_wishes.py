"""Two signals of one moment are one wish."""

from __future__ import annotations

import pytest

from study.planning import wishes


def test_a_signal_within_a_second_of_the_first_is_the_same_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("study.planning.wishes.time.monotonic", lambda: now[0])
    heard, found = wishes.Wishes(), []
    for later in (0.0, 0.2, 0.7, 0.2, 0.5, 2.0):  # at 0, 0.2, 0.9, 1.1, 1.6 and 3.6 seconds
        now[0] += later
        found.append(heard.is_new())
    assert found == [True, False, False, True, False, True]
