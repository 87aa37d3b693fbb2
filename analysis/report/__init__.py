"""The report of a results folder: one page that works offline, a Markdown twin, figures and tables as files.

`build` makes all of it. What is on the page is decided in `content` and the modules beside it, as a tree of plain
values (`page`); `html` and `markdown` only write that tree down.
"""

from analysis.report.write_report import build, figures, tables, verdicts

__all__ = ["build", "figures", "tables", "verdicts"]
