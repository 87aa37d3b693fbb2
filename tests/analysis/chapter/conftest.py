"""What is made once for all tests of the chapter: the figures that need no training, and the records as read."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.chapter.concepts import all_concepts
from analysis.figures import NamedFigure
from analysis.report.inputs import ReportInputs, read_inputs
from study.storage.results_folder import ResultsFolder
from tests.analysis.chapter.small import SMALL


@pytest.fixture(scope="session")
def figures() -> list[NamedFigure]:
    return all_concepts(SMALL, seed=1)


@pytest.fixture(scope="session")
def on_record() -> ReportInputs:
    """`results/chapter`, as a report reads it."""
    return read_inputs(ResultsFolder(str(Path(__file__).parents[3] / "results/chapter")))
