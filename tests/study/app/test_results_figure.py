"""A figure of one study: what the report draws."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from trainables.config.errors import BadInput

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


@pytest.fixture(scope="module")
def results() -> study.Results:
    return study.Results(str(CHAPTER), ["dropout", "annealing"])


def test_a_figure_of_one_study(results: study.Results) -> None:
    assert results.plot("curves", "dropout").axes
    assert results.plot("effects", "dropout").axes
    with pytest.raises(BadInput, match="name one of dropout, annealing"):
        results.plot("curves")
    with pytest.raises(BadInput, match="expected one of curves"):
        results.plot("pie", "dropout")
    with pytest.raises(BadInput, match="expected one of dropout"):
        results.plot("curves", "depth")
