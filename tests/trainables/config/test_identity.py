"""A trial's identity."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from trainables.config.errors import BadInput
from trainables.config.identity import canonical_json
from trainables.config.trial_config import KNOBS, TrialConfig


@given(
    st.dictionaries(st.sampled_from([*KNOBS, "x"]), st.none() | st.booleans() | st.integers() | st.floats() | st.text())
)
def test_any_plain_data_is_a_configuration_or_bad_input(values: dict[str, object]) -> None:
    refused: BadInput | None = None
    try:
        config = TrialConfig.from_dict(values)
        assert TrialConfig.from_dict(json.loads(canonical_json(config.to_dict()))) == config
    except BadInput as error:
        refused = error
    assert refused is None or refused.field in {*KNOBS, "knob"}
