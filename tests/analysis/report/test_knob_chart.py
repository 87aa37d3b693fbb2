"""A knob on the horizontal axis, as the page draws it."""

from __future__ import annotations

import asyncio
import itertools
import math
import re
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from analysis.claims.queries import Measurements
from analysis.data.frames import from_records
from analysis.report.chart_blocks import KnobChart
from analysis.report.effect_axis import EDGE_SHARE
from analysis.report.headline import BY_RULE
from analysis.report.knob_chart import ROOM_SHARE, knob_axis, knob_charts, main_quantity, outcome_axis
from analysis.report.live_page import live_page
from analysis.statistics.estimates import Estimate
from analysis.text.phrases import Unit
from study.spec.study import Arm, Effect, Study
from tests import synthetic
from tests.analysis.stores import store_of
from tests.browser import tab

RATES = tuple(float(f"{10 ** (-5 + 5 * i / 29):.3g}") for i in range(30))
MANY = Study(
    name="rates", title="Rates", question="Which?", knobs=("lr",), epochs=3, baseline="lr-15",
    arms=tuple(Arm(name=f"lr-{i}", change={"lr": r}) for i, r in enumerate(RATES)),
)  # fmt: skip
SHIFT = {a.name: -0.02 * abs(i - 18) for i, a in enumerate(MANY.arms)}
FEW = Study(
    name="w", title="W", question="How much?", knobs=("l1",), epochs=3,
    arms=tuple(Arm(name=f"w{i}", change={"l1": w}) for i, w in enumerate((0.0, 1e-4, 1e-3, 1e-2))),
)  # fmt: skip
LOST: dict[tuple[str, int], synthetic.Ending] = {("w3", 1): ("diverged", 2)}


def charts(study: Study, seeds: int = 3, **how: Any) -> list[KnobChart]:
    frames = from_records(synthetic.records(study, range(seeds), **how))
    found = knob_charts(study, BY_RULE, Measurements({study.name: study}, frames, {study.name: range(seeds)}))
    return [chart for chart, _ in found]


def test_every_arm_is_at_its_value_with_its_number_its_interval_and_its_trials() -> None:
    frames = from_records(synthetic.records(MANY, range(3), shift=SHIFT))
    ((chart, levels),) = knob_charts(MANY, BY_RULE, Measurements({MANY.name: MANY}, frames, {MANY.name: range(3)}))
    assert chart.title == "Validation accuracy after 3 epochs, by lr" and chart.unit == "%" and len(chart.points) == 30
    steps = [b.x - a.x for a, b in itertools.pairwise(chart.points)]
    assert all(step == pytest.approx(steps[0], abs=0.003) for step in steps), "rates of equal ratio lie equally far"
    for point, row in zip(chart.points, levels.to_dict("records"), strict=True):
        assert f": {100 * row['estimate']:.1f} %, 95 % interval {100 * row['low']:.1f} to" in point.said
        assert point.interval is not None and point.y is not None and point.interval[0] <= point.y <= point.interval[1]
        assert point.trials == f"trials-rates--{list(SHIFT).index(str(row['arm']))}"
    assert [p.said.partition(":")[0] for p in chart.points if p.baseline] == ["lr 0.00386 (baseline)"]
    heights = [p.y for p in chart.points]
    assert heights.index(min(heights, key=lambda y: y or 0.0)) == 18


def test_written_numbers_never_touch_and_the_baseline_has_its_own() -> None:
    for study, shift in ((MANY, SHIFT), (FEW, {})):
        (chart,) = charts(study, shift=shift)
        written = [p for p in chart.points if p.number]
        assert any(p.baseline for p in written)
        assert all(b.x - a.x >= ROOM_SHARE for a, b in itertools.pairwise(written))


def test_what_diverged_is_marked_without_a_number_and_no_line_leads_over_it() -> None:
    (chart,) = charts(FEW, endings=LOST)
    assert [p.y is None for p in chart.points] == [False, False, False, True] and not chart.points[3].number
    assert chart.points[3].said == "l1 0.01: Arm w3 diverged, so no number." and chart.points[3].trials
    assert "Cross: no number, because seeds diverged (1 arm)." in chart.note
    (middle,) = charts(FEW, endings={("w1", 0): ("diverged", 1)})
    assert [len(run) for run in middle.lines] == [2]


def test_one_seed_has_no_interval_and_says_so() -> None:
    (chart,) = charts(FEW, 1)
    assert all(p.interval is None and "interval" not in p.said for p in chart.points)
    assert chart.note.startswith("Point: the only seed, so no interval.")


def test_seeds_that_are_all_alike_have_no_interval_in_words() -> None:
    (chart,) = charts(FEW, noise=0.0)
    assert all(p.said.endswith(" % in all 3 seeds.") and "interval" not in p.said for p in chart.points)


def test_arms_without_trials_are_counted_and_one_number_draws_nothing() -> None:
    (chart,) = charts(FEW, skip=[("w2", 0), ("w2", 1), ("w2", 2)])
    assert len(chart.points) == 3 and "Not drawn: 1 of 4 arms without a number." in chart.note
    assert not charts(FEW, skip=[(a, s) for a in ("w0", "w1", "w2") for s in range(3)])


