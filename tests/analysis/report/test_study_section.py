"""A study's part of the page: honest about what is missing."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import report
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.claims.small_study import SMALL
from tests.analysis.report.test_build_page import SCALING, built, made, without_figures, words
from tests.analysis.report.test_inputs import asked
from tests.analysis.stores import fill, store_of
from tests.browser import tab


@pytest.fixture(autouse=True)
def _few_figures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Figures have tests of their own and cost seconds: they are drawn only in tests whose name says so."""
    without_figures(monkeypatch, all_of_them="drawn" not in request.node.name)


def test_a_missing_trial_is_named(tmp_path: Path) -> None:
    page, twin, _ = made(tmp_path, SCALING, skip=[("scaled", 1)])
    for text in (words(page), twin):
        assert "Scaled input: no trial of seed 1" in text
    assert "scaled input has no trial of seed 1" in words(page)


def test_a_missing_arm_is_named(tmp_path: Path) -> None:
    page, _, _ = made(tmp_path, SCALING, skip=[("scaled", s) for s in (0, 1, 2)])
    assert "Scaled input: no trials" in words(page)
    assert words(page).count("missing") >= 2


def test_one_seed_decides_nothing(tmp_path: Path) -> None:
    page, _, _ = made(tmp_path, SCALING, seeds=(0,))
    shown = words(page)
    assert "One seed only" in shown
    for band in ("Bar: 95 %", "95 % intervals of a mean", "epoch ± half of its", "with the 95 % interval of its mean"):
        assert band not in shown, "nothing is said of intervals that are not there"
    assert "95 % interval nan" not in page.lower()
    counted = re.findall(r'<a href="#verdicts"><strong class="n">(\d+)</strong></a> ([a-z ]+?) <span', page)
    assert counted == [("4", "not enough seeds")] and 'id="verdicts"' in page, "a count leads to the list of claims"


def test_trials_that_ended_otherwise_are_named(tmp_path: Path) -> None:
    endings = {("scaled", 0): ("diverged", 2), ("unscaled", 1): ("stopped", 3)}
    page, _, _ = made(tmp_path, SCALING, endings=endings)
    shown = words(page)
    assert "Scaled input, seed 0: diverged after 2 of 5 epochs" in shown
    assert "Unscaled input, seed 1: ended early after 3 of 5 epochs" in shown


def test_a_study_without_trials(tmp_path: Path) -> None:
    ResultsFolder(tmp_path / "results", create=True).studies.freeze(SCALING)
    page, _, _ = built(tmp_path)
    assert "There are no trials of this study" in words(page)


def test_a_changed_claim_is_visible(tmp_path: Path) -> None:
    store = store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    claim = dataclasses.replace(SCALING.claims[0], note="easier now")
    store.studies.freeze(dataclasses.replace(SCALING, claims=(claim, *SCALING.claims[1:])))
    page, twin, _ = built(tmp_path)
    assert "Changed after a run had begun" in words(page)
    line = "scaling-1: its words changed after the run began"
    assert line in words(page) and line in twin


def test_what_changed_is_said_by_kind_and_below_the_claims(tmp_path: Path) -> None:
    store = store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    first, second = SCALING.arms
    arms = (dataclasses.replace(first, say="raw input"), dataclasses.replace(second, change={"input_divisor": 254.0}))
    store.studies.freeze(dataclasses.replace(SCALING, arms=(*arms, dataclasses.replace(second, name="more"))))
    _, twin, _ = built(tmp_path)
    for line in (f"arm {first.name}", f"arm {second.name}: changed", "arm more: added"):
        assert f"version 2: {line}" in twin
    assert twin.index(f"{len(SCALING.claims)} claims: ") < twin.index("Changed after a run had begun")


def test_a_renamed_arm_is_said_to_be_called_otherwise(tmp_path: Path) -> None:
    """It was "added", and the old one "removed"."""
    store = store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    first, second = SCALING.arms
    base = first.name if SCALING.baseline != second.name else "other"
    arms = (first, dataclasses.replace(second, name="other"))
    store.studies.freeze(dataclasses.replace(SCALING, claims=(), baseline=base, arms=arms))
    _, twin, _ = built(tmp_path)
    assert f"version 2: arm {second.name} is called other" in twin
    assert "arm other: added" not in twin and f"arm {second.name}: removed" not in twin


def test_arms_that_are_called_otherwise_are_no_warning(tmp_path: Path) -> None:
    """Nearly every study of the chapter had a box of the same weight as "Possibly broken" for that."""
    store = store_of(tmp_path / "results", [SCALING], seeds=(0, 1))
    arms = tuple(dataclasses.replace(arm, say=f"the {arm.name} input") for arm in SCALING.arms)
    store.studies.freeze(dataclasses.replace(SCALING, arms=arms))
    page, twin, _ = built(tmp_path)
    line = f"configured as before: version 2: arms {', '.join(a.name for a in arms)}."
    assert line in words(page) and line in twin
    assert "Changed after a run had begun" not in words(page) + twin


