"""The catalogue holds the chapter: its arms, epochs and statements, each configuration shared where studies agree."""

from __future__ import annotations

import importlib

import pytest

from study.catalog import CHAPTER
from study.spec.claims import FORMS, Contrast, arms_named
from study.spec.registry import load_study
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig

STUDIES = {name: load_study(name) for name in CHAPTER}
SGD, ADAM = {"optimizer": "sgd", "lr": 0.01}, {"optimizer": "adam", "lr": 0.01}
TINY = 2_550_000.0
PLATEAU = {
    "schedule": "plateau",
    "plateau_factor": 0.5,
    "plateau_patience": 0,
    "plateau_threshold": 0.001,
    "plateau_threshold_mode": "abs",
    "plateau_min_lr": 1e-5,
}
ARMS: dict[str, dict[str, tuple[dict[str, object], int]]] = {
    "scaling": {"unscaled": ({**SGD, "input_divisor": 1.0}, 5), "scaled": (SGD, 5)},
    "batch-size": {"batch-32": (ADAM, 5), "batch-10000": ({**ADAM, "batch_size": 10_000}, 5)},
    "optimizer": {
        "sgd": (SGD, 10),
        "adam": (ADAM, 10),
        "adagrad": ({"optimizer": "adagrad", "lr": 0.01}, 10),
        "adadelta": ({"optimizer": "adadelta", "lr": 0.01}, 10),
        "adamw": ({"optimizer": "adamw", "lr": 0.01, "weight_decay": 0.01}, 10),
        "lbfgs": ({"optimizer": "lbfgs", "lr": 0.01, "lbfgs_max_iter": 20, "lbfgs_history": 10}, 10),
        "rmsprop": ({"optimizer": "rmsprop", "lr": 0.01}, 10),
    },
    "learning-rate": {"lr-0.1": ({"lr": 0.1}, 10), "lr-0.001": ({}, 100), "lr-0.00001": ({"lr": 1e-5}, 100)},
    "learning-rate-unscaled": {
        "lr-0.1": ({"lr": 0.1, "input_divisor": 1.0}, 10),
        "lr-0.001": ({"input_divisor": 1.0}, 10),
        "lr-0.00001": ({"lr": 1e-5, "input_divisor": 1.0}, 10),
    },
    "annealing": {"constant": ({}, 100), "plateau": (PLATEAU, 100)},
    "depth": {"hidden-0": ({"hidden": ()}, 30), "hidden-1": ({}, 30), "hidden-2": ({"hidden": (1000, 1000)}, 30)},
    "batch-norm": {
        "tiny": ({"input_divisor": TINY}, 100),
        "tiny-batch-norm": ({"input_divisor": TINY, "batch_norm": True}, 100),
        "reference": ({}, 100),
    },
    "dropout": {"none": ({}, 30), "dropout-0.25": ({"dropout_input": 0.25, "dropout_hidden": 0.25}, 30)},
    "regularization": {
        "none": ({}, 30),
        "l1": ({"l1": 1e-4}, 30),
        "l2-norm": ({"l2_norm": 1e-2}, 30),
        "l2-squared": ({"l2_squared": 1e-2}, 30),
    },
    "inverted": {"dark-background": ({}, 10), "light-background": ({"invert": True}, 10)},
    "input-range": {
        "divisor-1": ({"input_divisor": 1.0}, 10),
        "divisor-255": ({}, 10),
        "divisor-2550000": ({"input_divisor": TINY}, 10),
    },
}
CLAIMS = {
    "scaling": [f"scaling-{i}" for i in range(1, 5)],
    "batch-size": [f"batch-{i}" for i in range(1, 5)],
    "optimizer": ["optimizer-1", "optimizer-2"],
    "learning-rate": [f"lr-{i}" for i in range(1, 7)],
    "learning-rate-unscaled": [f"lr-{i}" for i in range(7, 12)],
    "annealing": ["annealing-1", "annealing-2"],
    "depth": ["depth-1", "depth-2"],
    "batch-norm": [f"batch-norm-{i}" for i in range(1, 6)],
    "dropout": ["overfit-1", "dropout-1"],
    "regularization": ["l1-1", "l2-1", "regularization-1", "overfit-2", "l2-2"],
    "inverted": [],
    "input-range": [],
}


@pytest.mark.parametrize("name", CHAPTER)
def test_arms_are_the_chapters_to_the_last_knob(name: str):
    study = STUDIES[name]
    assert [a.name for a in study.arms if not a.extra] == list(ARMS[name])
    for arm, (change, epochs) in ARMS[name].items():
        assert study.config(arm) == TrialConfig.from_dict({**change, "epochs": epochs})


@pytest.mark.parametrize("name", CHAPTER)
def test_every_statement_is_a_claim_with_parts_and_a_note(name: str):
    study = STUDIES[name]
    assert [c.id for c in study.claims] == CLAIMS[name]
    for claim in study.claims:
        assert claim.parts
        assert claim.note
        assert claim.statement.endswith(".")
        assert all(type(p) in FORMS.values() for p in claim.parts)


def test_claims_name_arms_that_exist_and_bound_what_they_claim():
    for study in STUDIES.values():
        for claim in study.claims:
            for name in arms_named(claim):
                owner, _, arm = name.rpartition("/")
                STUDIES[owner or study.name].arm(arm)
            for part in claim.parts:
                bounds = (getattr(part, "low", 0), getattr(part, "high", None))
                assert any(b is not None for b in bounds), claim.id


def test_contrasts_change_one_thing_or_say_which():
    for study in STUDIES.values():
        for part in (p for c in study.claims for p in c.parts if isinstance(p, Contrast)):
            a, b = (_config(study, q.arm) for q in (part.a, part.b))
            assert set(a.differing(b)) - {"epochs"} <= set(part.differ or study.knobs)


def test_the_chapter_asks_for_1150_epochs_a_seed_and_needs_810():
    asked = 0
    needed: dict[str, int] = {}
    for study in STUDIES.values():
        for arm in (a for a in study.arms if not a.extra):
            config = study.config(arm.name)
            asked += config.epochs
            key = config.identity("data")
            needed[key] = max(config.epochs, needed.get(key, 0))
    assert (asked, sum(needed.values()), len(needed)) == (1150, 810, 25)


def test_extra_arms_are_few_and_say_why():
    extra = [(s.name, a) for s in STUDIES.values() for a in s.arms if a.extra]
    assert {f"{s}/{a.name}" for s, a in extra} == {
        "batch-norm/tiny-batch-norm-no-bias",
        "regularization/l2-norm-0.0001",
        "regularization/l2-squared-0.0001",
    }
    assert all(a.note for _, a in extra)


def test_plain_data_and_back_is_the_same_study():
    for study in STUDIES.values():
        assert Study.from_dict(study.to_dict()) == study


def test_the_docstring_is_the_question():
    for name, study in STUDIES.items():
        doc = importlib.import_module(f"study.catalog.{name.replace('-', '_')}").__doc__
        assert study.question == " ".join((doc or "").split())
        assert study.name == name


# ---------------------------------------------------------------------------------------------------- users' own files


def _config(study: Study, name: str) -> TrialConfig:
    owner, _, arm = name.rpartition("/")
    return STUDIES[owner or study.name].config(arm)


def test_knobs_are_a_list_not_a_mapping():
    plain = STUDIES["depth"].to_dict()
    with pytest.raises(BadInput, match=r"knobs: got .*expected a list of names"):
        Study.from_dict({**plain, "knobs": {"hidden": [1]}})
