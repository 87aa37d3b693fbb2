"""Crops of a photograph, of the sizes that the chapter names."""

from __future__ import annotations

import numpy as np

from analysis.chapter.concepts import patches, photo


def test_the_crops_have_the_sizes_that_the_chapter_names(figures):
    shapes = [photo.image_of(f.frame, "value").shape for f in figures[:5]]
    assert shapes == [(3, 3), (200, 200), (25, 25), (25, 25), (25, 25)]
    crop = photo.image_of(figures[1].frame, "value").astype(float)
    small = photo.image_of(figures[2].frame, "value")
    assert small[3, 7] == round(crop[24:32, 56:64].mean())
    assert "shape (128, 128, 3)" in figures[5].figure.axes[0].get_title()
    corner = photo.image_of(figures[5].frame, *patches.CHANNELS)[-3:, -3:]
    np.testing.assert_array_equal(photo.image_of(figures[6].frame, *patches.CHANNELS), corner)
