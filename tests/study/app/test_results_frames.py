"""Frames of what is on record: tidy, of the seeds that were asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import study
from tests import synthetic
from tests.analysis.report.test_inputs import SMALL, asked
from tests.analysis.stores import fill, store_of
from trainables.config.errors import BadInput

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


@pytest.fixture(scope="module")
def results() -> study.Results:
    return study.Results(str(CHAPTER), ["dropout", "annealing"])


def test_trials_curves_and_effects_are_tidy(results: study.Results) -> None:
    assert list(results.studies) == ["dropout", "annealing"]
    trials = results.trials
    assert trials.groupby(["study", "arm"])["seed"].nunique().to_dict()["dropout", "dropout-0.25"] == 5
    curves = results.curves("val_accuracy")
    assert list(curves.columns) == ["study", "arm", "seed", "epoch", "value", "role", "reduced"]
    dropout = curves[curves["study"] == "dropout"]
    seeds = trials[trials["study"] == "dropout"].groupby("arm")["seed"].nunique()
    assert seeds.min() == 5 and len(dropout) == seeds.sum() * 30 and set(dropout["role"]) == {"baseline", "arm"}
    last = dropout[(dropout["epoch"] == 30) & (dropout["arm"] == "none")]["value"]
    assert last.mean() == pytest.approx(0.8922, abs=2e-4)
    effects = results.effects("val_accuracy")
    row = effects[effects["arm"] == "dropout-0.25"].iloc[0]
    assert row["estimate"] == pytest.approx(-0.0062, abs=1e-4) and row["n"] == 5
    with pytest.raises(BadInput, match="val_accuracy"):
        results.curves("acuracy")
    with pytest.raises(BadInput, match="got 'status'; expected one of train_loss"):
        results.curves("status")


def test_trials_and_curves_are_of_the_seeds_that_were_asked_of_their_study(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [SMALL], range(3))
    asked(store, "20260102T000000-a", b=(3, 4))
    fill(store, synthetic.records(SMALL, range(3, 6), skip=[("c", 4)]))  # seed 5 was asked of nobody here
    results = study.open(tmp_path / "r")
    for frame in (results.trials, results.curves()):
        assert frame.groupby("arm")["seed"].nunique().to_dict() == {"a": 5, "b": 5, "c": 4}
