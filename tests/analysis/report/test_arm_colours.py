"""The colour of an arm."""

from __future__ import annotations

import dataclasses

from analysis.report.arm_colours import arm_colours
from study.spec import registry


def test_the_baseline_has_the_first_colour_wherever_it_stands() -> None:
    scaling = registry.load_study("scaling")
    assert arm_colours(scaling) == {"unscaled": 0, "scaled": 1}
    assert arm_colours(dataclasses.replace(scaling, baseline="scaled")) == {"scaled": 0, "unscaled": 1}
