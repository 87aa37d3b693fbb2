"""Which data sets a study names: five places asked, each in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from study.spec.data_names import data_names
from study.spec.study import Study

WHOLE = {"name": "own", "title": "t", "question": "q", "knobs": ["lr", "data"], "epochs": 2}
SEARCH = {"space": {"lr": {"kind": "float", "low": 0.1, "high": 0.2}}, "trials": 2, "objectives": ["val_accuracy"]}
PLAIN, MINE = {"name": "a"}, {"name": "b", "change": {"data": "mine"}}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"arms": [PLAIN, MINE]}, ("fashion-mnist", "mine")),
        ({"arms": [MINE]}, ("mine",)),
        ({"arms": [PLAIN], "base": {"data": "own"}}, ("own",)),
        ({"search": SEARCH, "base": {"data": "own"}}, ("own",)),
        ({"search": SEARCH, "arms": [MINE]}, ("mine", "fashion-mnist")),
    ],
)
def test_a_study_names_the_data_of_its_arms_and_of_its_search(given: dict[str, Any], names: tuple[str, ...]) -> None:
    assert data_names(Study.from_dict({**WHOLE, **given})) == names
