"""Pictures of a data set: samples that the seed decides, whatever the images' shape and the classes' names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.chapter.concepts import data_set as data
from analysis.figures import png_bytes, style
from tests.analysis.chapter.small import SMALL


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
