"""The chapter's own sections of a page: registered, and shown for its studies alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from analysis.chapter import sections
from analysis.report import extensions
from analysis.report.extensions import Additions
from analysis.report.inputs import read_inputs
from study.planning.protocol import Protocol
from study.spec.study import Study
from tests.analysis.report.test_extensions import DROPOUT, OWN, SCALING
from tests.analysis.stores import store_of


def additions(folder: Path, *studies: Study) -> Additions | None:
    return sections.additions(read_inputs(store_of(folder, studies, seeds=(0, 1))))


def test_the_chapter_is_registered() -> None:
    assert sections.additions in extensions.registered()


def test_the_chapters_studies_are_known_by_their_arms(tmp_path: Path) -> None:
    assert sections.is_chapters(DROPOUT) and not sections.is_chapters(OWN)
    assert sections.is_chapters(Protocol((0, 1), quick=True).study(DROPOUT)), "reduced, and the chapter's all the same"
    elsewhere = dataclasses.replace(DROPOUT, base={**DROPOUT.base, "hidden": (8,)})
    assert not sections.is_chapters(elsewhere), "the same names of arms, another network"
    assert additions(tmp_path / "own", OWN) is None
    mixed = additions(tmp_path / "mixed", OWN, SCALING)
    assert (
        mixed is not None
        and mixed.studies == ("scaling",)
        and mixed.notes == ("This folder has 1 of the chapter's 12 studies.",)
    )
