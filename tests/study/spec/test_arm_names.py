"""An arm with its study: a claim may name either."""

from __future__ import annotations

from study.spec.arm_names import full_arm_name
from study.spec.study import Arm, Study

STUDY = Study(name="width", title="t", question="q", knobs=("hidden",), epochs=1, arms=(Arm(name="narrow"),))


def test_an_arm_of_another_study_keeps_its_name() -> None:
    assert full_arm_name(STUDY, "narrow") == "width/narrow" == full_arm_name(STUDY, "width/narrow")
    assert full_arm_name(STUDY, "depth/one") == "depth/one"
