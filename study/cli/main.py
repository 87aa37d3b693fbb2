"""The `study` command: parsing only. Every command's work is done elsewhere; see the imports inside each."""

from __future__ import annotations

from study.cli.options import (
    Address,
    Cpus,
    DataDir,
    Device,
    Folder,
    Name,
    Names,
    Precision,
    Quick,
    Results,
    Seeds,
    Wait,
)
from study.planning import imports

if __name__ == "__main__":  # before all else is imported, for `python -m` has put the working folder in front
    imports.working_folder_last()

# isort: split
import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer

from study.cli.paths import folder_option, path
from trainables.config.errors import BadInput, StudyError

app = typer.Typer(
    name="study",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Ask what a hyperparameter does, and get an answer with intervals.\n\n"
        "A study is a question with its arms, seeds and claims. `study list` shows what there is; `study plan NAME` "
        "what it would cost; `study run NAME` trains what is missing; `study report DIR` says what came out. `chapter` "
        "stands for all studies of the chapter; a path to a study file (.yaml or .py) works wherever a NAME does.\n\n"
        "Exit codes: 0 done, 1 failed, 2 bad input, 3 data, 4 results folder, 5 Ray, 6 some trials failed, "
        "7 some statements could not be judged, 130 interrupted."
    ),
)


@app.command("list")
def list_() -> None:
    """The studies of the catalogue, each with its question."""
    from study.cli import catalog_text as show

    show.catalogue()


@app.command()
def show(
    name: Name,
    results: Annotated[
        str | None,
        folder_option(
            "--results", "Of a search: also what came of it in this results folder. NAME may be a study that it holds."
        ),
    ] = None,
) -> None:
    """One study: its question, arms, knobs and claims; with --results, the answer of a search."""
    from study import catalog
    from study.cli import catalog_text as pages

    if results is None:
        pages.study(catalog.load_study(name))
        return
    from analysis.searches import sentences as search_words
    from study.storage.results_folder import ResultsFolder

    store = ResultsFolder(results)
    study = catalog.load_study(name, store.studies)
    pages.study(study)
    print("\n" + "\n".join(search_words.search_lines(store, study.name)))


@app.command()
def knobs() -> None:
    """Every knob, with its default and what it does."""
    from study.cli import catalog_text as pages

    pages.knobs()


@app.command()
def data(data_dir: DataDir = None) -> None:
    """What data sets are there, and fetch what is not."""
    from study.cli import catalog_text as pages

    pages.data(data_dir)


@app.command()
def plan(
    names: Names,
    seeds: Seeds = 5,
    quick: Quick = False,
    results: Results = "results/study",
    address: Address = None,
    cpus: Cpus = None,
    device: Device = "cpu",
    precision: Precision = "fp32",
    data_dir: DataDir = None,
) -> None:
    """What a run would train: distinct trials, epochs, what is on record, expected time. Trains nothing."""
    from study.app import run_studies as commands

    commands.plan(names, seeds, quick, results, commands.RunOptions(address, cpus), device, precision, data_dir)


@app.command()
def run(
    names: Names,
    seeds: Seeds = 5,
    quick: Quick = False,
    results: Results = "results/study",
    address: Address = None,
    cpus: Cpus = None,
    device: Device = "cpu",
    precision: Precision = "fp32",
    keep_checkpoints: Annotated[
        bool,
        typer.Option(
            "--keep-checkpoints", help="Keep each finished trial's last state, so that more epochs go on from it."
        ),
    ] = False,
    dashboard: Annotated[
        str | None,
        typer.Option(
            "--dashboard",
            envvar="STUDY_DASHBOARD",
            help="Copy a search as it goes into an Optuna storage: sqlite:///FILE, journal:FILE, or a database's URL.",
            parser=path("--dashboard", str),
            metavar="URL",
        ),
    ] = None,
    checkpoint_seconds: Annotated[
        float | None,
        typer.Option("--checkpoint-seconds", help="Save unfinished trials so often (30); so much may be lost.", min=0),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            "--executor",
            envvar="STUDY_EXECUTOR",
            help="Where trials run: ray (workers on all cores, or the cluster at --address), inline (in this process), "
            "or auto (inline for what takes less than Ray's start).",
        ),
    ] = "auto",
    stall_seconds: Annotated[
        float | None,
        typer.Option(
            "--stall-seconds", help="No trial counts as hanging before so long without an epoch (120).", min=1
        ),
    ] = None,
    wait: Wait = False,
    data_dir: DataDir = None,
) -> None:
    """Train what is missing and record it. Run it again after anything: it goes on where it stopped."""
    from study.app import run_studies as commands

    commands.run(
        names,
        seeds,
        quick,
        results,
        commands.RunOptions(
            address, cpus, keep_checkpoints, dashboard, checkpoint_seconds, stall_seconds, wait, executor
        ),
        device,
        precision,
        data_dir,
    )


