"""The report of a results folder: one page that works offline, the same in Markdown, figures and tables as files.

`build` makes all of it. What is on the page is decided in `build_page` and the sections beside it, as a tree of plain
values (`page_tree`); `html` and `markdown` only write that tree down. What draws is imported when it is asked for:
verdicts need none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict
    from analysis.report.judge_folder import JudgedFolder

__all__ = ["build", "figures", "judge", "tables", "verdicts"]


def build(folder: str, out: Path | None = None, *, markdown: bool = False, one_file: bool = False) -> Path:
    """See `analysis.report.write_report`."""
    from analysis.report.progress import doing

    with doing("reading the results"):  # what draws takes a second to be imported
        from analysis.report import write_report

    return write_report.build(folder, out, markdown=markdown, one_file=one_file)


def figures(folder: str, out: Path | None = None) -> list[Path]:
    """See `analysis.report.write_report`."""
    from analysis.report import write_report

    return write_report.figures(folder, out)


def tables(folder: str, out: Path | None = None) -> list[Path]:
    """See `analysis.report.write_report`."""
    from analysis.report import write_report

    return write_report.tables(folder, out)


def verdicts(folder: str, problems: list[str]) -> list[Verdict]:
    """See `analysis.report.judge_folder`."""
    from analysis.report import judge_folder

    return judge_folder.verdicts(folder, problems)


def judge(folder: str) -> JudgedFolder:
    """See `analysis.report.judge_folder`."""
    from analysis.report import judge_folder

    return judge_folder.judge_folder(folder)
