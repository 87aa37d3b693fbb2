"""Formulas with their numbers: sigmoid, batch norm, penalties."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from analysis.chapter.concepts import formulas


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


def test_the_l2_figure_gives_the_formula_and_what_the_code_does(figures):
    assert r"\sum_{j} |w_j|" in figures[19].frame["formula"][0]
    assert list(figures[20].frame["step"]) == ["as the formula says", "as the chapter's code does"]
    assert r"\sqrt{\sum_{j \in T} w_j^2}" in figures[20].frame["formula"][1]
