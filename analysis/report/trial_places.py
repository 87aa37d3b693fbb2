"""Where a study's trials are on the page: what a number leads to."""

from __future__ import annotations

from analysis.report.page_tree import PlaceOnPage, anchor
from study.spec.study import Study


def all_trials_anchor(study: Study) -> PlaceOnPage:
    """Where the table of a study's trials is."""
    return anchor("trials", study.name).within("-table")


def trials_anchor(study: Study, arm: str) -> str:
    """Where the trials of an arm begin; by its number, for names may differ in a letter's case alone."""
    return anchor("trials", study.name).within(f"--{[a.name for a in study.arms].index(arm)}")