def test_long_notices_fold(tmp_path: Path) -> None:
    many = dataclasses.replace(
        SCALING,
        claims=(),
        arms=tuple(dataclasses.replace(SCALING.arms[0], name=f"a-{i}", say="") for i in range(8)),
        baseline="a-0",
    )
    page, _, _ = made(tmp_path, many, skip=[(f"a-{i}", 1) for i in range(8)])
    assert "a-2: no trial of seed 1" in page.partition("5 more</summary>")[0]
    assert "a-7: no trial of seed 1" in page.partition("5 more</summary>")[2]


def test_the_numbers_of_the_overfitting_table_lead_to_their_trials(tmp_path: Path) -> None:
    """No number of that table led anywhere."""
    page, _, _ = made(tmp_path, SCALING, skip=[("scaled", s) for s in (0, 1, 2)])
    table = page[page.index("Overfitting, ") :]
    table = table[: table.index("</table>")]
    first, second = table.partition("<tbody>")[2].split("</tr>")[:2]
    numbers = re.findall(r'<td class="number" data-value="[^"]*">(<a href="#trials-scaling--0">)?[^<-]', first)
    assert numbers[0] == "" and len(numbers) > 8 and all(numbers[1:]), "all but the epochs"
    assert 'id="trials-scaling--0"' in page and "<a " not in second, "an arm without trials leads nowhere"


def test_the_answers_lead_to_their_csv(tmp_path: Path) -> None:
    """Beside the first screen's axis there was none."""
    page, _, out = made(tmp_path, SCALING)
    answers = page[page.index('id="answers"') : page.index('id="study-scaling"')]
    assert '<a href="tables/answers.csv">CSV</a>' in answers
    (row,) = pd.read_csv(out / "tables" / "answers.csv").to_dict("records")
    shown = re.search(r'<p class="q-num"><b>(?:<a [^>]*>)?[+\N{MINUS SIGN}]?([\d.]+)', answers)
    assert shown is not None and row["low"] <= row["estimate"] <= row["high"]
    assert abs(row["estimate"]) == pytest.approx(float(shown[1]), abs=0.06) and row["n"] > 1


def test_every_number_of_a_study_leads_to_its_trials(tmp_path: Path) -> None:
    """Those of answers, claims, curves and of the table of arms led nowhere."""
    page, _, _ = made(tmp_path, SCALING)
    answers = re.findall(r'<div class="q-text">.*?</div>', page, re.S)
    assert answers and all(re.search(r'<a href="#trials-scaling[^"]*">[^<]+ ?%</a>', text) for text in answers)
    claims = re.findall(r'<p class="sentence">.*?</p>', page)
    places = [re.findall(r'<a href="#(claim-[^"]+-trials)">', sentence) for sentence in claims]
    assert claims and all(led and f'id="{led[0]}"' in page for led in places)
    read = re.findall(r'<tr><th scope="row"><label>.*?</tr>', page)
    assert len(read) == 2 and all(row.count('<a href="#trials-scaling--') == 2 for row in read)
    table = page[page.index("<caption>Arms of ") :].partition("</table>")[0]
    assert table.count('<a href="#trials-scaling--') == 10, "two arms: seeds, and four numbers"
    trials = re.findall(r'<code>(<a href="#([^"]+)">)?[0-9a-f]+', page)
    assert trials and all(link and f'id="{row}"' in page for link, row in trials)
    places = re.findall(r' id="([^"]+)"', page)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


def test_a_number_leads_to_the_trials_that_it_is_of_alone(chromium: str, tmp_path: Path) -> None:
    """A mean over 7 seeds led to 27 trials: seeds that other studies had trained of the same arm were shown too."""
    store = store_of(tmp_path / "r", [SMALL], (0, 1))
    fill(store, synthetic.records(SMALL, (2, 3, 4), skip=[(arm, s) for arm in ("b", "c") for s in (2, 3, 4)]))
    asked(store, "20260102T000000-a", a=(0, 1), b=(0, 1), c=(0, 1))
    page = report.build(str(tmp_path / "r"), tmp_path / "out")
    count = "document.querySelector('.all-trials [data-count]').textContent"

    async def looked_at() -> tuple[str, str]:
        async with tab(chromium, tmp_path / "profile") as shown:
            await shown.open(f"{page.as_uri()}#trials-small--0")
            led = str(await shown.ask(count))
            await shown.ask("document.querySelector('.all-trials [data-filter]').onchange()")
            return led, str(await shown.ask(count))

    assert asyncio.run(looked_at()) == ("2 of 14 trials, those that the number is of", "5 of 14 trials")
