"""Every impossible value or pair is refused by name; equal configurations have one identity."""

from __future__ import annotations

import pytest

from trainables.config.errors import BadInput
from trainables.config.trial_config import KNOBS, TrialConfig

BAD_VALUES = {
    "data": "../x",
    "train_images": 0,
    "input_divisor": 0,
    "invert": 1,
    "held_out": 0.6,
    "split_seed": 1.5,
    "fold": -1,
    "hidden": [0],
    "activation": "swish",
    "bias": 0,
    "batch_norm": "yes",
    "dropout_input": 1.0,
    "dropout_hidden": -0.1,
    "optimizer": "lion",
    "lr": float("nan"),
    "momentum": 1.0,
    "weight_decay": -1,
    "lbfgs_max_iter": 0,
    "lbfgs_history": 0,
    "schedule": "exp",
    "plateau_factor": 1.0,
    "plateau_patience": -1,
    "plateau_threshold": -1,
    "plateau_threshold_mode": "x",
    "plateau_cooldown": 1.5,
    "plateau_min_lr": -1,
    "step_size": 0,
    "step_gamma": 0,
    "cosine_min_lr": -1,
    "l1": -1,
    "l2_norm": "1",
    "l2_squared": float("inf"),
    "batch_size": 0,
    "epochs": True,
    "seed": -1,
    "precision": "fp8",
    "device": "tpu",
}


def test_every_knob_has_a_bad_value_here_and_a_line_of_documentation() -> None:
    assert set(BAD_VALUES) == set(KNOBS)
    assert all(k.metadata["doc"] for k in KNOBS.values())


@pytest.mark.parametrize("knob", BAD_VALUES)
def test_a_bad_value_is_refused_by_name(knob: str) -> None:
    with pytest.raises(BadInput, match=f"^{knob}: got .*expected") as caught:
        TrialConfig.from_dict({knob: BAD_VALUES[knob]})
    assert caught.value.field == knob


@pytest.mark.parametrize(
    ("knobs", "named"),
    [
        ({"momentum": 0.9}, "momentum"),
        ({"lbfgs_history": 3}, "lbfgs_history"),
        ({"plateau_factor": 0.5}, "plateau_factor"),
        ({"step_gamma": 0.5}, "step_gamma"),
        ({"cosine_min_lr": 1e-4}, "cosine_min_lr"),
        ({"schedule": "cosine", "cosine_min_lr": 1.0}, "cosine_min_lr"),
        ({"schedule": "plateau", "plateau_min_lr": 1.0}, "plateau_min_lr"),
        ({"hidden": (), "batch_norm": True}, "batch_norm"),
        ({"hidden": (), "bias": False}, "bias"),
        ({"hidden": (), "dropout_hidden": 0.5}, "dropout_hidden"),
        ({"hidden": (), "activation": "tanh"}, "activation"),
        ({"batch_norm": True, "batch_size": 1}, "batch_size"),
        ({"batch_norm": True, "batch_size": 32, "train_images": 97}, "batch_size"),
        ({"optimizer": "lbfgs", "weight_decay": 0.1}, "weight_decay"),
        ({"optimizer": "lbfgs", "dropout_input": 0.1}, "dropout_input"),
    ],
)
def test_an_impossible_pair_is_refused_by_name(knobs: dict[str, object], named: str) -> None:
    with pytest.raises(BadInput) as caught:
        TrialConfig.from_dict(knobs)
    assert caught.value.field == named


def test_an_unknown_knob_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(BadInput, match="did you mean lr"):
        TrialConfig.from_dict({"lrr": 1})
    with pytest.raises(BadInput, match="no such knob"):
        TrialConfig().replace(zzzz=1)


def test_identity_is_the_configuration_without_its_length() -> None:
    a = TrialConfig(epochs=5)
    assert a.identity("x") == a.replace(epochs=9).identity("x") == TrialConfig.from_dict(a.to_dict()).identity("x")
    assert len({a.identity("x"), a.identity("y"), a.replace(seed=1).identity("x"), a.identity("x", 99)}) == 4
    cosine = TrialConfig(schedule="cosine", epochs=5)
    assert cosine.identity("x") != cosine.replace(epochs=6).identity("x"), "its rate depends on the total"
    assert a.group("x") == a.replace(seed=3).group("x")


def test_every_knob_but_epochs_and_the_name_of_the_data_is_in_the_identity() -> None:
    base = TrialConfig().to_dict()
    with_value = {"train_images": 5, "hidden": [3], "seed": 1, "device": "cuda", "precision": "bf16", "lr": 0.5}
    for knob, value in with_value.items():
        assert TrialConfig.from_dict({**base, knob: value}).identity("x") != TrialConfig().identity("x")
    assert TrialConfig(data="other").identity("x") == TrialConfig().identity("x")


def test_a_knob_that_came_later_leaves_old_identities_alone() -> None:
    assert TrialConfig().identity("x") == "7c861981dd612c042fb3"
    assert TrialConfig(bias=False).identity("x") != TrialConfig().identity("x")


def test_a_knob_that_comes_now_is_left_out_at_its_default_wherever_a_whole_configuration_is_kept_or_hashed() -> None:
    """Records, digests of arms in full and of published verdicts are over this: a new knob goes to the omitted ones."""
    first = (
        "data train_images input_divisor invert hidden activation bias batch_norm dropout_input dropout_hidden "
        "optimizer lr momentum weight_decay lbfgs_max_iter lbfgs_history schedule plateau_factor plateau_patience "
        "plateau_threshold plateau_threshold_mode plateau_cooldown plateau_min_lr step_size step_gamma cosine_min_lr "
        "l1 l2_norm l2_squared batch_size epochs seed precision device"
    )
    assert list(TrialConfig().to_dict()) == first.split(), "list a new knob in OMITTED_AT_DEFAULT"


def test_whole_numbers_and_floats_are_one_value() -> None:
    assert TrialConfig(input_divisor=255).identity("x") == TrialConfig(input_divisor=255.0).identity("x")
    assert isinstance(TrialConfig(lr=1).lr, float)


def test_differing_names_the_knobs() -> None:
    assert TrialConfig(lr=0.1).differing(TrialConfig(batch_size=64)) == ("lr", "batch_size")


@pytest.mark.parametrize("name", KNOBS)
def test_a_default_is_what_its_knob_accepts(name: str) -> None:
    """A configuration does not check again what is at its default."""
    default = KNOBS[name].default
    accepts, _ = KNOBS[name].metadata["check"]
    assert accepts(default) and type(getattr(TrialConfig.from_dict({name: default}), name)) is type(default)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"schedule": "cosine", "epochs": 7},
        {"held_out": 0.1, "split_seed": 3},
        {"held_out": 0.1},
        {"bias": False},
        {"hidden": (), "optimizer": "sgd"},
    ],
)
def test_names_under_many_seeds_are_those_of_each(given) -> None:
    seeds = [0, 1, 12, 2**31 - 1]
    config = TrialConfig(**given)
    each = [TrialConfig(**given, seed=s) for s in seeds]
    assert config.identities("5" * 64, seeds) == [c.identity("5" * 64) for c in each]
    assert each[2].identities("5" * 64, seeds) == config.identities("5" * 64, seeds)
    assert [config.replace(seed=s) for s in seeds] == each
    assert [hash(config.replace(seed=s)) for s in seeds] == list(map(hash, each))


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None, 2**31])
def test_another_seed_is_checked_too(seed) -> None:
    with pytest.raises(BadInput, match="seed"):
        TrialConfig().replace(seed=seed)
