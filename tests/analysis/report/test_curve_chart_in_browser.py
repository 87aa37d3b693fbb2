"""The curves and the first screen in a real browser: names at the ends, filters, a narrow axis, a phone."""

# ruff: noqa: F811  # fixtures of another file are arguments here

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

from analysis import report
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import write_run
from tests.analysis.report.test_build_page_in_browser import crowd, page  # noqa: F401
from tests.analysis.stores import fill, run, store_of
from tests.browser import tab
from tests.synthetic import records

OVERLAP = """
Array.from(document.querySelectorAll(".plot")).some(plot => {
  const boxes = Array.from(plot.querySelectorAll(".lab")).map(t => t.getBoundingClientRect());
  return boxes.some((a, i) => boxes.slice(i + 1).some(b =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3));
})
"""
NAMELESS = "Array.from(document.querySelectorAll('.plot .lab')).filter(label => !label.textContent).length"
LABELS = """
Array.from(document.querySelectorAll(".plot .lab"), l => [l, l.closest(".plot")].map(e => e.getBoundingClientRect()))
  .map(([label, plot]) => Math.max(label.right - plot.right, plot.top - label.top)).filter(over => over > 1)"""
TICK_ALL = "document.querySelectorAll('[data-arm]').forEach(i => i.checked || i.click());"


def test_long_names_of_many_arms_fit_a_phone_and_a_chart(chromium: str, crowd: Path, tmp_path: Path) -> None:
    async def looked_at() -> None:
        async with tab(chromium, tmp_path) as shown:
            for width in (390, 768, 1440):
                await shown.width(width)
                await shown.open(crowd.as_uri())
                await shown.unfold(all_of_them=True)
                assert await shown.ask("document.documentElement.scrollWidth") <= width
                assert await shown.ask(LABELS) == []
                assert await shown.ask(NAMELESS) == 0, "names of one letter are written too"
                named = await shown.ask("document.querySelectorAll('.plot .lab').length")
                assert 2 <= named <= 3 if width == 390 else named > 4
                assert not await shown.ask(OVERLAP), "names at the ends of lines lie apart"
            assert await shown.ask(f"{TICK_ALL}document.querySelectorAll('.plot .lab').length") > 4
            assert await shown.ask(LABELS) == [], "names of thirty arms do not stand above the chart"

    asyncio.run(looked_at())


CROSSED = """
Array.from(document.querySelectorAll(".plot")).flatMap(plot => {
  const points = Array.from(plot.querySelectorAll("path.ln"), line => Array.from({ length: 200 }, (_, i) =>
    line.getPointAtLength(line.getTotalLength() * i / 199).matrixTransform(line.getScreenCTM()))).flat();
  return Array.from(plot.querySelectorAll(".lab")).filter(label => {
    const box = label.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
    return points.some(p => p.x > box.left && p.x < box.right && Math.abs(p.y - middle) < 5);
  }).map(label => label.textContent);
})
"""


def test_the_name_of_a_line_that_ends_sooner_lies_on_no_other_line(chromium: str, tmp_path: Path) -> None:
    """Of batch norm it hid the line of the arm that ends as high and goes on, and ran into that arm's own name."""
    arms = (
        Arm(name="ordinary"),
        Arm(name="short", say="a network that was trained for a third of the time", change={"lr": 0.011}, epochs=10),
        Arm(name="nearly", change={"lr": 0.009}, epochs=27),
    )
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=30, arms=arms)
    store_of(tmp_path / "r", [study], (0, 1, 2))
    page = report.build(str(tmp_path / "r"), tmp_path / "out")

    async def looked_at() -> None:
        async with tab(chromium, tmp_path / "profile") as shown:
            for width in (390, 1440):
                await shown.width(width)
                await shown.open(page.as_uri())
                await shown.unfold(all_of_them=True)
                assert await shown.ask("document.querySelectorAll('.plot .lab').length") >= 2
                assert await shown.ask(CROSSED) == []
                assert not await shown.ask(OVERLAP) and await shown.ask(LABELS) == []

    asyncio.run(looked_at())


CHOSEN = """
(() => {
  const ended = document.querySelector("select[data-ended]"), part = ended.closest(".all-trials");
  ended.value = "diverged"; ended.onchange();
  const rows = Array.from(part.querySelectorAll("tbody tr")).filter(r => !r.hidden).map(r => r.dataset.ended);
  const chart = document.querySelector(".curves"), ticks = Array.from(chart.querySelectorAll(".plot svg > text"));
  const epochs = ticks.map(t => t.textContent).filter(t => /^[123]$/.test(t));
  chart.querySelector("[data-measure=rate]").click();
  const said = ["[data-unit]", "[data-head='1']", "tbody td + td"].map(s => chart.querySelector(s).textContent);
  location.hash = part.querySelector("tr[id]").id;
  return new Promise(done => setTimeout(() => done([rows, epochs, said, ended.value]), 300));
})()
"""


