"""Names of places: each arm of a study has its own, and a number leads there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from analysis.claims.queries import Remarks
from analysis.report.trial_places import (
    all_trials_anchor,
    sentences_with_trials,
    sheet_with_trials,
    trials_anchor,
)
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Arm, Study
from tests.analysis.report.test_build_page import SCALING, made, without_figures
from tests.browser import tab

FOLLOW = """
(async () => {
  const behind = document.querySelector(".claim .sentence a"), one = behind.closest(".in").querySelector(".trials a");
  const row = behind.closest(".claim"), places = [".room", "p.hold"].map(s => row.querySelector(s));
  row.closest("details.study").open = true;
  const [room, over] = places.map(e => JSON.stringify(e.getBoundingClientRect()));
  const landed = [room === over];
  for (const link of [row.querySelector("p.hold a"), one, behind]) {
    const before = new Promise(done => addEventListener("hashchange", () => setTimeout(done), { once: true }));
    link.click();
    await before;
    const there = document.getElementById(link.hash.slice(1));
    landed.push(there.getBoundingClientRect().height > 0 && there.textContent.includes(one.textContent));
  }
  return JSON.stringify(landed);
})()
"""


def test_arms_whose_names_differ_in_case_alone_have_places_of_their_own() -> None:
    arms = (Arm(name="A"), Arm(name="a", change={"lr": 0.1}))
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=1, arms=arms)
    assert (trials_anchor(study, "A"), trials_anchor(study, "a")) == ("trials-s--0", "trials-s--1")
    assert all_trials_anchor(study) == "trials-s-table"


def test_sentences_and_tables_lead_to_the_trials_of_their_arms() -> None:
    arms = (Arm(name="A"), Arm(name="a", change={"lr": 0.1}))
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=1, arms=arms)
    sheet = Sheet("T", ("Arm", "Number"), ((Cell("small"), Cell("3", 3.0, of="s/a")), (Cell("none"), Cell("-"))))
    behind = (("s/a",), ("s/A", "s/a"), ("s/A", "other/a"), ())
    found = sentences_with_trials(Remarks(("one", "all", "two", "none"), behind), {"s": study})
    assert [said.trials for said in found] == ["trials-s--1", "trials-s-table", "", ""]
    assert [said.by_arm for said in found] == [(), (), (("s/A", "trials-s--0"),), ()], "the other is not on the page"
    rows = sheet_with_trials(sheet, {"s": study}).rows
    assert [[cell.trials for cell in row] for row in rows] == [["", "trials-s--1"], ["", ""]]


def test_the_number_of_a_claim_leads_to_the_trials_behind_it_and_each_of_these_to_its_row(
    chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch, all_of_them=True)
    (tmp_path / "page.html").write_text(made(tmp_path, SCALING)[0])

    async def followed() -> str:
        async with tab(chromium, tmp_path / "profile") as page:
            await page.open((tmp_path / "page.html").as_uri())
            return str(await page.ask(FOLLOW))

    assert json.loads(asyncio.run(followed())) == [True] * 4, "the row's number lies where its line keeps room for it"
