"""Mistakes of every step are said at once, each at its place, and none that another one makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from study.spec import study_file
from study.spec.all_faults import all_faults
from study.spec.checks import faults_of_new
from study.spec.faults import BadValues, Fault, Place
from study.spec.study import Study
from trainables.config.errors import BadInput

LEVEL = {"form": "level", "quantity": {"arm": "a", "metric": "val_accuracy"}, "low": 0.1}


def sound() -> dict[str, Any]:
    return {
        "name": "small", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 3, "baseline": "a",
        "arms": [{"name": "a", "change": {"lr": 0.1}}, {"name": "b", "change": {"lr": 0.2}}],
        "claims": [{"id": f"x-{i}", "statement": "s.", "parts": [LEVEL]} for i in range(3)],
    }  # fmt: skip


def places(values: dict[str, Any]) -> set[Place]:
    try:
        first: list[Fault] = list(faults_of_new(Study.from_dict(values)))
    except BadValues as error:
        first = list(error.faults)
    return {f.at for f in all_faults(values, first)} if first else set()


def test_a_sound_file_has_none() -> None:
    assert places(sound()) == set()


def test_mistakes_of_three_steps_are_said_at_once() -> None:
    values = sound()
    values["epochs"], values["baseline"], values["knobs"] = "three", "c", ["lr", "lr"]
    values["arms"][1]["change"] = {"lr": -1, "lrr": 1}
    values["claims"][0]["parts"] = [{**LEVEL, "lwo": 1}]
    values["claims"][2]["parts"] = [{**LEVEL, "quantity": {"arm": "nobody", "metric": "val_accuracy"}}]
    assert places(values) == {
        ("epochs",),
        ("baseline",),
        ("knobs", 1),
        ("arms", 1, "change", "lr"),
        ("arms", 1, "change", "lrr"),
        ("claims", 0, "parts", 0, "lwo"),
        ("claims", 2, "parts", 0),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", 7), ("title", 7), ("question", None), ("epochs", 0), ("knobs", "lr"), ("baseline", 7)),
        *(("figures", "x"), ("arms", "a"), ("arms", [1]), ("claims", "x"), ("claims", [1]), ("base", [1])),
        *(("search", 1), ("answer", 7)),
    ],
)
def test_one_mistake_makes_no_other(field: str, value: object) -> None:
    (only,) = places({**sound(), field: value})
    assert only[0] == field


def test_what_stands_twice_is_said_once_with_the_line_of_the_first(tmp_path: Path) -> None:
    """An arm twice was told with an arm that claims name and no arm has any more."""
    values = sound()
    values["arms"].append({"name": "b", "change": {"lr": 0.2}})
    values["claims"][1]["parts"] = [{**LEVEL, "quantity": {"arm": "drop", "metric": "val_accuracy"}}]
    assert places(values) == {("arms", 2, "name")}
    values = sound()
    values["claims"] = [{**values["claims"][0], "id": "y", "parts": []}, *values["claims"], values["claims"][0]]
    values["knobs"] = ["lr", "lr"]
    (path := tmp_path / "twice.yaml").write_text(json.dumps(values, indent=1))
    with pytest.raises(BadInput) as told:
        study_file.read(path)
    text = path.read_text().splitlines()
    (one, two), said = [n for n, line in enumerate(text, 1) if '"id": "x-0"' in line], str(told.value)
    assert f"line {two}: claim x-0, id: got 'x-0'; the id is used twice; the first one is in line {one}" in said
    knobs = text.index(' "knobs": [') + 1
    assert f"line {knobs + 2}: knobs[1]: got 'lr'; it stands there twice; the first one is in line {knobs + 1}" in said


def test_a_misspelt_knob_blames_no_arm() -> None:
    """`knobs: [activaton]` told of each arm that it changes what is not in knobs."""
    values = sound() | {"knobs": ["lrr"]}
    assert places(values) == {("knobs", 0)}
    assert places(sound() | {"knobs": ["hidden"]}) == {("arms", 0, "change", "lr"), ("arms", 1, "change", "lr")}


def test_a_name_that_is_none_makes_no_arm_unknown() -> None:
    values = sound()
    values["arms"][0]["name"] = 7
    assert places(values) == {("arms", 0, "name")}


@pytest.mark.parametrize("arms", ["arms:\n-\n", "arms: [{name: a, change: [lr]}, 1]\n", "arms: 5\n", "arms: {a: 1}\n"])
def test_arms_that_are_none_are_no_traceback(arms: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: a\ntitle: T\nquestion: Q?\nepochs: 2\n{arms}")
    with pytest.raises(BadInput, match="knobs: it is missing"):
        study_file.read(path)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"lr": "0,1"}, ("arms", 0, "change", "lr")),
        ({"lr": 10**400}, ("arms", 0, "change", "lr")),
        ({"train_images": -1}, ("arms", 0, "change", "train_images")),
        ({"seed": 1}, ("arms", 0, "change", "seed")),
    ],
)
def test_a_mistake_in_one_arm_makes_no_other_arm_the_same_again(change: dict[str, Any], at: Place) -> None:
    values = {**sound(), "knobs": ["lr", "train_images"], "claims": []}
    values["arms"] = [{"name": "a", "change": change}, {"name": "b"}, {"name": "c", "change": {"lr": 0.5}}]
    assert places(values) == {at}
    values["arms"].append({"name": "d", "change": {"lr": 0.5}})
    assert places(values) == {at, ("arms", 3)}, "two that are alike and have no mistake"


def test_a_mistake_in_base_makes_no_two_arms_the_same() -> None:
    values = {**sound(), "claims": [], "base": {"lr": "high"}}
    values["arms"] = [{"name": "a"}, {"name": "b", "change": {"lr": 0.01}}]
    assert places(values) == {("base", "lr")}
