"""A page as one HTML file, which leads to no other."""

from __future__ import annotations

import base64
import dataclasses
import re

import pandas as pd

from analysis.figures.named_figure import NamedFigure
from analysis.figures.style import new_figure
from analysis.report import html, write_report
from analysis.report.chart_blocks import DrawnEffect, Histograms, Surprise, Surprises
from analysis.report.page_tree import Finding, Page, Paragraph, Section, Table
from analysis.report.pictures import pictures
from analysis.text.sheet import Cell, Sheet


def test_a_page_that_goes_alone_takes_its_smaller_files_with_it_and_leads_to_none() -> None:
    frames = {name: pd.DataFrame({"x": range(n)}) for name, n in (("large", 90_000), ("small", 3), ("middle", 900))}
    figures = [NamedFigure(name, name, name, "What it is.", frame, new_figure) for name, frame in frames.items()]
    made = write_report.csv_data_uris(pictures(figures))
    assert list(made) == ["small", "middle"], "what fits, the smaller ones first"
    assert base64.b64decode(made["small"].partition("base64,")[2]) == b"x\n0\n1\n2\n"
    charts = tuple(Histograms(f.title, f.caption, (), (), f.name) for f in figures)
    page = Page("Title", "Lead", False, (), (Section("place", "Section", charts),))
    alone, beside = html.render(page, files=made), html.render(page)
    assert "figures/" not in alone and "(CSV: in the report&#39;s folder)" in alone.replace("'", "&#39;")
    assert f'<a href="{made["small"]}" download="small.csv">CSV</a>' in alone
    assert beside.count('<a href="figures/') == 3 and "data:text" not in beside


def test_a_table_whose_first_column_holds_sentences_gives_it_room_on_a_phone() -> None:
    def table(first: str) -> str:
        sheet = Sheet("Parts", ("What was found", "Claimed"), ((Cell(first), Cell("smaller")), (Cell("b"), Cell("c"))))
        return html.render(Page("T", "L", False, (), (Section("s", "S", (Table("t", sheet),)),)))

    assert '<table class="sortable wordy">' in table(
        "L2 as coded cuts the gap by 4.42 points (4.28 to 4.56) after 30 epochs"
    )
    assert '<table class="sortable">' in table("L2 as coded")


def test_a_surprise_leads_to_the_trials_behind_its_claim() -> None:
    claim = Finding("claim-s-c", "c", "It helps.", "refuted", "No.", trials=("one", "two"))
    place = f"{claim.anchor}-trials"
    told = (("3 points", place), ("2 %", "no-such-place"))
    odd = Surprise("Odd", "It fell by 3 points, to 2 %.", "refuted", claim.anchor, "c", place, told)
    section = Section("s", "S", (Surprises((odd,)), claim))
    text = html.render(Page("T", "L", False, (), (section,)))
    assert '<a href="#claim-s-c-trials">trials</a>' in text
    assert '<p>It fell by <a href="#claim-s-c-trials">3 points</a>, to 2\N{NO-BREAK SPACE}%.</p>' in text
    assert '<details class="more" id="claim-s-c-trials"><summary>The 2 trials behind it' in text


def test_the_number_of_a_claims_row_is_a_link_and_stands_beside_the_line_that_folds() -> None:
    """A link has no place in a summary: there the large number led nowhere."""
    effect = DrawnEffect("+3.0", "points", "2.5 to 3.5")
    claim = Finding("claim-s-c", "c", "It helps.", "supported", "Yes.", effect=effect, seeds="5 seeds", trials=("one",))
    page = html.render(Page("T", "L", False, (), (Section("s", "S", (claim,)),)))
    row = page.split('<div class="claim supported">')[1].split("</section>")[0]
    summary = re.findall(r"<summary>.*?</summary>", row, re.DOTALL)[0]
    assert "<a " not in summary and '<span class="hold room" aria-hidden="true"><b>+3.0</b> points' in summary
    assert f'<p class="hold"><b><a href="#{claim.anchor}-trials">+3.0</a></b> points' in row.rpartition("</details>")[2]
    lost = dataclasses.replace(claim, trials=(), effect=None)
    assert '<p class="hold">no number</p>' in html.render(Page("T", "L", False, (), (Section("s", "S", (lost,)),)))


def test_the_numbers_of_a_paragraph_lead_to_the_trials_that_it_names() -> None:
    text = "A second hidden layer raises the loss by 0.112 nats after 30 epochs."
    claim = Finding("claim-s-c", "c", "It helps.", "refuted", "No.", trials=("one", "two"))
    place = f"{claim.anchor}-trials"
    blocks = (claim, Paragraph(text, trials=place), Paragraph(text), Paragraph(text, trials="nowhere"))
    page = html.render(Page("T", "L", False, (), (Section("s", "S", blocks),)))
    linked = text.replace("0.112 nats", f'<a href="#{place}">0.112 nats</a>')
    assert page.count(f"<p>{linked}</p>") == 1 and page.count(f"<p>{text}</p>") == 2


def test_a_verdicts_word_is_a_mark_in_a_column_of_verdicts_alone() -> None:
    """A statement that reads just "open" was one too."""
    sheet = Sheet("t", ("Id", "Verdict", "Claim"), ((Cell("c"), Cell("open"), Cell("refuted")),))
    page = html.render(Page("T", "L", False, (), (Section("s", "S", (Table("t", sheet),)),)))
    row = page.split('<th scope="row">c</th>')[1].split("</tr>")[0]
    assert "<td>refuted</td>" in row and "<td>open</td>" not in row
