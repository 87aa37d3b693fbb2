"""Pictures are drawn when they are needed, in this process, and a page draws none that it shows itself."""

from __future__ import annotations

import io
import multiprocessing.process
import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from analysis import report
from analysis.chapter import sections
from analysis.figures.named_figure import NamedFigure, draw_note, missing
from analysis.report import html, study_section
from analysis.report.page_tree import Page, Section
from analysis.report.pictures import DrawnPicture, Picture
from study.spec import registry
from tests.analysis.stores import store_of

SCALING = registry.load_study("scaling")
FRAME = pd.DataFrame({"x": [1]})


def failing() -> NoReturn:
    raise ValueError("no number")


def picture(name: str, drawn: list[str], *, still: bool = False) -> Picture:
    def draw() -> Figure:
        drawn.append(name)
        return draw_note(name)

    return Picture(NamedFigure(name, name, name, "", FRAME, draw), still=still)


def test_a_picture_is_drawn_once_and_only_when_it_is_looked_at() -> None:
    drawn: list[str] = []
    one = picture("one", drawn)
    assert one.csv == b"x\n1\n" and drawn == []
    assert one.svg.startswith(b"<?xml") and one.png[:4] == b"\x89PNG" and one.uri.startswith("data:image/svg+xml")
    assert drawn == ["one"]


def test_a_page_keeps_the_room_of_a_picture_before_it_is_shown() -> None:
    """Opened folds had captions alone until they were scrolled to, and the page jumped."""
    one = picture("one", [])
    width, height = (round(96 * inches) for inches in one.figure.figure.get_size_inches())
    page = html.render(Page("Title", "Lead", False, (), (Section("place", "Section", (one,)),)))
    assert f'width="{width}" height="{height}" alt="one" loading="lazy"' in page
    with Image.open(io.BytesIO(one.png)) as image:
        assert DrawnPicture("png", one.png).size == image.size


def test_what_is_not_there_is_said_once_and_not_drawn() -> None:
    absent = Picture(missing("x", "History", "no configuration was trained to the end"))
    page = html.render(Page("Title", "Lead", False, (), (Section("place", "Section", (absent,)),)))
    assert (
        absent.absent and page.count("Not drawn: no configuration was trained to the end.") == 1 and "<img" not in page
    )
    assert "figures/x.csv" not in page


def test_what_cannot_be_drawn_says_so_and_leaves_the_rest() -> None:
    odd = Picture(NamedFigure("odd", "Odd", "alt", "", FRAME, failing))
    assert b"its records cannot be drawn (ValueError)" in odd.svg and odd.uri


def test_a_page_draws_what_it_shows_and_its_twin_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    figures = [picture(f"scaling{end}", drawn).figure for end in ("-curves", "-other")]
    monkeypatch.setattr(sections, "all_concepts", lambda *_: [])
    monkeypatch.setattr(study_section, "_figures", lambda *_: figures)
    store_of(tmp_path / "r", [SCALING], (0, 1))
    out = tmp_path / "out"
    report.build(str(tmp_path / "r"), out)
    assert drawn == ["scaling-other"] and not (out / "report.md").exists() and not list(out.rglob("*.svg"))
    assert (out / "figures" / "scaling-curves.csv").is_file(), "the page leads to it"
    report.build(str(tmp_path / "r"), out, markdown=True)
    assert (
        drawn == ["scaling-other", "scaling-curves"] and "figures/scaling-curves.svg" in (out / "report.md").read_text()
    )
    first = (out / "index.html").read_bytes()
    report.build(str(tmp_path / "r"), out)
    assert (out / "report.md").is_file(), "it is as fresh as the page"
    (out / "index.html").unlink()
    (out / "mine.svg").write_text("mine")
    report.build(str(tmp_path / "r"), out)
    assert (out / "index.html").read_bytes() == first
    assert [p.name for p in out.rglob("*.svg")] == ["mine.svg"] and not (out / "report.md").exists()


def test_a_report_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forked child can wait for ever for a lock that another thread held, and outlives a report that is killed."""
    monkeypatch.setattr(sections, "all_concepts", lambda *_: [])
    store_of(tmp_path / "r", [SCALING], (0, 1))
    for owner, name in (
        (os, "fork"),
        (subprocess, "Popen"),
        (multiprocessing.process.BaseProcess, "start"),
    ):
        monkeypatch.setattr(owner, name, failing)
    assert report.build(str(tmp_path / "r"), tmp_path / "out").is_file()
