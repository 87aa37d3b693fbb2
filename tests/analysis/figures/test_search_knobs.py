"""The axis of a knob: the names of its choices, however long and many, without overlap."""

from __future__ import annotations

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.figures import style
from analysis.figures.search_knobs import MAX_LETTERS, MAX_NAMES, draw_contour, draw_parallel, draw_slices, scale
from analysis.searches import findings as searches
from study.spec.domains import Choice, Float, Int
from tests.analysis.searches import test_findings

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


@pytest.mark.parametrize("knobs", [2, 5])
def test_the_lines_between_two_knobs_are_long_enough_to_compare(knobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {2: ["lr", "batch_size"], 5: [*test_findings.SPACE]}[knobs]
    monkeypatch.setattr(test_findings, "SPACE", {name: test_findings.SPACE[name] for name in names})
    figure = draw_parallel(searches.findings_of_part(test_findings.made("none", 12), rounds=2))
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    first, last = (axes.transData.transform((0, at))[1] / figure.dpi for at in (0, knobs - 1))
    assert first - last >= 1.0, "inches from the first knob to the last"


def test_the_values_of_knobs_lie_beside_their_lines_and_on_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines crossed the ends of ranges, which stood below each knob, in a picture of 278 pixels."""
    space = {**test_findings.SPACE, "hidden.count": Int(low=0, high=1), "hidden.1": Int(low=16, high=4096)}
    monkeypatch.setattr(test_findings, "SPACE", space)
    figure = draw_parallel(searches.findings_of_part(test_findings.made("none", 12), rounds=2))
    FigureCanvasAgg(figure).draw()
    assert figure.get_size_inches()[0] == style.WIDTH_INCHES
    axes = figure.axes[0]
    names, said = axes.get_yticklabels(), list(axes.texts)
    boxes = [t.get_window_extent() for t in (*names, *said)]
    assert len(names) == len(space) and not [a for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    (left, low), (right, high) = figure.bbox.get_points()
    assert all(left <= b.x0 and b.x1 <= right and low <= b.y0 and b.y1 <= high for b in boxes), "none is cut"
    within = axes.get_window_extent()
    for t in said:
        box, patch = t.get_window_extent(), t.get_bbox_patch()
        assert patch is not None or box.x1 <= within.x0 or box.x0 >= within.x1, "beside the lines, or on white"


@pytest.mark.parametrize("knobs", [2, 7])
def test_the_numbers_below_a_slice_stand_apart_and_there_are_two_at_least(
    knobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.00025 ran into 0.00050, and 5000 into 10000; an axis from 0.02 to 0.09 had one number."""
    space = {
        "lr": Float(low=0.00012, high=0.00093),
        "weight_decay": Float(low=0.02, high=0.09, log=True),
        "hidden.count": Int(low=1, high=1),
        "hidden.1": Int(low=1000, high=20000),
        "l1": Float(low=1e-7, high=1e-2, log=True),
        "dropout_input": Float(low=0.0, high=0.95),
        "batch_size": Int(low=16, high=512, log=True),
    }
    space = dict([*space.items()][:knobs])
    monkeypatch.setattr(test_findings, "SPACE", space)
    found = searches.findings_of_part(test_findings.made("none", 12), rounds=2)
    slices = draw_slices(found)
    assert len({axes.get_position().x0 for axes in slices.axes}) == (1 if knobs == 2 else 2), "few have all the width"
    for figure, axes in [*((slices, a) for a in slices.axes), ((c := draw_contour(found)), c.axes[0])]:
        FigureCanvasAgg(figure).draw()
        low, high = axes.get_xlim()
        texts = [t for t in axes.get_xticklabels() if t.get_text() and low <= t.get_position()[0] <= high]
        boxes = [t.get_window_extent() for t in texts]
        assert len(texts) >= 2 and not axes.get_xticks(minor=True).size, axes.get_xlabel()
        gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(boxes)]
        assert min(gaps) >= 0.05 * figure.dpi, (axes.get_xlabel(), [t.get_text() for t in texts])
