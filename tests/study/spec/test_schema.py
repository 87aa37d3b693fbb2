"""The JSON Schema of a study file: what the reader takes fits it, what it refuses for its kind or words does not."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from study.spec.registry import load_study, names
from study.spec.schema import VALUES, study_schema
from tests.study.spec.test_values_odd import ARMS, SEARCH, changed
from trainables.config.identity import canonical_json

CHECK = jsonschema.Draft202012Validator(json.loads(study_schema()))


def test_every_study_fits() -> None:
    CHECK.check_schema(json.loads(study_schema()))
    for name in names():
        plain = json.loads(canonical_json(load_study(name).to_dict()))
        assert not list(CHECK.iter_errors(plain)), name
    for plain in (ARMS, SEARCH):
        assert not list(CHECK.iter_errors(plain))


def test_every_field_has_words_for_whom_types_it() -> None:
    schema = json.loads(study_schema())
    values = {"Study": schema, **schema["$defs"]}
    assert {kind.__name__ for kind in VALUES} == set(values)
    silent = [
        f"{name}.{field}"
        for name, value in values.items()
        for field, said in value["properties"].items()
        if not said.get("description") or re.search(r"[A-Z]+_[A-Z]+|in_family", said["description"])
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("title",), 1),
        (("epoch",), 1),
        (("epochs",), "four"),
        (("name",), "a b"),
        (("base", "lrr"), 1),
        (("base", "seed"), 3),
        (("base", "epochs"), 3),
        (("knobs", 0), "seed"),
        (("arms", 0, "changes"), {}),
        (("knobs", 0), "speed"),
        (("claims", 0, "parts", 0, "form"), "levle"),
        (("claims", 0, "parts", 0, "low"), "90 %"),
        (("claims", 0, "parts", 0, "quantity", "at"), "lst"),
        (("claims", 0, "parts", 3, "ratio"), "false"),
        (("figures", 0), "curve"),
        (("reduced",), ["a"]),
    ],
)
def test_what_is_refused_does_not_fit(at: tuple[str | int, ...], value: object) -> None:
    assert list(CHECK.iter_errors(changed(ARMS, at, value)))
