"""What is kept of a data set is what is in it, and pixels that get no fitting scale are named, whichever way."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import make_data_set
from trainables.data.facts import FASHION_MNIST, DataFacts, facts_of, large_input_hint, one_class_hint, scale_hint

PIXELS = np.arange(60, dtype=np.uint8).reshape(10, 6)
ARRAYS = {
    "train_images": PIXELS + 3,
    "train_labels": np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 2]),
    "val_images": PIXELS[:4],
    "val_labels": np.array([1, 1, 1, 0]),
}
OWN = facts_of(make_data_set("own", ARRAYS, ("a", "b", "c")))


def test_facts_are_those_of_the_data() -> None:
    assert dataclasses.asdict(OWN) | {"checksum": ""} == {
        "name": "own", "checksum": "", "classes": 3, "train_images": 10, "val_images": 4, "train_largest_class": 6,
        "val_largest_class": 3, "lowest_pixel": 3, "highest_pixel": 62, "typical_range": 54,
        "mean_pixels": (32.5, 11.5),
    }  # fmt: skip
    assert OWN.validation(TrialConfig()) == (4, 0.75)
    assert OWN.validation(TrialConfig(held_out=0.5)) == (5, 0.6), "of the training images"
    assert FASHION_MNIST.validation(TrialConfig()) == (10_000, 0.1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("name", ""), ("name", 1), ("classes", 0), ("classes", True), ("train_images", 2.0), ("val_images", None)],
        *[("val_largest_class", 5), ("lowest_pixel", -1), ("lowest_pixel", 63), ("highest_pixel", 256)],
        *[("typical_range", -1), ("typical_range", 1.5), ("mean_pixels", (1.0,)), ("mean_pixels", (1.0, 256.0))],
        *[("mean_pixels", (1.0, "x")), ("mean_pixels", 3.0), ("mean_pixels", (1.0, float("nan")))],
    ],
)
def test_what_is_no_fact_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"_pixel|" + field):
        DataFacts(**{**dataclasses.asdict(OWN), field: value})


@pytest.mark.parametrize(
    ("low", "high", "divisor", "invert", "said"),
    [
        (0, 255, 255.0, False, ""),
        (0, 255, 255.0, True, ""),
        (0, 255, 1.0, False, ""),
        (0, 16, 16.0, False, ""),
        (0, 16, 255.0, False, "no pixel is above 16, so inputs are 0.063 at most; write `input_divisor: 16`"),
        (0, 1, 255.0, False, "divided by 255 and kept as whole numbers"),
        (0, 255, 2_550.0, False, "no pixel is above 255, so inputs are 0.1 at most"),
        (0, 16, 255.0, True, "pixels lie in 0..16, which `invert` makes 239..255, so inputs differ by 0.063 at most"),
        (0, 1, 255.0, True, "which `invert` makes 254..255"),
        (200, 255, 255.0, False, "pixels lie in 200..255, so inputs differ by 0.22 at most: spread them over 0..255"),
        (0, 0, 255.0, False, "all pixels are 0, so nothing can be learnt"),
        (7, 7, 1.0, False, "all pixels are 7, so nothing can be learnt"),
        (255, 255, 255.0, True, "all pixels are 255"),
    ],
)
def test_what_gets_no_fitting_scale_is_named(low: int, high: int, divisor: float, invert: bool, said: str) -> None:
    facts = dataclasses.replace(OWN, lowest_pixel=low, highest_pixel=high, typical_range=high - low, mean_pixels=())
    hint = scale_hint(facts, divisor, invert=invert)
    assert said in hint and bool(said) == bool(hint)


@pytest.mark.parametrize(
    ("low", "high", "divisor", "invert", "said"),
    [
        (0, 255, 1.0, False, "inputs go up to 255, and networks learn best from about 1: write `input_divisor: 255`"),
        (
            0,
            16,
            0.001,
            False,
            "inputs go up to 16,000, and networks learn best from about 1: write `input_divisor: 16`",
        ),
        (0, 16, 1.0, True, "inputs go up to 255"),
        *[(0, 255, 255.0, False, ""), (0, 16, 1.0, False, ""), (0, 255, 8.5, False, ""), (230, 255, 1.0, True, "")],
    ],
)
def test_inputs_that_are_too_large_are_named(low: int, high: int, divisor: float, invert: bool, said: str) -> None:
    facts = dataclasses.replace(OWN, lowest_pixel=low, highest_pixel=high, typical_range=high - low, mean_pixels=())
    hint = large_input_hint(facts, divisor, invert=invert)
    assert said in hint and bool(said) == bool(hint)


def test_facts_of_runs_that_did_not_know_so_much_are_what_they_were() -> None:
    old = {k: v for k, v in vars(OWN).items() if k not in ("typical_range", "mean_pixels")}
    facts = DataFacts(**old)
    assert facts.typical_range is None and facts.mean_pixels == ()
    assert DataFacts(**{**vars(OWN), "mean_pixels": list(OWN.mean_pixels)}) == OWN, "lists of JSON too"
    assert scale_hint(dataclasses.replace(facts, highest_pixel=255)) == ""


def own(train: np.ndarray, val: np.ndarray | None = None, test: np.ndarray | None = None) -> DataFacts:
    """Facts of images [n, 8] with two classes."""
    parts = {"train": train, "val": train if val is None else val, **({} if test is None else {"test": test})}
    arrays = {f"{name}_images": images for name, images in parts.items()}
    arrays |= {f"{name}_labels": np.arange(len(images)) % 2 for name, images in parts.items()}
    return facts_of(make_data_set("own", arrays, ("a", "b")))


CHANCE = np.random.default_rng(0)
SMALL = CHANCE.integers(0, 17, (90, 8), dtype=np.uint8)
WHOLE = SMALL * np.uint8(15)


def with_one(images: np.ndarray, where: Any, value: Any) -> np.ndarray:
    images = images.copy()
    images[where] = value
    return images


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (own(WHOLE), ""),
        (own(with_one(SMALL, np.s_[:, 3], np.arange(90) * 2)), "pixels go up to 178, but most of those that vary"),
        (own(with_one(SMALL, (7, 3), 255)), "do so within 16, so their inputs differ by 0.063 at most: spread each"),
        (
            own(with_one(SMALL > 8, np.s_[:, 0], True) * np.array([255] + [1] * 7, np.uint8)),
            "up to 255, but most of those that vary do so within 1",
        ),
        (own(with_one((SMALL > 8).astype(np.uint8), np.s_[:, 0], np.arange(90))), "within 1, so their inputs differ"),
        (own(with_one(WHOLE, np.s_[:, 2:], 0)), ""),
        (own(WHOLE, SMALL), "training pixels are 117 in the mean and validation pixels 7.82: bring both parts to one"),
        (own(SMALL, WHOLE), "training pixels are 7.82 in the mean and validation pixels 117: bring both parts"),
        (own(WHOLE, WHOLE, SMALL), "and test pixels 7.82: bring both parts to one scale, by the same numbers"),
        (own(WHOLE, WHOLE * 0), "and validation pixels 0"),
        (own(WHOLE, WHOLE[:2] // 2), ""),
    ],
)
def test_one_pixel_that_reaches_far_hides_no_other_and_all_parts_have_one_scale(facts: DataFacts, said: str) -> None:
    hint = scale_hint(facts)
    assert said in hint and bool(said) == bool(hint)


def test_one_image_is_too_few_and_pixels_that_no_image_changes_are_said() -> None:
    """It said "most of those that vary do so within 0", and "all 1 validation images are"."""
    one = dataclasses.replace(OWN, train_images=1, train_largest_class=1, typical_range=0)
    assert scale_hint(one) == "" and one_class_hint(one) == "1 training image: too few, expected at least 2"
    few = dataclasses.replace(OWN, val_images=1, val_largest_class=1)
    assert one_class_hint(few) == "1 validation image: too few, expected at least 2"
    assert one_class_hint(few, held_out=True) == "" and one_class_hint(OWN) == ""
    alike = dataclasses.replace(OWN, lowest_pixel=0, highest_pixel=164, typical_range=0, mean_pixels=())
    assert scale_hint(alike) == "no pixel varies from image to image, so nothing can be learnt"
    with pytest.raises(BadInput, match="train_images: got 1; 1 training image is too few, expected at least 2"):
        TrialConfig(batch_size=32).check_images(1)
    TrialConfig(batch_size=1).check_images(1)