def test_trials_are_filtered_by_their_end_and_rates_are_curves(chromium: str, crowd: Path, tmp_path: Path) -> None:
    async def chosen() -> object:
        async with tab(chromium, tmp_path) as shown:
            await shown.width(1440)
            await shown.open(crowd.as_uri())
            await shown.unfold(all_of_them=True)
            return await shown.ask(CHOSEN)

    assert asyncio.run(chosen()) == [["diverged"], ["1", "2", "3"], ["learning rate", "Rate", "0.001"], ""]


def test_an_interval_that_stops_at_what_can_be_has_both_ends_beside_the_curves(chromium: str, tmp_path: Path) -> None:
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, arms=(Arm(name="a"),))
    store = ResultsFolder(tmp_path / "r", create=True)
    for record in records(study, range(5)):
        accuracies = (0.98 if record.config.seed == 0 else 1.0,) * study.epochs
        fill(store, [dataclasses.replace(record, epochs=record.epochs.replace(val_accuracy=accuracies))])
    store.studies.freeze(study)
    write_run(store.folder, "20260101T000000-000000", run([study], range(5)))
    built = report.build(str(tmp_path / "r"), tmp_path / "out")

    async def read_out() -> object:
        async with tab(chromium, tmp_path) as shown:
            await shown.width(1440)
            await shown.open(built.as_uri())
            await shown.unfold(all_of_them=True)
            cell = "document.querySelector('.curves tbody td:last-child')"
            return await shown.ask(f"[{cell}.textContent, {cell}.scrollWidth <= {cell}.clientWidth]")

    assert asyncio.run(read_out()) == ["99.6 (98.5 to 100.0)", True], "and stays in its column"


def test_an_odd_place_draws_curves_and_a_narrow_log_axis_has_numbers(chromium: str, page: Path, tmp_path: Path) -> None:
    narrow = """(() => { const part = document.querySelector('.curves'), box = part.querySelector('.curve');
      const data = JSON.parse(box.dataset.curves), thin = s => { s[0] = s[0].map((_, i) => 2.29 - i / 20); };
      data.arms.forEach(a => Object.values(a.lines).forEach(thin)), box.dataset.curves = JSON.stringify(data);
      part.dispatchEvent(new Event('report:data'));
      ['[data-measure=loss]', '[data-log="1"]'].forEach(s => part.querySelector(s).click());
      return part.querySelectorAll('.plot text[text-anchor=end]').length - 1; })()"""

    async def shown() -> list[object]:
        async with tab(chromium, tmp_path) as there:
            await there.open(f"{page.as_uri()}#100%")
            await there.unfold(all_of_them=True)
            paths = await there.ask("document.querySelectorAll('.plot svg path').length")
            return [paths > 0, await there.ask(narrow), there.complaints]

    drawn, numbers, complaints = asyncio.run(shown())
    assert drawn and isinstance(numbers, int) and numbers >= 3 and complaints == []


ON_A_PHONE = """
(() => {
  const number = document.querySelector(".q-num"), words = number.parentElement.querySelector(".q-ver .cl");
  words.textContent = "claimed in more than half of seeds, the verdict rests on 45 to 94 %";
  const texts = Array.from(document.querySelectorAll(".f-head .axis text")).map(t => t.getBoundingClientRect());
  const shown = texts.filter(b => b.width);
  const free = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top;
  const apart = shown.every((a, i) => shown.slice(i + 1).every(b => free(a, b)));
  return [number.getBoundingClientRect().width > 120, apart, shown.length > 3];
})()
"""


def test_on_a_phone_long_words_leave_room_for_the_number_and_ticks_lie_apart(
    chromium: str, page: Path, tmp_path: Path
) -> None:
    """A number stood in a column of one letter, and "+0.04" of a panel upon "-0.04" of the next."""

    async def looked_at() -> object:
        async with tab(chromium, tmp_path) as shown:
            await shown.width(390)
            await shown.open(page.as_uri())
            await shown.unfold(all_of_them=True)
            return await shown.ask(ON_A_PHONE)

    assert asyncio.run(looked_at()) == [True, True, True]
