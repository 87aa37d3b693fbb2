"""Which colour an arm has: the same in every chart of its study and in the table of its arms."""

from __future__ import annotations

from collections.abc import Mapping

from study.spec.study import Study


def arm_colours(study: Study) -> Mapping[str, int]:
    """By arm its place among all, the baseline first: that chooses the colour."""
    order = (study.baseline, *(a.name for a in study.arms if a.name != study.baseline))
    return {arm: i for i, arm in enumerate(order)}