@app.command()
def submit(
    names: Names,
    results: Annotated[
        str,
        folder_option("--results", "Results folder that all machines reach, e.g. s3://bucket/prefix."),
    ],
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", help="The cluster's file, as given to `ray up`.", parser=path("--cluster", str), metavar="FILE"
        ),
    ] = "cluster.yaml",
    seeds: Seeds = 5,
    quick: Quick = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, print nodes, hours and money; start nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow the run, or return once the head has it.")
    ] = True,
    device: Device = "cpu",
    precision: Precision = "fp32",
    keep_checkpoints: Annotated[bool, typer.Option("--keep-checkpoints", help="As for `study run`.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Run a study on a cluster that `ray up` started. The same command again follows the same run."""
    from study.app import run_studies as commands
    from study.cluster import submit as cluster_runs
    from study.cluster.preflight import Submission

    asked = Submission(tuple(names), cluster, results, seeds, quick, device, precision, keep_checkpoints, data_dir)
    cluster_runs.submit(asked, commands.plan_of, dry_run=dry_run, wait=wait)


@app.command()
def status(folder: Folder) -> None:
    """What a results folder holds, and what its studies still miss."""
    from study.app import status as status_module

    status_module.status(folder)


@app.command()
def replay(
    table: Annotated[
        str,
        typer.Argument(
            help="Full curves: a .parquet table such as results/curves/curves.parquet, or a results folder.",
            parser=path("TABLE", str),
            metavar="TABLE",
        ),
    ],
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", help="Only this one: none, asha, asha-stop, hyperband, median or halving; else all."
        ),
    ] = None,
    grace: Annotated[int, typer.Option("--grace", help="Epochs before the first decision.")] = 1,
    reduction: Annotated[int, typer.Option("--reduction", help="One in so many goes on.")] = 3,
    brackets: Annotated[int, typer.Option("--brackets", help="Of ASHA.")] = 1,
    keep: Annotated[
        float, typer.Option("--keep", help="Of halving: how many go on to the end; below 1, that share of them.")
    ] = 0,
    workers: Annotated[int, typer.Option("--workers", help="Configurations at once.", min=1)] = 1,
    orders: Annotated[int, typer.Option("--orders", help="How many searches to replay.", min=1)] = 200,
) -> None:
    """Did early stopping cost the truth? Replay it over full curves on record; trains nothing."""
    from study.search import replay as replays
    from study.spec.search import SCHEDULERS, Scheduler, SchedulerName

    if scheduler and scheduler not in SCHEDULERS:
        raise BadInput("scheduler", scheduler, "expected one of " + ", ".join(SCHEDULERS))
    curves = replays.read(table)
    named = Scheduler(
        name=cast(SchedulerName, scheduler or "none"), grace=grace, reduction=reduction, brackets=brackets, keep=keep
    )
    chosen = [named] if scheduler else replays.candidates()
    scores = [replays.score(curves, s, orders=orders, workers=workers) for s in chosen]
    print(replays.page(scores, curves, workers, orders))


@app.command()
def diff(
    a: Folder,
    b: Folder,
    common: Annotated[
        bool, typer.Option("--common", help="Compare only the trials that both have, as after a search.")
    ] = False,
) -> None:
    """What differs between two results folders, but for measured times and provenance; exit code 0 if nothing does."""
    from study.cli import folder_commands as care

    care.diff(a, b, common)


@app.command()
def verify(folder: Folder) -> None:
    """Check every record against its checksum and identity. Changes nothing."""
    from study.cli import folder_commands as care

    care.verify(folder)


@app.command()
def repair(folder: Folder, wait: Wait = False) -> None:
    """Put what fails its check into quarantine, save what is sound in it, and say what a next run will redo."""
    from study.cli import folder_commands as care

    care.repair(folder, wait)


@app.command()
def merge(
    a: Folder,
    b: Folder,
    into: Annotated[
        str,
        folder_option("--into", "The results folder to make or to add to."),
    ],
    wait: Wait = False,
) -> None:
    """Unite two results folders; refused, with nothing written, where they contradict each other."""
    from study.cli import folder_commands as care

    care.merge(a, b, into, wait)


@app.command()
def report(
    folder: Folder,
    out: Annotated[
        Path | None,
        folder_option("--out", "Where to write; DIR/report if not given.", Path),
    ] = None,
) -> None:
    """Write the page with curves, tables and verdicts."""
    from analysis import report as pages

    print(f"report: {pages.build(folder, out)}")


@app.command()
def claims(
    folder: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects, for programs.")] = False,
) -> None:
    """The verdict of every statement; exit code 7 where some could not be judged."""
    from study.cli import report_commands as commands

    commands.claims(folder, as_json=as_json)


@app.command()
def figures(
    folder: Folder,
    out: Annotated[
        Path | None,
        folder_option("--out", "Where to write; DIR/figures if not given.", Path),
    ] = None,
) -> None:
    """Write every figure as PNG, SVG and CSV."""
    from study.cli import report_commands as commands

    commands.figures(folder, out)


@app.command()
def tables(
    folder: Folder,
    out: Annotated[
        Path | None,
        folder_option("--out", "Where to write; DIR/tables if not given.", Path),
    ] = None,
) -> None:
    """Write every table as Markdown, LaTeX and CSV."""
    from study.cli import report_commands as commands

    commands.tables(folder, out)


def main() -> None:
    """Run the command line; errors that a person can act on are one line and an exit code of their own."""
    try:
        app()
    except StudyError as error:
        kind = "bad input" if isinstance(error, BadInput) else "error"
        print(f"{kind}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)


def entry() -> NoReturn:
    """The console command: `main`, then out at once.

    The normal way out of the interpreter ends libraries' threads in no set order, and on a busy machine one of them has
    aborted after all was done (exit code 134). Nothing is left to be done there: Ray is shut down and files are closed.
    """
    code: object = 0
    imports.working_folder_last()
    try:
        main()
    except SystemExit as end:
        code = end.code
    with contextlib.suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    entry()
