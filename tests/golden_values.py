"""Golden values: plain data that a computation came to once, held to the bit or nearly so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def hold(path: Path, value: Any, rel: float, *, add: bool) -> None:
    """Hold plain data against a file; with `add` what the file lacks is written into it first.

    Nothing that the file has is ever changed: whoever means to change a number takes the old one out by hand.
    """
    plain = json.loads(json.dumps(value))
    if add:
        path.parent.mkdir(exist_ok=True)
        kept = json.loads(path.read_text()) if path.is_file() else {}
        path.write_text(json.dumps(_with_new(kept, plain), indent=1, sort_keys=True) + "\n")
    assert path.is_file(), f"there is no {path.name} yet: make golden"
    _require_same(plain, json.loads(path.read_text()), rel, path.stem)


def _with_new(kept: Any, now: Any) -> Any:
    if not isinstance(kept, dict) or not isinstance(now, dict):
        return kept
    return {k: _with_new(kept[k], now.get(k)) if k in kept else now[k] for k in {**kept, **now}}


def _require_same(value: Any, expected: Any, rel: float, where: str) -> None:
    if isinstance(expected, dict) and isinstance(value, dict):
        assert value.keys() == expected.keys(), where
        for key in expected:
            _require_same(value[key], expected[key], rel, f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(value, list):
        assert len(value) == len(expected), where
        for i, (one, other) in enumerate(zip(value, expected, strict=True)):
            _require_same(one, other, rel, f"{where}[{i}]")
    elif rel and isinstance(expected, float):
        assert value == pytest.approx(expected, rel=rel), where
    else:
        assert value == expected, where
