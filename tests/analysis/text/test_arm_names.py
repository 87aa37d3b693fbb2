"""One rule for what sentences call an arm: page, verdicts, and the run's own view say the same."""

from __future__ import annotations

import pytest

from analysis.claims.arm_words import ArmWords
from analysis.report.plain_words import arm_name
from analysis.text.arm_names import called
from study.app.claims_so_far import _called
from study.spec.claims import Quantity
from study.spec.study import Arm, Study


@pytest.mark.parametrize(("name", "say", "words"), [
    ("none", "", "arm none"), ("sgd", "", "SGD"), ("32", "", "arm 32"),
    ("none", "the plain network", "the plain network"), ("units-5", "", "units-5"),
])  # fmt: skip
def test_everywhere_the_same(name: str, say: str, words: str) -> None:
    study = Study(name="s", title="t", question="?", knobs=("lr",), epochs=1, arms=(Arm(name=name, say=say),))
    assert called(say, name) == arm_name(study, name) == words
    assert _called(study, Quantity(arm=name, metric="val_accuracy")) == words
    assert ArmWords({name: say}).name(name) == words
