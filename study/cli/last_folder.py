"""The results folder that a command means: the one that was named, else the last one or the study's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from study.app.folders import default_folder, last_folder, remember
from study.app.wrapping import say
from trainables.config.errors import BadInput

if TYPE_CHECKING:
    from study.spec.study_file import StudySource

__all__ = ["given_or_default", "given_or_last", "remember"]


NONE_YET = "No run has written results from here yet. Name a folder, or: study run NAME"


def given_or_last(folder: str | None) -> str:
    """The folder that was named, else the last one; says which.

    Raises:
        BadInput: there is none.
    """
    if folder is not None:
        return folder
    last = last_folder()
    if last is None:
        refused = BadInput("DIR", None, NONE_YET)
        refused.args = (NONE_YET,)
        raise refused
    say(f"results of the last run: {last}")
    return last


def given_or_default(names: Sequence[str], folder: str | None) -> tuple[dict[str, StudySource], str]:
    """The studies of those names, of which that folder may hold some, and that folder, else their own."""
    from study.app.plan_studies import read_named

    given = read_named(list(names), folder)
    return given, folder if folder is not None else default_folder(names, given)
