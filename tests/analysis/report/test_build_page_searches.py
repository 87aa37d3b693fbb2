"""The report on a search: one question with its answer, or where its finalists are missing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec import registry
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import SearchLog
from tests.analysis.report.test_build_page import built, words
from tests.analysis.searches.test_findings import SPACE, searched_store
from tests.browser import tab
from tests.synthetic import FASHION


def test_a_study_that_searches_points_to_its_finalists(tmp_path: Path) -> None:
    study = registry.load_study("search-sgd-adam")
    assert study.search is not None and not study.arms
    ResultsFolder(tmp_path / "results", create=True).studies.freeze(study)
    page, _, _ = built(tmp_path)
    assert study.question in words(page) and "no finalists" in words(page)
    assert 'id="scale"' not in page and "Point: change" not in page, "nothing is drawn on an axis"
    assert 'class="g-axis"' not in page, "an empty axis left a gap below the heading on narrow screens"


def test_a_search_and_its_answer_are_one_question(tmp_path: Path) -> None:
    (tmp_path / "results").symlink_to(Path(__file__).parents[3] / "results/search-sgd-adam")
    page, twin, _ = built(tmp_path)
    shown = words(page)
    for text in (shown, twin):
        assert "Two questions" not in text and "SGD and Adam, each tuned" in text
        assert "SGD ends 0.8 points below Adam under fresh seeds: 85.2 % against 86.0 % validation accuracy, " in text
    assert "24 configurations tried, the best again under 5 fresh seeds" in shown
    for row in (text for text in twin.splitlines() if text.startswith("| sgd |")):
        assert "0.82 (" not in row.replace("\u22120.82 (\u22120.96 to \u22120.68)", ""), "in the sentence's direction"
    assert "Change against adam, points" in shown and "chance that this verdict is wrong is at most 5 %" in shown
    assert "search-sgd-adam.answer" not in shown, "a raw name is not for people"
    row = page.split('<li class="q"')[1].split("</ol>")[0]
    assert "no claim" not in row and "supported" in row
    assert 'class="tally"' not in row, "the mark of a lone claim stands above already"
    assert 'id="scale"' in page and "Point: change" in page
    fold = page.split('<details class="study" id="study-search-sgd-adam"')[1].split("</summary>")[0]
    assert "no claim" not in fold and "search-sgd-adam-sgd: supported" in words(fold), "it has those of its answer"
    assert "SGD&#39;s best lies at the low end" in shown and "How the search went: SGD" in shown
    assert page.count("Its figures: history") == 2, "the figures are folded"
    assert "In the search, whose seeds chose" not in shown, "the table says it"


def test_a_search_in_which_all_diverged_says_once_that_it_has_no_answer(tmp_path: Path) -> None:
    """It said "It has no finalists yet.", "No answer" twice, and led to CSVs of a header alone."""
    store = ResultsFolder(tmp_path / "results", create=True)
    search = Search(space=SPACE, trials=3, seeds=1, searcher="random", scheduler=Scheduler(name="none"))
    study = Study(name="demo", title="Demo", question="Q?", knobs=("lr",), epochs=3, search=search)
    store.studies.freeze(study)
    log = SearchLog(store, "demo", "", search, SharedKnobs.of(3), "d")
    controller = SearchController(search, SharedKnobs.of(3), FASHION, make_sampler(search), log.add)
    while controller.next() is not None:
        controller.report(len(controller.proposals) - 1, {"val_accuracy": [0.1]}, True)
    page, _, _ = built(tmp_path)
    shown = words(page)
    assert "It has no finalists." in shown and "No answer" not in shown
    assert shown.count("The search is over and has no answer") == 2, "on the first screen and in its part"
    assert "Tables as files" not in shown, "there is none"


SHOWN = """
(() => {
  const box = document.querySelector(".pictures"), figures = Array.from(box.querySelectorAll("figure:not(.absent)"));
  const rows = new Set(figures.map(f => f.offsetTop));
  const first = figures.filter(f => f.offsetTop === figures[0].offsetTop);
  const right = Math.max(...first.map(f => f.getBoundingClientRect().right));
  const text = figures.map(f => f.querySelector("img")).map(i => i.clientWidth / i.getAttribute("width"));
  return [rows.size, first.length, Math.round(box.getBoundingClientRect().right - right), Math.min(...text) > 0.99];
})()
"""


@pytest.mark.parametrize(("width", "beside"), [(390, 1), (768, 2), (1440, 3)])
def test_the_pictures_of_a_search_fill_the_width_of_the_page(
    chromium: str, tmp_path: Path, width: int, beside: int
) -> None:
    """They were 336 pixels wide, two beside each other, on 1,088."""
    searched_store(tmp_path / "results", ("val_accuracy",))
    built = report.build(str(tmp_path / "results"), tmp_path / "out")

    async def looked_at() -> Any:
        async with tab(chromium, tmp_path / "profile") as shown:
            await shown.width(width)
            await shown.open(built.as_uri())
            await shown.unfold(all_of_them=True)
            assert await shown.ask("document.documentElement.scrollWidth") <= width
            return await shown.ask(SHOWN)

    rows, first, right, readable = asyncio.run(looked_at())
    assert first == beside and right == 0 and rows > 1 and readable, "and no text of theirs is smaller than drawn"
