"""Studies of two folders that are to be one have one family, and no arm goes of which a claim speaks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from study.spec import registry
from study.spec.study import Family, Study
from study.storage.merge import Merge
from tests.study.storage.test_seen_seeds import FEBRUARY, JANUARY, MARCH, X, folder, good, made, refused


def in_family(study: Study, places: int, name: str = "fam") -> Study:
    return dataclasses.replace(study, family=Family(name=name, places=places))


def test_folders_with_other_places_of_a_family_are_not_merged(tmp_path: Path) -> None:
    mine, other = made("S", {"a": 0.1}, good("a")), made("T", {"b": 0.2}, good("b"))
    folder(tmp_path / "A", FEBRUARY, in_family(mine, 1))
    folder(tmp_path / "B", JANUARY, in_family(other, 60))
    assert "study T, family.places: got 60; study S in" in refused(tmp_path)


def test_folders_that_have_a_study_in_other_families_are_not_merged(tmp_path: Path) -> None:
    mine = made("S", {"a": 0.1}, good("a"))
    folder(tmp_path / "A", FEBRUARY, in_family(mine, 5))
    folder(tmp_path / "B", JANUARY, in_family(mine, 60))
    assert "study S, family: got 'fam of 60 places'; so " in refused(tmp_path)


def test_the_chapter_of_version_0_1_was_frozen_without_its_family(tmp_path: Path) -> None:
    now = registry.load_study("dropout")
    folder(tmp_path / "A", FEBRUARY, dataclasses.replace(now, family=None))
    folder(tmp_path / "B", MARCH, now)
    assert Merge(str(tmp_path / "A"), str(tmp_path / "B")).check(str(tmp_path / "C")) == (0, 0)


def test_a_study_of_ones_own_called_as_one_of_the_chapter_has_its_own_family(tmp_path: Path) -> None:
    folder(tmp_path / "A", FEBRUARY, made("dropout", {"a": 0.1}, good("a")))
    folder(tmp_path / "B", JANUARY, in_family(made("dropout", {"a": 0.1}, good("a")), 60))
    assert "study dropout, family: got 'fam of 60 places'; so " in refused(tmp_path)


def test_a_newer_version_of_the_other_folder_takes_no_arm_away_of_which_a_claim_speaks(tmp_path: Path) -> None:
    whole, fewer = made("Y", {"k": 0.9, "a": 0.5}), made("Y", {"k": 0.9})
    folder(tmp_path / "A", JANUARY, whole, X, seeds=6)
    folder(tmp_path / "B", FEBRUARY, fewer)
    said = refused(tmp_path)
    assert "study Y, arm: got 'a'; claim c of study X speaks of it as" in said and "has it no more" in said
    folder(tmp_path / "A", MARCH, fewer)  # as an older version of this program let it
    assert Merge(str(tmp_path / "A"), str(tmp_path / "B")).check(str(tmp_path / "C")) == (18, 0)
