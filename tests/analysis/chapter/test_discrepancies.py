"""Where text and code of the chapter disagree: measured on both sides, and silent where there are no numbers."""

from __future__ import annotations

import pytest

from analysis.chapter.discrepancies import differences
from analysis.claims.queries import Measurements
from analysis.data.frames import Frames, from_records
from tests import synthetic
from tests.analysis.chapter.test_questions import STUDIES, frames_of


@pytest.fixture(scope="module")
def chapter() -> Frames:
    return frames_of(STUDIES.values())


def test_disagreements_are_measured_on_both_sides(chapter: Frames) -> None:
    found = {d.title: d for d in differences(Measurements(STUDIES, chapter))}
    assert len(found) == 5
    l2 = next(d for title, d in found.items() if title.startswith("L2"))
    assert [row[0].text for row in l2.sheet.rows][2:4] == ["code: sum of norms, 0.01", "formula: sum of squares, 0.01"]
    assert all(cell.value is not None for row in l2.sheet.rows for cell in row[1:])


def test_cuts_of_the_rate_are_those_of_the_records(chapter: Frames) -> None:
    sheet = next(d.sheet for d in differences(Measurements(STUDIES, chapter)) if "rate is cut" in d.title)
    rates = list(synthetic.record(STUDIES["annealing"].config("plateau", seed=0)).epochs["lr"])
    expected = [i for i in range(1, 100) if rates[i] < rates[i - 1]]
    assert sheet.rows[0][1].text == "5, 8, 11, 12, 13, 15, 16"
    assert sheet.rows[1][1].text == ", ".join(map(str, expected))


def test_no_disagreement_without_trials() -> None:
    assert (
        differences(Measurements({}, from_records([]))) == []
        and differences(Measurements(STUDIES, from_records([]))) == []
    )
