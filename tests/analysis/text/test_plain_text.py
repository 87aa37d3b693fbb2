"""Text from outside steers no terminal, breaks no file and runs in no spreadsheet, wherever it is written."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import report
from analysis.figures.image_files import csv_text, svg_text
from analysis.figures.named_figure import NamedFigure
from analysis.text import render_sheet as render
from analysis.text.plain_text import printable
from analysis.text.sheet import Cell, Sheet
from study.spec import registry
from tests.analysis.report.test_build_page import without_figures
from tests.analysis.stores import store_of

EVIL = "a\x1b[31mred\x00\x7f\x9b\u202edlrow"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]")
FRAME = pd.DataFrame({"arm": ["=1+1", "@x", "-y", EVIL], "value": [1.0, -2.0, 3.0, 4.0]})


def test_what_is_text_stays_as_it_is() -> None:
    for text in ("one\ntwo\tthree", "5\N{NO-BREAK SPACE}%", "\N{GREEK SMALL LETTER ETA} \N{PLUS-MINUS SIGN}", "日本語"):
        assert printable(text) == text
    assert not RAW.search(printable(EVIL + "\ud800"))


@pytest.mark.parametrize("mark", "\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069")
def test_no_mark_that_turns_the_direction_of_writing_or_ends_a_line_is_text(mark: str) -> None:
    assert mark not in printable(f"a{mark}b")


@pytest.mark.parametrize("write", [csv_text, render.to_csv])
def test_every_csv_has_the_guard_against_formulas(write) -> None:
    lines = write(FRAME).splitlines()
    assert [line[0] for line in lines[1:4]] == ["'"] * 3 and not RAW.search(write(FRAME).replace("\n", ""))
    assert ",-2" in lines[2], "numbers are left alone"


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_markdown_latex_and_svg_have_no_control_characters() -> None:
    sheet = Sheet(EVIL, (EVIL,), ((Cell(EVIL),),))
    figure, axes = plt.subplots()
    axes.set_title(EVIL.replace("\x00", ""))
    drawn = svg_text(NamedFigure(name="x", title=EVIL, alt=EVIL, caption=EVIL, draw=lambda: figure, frame=FRAME))
    for text in (render.to_markdown(sheet), render.to_latex(sheet), drawn):
        assert not RAW.search(text.replace("\n", "").replace("\t", ""))
    ET.fromstring(drawn)


def test_the_page_has_none_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch, all_of_them=True)
    study = registry.load_study("scaling")
    store_of(tmp_path / "r", [study], (0, 1), host=EVIL)
    page = report.build(str(tmp_path / "r"), markdown=True)
    for text in (page.read_text(), page.with_name("report.md").read_text()):
        assert "red" in text and not RAW.search(text.replace("\n", ""))
