"""Numbers of a YAML file are what people read, or refused: YAML 1.1 takes 010 for 8 and 1:30 for 90."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from study.spec.yaml_file import read_yaml
from trainables.config.errors import BadInput


def read(folder: Path, text: str) -> Any:
    (folder / "a.yaml").write_text(f"a: {text}\n")
    return read_yaml(folder / "a.yaml").values["a"]


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [("010", "8"), ("-0100", "-64"), ("0_10", "8"), ("1:30", "90"), ("1:30.5", "90.5"), ("12:30:45", "45045")],
)
def test_a_number_that_would_be_taken_for_another_is_refused(text: str, taken_for: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=rf"got '{text}'; YAML takes it for {taken_for} \(line 1\); write the number"):
        read(tmp_path, text)
    assert read(tmp_path, f'"{text}"') == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-0", 0), ("10", 10), ("1_000", 1000), ("0x10", 16), ("0.5", 0.5), ("00.5", 0.5), ("1e-3", 1e-3)],
)
def test_others_are_taken(text: str, value: float, tmp_path: Path) -> None:
    assert read(tmp_path, text) == value
