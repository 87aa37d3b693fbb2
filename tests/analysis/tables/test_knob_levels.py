"""Arms that differ in one number alone: which they are, and the level of each."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import pytest

from analysis.claims.queries import Measurements
from analysis.data.frames import from_records
from analysis.tables.knob_levels import KNOB_COLUMNS, at_one_epoch, knob_ladders, knob_levels
from study.spec import registry
from study.spec.claims import Quantity
from study.spec.study import Arm, Study
from tests import synthetic

ACCURACY = Quantity(arm="any", metric="val_accuracy")


def study_of(*changes: dict[str, Any], base: dict[str, Any] | None = None, epochs: Sequence[int | None] = ()) -> Study:
    """Arms a0, a1 and so on, the first of which is the baseline."""
    each = [*epochs, *[None] * (len(changes) - len(epochs))]
    arms = tuple(Arm(name=f"a{i}", change=c, epochs=e) for i, (c, e) in enumerate(zip(changes, each, strict=True)))
    knobs = tuple({knob: None for c in changes for knob in c})
    return Study(name="s", title="S", question="Q?", knobs=knobs, epochs=4, base=base or {}, arms=arms)


@pytest.mark.parametrize(
    ("changes", "ladders"),
    [
        ([{"lr": 0.1}, {"lr": 0.001}, {"lr": 0.01}], {"lr": [0.001, 0.01, 0.1]}),
        ([{"batch_size": 32}, {"batch_size": 64}], {}),
        ([{"hidden": (20,)}, {"hidden": (5,)}, {"hidden": (80,)}], {"hidden": [5, 20, 80]}),
        ([{"hidden": ()}, {"hidden": (5,)}, {"hidden": (5, 5)}], {}),
        ([{"activation": "relu"}, {"activation": "tanh"}, {"activation": "sigmoid"}], {}),
        ([{"bias": True}, {"bias": False}, {"bias": False, "lr": 0.1}], {}),
        (
            [{}, {"l1": 0.1}, {"l1": 0.2}, {"l2_squared": 0.1}, {"l2_squared": 0.3}, {"l1": 0.3, "l2_squared": 0.3}],
            {"l1": [0, 0.1, 0.2], "l2_squared": [0, 0.1, 0.3]},
        ),
        (
            [{}, *({"dropout_input": p, "dropout_hidden": p} for p in (0.25, 0.5))],
            {"dropout_input and dropout_hidden": [0, 0.25, 0.5]},
        ),
        ([{}, *({"dropout_input": p, "dropout_hidden": p / 2} for p in (0.2, 0.4))], {}),
    ],
)
def test_only_arms_that_differ_from_the_baseline_in_one_number_are_on_its_axis(
    changes: list[dict[str, Any]], ladders: dict[str, list[float]]
) -> None:
    assert {of.name: of.values for of in knob_ladders(study_of(*changes))} == ladders


def test_epochs_and_splits_are_no_knobs_of_an_axis() -> None:
    assert not knob_ladders(study_of({}, {}, {}, epochs=(4, 8, 12)))
    held = {"held_out": 0.2}
    assert not knob_ladders(study_of({}, {"split_seed": 1}, {"split_seed": 2}, base=held))
    assert not knob_ladders(study_of({}, {"fold": 1}, {"fold": 2}, base=held))


def test_arms_of_other_lengths_are_measured_after_the_last_epoch_of_all() -> None:
    rates = [{"lr": 0.001}, {"lr": 0.01}, {"lr": 0.1}]
    (ladder,) = knob_ladders(study_of(*rates, epochs=(8, None, 4)))
    assert (ladder.epochs, ladder.unequal) == (4, True) and at_one_epoch(ACCURACY, ladder).at == 4
    assert at_one_epoch(dataclasses.replace(ACCURACY, at=2), ladder).at == 2
    assert at_one_epoch(dataclasses.replace(ACCURACY, at=9), ladder).at == 4
    (alike,) = knob_ladders(study_of(*rates))
    assert at_one_epoch(ACCURACY, alike).at == "last"
    assert not knob_ladders(study_of(*rates, base={"schedule": "cosine"}, epochs=(8, None, None)))


def test_the_levels_are_those_of_the_claims_and_what_diverged_has_none() -> None:
    study = study_of({"lr": 0.001}, {"lr": 0.01}, {"lr": 0.1})
    kept = list(synthetic.records(study, range(3), endings={("a2", 1): ("diverged", 2)}))
    measurements = Measurements({"s": study}, from_records(kept), {"s": range(3)})
    (ladder,) = knob_ladders(study)
    found = knob_levels(study, ladder, ACCURACY, measurements)
    assert tuple(found.columns) == KNOB_COLUMNS and found["arm"].tolist() == ["a0", "a1", "a2"]
    e = measurements.estimate(Quantity(arm="s/a1", metric="val_accuracy"))
    assert tuple(found.loc[1, ["estimate", "low", "high", "n"]]) == (e.value, e.low, e.high, 3)
    assert found["diverged"].tolist() == [0, 0, 1] and math.isnan(found.loc[2, "estimate"])
    assert found.loc[2, "refused"] == "a2 diverged (seed 1)"


def test_a_missing_seed_is_no_divergence() -> None:
    study = study_of({"lr": 0.001}, {"lr": 0.01}, {"lr": 0.1})
    frames = from_records(synthetic.records(study, range(3), skip=[("a1", 2)]))
    (ladder,) = knob_ladders(study)
    found = knob_levels(study, ladder, ACCURACY, Measurements({"s": study}, frames, {"s": range(3)}))
    assert found.loc[1, "refused"] == "a1 has no trial of seed 2" and found["diverged"].tolist() == [0, 0, 0]


def test_which_studies_of_the_chapter_have_one() -> None:
    names = (
        "learning-rate",
        "learning-rate-unscaled",
        "input-range",
        "regularization",
        "batch-size",
        "dropout",
        "depth",
    )
    found = {n: [of.name for of in knob_ladders(registry.load_study(n))] for n in names}
    assert found == {
        "learning-rate": ["lr"], "learning-rate-unscaled": ["lr"], "input-range": ["input_divisor"],
        "regularization": ["l2_norm", "l2_squared"], "batch-size": [], "dropout": [], "depth": [],
    }  # fmt: skip
