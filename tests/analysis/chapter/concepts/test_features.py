"""Features of a photograph: gradients, edges and corners."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np

from analysis.chapter.concepts import features, photo


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


def test_edges_and_corners_are_those_that_are_found() -> None:
    grey = photo.to_grey(photo.shrink(photo.photograph(), 4))
    kept_ones = json.loads((resources.files("analysis.chapter.concepts") / features.EDGES).read_text())
    assert kept_ones["of"] == features.digest(grey)
    for image in (grey, grey.T.copy()):
        frame = features.prepare_edges(image)
        for name, found in zip(("edge", "corner"), features.detected(image), strict=True):
            assert frame.index[frame[name] == 1].tolist() == found
