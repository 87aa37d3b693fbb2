"""Where a study's trials are on the page: what a number leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.claims.queries import Remarks
from analysis.report.page_tree import LinkedSentence, PlaceOnPage, anchor
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study


def all_trials_anchor(study: Study) -> PlaceOnPage:
    """Where the table of a study's trials is."""
    return anchor("trials", study.name).within("-table")


def trials_anchor(study: Study, arm: str) -> str:
    """Where the trials of an arm begin; by its number, for names may differ in a letter's case alone."""
    return anchor("trials", study.name).within(f"--{[a.name for a in study.arms].index(arm)}")


def sentences_with_trials(found: Remarks, studies: Mapping[str, Study]) -> tuple[LinkedSentence, ...]:
    """The sentences of remarks, whose numbers lead to the trials of their arm, or of the study of all their arms.

    Numbers of arms of several studies lead nowhere: the arms stand beside the sentence, and each leads to its trials.
    """
    return tuple(
        LinkedSentence(text, _trials_of(arms, studies), _by_arm(arms, studies))
        for text, arms in zip(found.said, found.behind, strict=True)
    )


def sheet_with_trials(sheet: Sheet, studies: Mapping[str, Study]) -> Sheet:
    """A table whose numbers lead to the trials of the arms behind them."""

    def led(cell: Cell) -> Cell:
        return replace(cell, trials=_trials_of([cell.of], studies)) if cell.of else cell

    return replace(sheet, rows=tuple(tuple(map(led, row)) for row in sheet.rows))


def _trials_of(arms: Sequence[str], studies: Mapping[str, Study]) -> str:
    """Where the trials of arms are, each named `STUDY/ARM`; empty where they are of several studies."""
    owners = {arm.rpartition("/")[0] for arm in arms}
    study = studies.get(owners.pop()) if len(owners) == 1 else None
    if study is None:
        return ""
    return trials_anchor(study, arms[0].rpartition("/")[2]) if len(arms) == 1 else all_trials_anchor(study)


def _by_arm(arms: Sequence[str], studies: Mapping[str, Study]) -> tuple[tuple[str, str], ...]:
    """Arms of several studies, each with the place of its trials; of one study none, for a sentence leads there."""
    if len({arm.rpartition("/")[0] for arm in arms}) < 2:
        return ()
    return tuple((arm, place) for arm in arms if (place := _trials_of([arm], studies)))
