"""Sheets as text: Markdown and LaTeX, and frames as CSV; all text escaped.

What is in them: `analysis.tables.sheets`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import pandas as pd

from analysis.text.csv_file import guarded_csv
from analysis.text.plain_text import printable
from analysis.text.sheet import Sheet

_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
_AT_THE_HEAD = re.compile(r"^(\d*)([#+-]+|[.)])(?=\s|$)")
"""What makes a line a heading or an item of a list; a quotation begins with what is written as `&gt;`."""
_LATEX = {
    **{c: "\\" + c for c in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "±": r"$\pm$",
}


def to_markdown(sheet: Sheet) -> str:
    """Write a pipe table with its caption above and its notes below."""
    rule = ["---:" if sheet.numeric(i) else "---" for i in range(len(sheet.heads))]
    lines = [_row(map(_in_a_line, sheet.heads)), _row(rule)]
    lines += [_row(_in_a_line(c.text) for c in row) for row in sheet.rows]
    notes = [escape_markdown(n) for n in sheet.notes]
    return "\n\n".join([f"**{escape_markdown(sheet.caption)}**", "\n".join(lines), *notes]) + "\n"


def to_latex(sheet: Sheet) -> str:
    """Write a table environment that needs no package."""
    kinds = "".join("r" if sheet.numeric(i) else "l" for i in range(len(sheet.heads)))
    head = " & ".join(map(escape_latex, sheet.heads)) + " \\\\ \\hline\n"
    body = head + "".join(" & ".join(escape_latex(c.text) for c in row) + " \\\\\n" for row in sheet.rows)
    notes = "".join(f"\\par {escape_latex(n)}\n" for n in sheet.notes)
    return (
        f"\\begin{{table}}\n\\caption{{{escape_latex(sheet.caption)}}}\n\\begin{{tabular}}{{{kinds}}}\n\\hline\n"
        f"{body}\\hline\n\\end{{tabular}}\n{notes}\\end{{table}}\n"
    )


def to_csv(frame: pd.DataFrame) -> str:
    """Write a tidy frame with all digits; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return guarded_csv(frame)


def escape_markdown(text: str) -> str:
    r"""Return text that Markdown shows as it is, in one line.

    >>> print(escape_markdown("a|b <i>_x_"))
    a\|b &lt;i&gt;\_x\_
    >>> print(escape_markdown("# x"), escape_markdown("- a"), escape_markdown("1. b"), escape_markdown("> c"))
    \# x \- a 1\. b &gt; c
    >>> escape_markdown("-0.5")
    '-0.5'
    """
    return _AT_THE_HEAD.sub(r"\1\\\2", _in_a_line(text))


def _in_a_line(text: str) -> str:
    """Markdown for text that does not stand at the head of a line, as a cell of a table."""
    return html.escape(_MARKDOWN.sub(r"\\\1", printable(" ".join(text.split()))), quote=False)


def escape_latex(text: str) -> str:
    r"""Return text that LaTeX shows as it is.

    >>> print(escape_latex("5 % of a_b & c\\d ± 1"))
    5 \% of a\_b \& c\textbackslash{}d $\pm$ 1
    """
    return "".join(_LATEX.get(c, c) for c in printable(" ".join(text.split())))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
