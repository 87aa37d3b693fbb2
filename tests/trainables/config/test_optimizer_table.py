"""The table of optimisers says what the optimisers themselves do."""

from __future__ import annotations

import pytest

from tests.trainables.small import SMALL, arrays
from trainables.config.errors import BadInput
from trainables.config.optimizer_table import OPTIMIZER_TABLE
from trainables.config.trial_config import KNOBS, OPTIMIZERS, TrialConfig
from trainables.training.loop import Training


def test_every_optimizer_has_a_row_and_every_row_can_be_trained() -> None:
    assert tuple(OPTIMIZER_TABLE) == OPTIMIZERS
    for name in OPTIMIZERS:
        training = Training(SMALL.replace(optimizer=name, epochs=1), (0,), arrays())
        training.epoch()
        assert training.over


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_knobs_of_one_are_refused_under_another(name: str) -> None:
    for owner, facts in OPTIMIZER_TABLE.items():
        for knob in facts.knobs:
            values = {"optimizer": name, knob: 0.5 if isinstance(KNOBS[knob].default, float) else 7}
            if owner == name:
                TrialConfig.from_dict(values)
            else:
                with pytest.raises(BadInput, match=f"no effect unless optimizer is {owner}"):
                    TrialConfig.from_dict(values)


def test_what_an_optimizer_refuses_is_said_with_the_reason() -> None:
    for name, facts in OPTIMIZER_TABLE.items():
        for knob, why in (facts.refuses or {}).items():
            with pytest.raises(BadInput, match=knob) as caught:
                TrialConfig.from_dict({"optimizer": name, knob: 0.5})
            assert why in str(caught.value)
