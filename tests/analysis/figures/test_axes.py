"""Axes: logarithmic where values explode, and never for accuracies."""

from __future__ import annotations

from analysis.figures import curves
from analysis.figures.axes import log_axis
from tests.analysis.drawn import LRS, epochs_of, of


def test_a_band_below_zero_on_a_log_axis_and_unequal_numbers_of_epochs_are_said():
    seeds = {f"a{i}": ("a", "finished", [1 - first, 0.9]) for i, first in enumerate((1.0, 1.0, 40.0))}
    caption = curves.caption(curves.prepare(epochs_of(**seeds, b=("b", "finished", [0.5])), ["val_loss"]))
    assert "foot of a log axis" in caption
    assert "different numbers of epochs" in caption
    plain = curves.caption(
        curves.prepare(epochs_of(**{f"t{i}": ("a", "finished", [0.5]) for i in range(3)}), ["val_loss"])
    )
    assert "log axis" not in plain
    assert "different numbers" not in plain


def test_losses_that_explode_get_a_log_axis_and_accuracies_never():
    frame = curves.prepare(of(LRS)[0])
    wild = frame.assign(value=frame["value"].where(frame["metric"].str.endswith("accuracy"), 10.0 ** frame["epoch"]))
    calm, scaled = curves.draw(frame), curves.draw(wild)
    assert [a.get_yscale() for a in calm.axes] == ["linear"] * 4
    assert [a.get_yscale() for a in scaled.axes] == ["log", "log", "linear", "linear"]


def test_a_log_axis_takes_all_that_a_number_can_be():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.set_ylim(1e-200, 1e200)
    log_axis(axes)
    assert axes.get_yscale() == "log"
