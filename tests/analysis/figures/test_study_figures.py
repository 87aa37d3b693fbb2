"""Figures from results: effects and claims, what a study gets, names from outside, and the files, byte for byte."""

from __future__ import annotations

import hashlib
from functools import partial
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from analysis.figures import (
    NamedFigure,
    curves,
    distributions,
    for_study,
    missing,
    png_bytes,
    save,
    style,
    svg_text,
)
from analysis.figures import study_figures as assemble
from study.catalog import CHAPTER
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from tests.analysis.drawn import LRS, epochs_of, of, tensor
from trainables.config.errors import BadInput

# -------------------------------------------------------------------------------------------------- effects and claims


EFFECTS = pd.DataFrame(
    {
        "study": "two",
        "arm": ["fast", "odd", "tie"],
        "metric": "accuracy_gap",
        "estimate": [-0.05, 9.0, 0.001],
        "low": [-0.06, 9.0, -0.01],
        "high": [-0.04, 9.0, 0.012],
        "n": 5,
        "refused": ["", "epochs differ (4 and 9)", ""],
    }
)


# ----------------------------------------------------------------------------------------------------------- a study


def test_a_study_gets_the_figures_that_it_names():
    epochs, tensors = of(LRS)
    figures = for_study(LRS, epochs, tensors, EFFECTS)
    assert [f.name for f in figures] == [
        "two-curves",
        "two-arms",
        "two-lr",
        "two-parameters",
        "two-parameters-ranges",
        "two-activations",
        "two-activations-ranges",
        "two-effect-accuracy_gap",
    ]
    for f in figures:
        assert f.title.startswith("Two rates")
        assert len(f.frame)
        assert f.alt
        assert f.caption


def test_every_study_of_the_chapter_gets_the_figures_that_the_chapter_asks_for():
    wanted = {
        "lr": {"annealing"},
        "parameters": {"learning-rate", "learning-rate-unscaled", "batch-norm", "regularization"},
        "activations": {"batch-norm"},
        "curves": set(CHAPTER),
        "arms": set(CHAPTER),
    }
    nothing = of(LRS, seeds=())
    names = {figure.name for study in CHAPTER for figure in for_study(load_study(study), *nothing)}
    for ending, studies in wanted.items():
        assert {f"{study}-{ending}" for study in studies} <= names


def test_the_baseline_comes_first_and_arms_without_trials_are_named():
    study = Study.from_dict({**LRS.to_dict(), "figures": ["lr"], "baseline": "fast"})
    (whole,) = for_study(study, *of(study, seeds=(0,)))
    assert whole.frame["arm"].unique().tolist() == ["fast", "slow"]
    (part,) = for_study(study, *of(study, seeds=(0,), skip=[("slow", 0)]))
    assert part.caption.endswith("No trials of: slow.")


def test_a_study_without_any_trial_says_so_in_each_figure():
    epochs, tensors = of(LRS, seeds=())
    figures = for_study(LRS, epochs, tensors)
    assert [f.name for f in figures] == ["two-curves", "two-arms", "two-lr", "two-parameters", "two-activations"]
    assert all("missing" in f.frame for f in figures)


def test_a_study_whose_trials_all_diverged_at_once_is_drawn():
    endings = {(a.name, s): ("diverged", 1) for a in LRS.arms for s in range(5)}
    figures = for_study(LRS, *of(LRS, endings=endings))
    assert "No trial finished" in figures[0].caption
    assert figures[2].alt.endswith("No trial finished.")
    for f in figures:
        png_bytes(f)


def test_of_very_many_arms_the_best_and_the_baseline_are_drawn_and_the_caption_says_so(monkeypatch):
    monkeypatch.setattr(assemble, "MAX_ARMS", 3)
    arms = tuple(Arm(name=f"arm-{i}", change={"momentum": i / 100}) for i in range(6))
    study = Study(
        name="many", title="Many", question="?", knobs=("momentum",), epochs=2, arms=arms, base={"optimizer": "sgd"}
    )
    epochs, tensors = of(study, seeds=(0,), shift={f"arm-{i}": i / 1000 for i in range(6)})
    figure = for_study(study, epochs, tensors)[0]
    assert set(figure.frame["arm"]) == {"arm-0", "arm-4", "arm-5"}
    drawn = {line.get_color() for axes in figure.draw().axes for line in axes.get_lines()}
    assert drawn == {style.COLOURS[i] for i in (0, 4, 5)}, "an arm has its colour, whichever others are drawn"
    assert "Of 6 arms, arm-0 (baseline) and the 2 of the highest validation accuracy." in figure.caption
    epochs, tensors = of(study, seeds=(0,), shift={f"arm-{i}": -i / 1000 for i in range(6)})
    assert "Of 6 arms, the 3 of the highest validation accuracy." in for_study(study, epochs, tensors)[0].caption


