"""What packages add to a page: found by entry points, in their order."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from analysis import report
from analysis.report import extensions
from analysis.report.build_page import build_page
from analysis.report.extensions import Additions
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.page_tree import Paragraph, Section
from study.spec import registry
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from tests.analysis.report.test_build_page import without_figures
from tests.analysis.stores import store_of

SCALING, DROPOUT = registry.load_study("scaling"), registry.load_study("dropout")
OWN = Study(
    name="dropout",
    title="Dropout on leaves",
    question="Does dropout help on leaves?",
    knobs=("dropout_hidden",),
    epochs=2,
    base={"hidden": (8,)},
    arms=(Arm(name="none"), Arm(name="half", change={"dropout_hidden": 0.5})),
)
"""Somebody's own study that is called like one of the chapter."""
CHAPTERS = re.compile(r"closing questions|not in this folder|dropout-0\.25|disagree|Figures that need no training")


def test_a_study_of_ones_own_gets_nothing_of_the_chapter_drawn(tmp_path: Path) -> None:
    store_of(tmp_path, [OWN], seeds=(0, 1))
    page = report.build(str(tmp_path), markdown=True)
    twin = (page.parent / "report.md").read_text()
    assert "Dropout on leaves" in twin
    assert not CHAPTERS.search(twin) and not CHAPTERS.search(re.sub(r"<(style|script)>.*?</\1>", "", page.read_text()))
    assert list(page.parent.glob("figures/concept-*")) == []


def test_a_package_adds_order_title_and_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs(inputs: ReportInputs) -> Additions:
        assert set(inputs.studies) == {"scaling", "dropout"}
        first = Section("theirs-first", "What they say first", (Paragraph("before"),))
        last = Section("theirs-last", "What they say last", (Paragraph("after"),))
        order = ("scaling", "dropout")
        return Additions(
            order, "Their title", notes=("A note of theirs.",), before=(lambda: [first],), after=(lambda: [last],)
        )

    monkeypatch.setattr(extensions, "registered", lambda: [lambda _: None, theirs])
    without_figures(monkeypatch, all_of_them=True)
    store_of(tmp_path, [SCALING, OWN], seeds=(0, 1))
    twin = (report.build(str(tmp_path), markdown=True).parent / "report.md").read_text()
    studies = ("### Scaling the input", "### Dropout on leaves")
    heads = ["# Their title", "A note of theirs.", *studies, "## What they say first\n\n", "## What they say last"]
    places = [twin.index(head) for head in heads]
    assert places == sorted(places)


def test_verdicts_alone_ask_for_no_words_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lead() -> str:
        asked.append("lead")
        return "What was asked."

    theirs = Additions((), lead=lead)
    monkeypatch.setattr(extensions, "registered", lambda: [lambda _: theirs])
    without_figures(monkeypatch, all_of_them=True)
    store_of(tmp_path, [SCALING], seeds=(0, 1))
    assert report.verdicts(str(tmp_path), []) and asked == []
    made = build_page(read_inputs(ResultsFolder(str(tmp_path))))
    assert made.page.lead == "What was asked." and "lead" in asked


def test_packages_are_found_by_their_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    point = metadata.EntryPoint("theirs", "tests.analysis.report.test_extensions:nothing_to_add", extensions.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point, point] if group == extensions.GROUP else [])
    (found,) = extensions.registered()
    assert found.__name__ == "nothing_to_add"


def nothing_to_add(inputs: ReportInputs) -> None:
    """An extension with nothing to add."""
