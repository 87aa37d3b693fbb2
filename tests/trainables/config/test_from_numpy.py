"""Values that people compute with NumPy are taken as what they are, exactly, in every part of a study."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from study.spec.claims import Claim, Contrast, Level, Mechanism, Quantity
from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.search import Scheduler, Search
from study.spec.study import Arm, Study
from trainables.config.errors import BadInput
from trainables.config.from_numpy import as_plain
from trainables.config.identity import canonical_json
from trainables.config.trial_config import TrialConfig

EIGHT: Any = np.int64(8)
TENTH: Any = np.float32(0.1)
YES: Any = np.bool_(True)
NumPy: Any = np
"""Without its types, which nothing here declares."""


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_whole_numbers(kind: Any) -> None:
    config = TrialConfig(hidden=(kind(8), 4), batch_size=kind(16), epochs=kind(3), seed=kind(2), lr=kind(1))
    assert config == TrialConfig(hidden=(8, 4), batch_size=16, epochs=3, seed=2, lr=1.0)
    assert [type(v) for v in (config.hidden[0], config.batch_size, config.lr)] == [int, int, float]
    assert config.identity("c" * 32) == TrialConfig(hidden=(8, 4), batch_size=16, seed=2, lr=1.0).identity("c" * 32)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_real_numbers_are_exact(kind: Any) -> None:
    value = TrialConfig(lr=kind(0.1)).lr
    assert type(value) is float and value == float(kind(0.1))
    assert kind is np.float64 or value != 0.1


def test_flags_texts_arrays_and_lists() -> None:
    config = TrialConfig(batch_norm=YES, optimizer=np.str_("sgd"), hidden=NumPy.array([8, 16]))
    assert config.batch_norm is True and type(config.optimizer) is str and config.hidden == (8, 16)
    assert TrialConfig.from_dict({"hidden": [EIGHT], "lr": NumPy.array(0.5)}).hidden == (8,)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("lr", NumPy.float32("nan")),
        ("lr", NumPy.float64(-1)),
        ("lr", YES),
        ("lr", np.complex64(1)),
        ("lr", NumPy.array([0.1])),
        ("batch_size", NumPy.float64(8)),
        ("batch_size", YES),
        ("batch_norm", NumPy.int64(1)),
        ("hidden", NumPy.array([[8]])),
        ("hidden", NumPy.array(8)),
        ("lr", np.datetime64("2020-01-01")),
    ],
)
def test_what_is_no_such_value_is_refused_as_ever(knob: str, value: object) -> None:
    with pytest.raises(BadInput, match=knob):
        TrialConfig.from_dict({knob: value})


def test_every_part_of_a_study() -> None:
    quantity = Quantity(arm="a", metric="val_accuracy", at=NumPy.int64(2), reaches=TENTH)
    search = Search(
        space={
            "lr": Float(low=TENTH, high=NumPy.float64(1), log=YES),
            "batch_size": Int(low=EIGHT, high=NumPy.int16(16)),
            "hidden": Choice(values=([EIGHT], NumPy.array([4, 4]))),
        },
        trials=NumPy.int64(9),
        scheduler=Scheduler(name="halving", grace=NumPy.int64(1), keep=NumPy.float32(0.25)),
        first=({"lr": NumPy.float32(0.5), "batch_size": EIGHT},),
        constraints=(Constraint(left="parameters", op="<=", right=NumPy.int64(10**6)),),
        beat=NumPy.float64(0.9),
    )
    form = (
        Level(quantity=quantity, low=TENTH, high=NumPy.int64(1)),
        Contrast(a=quantity, b=quantity, low=TENTH, ratio=YES),
        Mechanism(arm="a", rule="updates", value=EIGHT),
    )
    study = Study(
        name="s",
        title="t",
        question="q",
        knobs=("lr",),
        epochs=NumPy.int64(3),
        base={"hidden": [EIGHT]},
        arms=(Arm(name="a", change={"lr": TENTH}, epochs=NumPy.int32(3), extra=YES),),
        claims=(Claim(id="c", statement="s", parts=form),),
        search=search,
    )
    text = canonical_json(study.to_dict())
    assert Study.from_dict(json.loads(text)).to_dict() == json.loads(text)
    assert study.config("a").lr == float(TENTH) and '"high":16' in text and "0.10000000149011612" in text


def test_what_plain_numbers_do_not_hold_exactly_is_left_to_the_check() -> None:
    assert isinstance(as_plain(NumPy.longdouble(1) / 3), np.longdouble)
    with pytest.raises(BadInput, match="expected a number"):
        TrialConfig(lr=NumPy.longdouble(1) / 3)
