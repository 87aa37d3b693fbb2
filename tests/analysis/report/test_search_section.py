"""A search's part of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.report import search_section
from analysis.report import search_section as searches_of_page
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Table, walk
from analysis.report.pictures import Picture
from analysis.searches.retrained import read_answer
from tests.analysis.searches.test_findings import searched_store


def test_of_a_search_history_rungs_and_parallel_coordinates_are_drawn() -> None:
    assert search_section.WHILE_RUNNING == ("history", "rungs", "parallel")


ANSWERS: dict[str, dict[str, Any]] = {
    "one": {"objectives": ("val_accuracy",)},
    "front": {"objectives": ("val_accuracy", "accuracy_gap")},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_page_begins_a_search_with_its_answer_from_fresh_seeds_alone(tmp_path: Path, name: str) -> None:
    objectives = ANSWERS[name]["objectives"]
    store, study = searched_store(tmp_path, objectives)
    told = read_answer(store, "demo")
    assert [r.arm for r in told][:2] == (["front-1", "front-2"] if name == "front" else ["winner", "runner-up"])
    assert all(r.estimate.n == 3 and len(r.searched) == len(objectives) for r in told)
    found = read_inputs(store)
    assert found.seeds("demo.answer") == (1000, 1001, 1002)
    blocks = list(walk(searches_of_page.blocks(found, study)))
    first = next(b for b in blocks if isinstance(b, Table))
    assert first.name == "demo-answer" and len(first.sheet.rows) == len(told)
    names = [b.name.removeprefix("demo-") for b in blocks if isinstance(b, Picture)]
    wanted = ["history", "rungs", "importances", "slices", "contour", "parallel"]
    assert names == ([*wanted[:5], "front", *wanted[5:]] if name == "front" else wanted)
    assert not found.problems
