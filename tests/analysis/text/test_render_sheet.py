"""A sheet as Markdown, LaTeX and CSV."""

from __future__ import annotations

import csv
import io
import re

import pytest

from analysis.data.frames import from_records
from analysis.tables import overfitting as tables
from analysis.text import render_sheet as render
from analysis.text.sheet import Cell, Sheet
from tests.analysis.tables.test_overfitting import DROPOUT, LR
from tests.synthetic import records


@pytest.fixture(scope="module")
def made():
    return from_records(r for s in (DROPOUT, LR) for r in records(s, range(3)))


NASTY = 'a|b <script>alert("x")</script> & 5 % _of_ \\x{y} *z* [l](u)\nnext ± 1'


def _sheet() -> Sheet:
    rows = ((Cell(NASTY), Cell("1.5 ± 0.2", 1.5)), (Cell("plain"), Cell("-")))
    return Sheet(NASTY, ("Arm", NASTY), rows, (NASTY,))


def test_markdown_keeps_one_line_a_row_and_shows_no_markup():
    lines = render.to_markdown(_sheet()).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "<script" not in "".join(lines)
    assert "\\*z\\*" in rows[2]
    assert rows[3] == "| plain | - |", "a cell is at no line's head, where it would be an item of a list"


@pytest.mark.parametrize(("text", "shown"), [("1) x", "1\\) x"), ("1. x", "1\\. x"), ("$a$ of $b$", r"\$a\$ of \$b\$")])
def test_nothing_of_a_text_is_a_list_or_a_formula(text: str, shown: str):
    assert render.escape_markdown(text) == shown


def test_latex_escapes_everything_special():
    text = render.to_latex(_sheet())
    body = text.replace("\\\\", "")
    assert not re.findall(r"(?<!\\)[%_#&](?!.*tabular)", re.sub(r" & ", " ", body))
    assert "\\textbackslash{}x\\{y\\}" in text
    assert text.count("\\\\") == 3
    assert "$\\pm$" in text


def test_csv_has_all_digits_and_no_formula(made):
    table = tables.overfitting(DROPOUT, made)
    rows = list(csv.DictReader(io.StringIO(render.to_csv(table))))
    assert float(rows[0]["estimate"]) == table["estimate"].iloc[0]
    table.loc[0, "note"] = "=HYPERLINK(1)"
    assert "'=HYPERLINK(1)" in render.to_csv(table)
