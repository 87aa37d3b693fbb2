"""Claims that would have no place in their family are named before anything is trained."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from study.app.places import without_place
from study.spec.claims import Claim, Level, Mechanism, Quantity
from study.spec.registry import load_study
from study.spec.study import Study, to_plain
from study.storage.results_folder import ResultsFolder


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


def test_the_chapter_has_places_for_all() -> None:
    assert without_place([load_study("dropout"), load_study("depth")], None) == {}
    many = dataclasses.replace(study("s", *(claim(f"c{i}") for i in range(7))), family=None)
    assert without_place([many], None) == {}
