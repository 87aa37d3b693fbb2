"""A quantity as numbers by seed: a diverged trial stays, at the worst value."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.claims.by_seed import SeedValues, by_seed
from analysis.claims.samples import ArmReader, _incomplete
from analysis.data.frames import from_records
from study.spec.claims import CurvePlace, Level, Quantity
from study.spec.study import Arm, Study
from tests import synthetic
from tests.analysis.claims.test_by_seed import claiming, judged, lacking, level
from trainables.records.metrics import METRICS


def test_a_diverged_record_that_lacks_a_metric_does_not_count_as_worst() -> None:
    study = claiming(level(at=1))
    records = list(synthetic.records(study, range(3), endings={("a", 2): ("diverged", 2)}))
    assert judged(study, from_records(records)).path == (0, 1, 2)
    v = judged(study, from_records(lacking(records, "val_accuracy")))
    assert v.verdict == "missing" and v.path == (0, 1)


@pytest.mark.parametrize(("metric", "at"), [("val_accuracy", "max"), ("val_accuracy", "best"), ("val_loss", "min")])
@pytest.mark.parametrize("ending", ["diverged", "failed"])
def test_good_epochs_before_a_divergence_do_not_make_up_for_it(metric: str, at: CurvePlace, ending: str) -> None:
    """A trial that was lost has not all the epochs that a largest value is sought over: it is worst, as at the last."""
    quantity = Quantity(arm="a", metric=metric, at=at)
    study = claiming(Level(quantity=quantity, low=0.0))
    records = synthetic.records(study, range(9), endings={("a", 5): (ending, 2)})  # type: ignore[dict-item]
    found = by_seed(ArmReader(study, {study.name: study}, from_records(records)), quantity)
    assert isinstance(found, SeedValues)
    assert [seed for seed, value in found.values.items() if not math.isfinite(value)] == [5]
    assert found.values[5] == METRICS[metric].worst


def test_several_seeds_without_a_trial_are_called_seeds() -> None:
    """It said "has no trial of seed 0, 1"."""
    trials = pd.DataFrame({"seed": [2], "status": ["finished"], "epochs": [3], "epochs_done": [3]})
    few, one = _incomplete("a", trials, range(3)), _incomplete("a", trials, (1, 2))
    assert few is not None and few.text == "a has no trial of seeds 0, 1"
    assert one is not None and one.text == "a has no trial of seed 1"


def test_what_an_arm_lacks_is_said_with_its_words() -> None:
    """It was "None has no trials." of an arm called `none`."""
    arms = (Arm(name="none"), Arm(name="b", say="two rates", change={"lr": 0.1}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms)
    reader = ArmReader(study, {"s": study}, from_records([]))
    assert [getattr(reader.rows(arm), "text", "") for arm in ("none", "b")] == [
        "arm none has no trials",
        "two rates have no trials",
    ]
    assert reader.lacks_words(["none", "b"], "trial of seed 3") == "arm none and two rates have no trial of seed 3"
