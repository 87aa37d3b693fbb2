"""Which colour an arm has: the same in every chart of its study and in the table of its arms."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.figures.study_figures import baseline_first
from analysis.figures.style import look_place
from study.spec.study import Study


def arm_colours(study: Study) -> Mapping[str, int]:
    """By arm its place among all, the baseline first: that chooses colour and dashes; see `analysis.figures.style`."""
    return {arm: look_place(i) for i, arm in enumerate(baseline_first(study))}
