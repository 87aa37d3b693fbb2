"""A figure of one study: what the report draws."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from analysis.report.inputs import read_inputs
from study.app.results_figure import figure_of
from tests import synthetic
from tests.analysis.report.test_inputs import SMALL, asked
from tests.analysis.stores import fill, store_of
from trainables.config.errors import BadInput

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


@pytest.fixture(scope="module")
def results() -> study.Results:
    return study.Results(str(CHAPTER), ["dropout", "annealing"])


def test_a_figure_of_one_study(results: study.Results) -> None:
    assert results.plot("curves", "dropout").axes
    effects = results.plot("effects", "dropout")
    assert effects.axes and "validation accuracy" in effects.get_supxlabel(), "the first that the report draws"
    shaded = study.Results(str(CHAPTER), ["batch-size"]).plot("effects").axes[0].collections
    assert "claimed" in [drawn.get_gid() for drawn in shaded], "as on the page"
    with pytest.raises(BadInput, match="name a study: one of dropout, annealing"):
        results.plot("curves")
    with pytest.raises(BadInput, match="expected one of curves"):
        results.plot("pie", "dropout")
    with pytest.raises(BadInput, match="expected one of dropout"):
        results.plot("curves", "depth")


@pytest.mark.parametrize("kind", ["curves", "lr", "parameters"])
def test_a_figure_is_of_the_seeds_that_the_report_draws(tmp_path: Path, kind: str) -> None:
    store = store_of(tmp_path / "r", [SMALL], range(3))
    asked(store, "20260102T000000-a", b=(3, 4))
    fill(store, (r for r in synthetic.records(SMALL, (3, 4)) if r.config.lr == 0.2))
    as_asked = figure_of(read_inputs(store), store, SMALL, kind)
    fill(store, synthetic.records(SMALL, range(5, 8)))
    found = figure_of(read_inputs(store), store, SMALL, kind)
    assert found.caption == as_asked.caption and found.frame.equals(as_asked.frame), "nobody asked for these seeds here"
