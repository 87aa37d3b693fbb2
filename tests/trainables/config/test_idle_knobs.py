"""Which knobs have no effect, against what each knob's own documentation says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from trainables.config.errors import BadInput
from trainables.config.idle_knobs import idle_knobs
from trainables.config.trial_config import KNOBS, TrialConfig

ONLY = {name: found[1] for name, knob in KNOBS.items() if (found := re.search(r"\((\w+) only\)", knob.metadata["doc"]))}
"""By knob, the one word that its documentation says it goes with."""


def with_word(word: str) -> TrialConfig:
    if word == "held_out":
        return TrialConfig(held_out=0.1)
    given: dict[str, Any] = {"optimizer" if word in ("sgd", "lbfgs") else "schedule": word}
    return TrialConfig(**given)


def test_a_knob_that_goes_with_one_word_alone_is_idle_without_it() -> None:
    plain = idle_knobs(TrialConfig())
    assert len(ONLY) > 10 and set(ONLY) == set(plain)
    for name, word in ONLY.items():
        assert name not in idle_knobs(with_word(word))


def test_without_a_hidden_layer_what_is_of_one_is_idle() -> None:
    idle = set(idle_knobs(TrialConfig(hidden=()))) - set(ONLY)
    assert idle == {"bias", "batch_norm", "dropout_hidden", "activation"}


@pytest.mark.parametrize("name", ONLY)
def test_what_is_idle_is_refused_where_it_is_set(name: str) -> None:
    default: Any = KNOBS[name].default
    other = "abs" if isinstance(default, str) else default / 2 + 0.25 if isinstance(default, float) else default + 1
    given: dict[str, Any] = {name: other}
    with pytest.raises(BadInput, match=f"^{name}: got .*; it has no effect"):
        TrialConfig(**given)
