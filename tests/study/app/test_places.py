"""Claims that would have no place in their family are named before anything is trained."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.app.places import refuse_lost_places, without_place
from study.cli.folder_commands import merge
from study.spec.claims import Claim, Level, Mechanism, Quantity
from study.spec.registry import load_study
from study.spec.study import Study, to_plain
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput


def claim(name: str, low: float = 0.5) -> Claim:
    return Claim(id=name, statement="s.", parts=(Level(quantity=Quantity(arm="a", metric="val_accuracy"), low=low),))


def study(name: str, *claims: Claim, places: int = 2) -> Study:
    values = {"name": name, "title": name, "question": "q", "epochs": 1, "family": {"name": "f", "places": places}}
    return Study.from_dict({**values, "knobs": [], "arms": [{"name": "a"}]} | {"claims": [to_plain(c) for c in claims]})


def test_a_study_with_more_claims_than_places() -> None:
    made = Claim(id="m", statement="s.", parts=(Mechanism(arm="a", rule="updates", value=3),))
    assert without_place([study("s", made, claim("x"), claim("y"))], None) == {}
    assert without_place([study("s", claim("x"), claim("y"), places=1)], None) == {
        "s/y": "the one place of the family f is taken"
    }


def test_places_that_others_and_earlier_versions_took(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.studies.freeze(study("s", claim("x")))
    rewritten = study("s", claim("x", 0.6))
    assert without_place([rewritten], store) == {}
    store.studies.freeze(rewritten)
    why = "the 2 places of the family f are taken"
    assert without_place([rewritten, study("other", claim("z"))], store) == {"other/z": why}
    assert without_place([study("s", claim("x", 0.7))], store) == {"s/x": why}
    assert without_place([rewritten], store) == {}


def test_folders_in_one_of_which_a_claim_would_lose_its_place_are_not_merged(tmp_path: Path) -> None:
    early, late = (f"2026-0{month}-01T00:00:00+00:00" for month in (1, 2))
    a, b = (ResultsFolder(tmp_path / name, create=True) for name in "ab")
    a.studies.freeze(study("s", claim("x"), places=1), late)
    b.studies.freeze(study("t", claim("y"), places=1), early)
    with pytest.raises(BadInput, match=r"study s, claim: got 'x'; it has a place in .*/a, and in one folder the one"):
        merge(a.folder.where, b.folder.where, str(tmp_path / "c"), wait=False)
    assert not (tmp_path / "c").exists()
    refuse_lost_places([str(tmp_path / "nowhere"), a.folder.where])


def test_the_chapter_has_places_for_all() -> None:
    assert without_place([load_study("dropout"), load_study("depth")], None) == {}
    many = dataclasses.replace(study("s", *(claim(f"c{i}") for i in range(7))), family=None)
    assert without_place([many], None) == {}
