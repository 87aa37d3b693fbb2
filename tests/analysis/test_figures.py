"""Figures from results: the frames that are drawn, the artists that draw them, and the files, byte for byte."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from scipy import stats

from analysis import frames
from analysis.figures import (
    NamedFigure,
    activations,
    assemble,
    claims_overview,
    curves,
    distributions,
    effects,
    for_study,
    missing,
    png_bytes,
    rate,
    save,
    style,
    svg_text,
)
from analysis.figures.save import csv_text
from study.catalog import CHAPTER, load
from study.spec import Arm, Study
from tests import synthetic
from trainables.errors import BadInput
from trainables.records import BINS, QUANTILES

LRS = Study(
    name="two",
    title="Two rates",
    question="Which?",
    knobs=("lr",),
    epochs=4,
    arms=(Arm(name="slow", change={"lr": 0.001}), Arm(name="fast", change={"lr": 0.1})),
    figures=("curves", "lr", "parameters", "activations"),
)


def of(study: Study, **options) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = frames.from_records(synthetic.records(study, **options))
    return frames.arm_epochs(found, study), frames.arm_tensors(found, study)


def xs(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xdata())


def ys(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_ydata())


def epochs_of(**trials) -> pd.DataFrame:
    """Rows of single trials: name=(arm, status, validation accuracies); a loss is 1 - accuracy."""
    rows = [
        {"trial": trial, "arm": arm, "status": status, "epoch": e, "val_accuracy": a, "val_loss": 1 - a, "lr": 0.1}
        for trial, (arm, status, accuracies) in trials.items()
        for e, a in enumerate(accuracies, start=1)
    ]
    return pd.DataFrame(rows)


# ------------------------------------------------------------------------------------------------------------- curves


def test_the_band_is_the_t_interval_of_the_mean():
    values = [0.80, 0.84, 0.82, 0.86]
    epochs = epochs_of(**{f"t{i}": ("a", "finished", [v]) for i, v in enumerate(values)})
    row = curves.prepare(epochs, ["val_accuracy"]).iloc[0]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((83.0, 100 * low, 100 * high))
    assert row["n"] == 4


def test_two_seeds_give_their_range_and_one_gives_no_band():
    epochs = epochs_of(x=("a", "finished", [0.5]), y=("a", "finished", [0.7]), z=("b", "finished", [0.6]))
    frame = curves.prepare(epochs, ["val_accuracy"])
    a, b = (frame[(frame["arm"] == arm) & (frame["metric"] == "val_accuracy")].iloc[0] for arm in "ab")
    assert (a["low"], a["high"], a["n"]) == (50.0, 70.0, 2)
    assert math.isnan(b["low"])
    assert math.isnan(b["high"])
    assert "their range" in curves.caption(frame)
    one = curves.prepare(epochs_of(z=("b", "finished", [0.6])), ["val_accuracy"])
    assert "one seed an arm, so no band" in curves.caption(one)


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


def test_trials_that_did_not_finish_are_in_no_mean_and_keep_their_end():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.6]), y=("a", "diverged", [0.1]), z=("a", "stopped", [0.2, 0.3]))
    frame = curves.prepare(epochs, ["val_accuracy"])
    assert frame[frame["series"] == "mean"]["value"].tolist() == [50.0, 60.0]
    assert frame[frame["series"] == "y"]["end"].tolist() == ["diverged"]
    assert frame[frame["series"] == "z"]["end"].tolist() == ["", "stopped"]
    assert "they are in no mean" in curves.caption(frame)


def test_the_best_epoch_is_the_first_of_the_highest_mean_validation_accuracy():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.7, 0.7]), y=("a", "finished", [0.6, 0.8, 0.8]))
    frame = curves.prepare(epochs, ["val_loss", "val_accuracy"])
    assert frame[frame["best"]]["epoch"].tolist() == [2, 2]
    assert set(frame[frame["best"]]["metric"]) == {"val_loss", "val_accuracy"}


@pytest.fixture(scope="module")
def mixed() -> pd.DataFrame:
    endings = {("slow", 0): ("stopped", 2), ("fast", 1): ("diverged", 3), ("slow", 2): ("failed", 1)}
    return curves.prepare(of(LRS, endings=endings)[0])


def test_every_arm_is_a_line_of_its_own_colour_dashes_and_marker_in_each_panel(mixed):
    figure = curves.draw(mixed)
    assert len(figure.axes) == 4
    assert [a.get_ylabel() for a in figure.axes] == [style.LABELS[m] for m in curves.METRICS]
    assert [a.get_xlabel() for a in figure.axes[2:]] == ["epoch", "epoch"]
    for axes in figure.axes:
        solid = [
            line for line in axes.lines if line.get_linewidth() == style.RC["lines.linewidth"] and not line.get_gid()
        ]
        assert len(solid) == 2
        for attribute in ("get_color", "get_marker", "get_linestyle"):
            assert len({str(getattr(line, attribute)()) for line in solid}) == 2
        assert len(axes.collections) == 2  # bands
        np.testing.assert_allclose(
            ys(solid[0]),
            mixed[
                (mixed["arm"] == "slow")
                & (mixed["series"] == "mean")
                & (mixed["metric"] == curves.METRICS[figure.axes.index(axes)])
            ]["value"],
        )


def test_stopped_diverged_and_failed_trials_are_marked_where_they_end(mixed):
    figure = curves.draw(mixed)
    for axes in figure.axes:
        at = {line.get_gid(): xs(line)[0] for line in axes.lines if line.get_gid() in style.ENDS}
        assert at == {"stopped": 2, "diverged": 3, "failed": 1}
        markers = {line.get_gid(): line.get_marker() for line in axes.lines if line.get_gid() in style.ENDS}
        assert markers == style.ENDS
    names = [t.get_text() for t in figure.legends[0].get_texts()]
    assert names == ["slow", "fast", "best epoch", "stopped here", "diverged here", "failed here"]


def test_a_trial_that_diverged_at_once_is_marked_at_the_top_of_the_panel():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.6]), y=("a", "diverged", [math.nan]))
    figure = curves.draw(curves.prepare(epochs, ["val_loss"]))
    mark = next(line for line in figure.axes[0].lines if line.get_gid() == "diverged")
    assert ys(mark).tolist() == [1.0]
    assert mark.get_transform() != figure.axes[0].transData


def test_arm_by_arm_there_is_a_pair_of_panels_with_training_and_validation(mixed):
    figure = curves.draw_arms(mixed)
    assert [a.get_title(loc="left") for a in figure.axes] == ["slow", "", "fast", ""]
    for axes in figure.axes:
        lines = [
            line for line in axes.lines if line.get_linewidth() == style.RC["lines.linewidth"] and not line.get_gid()
        ]
        assert len(lines) == 2
    assert [t.get_text() for t in figure.legends[0].get_texts()][:2] == ["training", "validation"]


def test_losses_that_explode_get_a_log_axis_and_accuracies_never():
    frame = curves.prepare(of(LRS)[0])
    wild = frame.assign(value=frame["value"].where(frame["metric"].str.endswith("accuracy"), 10.0 ** frame["epoch"]))
    calm, scaled = curves.draw(frame), curves.draw(wild)
    assert [a.get_yscale() for a in calm.axes] == ["linear"] * 4
    assert [a.get_yscale() for a in scaled.axes] == ["log", "log", "linear", "linear"]


def test_the_alternative_text_says_where_each_arm_ends(mixed):
    text = curves.alt(mixed)
    assert "slow: validation accuracy" in text
    assert "at epoch 4" in text
    assert "1 trial diverged" in text


# --------------------------------------------------------------------------------------------------------------- rate


def test_the_rate_is_drawn_on_a_log_axis_and_each_cut_is_marked():
    annealing = load("annealing")
    frame = rate.prepare(of(annealing)[0])
    median = frame[(frame["arm"] == "plateau") & (frame["series"] == "median")].reset_index(drop=True)
    assert median["cut"].sum() == 7  # 0.001 halved six times, then its least
    axes = rate.draw(frame).axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "learning rate"
    cuts = [line for line in axes.lines if line.get_gid() == "cuts"]
    assert [len(xs(line)) for line in cuts] == [1, 8]  # the first epoch is marked too
    assert "7 reductions" in rate.alt(frame)


# ------------------------------------------------------------------------------------------------------ distributions


def tensor(
    arm: str, seed: int, name: str, low: float, high: float, count: int = 1000, **more: Any
) -> dict[str, object]:
    counts = tuple([count // BINS] * BINS)
    quantiles = tuple(low + q * (high - low) for q in QUANTILES)
    row = {"trial": f"{arm}{seed}", "arm": arm, "seed": seed, "status": "finished", "epoch": 4, "kind": "parameter"}
    return {**row, "name": name, "count": count, "quantiles": quantiles, "histogram": counts, **more}


def test_histograms_of_seeds_are_rebinned_onto_common_bins_and_keep_their_mass():
    frame = distributions.prepare(pd.DataFrame([tensor("a", 0, "W1", 0.0, 1.0), tensor("a", 1, "W1", 0.0, 3.0)]))
    width = frame["right"] - frame["left"]
    assert (frame["density"] * width).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(width, width.iloc[0])
    assert frame["left"].min() == 0.0
    assert frame["right"].max() == pytest.approx(3.0)
    inner = frame[frame["right"] < 1.0]["density"]
    np.testing.assert_allclose(inner, (1.0 + 1 / 3) / 2)
    np.testing.assert_allclose(frame[frame["left"] > 1.0]["density"], 1 / 6)
    assert set(frame["n"]) == {2}


def test_a_tensor_of_one_value_has_all_its_mass_in_one_bin():
    row = tensor("a", 0, "b1", 0.5, 0.5)
    frame = distributions.prepare(pd.DataFrame([row]))
    assert (frame["density"] > 0).sum() == 1
    assert (frame["density"] * (frame["right"] - frame["left"])).sum() == pytest.approx(1.0)
    distributions.draw(frame)


def test_values_that_are_not_finite_are_said_and_never_drawn():
    nothing: dict[str, Any] = {"quantiles": (math.nan,) * len(QUANTILES), "histogram": ()}
    rows = [tensor("a", 0, "W1", 0, 1), tensor("b", 0, "W1", 0, 1, **nothing)]
    frame, ranges = (f(pd.DataFrame(rows)) for f in (distributions.prepare, distributions.prepare_ranges))
    figure = distributions.draw(frame)
    assert [t.get_text() for t in figure.axes[1].texts] == ["not finite"]
    assert not figure.axes[1].patches
    assert "b not finite" in distributions.alt(frame, "Weights")
    assert [t.get_text() for t in distributions.draw_ranges(ranges).axes[0].texts] == ["not finite"]


def test_ranges_alike_share_an_axis_and_ranges_far_apart_do_not_but_say_their_width():
    rows = [tensor("a", 0, "W1", -1, 1), tensor("b", 0, "W1", -2, 2), tensor("a", 0, "W2", -1, 1)]
    rows.append(tensor("b", 0, "W2", -400, 400))
    frame = distributions.prepare(pd.DataFrame(rows))
    figure = distributions.draw(frame)
    one, two, three, four = figure.axes
    assert one.get_xlim() == two.get_xlim()
    assert three.get_xlim() != four.get_xlim()
    assert [a.texts[0].get_text() for a in figure.axes] == ["width 2", "width 4", "width 2", "width 800"]
    assert [a.get_title() for a in (one, two)] == ["a", "b"]
    assert "W2 has a range of its own" in distributions.caption(frame)
    ranges = distributions.draw_ranges(distributions.prepare_ranges(pd.DataFrame(rows)))
    assert [a.get_xscale() for a in ranges.axes] == ["linear", "symlog"]


def test_the_printed_width_hides_no_part_of_a_histogram():
    peak = {"histogram": (1, *[0] * (BINS // 2 - 1), 10**9, *[0] * (BINS // 2 - 2), 1)}
    for count in (distributions.LOG_FROM - 1, 10**9):
        frame = distributions.prepare(pd.DataFrame([tensor("a", 0, "W1", -1, 1, count, **peak)]))
        axes = distributions.draw(frame).axes[0]
        top = axes.transAxes.inverted().transform(axes.transData.transform((0, frame["density"].max())))[1]
        assert top < 0.8


def test_an_arm_keeps_its_colour_where_the_histograms_need_a_second_figure():
    frame = distributions.prepare(pd.DataFrame([tensor("b", 0, "W1", 0, 1)]))
    axes = distributions.draw(frame, ["a", "b"]).axes[0]
    assert axes.patches[1].get_edgecolor() == to_rgba(style.looks(["a", "b"])["b"].colour)


def test_histograms_of_different_epochs_say_which():
    rows = [tensor("a", 0, "W1", 0, 1), tensor("b", 0, "W1", 0, 1, epoch=9)]
    assert "(a: 4, b: 9)" in distributions.caption(distributions.prepare(pd.DataFrame(rows)))
    assert "at the last epoch;" in distributions.caption(distributions.prepare(pd.DataFrame(rows[:1])))


def test_a_tensor_that_an_arm_lacks_is_said():
    frame = distributions.prepare(of(load("batch-norm"), seeds=(0,))[1])
    figure = distributions.draw(frame)
    said = [t.get_text() for a in figure.axes for t in a.texts]
    assert said.count("no such tensor") == 4  # gamma1 and beta1 of two arms
    assert [a.get_ylabel().split("\n")[0] for a in figure.axes[::4]] == ["W1", "b1", "gamma1", "beta1", "W2", "b2"]


def test_only_the_last_epoch_of_finished_trials_counts_and_an_arm_without_any_is_named():
    rows = [
        tensor("a", 0, "W1", 0, 1),
        tensor("a", 0, "W1", 0, 9, epoch=2),
        tensor("a", 1, "W1", 0, 50, status="diverged"),
        tensor("b", 0, "W1", 0, 7, status="stopped"),
    ]
    frame = distributions.prepare(pd.DataFrame(rows))
    assert frame[frame["arm"] == "a"]["high"].unique().tolist() == [1.0]
    assert frame[frame["arm"] == "b"]["high"].unique().tolist() == [7.0]
    assert "No trial of b finished" in distributions.caption(frame)


def test_activations_are_those_of_the_hidden_units():
    frame = activations.prepare(of(load("batch-norm"), seeds=(0, 1))[1])
    assert set(frame["tensor"]) == {"Z1", "A1"}
    assert set(frame["n"]) == {2}
    assert activations.caption(frame).startswith("Z: before, A: after")


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


def test_effects_show_interval_and_n_hollow_where_the_interval_holds_zero_and_refusals_in_words():
    frame = effects.prepare(EFFECTS, "accuracy_gap")
    assert frame["estimate"].tolist()[0] == pytest.approx(-5.0)
    assert math.isnan(frame["estimate"][1])
    figure = effects.draw(frame, "slow")
    axes = figure.axes[0]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [p.get_markerfacecolor() == "white" for p in points] == [False, True]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["fast", "odd", "tie"]
    texts = " ".join(t.get_text() for t in axes.texts)
    assert "not compared: epochs differ (4 and 9)" in texts
    assert "n=5" in texts
    assert "9.0" not in texts
    assert "[points]" in figure.get_supxlabel()


def test_effects_at_different_epochs_say_which():
    assert "at equal epochs" in effects.caption(effects.prepare(EFFECTS, "accuracy_gap"), "slow")
    frame = effects.prepare(EFFECTS.assign(epoch=[4, 4, 9]), "accuracy_gap")
    assert "(fast: 4, odd: 4, tie: 9)" in effects.caption(frame, "slow")


def test_the_claims_overview_has_each_claim_in_the_column_of_its_verdict():
    verdicts = ["supported", "refuted", "inconclusive", "", "odd"]
    claims = pd.DataFrame({"id": list("abcde"), "statement": "It $is$ so.", "verdict": verdicts, "n": 5})
    named = claims_overview(claims)
    assert named.frame["verdict"].tolist() == ["supported", "refuted", "inconclusive", "not judged", "not judged"]
    axes = named.figure.axes[0]
    columns = [xs(line)[0] for line in axes.lines if line.get_marker() not in ("None", "")]
    assert columns == [0, 2, 1, 3, 3]
    assert "2 not judged: d, e" in named.alt
    assert sum(t.get_text() == r"It \$is\$ so." for t in axes.texts) == 5
    assert "missing" in claims_overview(claims.iloc[:0]).frame


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
    names = {figure.name for study in CHAPTER for figure in for_study(load(study), *nothing)}
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
    monkeypatch.setattr(assemble, "MOST_ARMS", 3)
    arms = tuple(Arm(name=f"arm-{i}", change={"momentum": i / 100}) for i in range(6))
    study = Study(
        name="many", title="Many", question="?", knobs=("momentum",), epochs=2, arms=arms, base={"optimizer": "sgd"}
    )
    epochs, tensors = of(study, seeds=(0,), shift={f"arm-{i}": i / 1000 for i in range(6)})
    figure = for_study(study, epochs, tensors)[0]
    assert set(figure.frame["arm"]) == {"arm-0", "arm-4", "arm-5"}
    assert "Of 6 arms, the 3 of the highest validation accuracy" in figure.caption


def test_histograms_of_many_arms_are_spread_over_several_figures(monkeypatch):
    monkeypatch.setattr(assemble, "COLUMNS_A_FIGURE", 1)
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
    drawn = NamedFigure("a", name, name, name, frame, figure)
    assert "<title>" in svg_text(drawn)
    assert png_bytes(drawn).startswith(b"\x89PNG")


def test_long_names_are_wrapped_within_the_figure():
    epochs = epochs_of(**{f"t{i}": (f"{'long-' * 12}{i}", "finished", [0.5, 0.6]) for i in range(7)})
    figure = curves.draw(curves.prepare(epochs, ["val_accuracy", "val_loss"]))
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    assert figure.axes[-1].xaxis.label.get_window_extent().y0 > box.y1 - 1


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


def test_the_csv_is_the_frame(tmp_path):
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    named = NamedFigure("a", "t", "x", "c", frame, curves.draw(frame))
    (path,) = save(named, tmp_path, ["csv"])
    back = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high")})
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, rtol=1e-8)
    assert csv_text(frame).count("\n") == len(frame) + 1


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected one of png, svg, csv"):
        save(missing("a", "t", "no"), tmp_path, ["gif"])


def test_no_setting_of_the_callers_is_changed_and_none_of_them_changes_a_figure():
    frame = curves.prepare(of(LRS, seeds=(0, 1, 2))[0])
    plain = png_bytes(NamedFigure("a", "t", "x", "c", frame, curves.draw(frame)))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "pink", "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        styled = png_bytes(NamedFigure("a", "t", "x", "c", frame, curves.draw(frame)))
        assert dict(mpl.rcParams) == before
    assert styled == plain


def test_colours_dashes_and_markers_tell_twelve_arms_apart_and_neighbours_differ_in_grey():
    looks = list(style.looks([f"arm-{i}" for i in range(12)]).values())
    assert len({(k.colour, str(k.dashes), k.marker) for k in looks}) == 12
    grey = [float(np.dot(mpl.colors.to_rgb(k.colour), (0.2126, 0.7152, 0.0722))) for k in looks[:7]]
    assert min(abs(a - b) for a, b in pairwise(grey)) > 0.05


def test_the_colours_are_of_seaborns_palette_for_the_colour_blind():
    import seaborn as sns

    assert set(style.COLOURS[1:]) <= set(sns.color_palette("colorblind").as_hex())
