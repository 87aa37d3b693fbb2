"""The work of `study claims`, `study figures` and `study tables`: what they print, and how they end."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis import report
from analysis.claims.verdict_json import to_json
from analysis.claims.verdicts import Verdict
from analysis.claims.words import ALWAYS_SHOWN, VERDICTS, WORDS, VerdictWord
from trainables.config.errors import StudyError

MARKS: Mapping[VerdictWord, str] = {
    "supported": "+", "refuted": "x", "open": "?", "not-enough-seeds": "?", "missing": "!", "reduced": "-", "mechanism": "=",
}  # fmt: skip


class RecordsMissing(StudyError):
    """Some statement lacks records that a run would make."""

    exit_code = 7


def claims(folder: str, *, as_json: bool = False) -> None:
    """Print the verdict of every statement.

    Raises:
        RecordsMissing: after all is printed; some statements lack records. Open, too few seeds and reduced are answers.
    """
    verdicts = report.verdicts(folder)
    lines = json.dumps(to_json(verdicts), indent=1, allow_nan=False) if as_json else text(verdicts)
    print(lines)
    lacking = [v.id for v in verdicts if v.verdict == "missing"]
    if lacking:
        raise RecordsMissing(f"{len(lacking)} of {len(verdicts)} statements lack records: {', '.join(lacking)}")


def text(verdicts: Sequence[Verdict]) -> str:
    """The verdicts for a terminal: a mark, the id and the statement, and below it what was found."""
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


def figures(folder: str, out: Path | None) -> None:
    """Write every figure and say how many."""
    paths = report.figures(folder, out)
    print(f"{len(paths) // 3} figures as PNG, SVG and CSV: {paths[0].parent}")


def tables(folder: str, out: Path | None) -> None:
    """Write every table and say how many."""
    paths = report.tables(folder, out)
    print(f"{len(paths)} files of tables: {paths[0].parent}")
