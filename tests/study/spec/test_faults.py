"""Faults in words that any terminal can print."""

from __future__ import annotations

import pytest

from study.spec.study import Study
from tests.study.spec.test_values_odd import SEARCH, accepted, changed
from trainables.config.errors import BadInput


def test_a_name_that_cannot_be_printed_is_spelled_out() -> None:
    at = ("search", "space", "momentum", "when")
    odd = changed(changed(SEARCH, at, {"\ud7fc": [None]}), ("name",), None)
    assert accepted(odd) is None
    with pytest.raises(BadInput, match=r"\\ud7fc is not in the space"):
        Study.from_dict(odd)
