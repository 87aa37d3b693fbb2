"""Tables of measured and simulated figures say what is on record: a digit typed into them fails."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import cluster_scale
from benchmarks.figures import HERE, Figure, keep, page

DOCS = HERE.parent / "docs"
FIGURES = {f["name"]: Figure(**f) for f in json.loads((HERE / "results.json").read_text(encoding="utf-8"))["figures"]}
VERDICTS = (
    *("claims-on-bounds", "all-true", "all-false", "parts-12", "correlated", "correlated-opposite", "opposite-signs"),
    *("clear-and-not", "family-60", "family-60-full", "rewritten", "rewritten-old-seeds", "student-3", "coarse"),
    *("uniform", "lognormal", "lognormal-differences", "collapse-a-fifth", "collapse-differences"),
    *("collapse-of-one-arm", "collapse-half", "diverge-a-fifth", "diverge-most"),
)
"""The figures of the rows of the table in `docs/verdicts.md`, in its order."""


def rows(text: str, head: str) -> list[list[str]]:
    """The cells of a table in Markdown that begins with that head, without bold."""
    lines = text[text.index(head) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().replace("**", "") for cell in line.strip("|").split("|")] for line in lines]


def agrees(cell: str, value: float) -> bool:
    """Whether a number is that value, as far as its digits go.

    >>> agrees("3.9", 3.94), agrees("3.8", 3.94), agrees("100", 99.96)
    (True, False, True)
    """
    decimals = len(cell.partition(".")[2])
    return abs(float(cell) - value) <= 0.5 * 10**-decimals + 1e-9


def lasting(text: str) -> str:
    """The page without the line that names this machine."""
    return re.sub(r"^Last on .*\n", "", text, count=1, flags=re.MULTILINE)


def test_the_page_of_figures_is_that_of_the_record() -> None:
    kept = (HERE / "results.md").read_text(encoding="utf-8")
    assert lasting(page(list(FIGURES.values()))) == lasting(kept)
    assert lasting(kept.replace("3.94 %", "3.84 %")) != lasting(kept)


def test_a_page_has_the_digits_of_the_record_and_not_of_what_was_rounded_for_it(tmp_path: Path) -> None:
    keep([Figure("x", 62.349, None, None, None, None, 1, None, "s", "")], tmp_path)
    (kept,) = json.loads((tmp_path / "results.json").read_text())["figures"]
    assert page([Figure(**kept)]) == (tmp_path / "results.md").read_text()


def test_the_table_of_wrong_verdicts_is_that_of_the_record() -> None:
    table = rows((DOCS / "verdicts.md").read_text(encoding="utf-8"), "| seeds | claims | this rule |")
    assert len(table) == len(VERDICTS)
    for cells, name in zip(table, VERDICTS, strict=True):
        figure = FIGURES[f"verdicts/wrong-{name}"]
        assert figure.ours is not None and figure.peer is not None
        assert agrees(cells[2], figure.ours) and agrees(cells[3], figure.peer), (name, cells)
        every = re.search(r"the same at every seed: ([\d.]+) %", figure.note)
        assert agrees(cells[4], float(every[1])) if every else cells[4] == "", (name, cells)


def test_the_table_of_a_cluster_is_that_of_its_simulation() -> None:
    table = rows((DOCS / "guides/cluster-scale.md").read_text(encoding="utf-8"), "| nodes | trials at once |")
    made = {tuple(cells[:3]): cells for cells in rows(cluster_scale.table(600.0), "| nodes |")}
    assert len(table) == 4
    for *cells, waits, reads, writes, gathering in table:
        simulated = made[tuple(cells[:3])]
        assert agrees(waits.split()[0], float(simulated[4].split()[0]))
        assert [*cells, reads, writes, gathering] == [*simulated[:4], *simulated[5:7], simulated[8]]


@pytest.mark.parametrize(("cell", "value", "so"), [("92", 91.7, True), ("91", 91.7, False), ("33", 32.5, True)])
def test_digits_that_are_not_there_are_not_compared(cell: str, value: float, so: bool) -> None:
    assert agrees(cell, value) == so
