"""Commands about studies: list, plan, run, submit, status.

Parsing only: the work is imported inside each, so that the command starts light.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.text.plain_text import printable
from study.app.folders import known_folders
from study.app.nothing_trained import says_nothing_was_trained
from study.app.wrapping import columns_of, say_after_ctrl_c, wrapped
from study.cli.last_folder import given_or_default, given_or_last, remember
from study.cli.options import (
    Address,
    CheckpointSeconds,
    ClusterData,
    ClusterFile,
    ClusterPrice,
    ClusterResults,
    Cpus,
    Dashboard,
    DataDir,
    Decide,
    Device,
    ExecutorName,
    Hours,
    Json,
    KeepCheckpoints,
    LastFolder,
    Metrics,
    MinChance,
    MostSeeds,
    Names,
    Precision,
    Quick,
    QuietFlag,
    Results,
    Seeds,
    StallSeconds,
    Wait,
    is_typed,
)
from study.cli.paths import folder_option
from trainables.config.errors import BadInput

if TYPE_CHECKING:
    from study.app.pace import Pace
    from study.app.plan_clock import PlanClock
    from study.app.run_studies import RunOptions
    from study.planning.plan import Plan
    from study.spec.study_file import StudySource


def list_(
    results: Annotated[
        str | None,
        folder_option(
            "--results",
            "Show what this results folder has on record. Left out, the last one that has trials of these studies.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the studies, each with its question, its cost and what is on record."""
    from study.cli import catalog_text as pages

    if results is not None:
        from study.storage.results_folder import ResultsFolder

        ResultsFolder(results)  # one that is not there would be passed over
    folders = known_folders() if results is None else (results,)
    if as_json:
        print(pages.catalogue_json(folders))
    else:
        pages.print_catalogue(folders)


