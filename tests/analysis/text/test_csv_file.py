"""Every CSV file goes through the one function that guards against formulas."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.text.csv_file import guarded_csv
from tests.parsed import nodes_of, tree_of

ROOT = Path(__file__).parents[3]
GUARD = ROOT / "analysis" / "text" / "csv_file.py"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_and_no_head_begins_as_a_formula_does(text: str) -> None:
    written = guarded_csv(pd.DataFrame({text: [text, "plain"], "n": [-1.0, 2.0]}))
    back = pd.read_csv(io.StringIO(written), dtype=str)
    assert back.columns[0].startswith("'") and back.iloc[0, 0].startswith("'")
    assert back["n"].tolist() == ["-1.0", "2.0"], "numbers are left alone"


def writers(path: Path) -> Iterator[str]:
    for node in nodes_of(tree_of(path.relative_to(ROOT).as_posix())):
        if isinstance(node, ast.Import) and any(a.name.split(".")[0] == "csv" for a in node.names):
            yield "import csv"
        if isinstance(node, ast.ImportFrom) and node.module in ("csv", "pyarrow.csv"):
            yield f"from {node.module}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            of_ours = isinstance(owner, ast.Name) and owner.id == "render"  # `render_sheet.to_csv`, which is guarded
            if node.func.attr in ("to_csv", "savetxt", "write_csv") and not of_ours:
                yield node.func.attr


def test_nothing_else_writes_csv() -> None:
    files = [p for room in ("trainables", "study", "analysis") for p in (ROOT / room).rglob("*.py") if p != GUARD]
    assert len(files) > 200
    assert [(str(p.relative_to(ROOT)), how) for p in files for how in writers(p)] == []
    assert list(writers(GUARD)) == ["to_csv"], "the search finds what it looks for"
