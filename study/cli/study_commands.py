"""Commands about studies: list, show, knobs, data, plan, run, submit, status, replay.

Parsing only: the work is imported inside each, so that the command starts light.
"""

from __future__ import annotations

import shlex
import sys
from typing import Annotated, cast

import typer

from study.cli.options import (
    Address,
    Cpus,
    DataDir,
    Device,
    Folder,
    Json,
    Name,
    Names,
    Precision,
    Quick,
    QuietFlag,
    Results,
    Seeds,
    Wait,
)
from study.cli.paths import folder_option, path
from trainables.config.errors import BadInput


def list_() -> None:
    """The studies of the catalogue, each with its question."""
    from study.cli import catalog_text as show

    show.catalogue()


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
    from study.cli import catalog_text as pages
    from study.spec import registry

    if results is None:
        pages.study(registry.load_study(name))
        return
    from analysis.searches import sentences as search_words
    from study.storage.results_folder import ResultsFolder

    store = ResultsFolder(results)
    study = registry.load_study(name, store.studies.latest)
    pages.study(study)
    print("\n" + "\n".join(search_words.search_lines(store, study.name)))


def knobs() -> None:
    """Every knob, with its default and what it does."""
    from study.cli import catalog_text as pages

    pages.knobs()


def data(data_dir: DataDir = None) -> None:
    """What data sets are there, and fetch what is not."""
    from study.cli import catalog_text as pages

    pages.data(data_dir)


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
    from study.app.plan_studies import PlanRequest, plan_request
    from study.cli.plan_text import describe, wanted

    asked = PlanRequest(tuple(names), seeds, quick, results, device, precision, data_dir)
    made = plan_request(asked, here=address is None)
    print(describe(made, commands.cores_of(commands.RunOptions(address, cpus))))
    print(f"  results  {results}")
    if made.missing:
        print(wanted(made))


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
    quiet: QuietFlag = False,
    as_json: Json = False,
) -> None:
    """Train what is missing and record it. Run it again after anything: it goes on where it stopped."""
    from study.app import run_studies as commands
    from study.app.plan_studies import PlanRequest
    from study.app.run_view import RunView
    from study.cli.plan_text import heading

    where = commands.RunOptions(
        address, cpus, keep_checkpoints, dashboard, checkpoint_seconds, stall_seconds, wait, executor
    )
    asked = PlanRequest(tuple(names), seeds, quick, results, device, precision, data_dir)
    view = RunView(
        heading=lambda plan: heading(plan, commands.cores_of(where)),
        command=shlex.join(["study", *sys.argv[1:]]),
        names=tuple(names),
        quiet=quiet,
        as_json=as_json,
    )
    commands.run(asked, where, view)


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
    from study.app.plan_studies import plan_of
    from study.cluster import submit as cluster_runs
    from study.cluster.preflight import Submission

    asked = Submission(tuple(names), cluster, results, seeds, quick, device, precision, keep_checkpoints, data_dir)
    cluster_runs.submit(asked, plan_of, dry_run=dry_run, wait=wait)


def status(folder: Folder) -> None:
    """What a results folder holds, and what its studies still miss."""
    from study.app import status as status_module

    status_module.status(folder)


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
