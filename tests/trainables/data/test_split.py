"""The parts of a data set: what is held out, by which seed, and what becomes of the data's own parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainables.config.errors import BadInput, DataError
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet, make_data_set
from trainables.data.sources import load_data_set
from trainables.data.split import with_held_out
from trainables.training.gpu_memory import DataSize


def toy(labels: list[int], *, test: bool = False) -> DataSet:
    """An image a label, which says its own number; two validation images."""
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1)
    own = {"train_images": images, "train_labels": np.array(labels)}
    own |= {"val_images": np.array([[200], [201]], np.uint8), "val_labels": np.array([0, 1])}
    own |= {"test_images": np.array([[250]], np.uint8), "test_labels": np.array([1])} if test else {}
    return make_data_set("toy", own, ("a", "b", "c"))


LABELS = [0] * 40 + [1] * 60


def test_a_tenth_of_each_class_is_held_out_and_the_own_validation_part_is_the_test() -> None:
    data = toy(LABELS)
    cut = with_held_out(data, TrialConfig(held_out=0.1))
    assert np.bincount(cut.val_labels).tolist() == [4, 6] and np.bincount(cut.train_labels).tolist() == [36, 54]
    assert sorted([*cut.train_images[:, 0], *cut.val_images[:, 0]]) == list(range(100))
    assert cut.test_images is not None and cut.test_images[:, 0].tolist() == [200, 201]
    assert cut.checksum == data.checksum and len(cut.test_checksum) == 16 and data.test_checksum == ""
    assert (len(cut.train_labels), len(cut.val_labels)) == (
        (size := DataSize(100, 2, 1, 3).seen_by(TrialConfig(held_out=0.1))).train,
        size.val,
    )


def test_the_cut_is_fixed_for_ever_and_its_seed_is_its_own() -> None:
    cut = {s: with_held_out(toy(LABELS), TrialConfig(held_out=0.05, split_seed=s)).val_images[:, 0] for s in (0, 1)}
    assert cut[0].tolist() == [32, 38, 42, 44, 96] and cut[0].tolist() != cut[1].tolist()
    other = with_held_out(toy(LABELS), TrialConfig(held_out=0.05, seed=7)).val_images[:, 0]
    assert other.tolist() == cut[0].tolist()


@pytest.mark.parametrize("share", [0.5, 1 / 3, 0.2, 0.1])
def test_folds_share_no_image_and_take_all(share: float) -> None:
    data, one = toy(LABELS), TrialConfig(held_out=share, split_seed=3)
    cuts = [with_held_out(data, one.replace(fold=fold)) for fold in range(one.folds)]
    assert sorted(int(v) for cut in cuts for v in cut.val_images[:, 0]) == list(range(100))
    for fold, cut in enumerate(cuts):
        assert sorted([*cut.train_images[:, 0], *cut.val_images[:, 0]]) == list(range(100))
        assert one.replace(fold=fold).images_held_out(100) == len(cut.val_labels)
        assert abs(np.bincount(cut.val_labels)[0] - 40 * share) <= 1
    assert len({one.replace(fold=fold).identity("x") for fold in range(one.folds)}) == one.folds


def test_a_fold_that_is_not_there_is_refused() -> None:
    assert "fold" not in TrialConfig(held_out=0.2).to_dict()
    assert TrialConfig(held_out=0.2, fold=0).identity("x") == TrialConfig(held_out=0.2).identity("x")
    with pytest.raises(BadInput, match=r"fold: got 5; held_out 0\.2 makes 5 folds, 0 to 4"):
        TrialConfig(held_out=0.2, fold=5)
    with pytest.raises(BadInput, match="fold: got 1; it has no effect unless held_out is above 0"):
        TrialConfig(fold=1)


def test_nothing_held_out_is_the_very_same_data_and_identity() -> None:
    data = toy(LABELS)
    assert with_held_out(data, TrialConfig()) is data
    assert TrialConfig(held_out=0).identity("x") == TrialConfig().identity("x")
    assert "held_out" not in TrialConfig().to_dict() and "split_seed" not in TrialConfig(held_out=0.1).to_dict()
    cut = TrialConfig(held_out=0.1, split_seed=3)
    assert TrialConfig.from_dict(cut.to_dict()) == cut
    assert len({c.identity("x") for c in (TrialConfig(), TrialConfig(held_out=0.1), cut)}) == 3


def test_the_test_part_is_no_part_of_the_checksum() -> None:
    assert toy(LABELS).checksum == toy(LABELS, test=True).checksum


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            toy([*LABELS, 2, 2, 2]),
            "class c of toy has 3 training images, too few to hold 10 % of each class out: 10 would",
        ),
        (toy([*LABELS, 2]), "class c of toy has 1 training image, too few"),
        (toy(LABELS, test=True), "toy has a test part of its own, so nothing has to be held out"),
    ],
)
def test_what_cannot_be_held_out_says_why(data: DataSet, said: str) -> None:
    with pytest.raises(BadInput, match=f"^held_out: got 0.1; {said}"):
        with_held_out(data, TrialConfig(held_out=0.1))


def test_a_seed_of_no_split_is_refused() -> None:
    with pytest.raises(BadInput, match="split_seed: got 3; it has no effect unless held_out is above 0"):
        TrialConfig(split_seed=3)


def saved(folder: Path, **changes: np.ndarray | None) -> Path:
    """A file of three parts, changed."""
    chance = np.random.default_rng(0)
    whole: dict[str, np.ndarray | None] = {}
    for part, n in (("train", 20), ("val", 6), ("test", 4)):
        whole[f"{part}_images"] = chance.integers(0, 256, (n, 2, 3), dtype=np.uint8)
        whole[f"{part}_labels"] = np.arange(n) % 3
    kept = {k: v for k, v in (whole | changes).items() if v is not None}
    np.savez(folder / "own.npz", allow_pickle=False, **kept)
    return folder


def test_own_data_may_bring_three_parts(tmp_path: Path) -> None:
    data = load_data_set("own", saved(tmp_path))
    assert data.test_images is not None and data.test_images.shape == (4, 6) and data.test_checksum
    two = load_data_set("own", saved(tmp_path, test_images=None, test_labels=None))
    assert two.test_images is None and two.checksum == data.checksum


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"test_labels": None}, "there is no array test_labels; it holds train_images"),
        ({"test_images": None}, "there is no array test_images; it holds train_images"),
        ({"test_images": np.zeros((4, 3, 3), np.uint8)}, r"training and test images differ in shape: \(2, 3\) and"),
        ({"test_labels": np.full(4, 3)}, "test_labels go up to 3, and there are 3 classes, from 0"),
        ({"test_labels": np.zeros(3, int)}, "test_labels is int64 of shape .3,.; expected whole numbers, one for each"),
        ({"val_images": None, "val_labels": None}, "no array val_images; .*Of two parts call the second val_images"),
    ],
)
def test_a_bad_test_part_is_one_line(tmp_path: Path, changes: dict[str, np.ndarray | None], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        load_data_set("own", saved(tmp_path, **changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [5e-324, 1e-320, 1e-300, 1e-9])
def test_a_share_next_to_nothing_is_refused_in_one_line(share: float) -> None:
    """One divided by it is no number that fits."""
    with pytest.raises(BadInput, match="class a of toy has 40 training images, too few"):
        with_held_out(toy(LABELS), TrialConfig(held_out=share, fold=1))
