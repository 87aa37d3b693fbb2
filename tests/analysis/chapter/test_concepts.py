"""The figures that need no training: all 21 are there, what they show is computed, and missing data is said."""

from __future__ import annotations

import re

import numpy as np

from analysis.chapter import concepts
from analysis.chapter.concepts import all_concepts
from analysis.chapter.concepts import data_set as data
from tests.analysis.chapter.small import SMALL


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


def test_the_package_exports_what_others_call():
    assert set(concepts.__all__) == {"Images", "all_concepts"}
