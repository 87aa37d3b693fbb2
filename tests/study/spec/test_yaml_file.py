"""Numbers of a YAML file are what people read, or refused: YAML 1.1 takes 010 for 8 and 1:30 for 90."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from study.spec import study_file
from study.spec.registry import load_study
from study.spec.yaml_file import read_yaml
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig


def read(folder: Path, text: str) -> Any:
    (folder / "a.yaml").write_text(f"a: {text}\n")
    return read_yaml(folder / "a.yaml").values["a"]


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [("010", "8"), ("-0100", "-64"), ("0_10", "8"), ("1:30", "90"), ("1:30.5", "90.5"), ("12:30:45", "45045")],
)
def test_a_number_that_would_be_taken_for_another_is_refused(text: str, taken_for: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=rf"a.yaml, line 1: YAML takes {text} for {taken_for}; write the number"):
        read(tmp_path, text)
    assert read(tmp_path, f'"{text}"') == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("10", 10),
        ("1_000", 1000),
        ("0x10", 16),
        ("0.5", 0.5),
        ("00.5", 0.5),
        ("1e-3", 1e-3),
        (".5e3", 500.0),
        ("-.5E-1", -0.05),
    ],
)
def test_others_are_taken(text: str, value: float, tmp_path: Path) -> None:
    assert read(tmp_path, text) == value


@pytest.mark.parametrize("text", ["-0.0", "-0.", "-0e0", "-1e-999"])
def test_minus_nothing_is_nothing(text: str, tmp_path: Path) -> None:
    """`l1: -0.0` was another trial than `l1: 0`, with the same numbers."""
    value = read(tmp_path, text)
    assert TrialConfig(l1=value).identity("x") == TrialConfig().identity("x") and str(value) == "0.0"


UNREADABLE: dict[bytes, str] = {
    b"name: a\nname: b\n": "line 2: the key stands twice: name",
    b"name: a\nbase: {lr: 1, lr: 2}\n": "line 2: the key stands twice: lr",
    b"name: a\n\ttitle: b\n": "line 2: in .title: b. there is a tab: indent with spaces, not with tabs",
    b"x: 1\nname: [a\n": r"line 2: in 'name: \[a' the .\[. is not closed",
    b"x: 1\n  y: 2\n": "line 2: in 'y: 2' the indent is wrong",
    b"a: &x b\nc: *x\n": "line 2: YAML aliases are not read here",
    b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n": "line 2: YAML aliases are not read here",
    b"x: 1\ny: " + b"[" * 3000: "line 1: it is nested too deeply",
    b"x: 1\nname: gr\xf6sse\n": "line 2: the byte 0xf6 is no UTF-8",
    "name: a\n".encode("utf-16"): "line 1: it is UTF-16; save the file as UTF-8",
    b"x: 1\nname: a\x07\n": "line 2: it is not YAML: a control character",
    b"x: 1\n---\ny: 2\n": "line 2: it is not YAML: .*another document",
    b"x: 1\n? [a, b]\n: c\n": "line 2: a name is a word",
    b"x: 1\n1: a\n": "line 2: a name is text",
    b"x: 1\ny: 010\n": "line 2: YAML takes 010 for 8",
    b"x: 1\ny: 2026-99-99\n": "line 2: 2026-99-99 is no date",
    b"x: 1\ny: !!timestamp abc\n": "line 2: abc is no date or number that can be; write text in quotes",
    b"x: 1\ny: !!timestamp ''\n": "line 2: nothing is no date or number",
    b"x: 1\ny: !!int _\n": "line 2: _ is no date or number",
    b"x: 1\ny: !!float\n": "line 2: nothing is no date or number",
    b"x: 1\ny: !!bool foo\n": "line 2: foo is neither true nor false; write text in quotes",
    b"x: 1\ny: !!map z\n": "line 2: it is not YAML: expected a mapping node",
    b"x: 1\ny: !!set [[a, b]]\n": "line 2: it is not YAML: expected a mapping node",
    b"x: 1\n2024-13-45: a\n": "line 2: 2024-13-45 is no date",
    b"x: 1\n!!bool foo: a\n": "line 2: foo is neither true nor false",
    b"x: 1\n010: a\n": "line 2: YAML takes 010 for 8",
    b"x: 1\ny: !!python/object/apply:os.system ['true']\n": "line 2: it is not YAML: .*constructor",
    b"- a\n": "line 1: it holds a list; expected a mapping",
    b"text\n": "line 1: it holds one value; expected a mapping",
    b"": "line 1: it is empty; expected a mapping",
    b'x: 1\n"\\e[31m": 1\n"\\e[31m": 2\n': r"line 3: the key stands twice: \\x1b\[31m",
}


@pytest.mark.parametrize("data", UNREADABLE)
def test_what_cannot_be_read_at_all_is_said_in_one_line_with_file_and_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        study_file.read(path)
    said = str(caught.value)
    assert re.match(re.escape(f"{path}, ") + UNREADABLE[data], said) and said.isprintable(), said


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: a\n")
    assert read_yaml(path).values == {"name": "a"}


ODD_FILES = {
    "a flag for a name": ("off: 1", 'mine.yaml, line 1: a name is text; write it in quotes: "off"'),
    "a number for a knob": ("name: a\nbase: {1: 2}", 'mine.yaml, line 2: a name is text; write it in quotes: "1"'),
    "a date that is none": ("title: 2026-13-45", "mine.yaml, line 1: 2026-13-45 is no date or number that can be"),
    "a number of 5,000 digits": ("epochs: 1" + "0" * 5000, "is no date or number that can be"),
    "a key without a name": ("? [a]\n: 1", "mine.yaml, line 1: a name is a word"),
    "a merge": ("<<: {a: 1}\nname: x", "a: there is no such field"),
    "nothing": ("", "expected a mapping"),
    "a set": ("name: !!set {a}", "name: got {'a'}; expected text"),
}


@pytest.mark.parametrize(("text", "says"), ODD_FILES.values(), ids=ODD_FILES.keys())
def test_odd_yaml(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        load_study(str(path))
    assert says in str(caught.value)
