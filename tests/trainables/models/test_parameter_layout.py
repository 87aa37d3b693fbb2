"""One count of parameters, which searches' constraints use too."""

from __future__ import annotations

import pytest

from study.spec.constraints import Constraint
from tests.synthetic import FASHION
from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import parameter_count


@pytest.mark.parametrize(("bias", "expected"), [(True, 20 * 36 + 20 + 63), (False, 20 * 36 + 63)])
def test_hidden_layers_without_biases_have_none(bias: bool, expected: int) -> None:
    assert parameter_count(TrialConfig(hidden=(20,), bias=bias), 36, 3) == expected


def test_a_constraint_counts_as_the_network_does() -> None:
    config = TrialConfig(hidden=(20,), bias=False)
    exact = parameter_count(config, FASHION.features, FASHION.classes)
    assert Constraint(left="parameters", op="<=", right=exact).holds(config, FASHION)
    assert not Constraint(left="parameters", op="<=", right=exact - 1).holds(config, FASHION)
