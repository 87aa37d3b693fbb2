"""Golden values are added, and never changed by a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden_values import hold


def test_what_is_new_is_added_and_what_is_kept_stays(tmp_path: Path) -> None:
    path = tmp_path / "golden" / "losses.json"
    with pytest.raises(AssertionError, match="make golden"):
        hold(path, {"adam": [0.5]}, 0.0, add=False)
    hold(path, {"adam": [0.5]}, 0.0, add=True)
    hold(path, {"adam": [0.5], "sgd": {"a": [0.7]}}, 0.0, add=True)
    before = path.read_bytes()
    for changed in ({"adam": [0.5], "sgd": {"a": [0.8]}}, {"adam": [0.5]}, {"adam": [0.5, 0.4], "sgd": {"a": [0.7]}}):
        for add in (False, True):
            with pytest.raises(AssertionError, match="losses"):
                hold(path, changed, 0.0, add=add)
            assert path.read_bytes() == before
    hold(path, {"adam": [0.50001], "sgd": {"a": [0.7]}}, 1e-3, add=False)
