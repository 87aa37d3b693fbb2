"""Study files as text, with odd values as people write them and with wrong bytes: our lines, or a study."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from study.spec import schema, study_file
from study.spec.claims import FORMS
from study.spec.domains import KINDS
from study.spec.study import Study
from tests.odd_values import YAML_WORDS, changed, mangled, must_be_ours, places, some
from tests.study.spec.test_values_odd import ARMS, FORMS_LEFT, SEARCH
from trainables.config.errors import BadInput

_HERE = "WRITTEN-HERE"


def read_or_refused(path: Path) -> None:
    try:
        study = study_file.read(path).study
    except BadInput as error:
        must_be_ours(str(error))
        return
    assert Study.from_dict(study.to_dict()) == study


@some(80)
@given(data=st.data(), whole=st.sampled_from([ARMS, SEARCH, FORMS_LEFT]), word=st.sampled_from(YAML_WORDS))
def test_a_value_as_people_write_it(tmp_path: Path, data: st.DataObject, whole: object, word: str) -> None:
    at = data.draw(st.sampled_from(list(places(whole))))
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(changed(whole, at, _HERE)).replace(_HERE, word))
    read_or_refused(path)


@some(40)
@given(data=st.data(), whole=st.sampled_from([ARMS, SEARCH, FORMS_LEFT]))
def test_a_file_whose_bytes_are_wrong(tmp_path: Path, data: st.DataObject, whole: object) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(mangled(yaml.safe_dump(whole).encode(), data.draw))
    read_or_refused(path)


@pytest.mark.parametrize("kind", schema.VALUES, ids=lambda kind: kind.__name__)
def test_every_field_of_a_study_file_is_among_those_that_are_made_odd(kind: type) -> None:
    found = set[str]()
    for whole in (ARMS, SEARCH, FORMS_LEFT):
        for at in places(whole):
            value = whole
            for step in at:
                value = value[step]
            told = value.get("form", value.get("kind")) if isinstance(value, dict) else None
            if isinstance(value, dict) and {**FORMS, **KINDS}.get(str(told), kind) is kind:
                found |= value.keys()
    found |= ARMS.keys() | SEARCH.keys() | {"reduced", "in_full"}  # what `--quick` alone writes
    assert {field.name for field in dataclasses.fields(kind)} - found == set()
