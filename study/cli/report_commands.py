"""Commands that read results: report, claims, export; what they print, and how they end."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from study.app.wrapping import asked_columns, say
from study.cli.last_folder import given_or_last
from study.cli.options import Json, LastFolder
from study.cli.paths import one_of, output_option
from trainables.config.errors import BadInput, StoreError, StudyError
from trainables.config.nearest import expected_one_of
from trainables.config.plurals import counted

EXPORTS = ("figures", "tables", "csv", "parquet", "tensorboard", "optuna")


class RecordsMissing(StudyError):
    """Some claim lacks records that a run would make."""

    exit_code = 7


def report(
    folder: LastFolder = None,
    out: Annotated[Path | None, output_option("Where to write. Left out, DIR/report.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write report.md too, and every figure as SVG.")] = False,
    one_file: Annotated[
        bool, typer.Option("--one-file", help="Write one-file.html too: the page alone, to be mailed.")
    ] = False,
) -> None:
    """Write the page: answers, curves, tables, verdicts, every trial."""
    from analysis import report as pages

    page = pages.build(given_or_last(folder), out, markdown=markdown, one_file=one_file)
    if one_file:
        print(f"report: {page.with_name('index.html')}\nto be mailed: {page}")
    else:
        print(f"report: {page}")


def claims(
    folder: LastFolder = None,
    long: Annotated[
        bool,
        typer.Option("--long", help="Print each claim whole, with all that its verdict rests on."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the verdicts, one line for each claim. Exit code 7 if some lack records."""
    from analysis import report
    from analysis.claims.verdict_json import to_json
    from study.app.screen import letters_of
    from study.cli import claims_text

    if long and as_json:
        raise BadInput("--long", True, "it does not go with --json, which has all of each claim")
    where = given_or_last(folder)
    found = report.judge(where)
    verdicts = found.verdicts
    for line in found.problems:
        say(line)
    unreadable = (found.damaged or found.lost) and not verdicts
    lacking = [v.id for v in verdicts if v.verdict == "missing"]
    going, trains = tuple[str, ...](), ""
    if (lacking or not verdicts) and not found.damaged:
        from study.app.goes_on import goes_on

        going, trains = goes_on(where)
    if as_json:
        print(json.dumps(to_json(verdicts), indent=1, allow_nan=False))
    elif unreadable:
        pass  # the error says it
    elif long and verdicts:
        print(claims_text.long_text(verdicts, asked_columns(sys.stdout), letters_of(sys.stdout)))
    else:
        mends = any("`study repair" in line for line in found.problems)
        words = ["study", "repair", where] if mends else ["study", "claims", where, "--long"]
        claims_text.print_short(found, shlex.join(words) if mends or not trains else trains, going)
    if unreadable and found.damaged:
        raise StoreError(f"{where}: no claim can be read, and some of the folder is damaged")
    if found.lost:
        names = ", ".join(found.lost)
        raise StoreError(f"{where}: study {names} is damaged or gone: no claim of it can be read")
    if lacking:
        raise RecordsMissing(
            f"{len(lacking)} of {counted(len(verdicts), 'claim lacks', 'claims lack')} records: {', '.join(lacking)}"
        )
    if going:
        raise RecordsMissing(f"{where}: no claim has records yet, because its search is not over")


def export(
    folder: LastFolder = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="What to write: figures, tables, csv, parquet, tensorboard or optuna.",
            metavar="KIND",
            autocompletion=one_of(*EXPORTS),
        ),
    ] = "figures",
    out: Annotated[
        Path | None, output_option("Where to write. Left out, DIR/KIND. With optuna, a database file.")
    ] = None,
) -> None:
    """Write figures (PNG, SVG, CSV), tables (Markdown, LaTeX, CSV), trials and epochs, or files of another tool."""
    if to not in EXPORTS:
        raise BadInput("--to", to, expected_one_of(to, EXPORTS))
    if out is not None:
        from study.storage.results_folder import refuse_among_records

        refuse_among_records(out)
    where = given_or_last(folder)
    if to in ("csv", "parquet"):
        from study.app.export_frames import export_frames

        paths = export_frames(where, to, out)
        print(f"{counted(len(paths), 'file')}: {paths[0].parent}")
    elif to == "tensorboard":
        from study.app.export_tensorboard import export_tensorboard

        paths = export_tensorboard(where, out)
        target = out if out is not None else Path(where) / to
        print(f"{counted(len(paths), 'run')}: {target}\nnext  {shlex.join(['tensorboard', '--logdir', str(target)])}")
    elif to == "optuna":
        from study.app.export_optuna import export_optuna

        path, url = export_optuna(where, out)
        shown = shlex.join(["optuna-dashboard", url if url.startswith("sqlite") else str(path)])
        print(f"an Optuna database: {path}\nnext  {shown}")
    else:
        _figures_or_tables(where, to, out)


def _figures_or_tables(where: str, to: str, out: Path | None) -> None:
    """Write these, and say how many there are."""
    from analysis import report

    paths = (report.figures if to == "figures" else report.tables)(where, out)
    if not paths:
        raise StoreError(f"{where}: there are no {to} in it yet; `study run` makes some")
    pictures = f"{counted(len(paths) // 3, 'figure')} as PNG, SVG and CSV"
    files = counted(len(paths), "file of tables", "files of tables")
    print(f"{pictures if to == 'figures' else files}: {paths[0].parent}")
