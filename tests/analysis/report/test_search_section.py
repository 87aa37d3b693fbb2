"""A search's part of the page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from analysis.data.load import load
from analysis.figures.search_figures import figures
from analysis.report import search_section
from analysis.report import search_section as searches_of_page
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Notice, Table, walk
from analysis.report.pictures import Picture
from analysis.searches.findings import findings_of_part
from analysis.searches.retrained import TestResult, read_answer
from analysis.statistics.estimates import Estimate
from study.storage.search_log import current_parts, search_parts
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


def test_beside_numbers_of_the_test_part_the_change_is_of_that_part(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",))
    first, second, *_ = read_answer(store, "demo")
    there = TestResult("test_accuracy", Estimate(0.85, 0.84, 0.86, 5), None, 1)
    behind = dataclasses.replace(there, behind=Estimate(-0.02, -0.03, -0.01, 5))
    tested = [dataclasses.replace(first, tested=there), dataclasses.replace(second, tested=behind)]
    sheet = search_section.answer_sheet(study, tested)
    assert sheet.heads[-2] == "Change against winner in test accuracy, points"
    assert sheet.rows[1][-2].text == "2.00 (1.00 to 3.00)"
    without = [dataclasses.replace(first, tested=there), dataclasses.replace(second, tested=there)]
    head = search_section.answer_sheet(study, without).heads[-2]
    assert head == "Change against winner in validation accuracy, points, selected on val"


def test_the_table_of_the_best_is_over_all_seeds_that_chose_them_those_of_a_race_first(tmp_path: Path) -> None:
    """Its means and its order were those before the race, so no. 1 stood above no. 4, which became the runner-up."""
    store, study = searched_store(tmp_path, ("val_accuracy",))
    (part,), _ = current_parts(search_parts(store), study)
    found, frames = findings_of_part(part), load(store).frames
    (plain,) = search_section._best(found, frames)
    assert isinstance(plain, Table) and "Seeds" not in plain.sheet.heads
    first, second = (int(row[0].text) for row in plain.sheet.rows)
    raced: dict[int, tuple[int, tuple[float, ...]]] = {second: (5, (0.1,)), first: (3, ())}
    (table,) = search_section._best(found, frames, raced)
    assert isinstance(table, Table)
    shown = [(int(row[0].text), row[1].text, row[2].text) for row in table.sheet.rows]
    assert shown[0] == (second, "10.00", "5"), "it lost by its first seeds, and won the race"
    assert shown[1] == (first, plain.sheet.rows[0][1].text, "2"), "a record of a later seed is missing"
    assert "more seeds lead" in table.sheet.notes[0]
    (even,) = search_section._best(found, frames, dict.fromkeys((first, second), (4, (0.5,))))
    assert isinstance(even, Table) and "Seeds" not in even.sheet.heads
    assert even.sheet.notes == ("Means over 4 seeds: those that chose them, so expect less.",)
    search = dataclasses.replace(part.search, racing=3)
    racing = dataclasses.replace(found, part=dataclasses.replace(part, search=search))
    history = next(f for f in figures(racing) if f.title == "History")
    assert history.caption.endswith("Means over the first 2 seeds, before the race.")


def test_while_the_best_are_trained_again_the_page_says_that_the_search_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said "The search goes on." until the first fresh seed was on record."""
    store, study = searched_store(tmp_path, ("val_accuracy",))
    monkeypatch.setattr(search_section, "retrained_in", lambda *_: [])
    inputs = dataclasses.replace(read_inputs(store), provisional=True)
    for answers, says in (({}, "The search goes on. "), (inputs.answers, "The search is over. ")):
        found = search_section.blocks(dataclasses.replace(inputs, answers=answers), study)
        (notice,) = [b for b in walk(found) if isinstance(b, Notice) and b.title == "No answer yet"]
        assert notice.lines[0].startswith(says) and notice.lines[0].endswith("which give the answer.")
