"""The figures that need no training: all 21 are there, what they show is computed, and missing data is said."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from analysis.chapter import concepts
from analysis.chapter.concepts import all_concepts, dropout, features, formulas, patches, photo
from analysis.chapter.concepts import data_set as data
from analysis.figures import NamedFigure, png_bytes, style
from trainables.config.errors import DataError


@dataclass(frozen=True)
class Small:
    """What the figures need of a data set."""

    name: str
    train_images: npt.NDArray[np.uint8]
    train_labels: npt.NDArray[Any]
    val_images: npt.NDArray[np.uint8]
    val_labels: npt.NDArray[Any]
    classes: tuple[str, ...]
    image_shape: tuple[int, ...]


SMALL = Small(  # the value of every pixel is ten times the label
    name="small",
    train_images=np.repeat(np.arange(10, dtype=np.uint8) * 10, 30)[:, None].repeat(16, axis=1),
    train_labels=np.repeat(np.arange(10), 30),
    val_images=np.zeros((20, 16), dtype=np.uint8),
    val_labels=np.repeat(np.arange(10), 2),
    classes=tuple(f"class {i}" for i in range(10)),
    image_shape=(4, 4),
)


@pytest.fixture(scope="module")
def figures() -> list[NamedFigure]:
    return all_concepts(SMALL, seed=1)


def test_there_are_21_figures_in_order_each_with_words_and_a_frame(figures):
    assert all(re.match(r"concept-\d\d-", f.name) for f in figures)
    assert [int(f.name.split("-")[1]) for f in figures] == list(range(1, 22))
    assert len({f.name for f in figures}) == 21
    for f in figures:
        assert f.title
        assert len(f.alt) > 20
        assert len(f.frame)
        assert "missing" not in f.frame


def test_without_a_data_set_two_figures_say_so_and_the_others_are_whole():
    figures = all_concepts(None)
    assert [f.name for f in figures if "missing" in f.frame] == [data.SUMMARY[0], data.GRID[0]]
    assert len(figures) == 21
    assert "not at hand" in figures[12].alt
    assert [t.get_text() for t in figures[12].figure.texts] == ["Not drawn: the data set is not at hand."]


def test_without_the_photograph_twelve_figures_say_so(monkeypatch):
    def gone() -> None:
        raise DataError("it is not there")

    monkeypatch.setattr(photo, "photograph", gone)
    figures = [*patches.figures(), *features.figures()]
    assert len(figures) == 12
    assert all("it is not there" in f.alt for f in figures)


def test_the_photograph_is_in_the_package_and_nothing_is_fetched(monkeypatch):
    import socket

    monkeypatch.setattr(socket, "socket", lambda *a, **k: pytest.fail("a socket was opened"))
    photo.photograph.cache_clear()
    assert photo.photograph().shape == (512, 512, 3)


def test_the_crops_have_the_sizes_that_the_chapter_names(figures):
    shapes = [photo.image_of(f.frame, "value").shape for f in figures[:5]]
    assert shapes == [(3, 3), (200, 200), (25, 25), (25, 25), (25, 25)]
    crop = photo.image_of(figures[1].frame, "value").astype(float)
    small = photo.image_of(figures[2].frame, "value")
    assert small[3, 7] == round(crop[24:32, 56:64].mean())
    assert "shape (128, 128, 3)" in figures[5].figure.axes[0].get_title()
    corner = photo.image_of(figures[5].frame, *patches.CHANNELS)[-3:, -3:]
    np.testing.assert_array_equal(photo.image_of(figures[6].frame, *patches.CHANNELS), corner)


def test_every_value_of_the_array_is_written(figures):
    values = photo.image_of(figures[3].frame, "value")
    for f in (figures[3], figures[4]):
        written = sorted(int(v) for t in f.figure.axes[0].texts for v in t.get_text().split())
        assert written == sorted(values.ravel().tolist())


def test_features_are_those_of_the_photograph(figures):
    histogram, edges, channels, magnitude, parts = (f.frame for f in figures[7:12])
    assert histogram["pixels"].sum() == 128 * 128
    assert list(histogram["value"]) == list(range(256))
    assert 0 < edges["edge"].mean() < 0.5
    assert 5 < edges["corner"].sum() < 300
    assert len(channels) == 128 * 128
    np.testing.assert_allclose(np.hypot(parts["x"], parts["y"]), magnitude["magnitude"], atol=0.02)


def test_a_vertical_edge_has_an_x_part_only():
    grey = np.zeros((8, 8), dtype=np.uint8)
    grey[:, 4:] = 100
    frame = features.prepare_gradient(grey)
    inner = frame[frame["row"].between(1, 6)]
    assert inner["x"].abs().max() > 0
    assert inner["y"].abs().max() == 0


def test_the_summary_counts_every_class(figures):
    frame = figures[12].frame
    training = frame[frame["part"] == "training"]
    assert training["images"].tolist() == [30] * 10
    assert training["class"].tolist() == list(SMALL.classes)
    assert "300 x 16" in " ".join(t.get_text() for t in figures[12].figure.axes[0].texts)


def test_the_grid_has_ten_samples_a_class_each_of_its_class_and_none_twice(figures):
    frame = figures[13].frame
    assert frame.groupby("label")["index"].nunique().tolist() == [10] * 10
    np.testing.assert_array_equal(frame["p0"], frame["label"] * 10)
    assert [t.get_text() for t in figures[13].figure.axes[0].get_yticklabels()] == list(SMALL.classes)


def test_the_seed_decides_which_samples():
    one, again, other = (data.prepare_grid(SMALL, seed) for seed in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)


def test_a_class_of_few_images_shows_those_it_has():
    labels = SMALL.train_labels.copy()
    labels[3:30] = 1
    frame = data.prepare_grid(replace(SMALL, train_labels=labels), 0)
    assert (frame["label"] == 0).sum() == 3
    data.draw_grid(frame, (4, 4))


@pytest.mark.parametrize(("shape", "drawn"), [((4, 4), True), ((2, 8), True), ((16,), False)])
def test_images_of_other_shapes(shape, drawn):
    figure = data.figures(replace(SMALL, image_shape=shape), 0)[1]
    assert ("missing" not in figure.frame) is drawn


def test_class_names_from_outside_are_drawn_as_they_are():
    names = ("a$b$", "_c", "x" * 90, "\u6f22\u5b57", "\x00", *SMALL.classes[5:])
    drawn = data.figures(replace(SMALL, classes=names), 0)
    labels = [t.get_text() for t in drawn[1].figure.axes[0].get_yticklabels()]
    assert labels[:2] == [r"a\$b\$", "_c"]
    lines, size = labels[2].split("\n"), style.RC["ytick.labelsize"]
    assert len(lines) > 1 and max(style.inches(line, size) for line in lines) <= 1.4
    assert labels[3] == "\N{WHITE SQUARE}" * 2
    for figure in drawn:
        assert png_bytes(figure).startswith(b"\x89PNG")


def test_the_sigmoid_tables_are_over_the_same_weights_and_right(figures):
    two, one = figures[15].frame, figures[16].frame
    assert two["x"].unique().tolist() == [255.0, 1.0]
    assert one["x"].unique().tolist() == [1e-4]
    for _, part in two.groupby("x"):
        assert part["w"].tolist() == list(formulas.PENALTY_WEIGHTS)
    np.testing.assert_array_equal(two["sigmoid"], expit(two["x"] * two["w"]))
    saturated = two[(two["x"] == 255) & (two["w"] >= 0.1)]
    assert (saturated["sigmoid"] > 0.9999995).all()
    assert (one["sigmoid"] - 0.5).abs().max() < 1e-4
    texts = " ".join(t.get_text() for a in figures[15].figure.axes for t in a.texts)
    assert "x = 255" in texts
    assert "0.927574" in texts


def test_batch_norm_divides_by_the_root_of_variance_plus_epsilon(figures):
    formulas_drawn = [t for t in figures[17].figure.texts if t.get_parse_math()]
    assert len(figures[17].frame) == 4
    assert any(r"\sqrt{\sigma^2 + \varepsilon}" in t.get_text() for t in formulas_drawn)


def test_dropout_predictions_differ_in_train_mode_and_agree_in_eval_mode():
    frame = dropout.prepare(seed=3)
    counts = frame.groupby(["mode", "output"])["probability"].nunique()
    assert counts["train"].min() > 5
    assert counts["eval"].max() == 1
    sums = frame.groupby(["mode", "repetition"])["probability"].sum()
    np.testing.assert_allclose(sums, 1.0)


def test_dropout_keeps_the_mean():
    rng = np.random.default_rng(0)
    kept = dropout.drop(np.ones(200_000), 0.25, rng)
    assert set(np.unique(kept)) == {0.0, 4 / 3}
    assert kept.mean() == pytest.approx(1.0, abs=0.01)


def test_the_l2_figure_gives_the_formula_and_what_the_code_does(figures):
    assert r"\sum_{j} |w_j|" in figures[19].frame["formula"][0]
    assert list(figures[20].frame["step"]) == ["as the formula says", "as the chapter's code does"]
    assert r"\sqrt{\sum_{j \in T} w_j^2}" in figures[20].frame["formula"][1]


def test_the_package_exports_what_others_call():
    assert set(concepts.__all__) == {"Images", "all_concepts"}
