"""A summary of a tensor, there and back through JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from tests import synthetic
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.records.tensor_summary import QUANTILES, SUMMARY_EPOCHS, tensor_from_dict, tensor_to_dict

ONE = synthetic.record(TrialConfig(epochs=2)).tensors[0]


def test_it_comes_back_with_what_json_cannot_say() -> None:
    for one in (
        ONE,
        replace(ONE, mean=math.nan, std=math.inf, quantiles=(-math.inf, *ONE.quantiles[1:]), histogram=()),
    ):
        again = tensor_from_dict(json.loads(json.dumps(tensor_to_dict(one), allow_nan=False)))
        assert repr(again) == repr(one)


@pytest.mark.parametrize(
    ("field", "value"),
    [("epoch", 1.5), ("kind", "gradient"), ("name", 3), ("count", True), ("mean", "much"), ("histogram", [1, 0.5])],
)
def test_a_field_of_another_kind_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(BadInput, match=field):
        tensor_from_dict({**tensor_to_dict(ONE), field: value})


def test_a_field_that_is_missing_is_an_error() -> None:
    values = tensor_to_dict(ONE)
    del values["std"]
    with pytest.raises(KeyError):
        tensor_from_dict(values)


def test_levels_and_epochs_are_those_of_all_records() -> None:
    assert tuple(sorted(QUANTILES)) == QUANTILES and QUANTILES[0] == 0 and QUANTILES[-1] == 1
    assert sorted(SUMMARY_EPOCHS)[:8] == [1, 2, 3, 5, 10, 20, 30, 50]
