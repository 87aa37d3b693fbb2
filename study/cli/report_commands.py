"""Commands that read results: report, claims, figures, tables; what they print, and how they end."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from study.cli.options import Folder
from study.cli.paths import folder_option
from trainables.config.errors import StudyError

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict
    from analysis.claims.words import VerdictWord

MARKS: Mapping[VerdictWord, str] = {
    "supported": "+",
    "refuted": "x",
    "open": "?",
    "not-enough-seeds": "?",
    "missing": "!",
    "reduced": "-",
    "mechanism": "=",
}


class RecordsMissing(StudyError):
    """Some statement lacks records that a run would make."""

    exit_code = 7


def report(
    folder: Folder,
    out: Annotated[Path | None, folder_option("--out", "Where to write; DIR/report if not given.", Path)] = None,
) -> None:
    """Write the page with curves, tables and verdicts."""
    from analysis import report as pages

    print(f"report: {pages.build(folder, out)}")


def claims(
    folder: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects, for programs.")] = False,
) -> None:
    """The verdict of every statement; exit code 7 where some lack records."""
    from analysis import report
    from analysis.claims.verdict_json import to_json

    verdicts = report.verdicts(folder)
    lines = json.dumps(to_json(verdicts), indent=1, allow_nan=False) if as_json else text(verdicts)
    print(lines)
    lacking = [v.id for v in verdicts if v.verdict == "missing"]
    if lacking:
        raise RecordsMissing(f"{len(lacking)} of {len(verdicts)} statements lack records: {', '.join(lacking)}")


def text(verdicts: Sequence[Verdict]) -> str:
    """The verdicts for a terminal: a mark, the id and the statement, and below it what was found."""
    from analysis.claims.words import ALWAYS_SHOWN, VERDICTS, WORDS

    if not verdicts:
        return "there are no statements in this folder"
    width = max(len(v.id) for v in verdicts)
    lines, study = [], ""
    for v in verdicts:
        if v.study != study:
            study = v.study
            lines += ["", study]
        lines += _wrapped(f"  {MARKS[v.verdict]} {v.id:{width}s}  ", v.statement)
        lines += _wrapped(" " * (width + 6), v.sentence)
    counts = Counter(v.verdict for v in verdicts)
    shown = [v for v in VERDICTS if v in ALWAYS_SHOWN or counts[v]]
    total = ", ".join(f"{counts[verdict]} {WORDS[verdict]}" for verdict in shown)
    return "\n".join([*lines, "", f"{len(verdicts)} statements: {total}"]).strip("\n")


def _wrapped(head: str, words: str) -> list[str]:
    shown = "".join(c if c.isprintable() else " " for c in words)
    return textwrap.wrap(shown, 110, initial_indent=head, subsequent_indent=" " * len(head)) or [head]


def figures(
    folder: Folder,
    out: Annotated[Path | None, folder_option("--out", "Where to write; DIR/figures if not given.", Path)] = None,
) -> None:
    """Write every figure as PNG, SVG and CSV."""
    from analysis import report

    paths = report.figures(folder, out)
    print(f"{len(paths) // 3} figures as PNG, SVG and CSV: {paths[0].parent}")


def tables(
    folder: Folder,
    out: Annotated[Path | None, folder_option("--out", "Where to write; DIR/tables if not given.", Path)] = None,
) -> None:
    """Write every table as Markdown, LaTeX and CSV."""
    from analysis import report

    paths = report.tables(folder, out)
    print(f"{len(paths)} files of tables: {paths[0].parent}")
