"""What an environment has for a while is gone afterwards, also after an error."""

from __future__ import annotations

import os

import pytest

from study.planning.environment import environment


def fail_within() -> None:
    assert (os.environ["OURS"], os.environ["NOT_SET"]) == ("within", "within")
    raise KeyboardInterrupt


def test_the_environment_has_its_own_values_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "before")
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(KeyboardInterrupt), environment({"OURS": "within", "NOT_SET": "within"}):
        fail_within()
    assert os.environ["OURS"] == "before" and "NOT_SET" not in os.environ
