"""The axis of a knob: the names of its choices, however long and many, without overlap."""

from __future__ import annotations

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.figures import style
from analysis.figures.search_knobs import MAX_LETTERS, MAX_NAMES, scale
from study.spec.domains import Choice

DATA = "own-data-set-with-a-long-name-"


@pytest.mark.parametrize(
    "values",
    [
        ("constant", "step", "cosine"),
        ((1000,) * 6, (100,), ()),
        (DATA + "a", DATA + "b", "short"),
        tuple((100 * i,) * 3 for i in range(1, 9)),
        tuple(range(0, 3000, 100)),
    ],
    ids=["words", "layers", "data", "many layers", "thirty"],
)
def test_names_of_choices_do_not_overlap(values: tuple[object, ...]) -> None:
    with style.house_style():
        figure = style.new_figure(height=3.0)
        panels = figure.subplots(1, 4)
        for axes in panels:
            axes.set_xlim(-0.3, len(values) - 0.7)
            scale(axes, Choice(values=values))
        FigureCanvasAgg(figure).draw()
        names = [t for t in panels[0].get_xticklabels() if t.get_text()]
        boxes = [t.get_window_extent() for t in names]
    texts = [t.get_text() for t in names]
    assert 2 <= len(texts) <= MAX_NAMES and len(set(texts)) == len(texts), "names that differ at their end still do"
    assert all(len(t) <= MAX_LETTERS for t in texts)
    if names[0].get_rotation() in (0, 90):
        assert not [a for a, b in itertools.pairwise(boxes) if a.overlaps(b)]
    assert sum(b.height > 1.6 * figure.dpi for b in boxes) == 0, "it leaves room for the panel"