def test_the_outcome_is_that_of_the_main_effect() -> None:
    effect = Effect(arm="w1", metric="val_loss", at=2)
    study = Study.from_dict({**FEW.to_dict(), "effect": {"arm": "w1", "metric": "val_loss", "at": 2}})
    assert study.effect == effect and main_quantity(study, BY_RULE).metric == "val_loss"
    (chart,) = charts(study)
    assert chart.title == "Validation loss after 2 epochs, by l1" and chart.unit == "nats"
    assert main_quantity(FEW, BY_RULE).metric == "val_accuracy"


def test_a_number_of_the_best_epoch_is_marked_as_selected() -> None:
    study = Study.from_dict({**FEW.to_dict(), "effect": {"arm": "w1", "metric": "val_accuracy", "at": "best"}})
    (chart,), (plain,) = charts(study), charts(FEW)
    assert "Selected on val." in chart.note and "elected" not in plain.note


def test_0_has_a_place_of_its_own_left_of_a_logarithmic_axis() -> None:
    axis = knob_axis([0.0, 1e-4, 1e-3, 1e-2])
    places = [axis.place(v) for v in (0.0, 1e-4, 1e-3, 1e-2)]
    assert places[0] == EDGE_SHARE and places[1] - places[0] >= ROOM_SHARE
    assert places[2] - places[1] == pytest.approx(places[3] - places[2])
    assert axis.scale.ticks[0][1] == "0"
    (chart,) = charts(FEW)
    assert "0 stands left of the logarithmic axis." in chart.note


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.00001, 0.001, 0.1], ["0.00001", "0.001", "0.1"]),
        ([32.0, 64.0, 128.0], ["32", "64", "128"]),
        ([0.0, 0.25, 0.5], ["0", "0.25", "0.5"]),
        (list(RATES), ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1"]),
        ([10.0 ** (-i / 10) for i in range(13)], ["0.1", "0.2", "0.5", "1"]),
        ([10.0**i for i in range(-8, 1)], ["0.00000001", "0.000001", "0.0001", "0.01", "1"]),
    ],
)
def test_few_values_are_the_ticks_and_of_many_round_numbers(values: list[float], ticks: list[str]) -> None:
    axis = knob_axis(values)
    assert [text for _, text in axis.scale.ticks] == ticks
    assert all(0 <= place <= 1 for place, _ in axis.scale.ticks) and all(0 <= axis.place(v) <= 1 for v in values)


def test_the_outcome_keeps_its_means_apart_beside_a_wide_interval_and_losses_far_apart_are_logarithmic() -> None:
    wide = [Estimate(80.0, 79.0, 81.0, 5), Estimate(82.0, 10.0, 100.0, 2)]
    axis = outcome_axis(wide, Unit(100.0, "%"))
    assert axis.place(82.0) - axis.place(80.0) > 0.2 and axis.place(10.0) < 0
    losses = [Estimate(x, math.nan, math.nan, 1) for x in (0.5, 5.0, 5000.0)]
    axis = outcome_axis(losses, Unit(1.0, "nats"))
    assert axis.place(5.0) - axis.place(0.5) == pytest.approx((axis.place(5000.0) - axis.place(0.5)) / 4)


def test_the_page_has_it_between_curves_and_forest_with_links_a_csv_and_no_inline_style(tmp_path: Path) -> None:
    store_of(tmp_path / "r", [FEW], (0, 1, 2), endings=LOST)
    built = [report.build(str(tmp_path / "r"), tmp_path / out) for out in ("one", "two")]
    page, again = (b.read_bytes().decode() for b in built)
    assert page == again and "style=" not in page
    order = [page.index(f'id="{name}"') for name in ("w-curves", "knob-w-l1", "w-effects")]
    assert order == sorted(order)
    part = page[order[1] : order[2]]
    assert re.findall(r'<a href="#(trials-w--\d)"><title>', part) == [f"trials-w--{i}" for i in range(4)]
    assert all(f'id="trials-w--{i}"' in page for i in range(4))
    assert 'href="figures/w-knob-l1.csv"' in part and (tmp_path / "one/figures/w-knob-l1.csv").exists()


def test_the_page_that_follows_a_run_has_it_from_the_second_arm_on(tmp_path: Path) -> None:
    store_of(tmp_path / "r", [FEW], (0,), skip=[("w2", 0), ("w3", 0)], gather=False)
    shown = live_page(str(tmp_path / "r"), provisional=True).document
    assert 'id="knob-w-l1"' in shown and "Not drawn: 2 of 4 arms without a number." in shown
    assert "w-knob-l1.csv" not in shown, "it has no files beside it"


def test_a_browser_shows_it_whole_on_a_phone_and_axe_finds_nothing(chromium: str, tmp_path: Path) -> None:
    store_of(tmp_path / "r", [MANY, FEW], (0, 1, 2), shift=SHIFT, endings=LOST)
    built = report.build(str(tmp_path / "r"), tmp_path / "out")

    async def look() -> tuple[list[str], list[str], list[int]]:
        found, widest = [], []
        async with tab(chromium, tmp_path) as shown:
            await shown.open(built.as_uri())
            for width in (390, 768, 1440):
                await shown.width(width)
                found += await shown.barriers()
                widest.append(int(await shown.ask("document.documentElement.scrollWidth - innerWidth")))
            return found, shown.complaints, widest

    found, complaints, widest = asyncio.run(look())
    assert not found and not complaints and max(widest) <= 0