def test_a_figure_of_effects_has_all_of_very_many_arms_and_says_nothing_else(monkeypatch):
    arms = ("slow", "fast", "odd", "tie")
    study = Study.from_dict({**LRS.to_dict(), "arms": [{"name": a, "change": {"lr": 0.1 / (i + 1)}}
                                                       for i, a in enumerate(arms)], "figures": ["lr"]})  # fmt: skip
    monkeypatch.setattr(assemble, "MAX_ARMS", 2)
    lr, effect = for_study(study, *of(study, seeds=(0,), skip=[("tie", 0)]), EFFECTS)
    assert lr.caption.endswith("slow (baseline) and the 1 of the highest validation accuracy. No trials of: tie.")
    assert list(effect.frame["arm"]) == ["fast", "odd", "tie"] and effect.caption.endswith("contains 0.")


def test_histograms_of_many_arms_are_spread_over_several_figures(monkeypatch):
    monkeypatch.setattr(assemble, "COLUMNS_PER_FIGURE", 1)
    study = Study.from_dict({**LRS.to_dict(), "figures": ["activations"]})
    names = [f.name for f in for_study(study, *of(study, seeds=(0,)))]
    assert names == ["two-activations-1", "two-activations-2", "two-activations-ranges"]


# --------------------------------------------------------------------------------------------------- names from outside


@pytest.mark.parametrize(
    "name", ["cost_$x$_a", "_hidden", r"\frac{1}{2}$", "x" * 64, "\u6f22\u5b57", "a\nb\x07", "%d{}"]
)
def test_names_from_outside_are_drawn_as_they_are(name):
    epochs = epochs_of(x=(name, "finished", [0.5, 0.6]), y=("other", "stopped", [0.4]))
    frame = curves.prepare(epochs, ["val_accuracy", "val_loss"])
    figure = curves.draw(frame)
    shown = figure.legends[0].get_texts()[0]
    assert len(figure.legends[0].get_texts()) == 4
    assert "$" not in shown.get_text().replace(r"\$", "")
    if "$" not in name and name.isascii() and name.isprintable():
        assert shown.get_text().replace("\n", "") == name
    distributions.draw(distributions.prepare(pd.DataFrame([tensor(name, 0, "W1", 0, 1)])))
    drawn = NamedFigure("a", name, name, name, frame, lambda: figure)
    assert "<title>" in svg_text(drawn)
    assert png_bytes(drawn).startswith(b"\x89PNG")


# --------------------------------------------------------------------------------------------------------------- files


def test_files_are_the_same_byte_for_byte_when_built_and_saved_twice(tmp_path):
    def digests(folder: str, figures: list[NamedFigure]) -> list[str]:
        return [hashlib.sha256(p.read_bytes()).hexdigest() for f in figures for p in save(f, tmp_path / folder)]

    study = Study.from_dict({**LRS.to_dict(), "figures": ["lr", "activations"]})
    first, second = (for_study(study, *of(study, seeds=(0, 1))) for _ in range(2))
    once = digests("one", first)
    assert digests("one", first) == once
    assert digests("two", second) == once
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == sorted(
        f"two-{kind}.{ending}"
        for kind in ("lr", "activations", "activations-ranges")
        for ending in ("png", "svg", "csv")
    )


def test_files_hold_no_date_no_version_and_no_font():
    named = missing("a", "A <title>", "there is no data")
    svg, png = svg_text(named), png_bytes(named)
    for trace in ("dc:date", "matplotlib.org", "font-family", "<text"):
        assert trace not in svg
    assert "A &lt;title&gt;" in svg
    assert b"Software" not in png
    assert b"tEXt" not in png


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected one of png, svg, csv"):
        save(missing("a", "t", "no"), tmp_path, ["gif"])


def test_no_setting_of_the_callers_is_changed_and_none_of_them_changes_a_figure():
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    plain = png_bytes(NamedFigure("a", "t", "x", "c", frame, partial(curves.draw, frame)))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "pink", "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        styled = png_bytes(NamedFigure("a", "t", "x", "c", frame, partial(curves.draw, frame)))
        assert dict(mpl.rcParams) == before
    assert styled == plain


def test_colours_dashes_and_markers_tell_twelve_arms_apart_and_neighbours_differ_in_grey():
    looks = list(style.arm_styles([f"arm-{i}" for i in range(12)]).values())
    assert len({(k.colour, str(k.dashes), k.marker) for k in looks}) == 12
    grey = [float(np.dot(mpl.colors.to_rgb(k.colour), (0.2126, 0.7152, 0.0722))) for k in looks[:7]]
    assert min(abs(a - b) for a, b in pairwise(grey)) > 0.05


def test_the_colours_are_of_seaborns_palette_for_the_colour_blind():
    import seaborn as sns

    assert set(style.COLOURS[1:]) <= set(sns.color_palette("colorblind").as_hex())
