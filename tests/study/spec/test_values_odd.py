"""Every field of a study file with every odd value: lines that say what is wrong, or a value that lasts to the end."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.claims.verdicts import judge
from analysis.data.frames import Frames
from analysis.data.load import load
from study.cli import catalog_text
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.checks import faults_of_new
from study.spec.faults import BadValues
from study.spec.study import Study
from tests import odd_values
from tests.analysis.stores import store_of
from tests.odd_values import places
from tests.synthetic import CHECKSUM, FASHION
from trainables.config.errors import BadInput
from trainables.config.identity import canonical_json

ACCURACY = {"arm": "a", "metric": "val_accuracy"}
ARMS: dict[str, Any] = {
    "name": "odd",
    "title": "T",
    "question": "Q?",
    "knobs": ["lr", "hidden"],
    "epochs": 4,
    "base": {"optimizer": "adam", "batch_size": 16, "data": "leaves"},
    "arms": [
        {"name": "a", "change": {"lr": 0.1, "hidden": [8]}, "epochs": 3, "note": "n", "extra": True, "say": "s"},
        {"name": "b", "change": {"lr": 0.2}},
    ],
    "baseline": "a",
    "figures": ["curves"],
    "family": {"name": "f", "places": 5},
    "effect": {"arm": "b", "metric": "val_loss", "at": 2},
    "answer": "{val_accuracy of b at best}, {rise of val_loss of b}.",
    "claims": [
        {
            "id": "c",
            "statement": "S.",
            "note": "n",
            "from_seed": 0,
            "parts": [
                {"form": "level", "quantity": {**ACCURACY, "at": 2}, "low": 0.1, "high": 0.9, "share": 0.5},
                {"form": "level", "quantity": {**ACCURACY, "reaches": 0.5}, "high": 2},
                {"form": "level", "quantity": {"arm": "a", "metric": "width", "tensor": "W1", "at": 1}, "high": 3.0},
                {
                    "form": "contrast",
                    "a": ACCURACY,
                    "b": {"arm": "b", "metric": "val_accuracy"},
                    "low": 0,
                    "ratio": False,
                    "differ": ["lr"],
                    "unequal_epochs": True,
                },
                {"form": "trajectory", "arm": "a", "metric": "val_loss", "direction": "falls", "share": 0.7},
                {"form": "mechanism", "arm": "a", "rule": "updates", "value": 4},
            ],
        }
    ],
}
FORMS_LEFT: dict[str, Any] = {
    "name": "left",
    "title": "T",
    "question": "Q?",
    "knobs": ["lr", "schedule"],
    "epochs": 3,
    "base": {"hidden": [8], "data": "leaves"},
    "arms": [
        *({"name": name, "change": {"lr": 0.1 * (i + 1)}} for i, name in enumerate("abcd")),
        {"name": "e", "change": {"schedule": "plateau"}},
    ],
    "claims": [
        {
            "id": "c",
            "statement": "S.",
            "parts": [
                {
                    "form": "association",
                    "arms": list("abcde"),
                    "x": {"arm": "*", "metric": "val_accuracy"},
                    "y": {"arm": "*", "metric": "tail", "tensor": "W1", "at": 3},
                    "low": 0.0,
                    "seeds_at": 5,
                },
                {
                    "form": "contrast",
                    "a": {"arm": "a", "metric": "val_accuracy", "reaches": 0.5},
                    "b": {"arm": "b", "metric": "val_accuracy", "reaches": 0.5},
                    "high": 2,
                },
                {
                    "form": "contrast",
                    "a": {"arm": "a", "metric": "val_accuracy"},
                    "b": {"arm": "b", "metric": "val_accuracy"},
                    "high": 0.5,
                    "share": 0.5,
                },
                {"form": "mechanism", "arm": "e", "rule": "plateau"},
            ],
        }
    ],
}
SEARCH: dict[str, Any] = {
    "name": "sought",
    "title": "T",
    "question": "Q?",
    "knobs": ["lr", "optimizer", "momentum", "hidden"],
    "epochs": 4,
    "base": {"batch_size": 16},
    "search": {
        "trials": 4,
        "seeds": 2,
        "seed": 1,
        "searcher": "tpe",
        "scheduler": {"name": "asha", "grace": 1, "reduction": 2, "brackets": 1, "keep": 0},
        "objectives": ["val_accuracy"],
        "within": "optimizer",
        "first": [{"lr": 0.1, "optimizer": "sgd"}],
        "constraints": [{"left": "parameters", "op": "<=", "right": 10_000_000}],
        "warm_start": ["r0"],
        "grid_points": 5,
        "racing": 0,
        "parallel": 2,
        "beat": 0.5,
        "space": {
            "lr": {"kind": "float", "low": 0.001, "high": 0.5, "log": True},
            "optimizer": {"kind": "choice", "values": ["sgd", "adam"], "ordered": False, "when": {}},
            "momentum": {"kind": "float", "low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd"]}},
            "hidden.count": {"kind": "int", "low": 0, "high": 1, "when": {"optimizer": ["sgd", "adam"]}},
            "hidden.1": {"kind": "int", "low": 8, "high": 64, "log": True},
        },
    },
}
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 40, 1.0, 0.5, -0.0, 1e308, 1e-320, float("inf"), float("-inf"), float("nan"),
    10**400, 2**63, dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "", " ", "x", "a", "0.5",
    "90 %", "off", "\ud800", "\x00", "a\nb", "*", "../x", "val_loss", "é" * 300, b"bytes", [], [[]], ["a"],
    ["lr", "lr"], [1, 1.0], [True, 1], {}, {"a": 1}, {1: 2}, {"lr": 0.1}, {"seed": 1},
    {"epochs": 2}, {"\ud800": 1}, [None], [{}], set(), object,
]  # fmt: skip
MISSING = object()


def changed(whole: Any, at: tuple[Any, ...], new: Any) -> Any:
    """Plain data with one value replaced, or left out."""
    return odd_values.changed(whole, at, new, drop=new is MISSING)


def accepted(values: Any) -> Study | None:
    """The study; None where it is refused, in lines that a terminal can show."""
    try:
        study = Study.from_dict(values)
        if faults := list(faults_of_new(study)):
            raise BadValues(faults, [f.expected for f in faults])
        if study.search:
            study.search.check(study.shared_knobs, FASHION)
    except BadInput as error:
        for line in str(error).split("\n"):
            line.encode()
            assert line.isprintable() and 3 < len(line) < 1500, line
            assert not any(word in line for word in ("Traceback", "unexpected keyword", "__init__", "NoneType"))
        return None
    return study


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return load(
        store_of(tmp_path_factory.mktemp("store"), [Study.from_dict(ARMS), Study.from_dict(FORMS_LEFT)], seeds=(0, 1))
    ).frames


def survives(study: Study, frames: Frames, capsys: pytest.CaptureFixture[str]) -> None:
    """Shown, planned, frozen, read again and judged."""
    assert [v.id for v in judge(study, frames)] == [c.id for c in study.claims]
    catalog_text.print_study(study, None, registry.registered)
    capsys.readouterr().out.encode()
    assert plan_trials([study], Protocol((0,)), CHECKSUM, {}, FASHION).studies == (study,)
    again = json.loads(canonical_json(study.to_dict()))
    assert Study.from_dict(again) == study and canonical_json(Study.from_dict(again).to_dict()) == canonical_json(again)


@pytest.mark.parametrize(
    ("whole", "at"),
    [
        pytest.param(w, at, id=f"{w['name']}-{'.'.join(map(str, at))}")
        for w in (ARMS, SEARCH, FORMS_LEFT)
        for at in places(w)
        if w is not FORMS_LEFT or "parts" in at
    ],
)
def test_every_field_with_every_odd_value(
    whole: Any, at: tuple[Any, ...], frames: Frames, capsys: pytest.CaptureFixture[str]
) -> None:
    for odd in [*ODD, MISSING]:
        study = accepted(changed(whole, at, odd))
        if study is not None:
            survives(study, frames, capsys)


@pytest.mark.parametrize("whole", [ARMS, SEARCH, FORMS_LEFT], ids=["arms", "search", "left"])
def test_the_studies_that_are_made_odd_are_right(
    whole: Any, frames: Frames, capsys: pytest.CaptureFixture[str]
) -> None:
    study = accepted(whole)
    assert study is not None
    survives(study, frames, capsys)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_two_odd_values_at_once(data: st.DataObject, frames: Frames, capsys: pytest.CaptureFixture[str]) -> None:
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from("ab")
    odd = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3))
    whole = data.draw(st.sampled_from([ARMS, SEARCH, FORMS_LEFT]))
    for _ in range(2):
        at = data.draw(st.sampled_from(list(places(whole))))
        whole = changed(whole, at, data.draw(odd))
    study = accepted(whole)
    if study is not None:
        survives(study, frames, capsys)
