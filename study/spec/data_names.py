"""Which data sets a study names."""

from __future__ import annotations

from study.spec.study import Study
from trainables.config.trial_config import KNOBS


def data_names(study: Study) -> tuple[str, ...]:
    """First that of its arms, and that of its search; mostly they are one, and a run takes one alone."""
    names = [study.config(arm.name).data for arm in study.arms]
    names += [str(study.base.get("data", KNOBS["data"].default))] if study.search or not study.arms else []
    return tuple(dict.fromkeys(names))