def plan(
    names: Names,
    seeds: Seeds = "5",
    quick: Quick = False,
    results: Results = None,
    address: Address = None,
    cpus: Cpus = None,
    device: Device = None,
    precision: Precision = None,
    metrics: Metrics = None,
    difference: Annotated[
        float | None,
        typer.Option(
            "--difference",
            help="Say how many seeds would decide a difference in accuracy of D, a share: 0.01 is one point.",
            metavar="D",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what a run would train, how long that takes, and what so many seeds would decide. Train nothing."""
    from study.app.other_studies import also_lines
    from study.app.plan_power import power_lines
    from study.app.plan_studies import PlanRequest
    from study.app.run_end import commands_with_purposes
    from study.app.run_studies import RunOptions
    from study.app.screen import letters_of
    from study.app.search_on_record import over
    from study.app.study_plan import study_plan
    from study.cli import plan_text as texts

    given, where = given_or_default(names, results)
    asked = PlanRequest(tuple(names), seeds, quick, where, device, precision, data_dir, tuple(metrics or ()))
    options = RunOptions(address, cpus, executor=os.environ.get("STUDY_EXECUTOR") or "auto")  # as a run takes it
    found = study_plan(asked, options, given, difference)
    made, clock, needs, decides = found.plan, found.clock, found.needs, found.decides
    if as_json:
        print(texts.plan_json(made, clock, needs, where, decides, found.without_place, found.searched))
        return
    typed = sys.argv[1:]
    said = [texts.plan_text(made, clock, where, found.searched, found.reduced)]
    said += ["", *power_lines(decides)] if decides else []
    also = also_lines(needs, typed, names, where, clock)
    said += texts.claims_lines(found.verdicts, found.without_place, also, letters_of(sys.stdout))
    follows = texts.next_commands(made, where, typed, clock.words(made) if made.missing else "", over(found.searched))
    print(wrapped("\n".join([*said, "", *commands_with_purposes(follows, columns_of(sys.stdout))]), sys.stdout))


def _clock(options: RunOptions, plan: Plan, pace: Pace | None) -> PlanClock:
    """The clock of where a run trains a plan."""
    from study.app.plan_clock import PlanClock
    from study.app.run_studies import cores_of

    cores = cores_of(options)
    return PlanClock.of(plan, cores, pace, options.executor) if options.address is None else PlanClock(cores)


def run(
    names: Names,
    seeds: Seeds = "5",
    quick: Quick = False,
    results: Results = None,
    address: Address = None,
    cpus: Cpus = None,
    device: Device = None,
    precision: Precision = None,
    metrics: Metrics = None,
    keep_checkpoints: KeepCheckpoints = False,
    dashboard: Dashboard = None,
    checkpoint_seconds: CheckpointSeconds = None,
    executor: ExecutorName = "auto",
    stall_seconds: StallSeconds = None,
    wait: Wait = False,
    data_dir: DataDir = None,
    quiet: QuietFlag = False,
    as_json: Json = False,
) -> None:
    """Train what is missing and record it. The same command goes on where it stopped."""
    from study.app import run_studies as commands
    from study.app.pace import pace_from, unmeasured
    from study.app.plan_studies import PlanRequest
    from study.app.run_view import RunView
    from study.cli.plan_text import plan_heading
    from trainables.config.passwords import without_passwords

    with says_nothing_was_trained():
        options = commands.RunOptions(
            address, cpus, keep_checkpoints, dashboard, checkpoint_seconds, stall_seconds, wait, executor
        )
        given, where = _given_for(dashboard, names, results)
    asked = PlanRequest(tuple(names), seeds, quick, where, device, precision, data_dir, tuple(metrics or ()))
    view = RunView(
        heading=lambda plan, pace, saved, searched: plan_heading(plan, _clock(options, plan, pace), saved, searched),
        pace=pace_from(where) if address is None else unmeasured,
        command=shlex.join(["study", *without_passwords(sys.argv[1:])]),
        names=tuple(names),
        quiet=quiet,
        as_json=as_json,
        opened=remember,
    )
    commands.run(asked, options, view, given)


def _given_for(dashboard: str | None, names: Sequence[str], results: str | None) -> tuple[dict[str, StudySource], str]:
    """The studies and the results folder; refuses a dashboard that is typed where no study searches."""
    from trainables.config.passwords import without_passwords

    given, where = given_or_default(names, results)
    if dashboard is not None and is_typed("--dashboard") and not any(s.study.search for s in given.values()):
        (shown,) = without_passwords([dashboard])
        raise BadInput("--dashboard", shown, "it shows a search, and no study here searches: leave it out")
    return given, where


def submit(
    names: Names,
    results: ClusterResults,
    cluster: ClusterFile = "cluster.yaml",
    seeds: Seeds = "5",
    quick: Quick = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and show nodes, hours and money. Start nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow the run, or return as soon as the head has it.")
    ] = True,
    device: Device = None,
    precision: Precision = None,
    metrics: Metrics = None,
    keep_checkpoints: Annotated[
        bool,
        typer.Option("--keep-checkpoints", help="Keep the last state of each finished trial, as `study run` does."),
    ] = False,
    decide: Decide = False,
    max_seeds: MostSeeds = 40,
    min_chance: MinChance = 10.0,
    hours: Hours = None,
    price: ClusterPrice = None,
    data_dir: ClusterData = None,
) -> None:
    """Run a study on a cluster that `ray up` started. The same command again follows the same run."""
    from study.app.decide_request import limits_on_cluster
    from study.app.plan_studies import plan_submission
    from study.cluster import submit as cluster_runs
    from study.cluster.preflight import Submission

    its = [("--max-seeds", max_seeds if max_seeds != 40 else None), ("--hours", hours), ("--price", price)]
    its += [("--min-chance", min_chance if min_chance != 10 else None)]
    others: list[tuple[str, object]] = [("--quick", quick), ("--metrics", metrics)]
    others += [("--keep-checkpoints", keep_checkpoints), ("--seeds", seeds if seeds != "5" else None)]
    _refuse_mixed(decide, others if decide else its)
    limits = limits_on_cluster(tuple(names), max_seeds, hours, price, min_chance / 100) if decide else None
    url = data_dir if data_dir is not None and "://" in data_dir else ""
    folder = Path(data_dir) if data_dir is not None and not url else None
    more = tuple(metrics or ())
    asked = Submission(
        tuple(names), cluster, results, seeds, quick, device, precision, keep_checkpoints, folder, url, more, limits
    )
    cluster_runs.submit(asked, plan_submission, dry_run=dry_run, wait=wait)


def _refuse_mixed(decide: bool, odd: Sequence[tuple[str, object]]) -> None:
    """Refuse options that go with `--decide` alone, or without it alone."""
    for name, value in odd:
        if value is not None and value is not False:
            why = "it does not go with --decide" if decide else "it goes with --decide alone; --seeds says how many"
            raise BadInput(name, value, why)


def status(
    folder: LastFolder = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Stay on the screen until the run, or else the next one, is over."),
    ] = False,
    metrics: Metrics = None,
    as_json: Json = False,
) -> None:
    """Show what runs in a results folder and how long still; or what is missing, and the command that goes on."""
    from study.cli import status_text

    if watch and as_json:
        raise BadInput("--watch", True, "it does not go with --json, which is of one moment")
    where, more = given_or_last(folder), tuple(metrics or ())
    if as_json:
        print(status_text.as_json(where, more))
    elif watch:
        try:
            status_text.watch(where, more)
        except KeyboardInterrupt:
            say_after_ctrl_c("the view has ended, and no run")
            raise typer.Exit(130) from None
    else:
        print(printable("\n".join(status_text.status_lines(where, more))))
