"""`study decide`: seeds where they decide a claim. Parsing only."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from study.app.nothing_trained import says_nothing_was_trained
from study.cli.last_folder import given_or_default, remember
from study.cli.options import (
    Address,
    Cpus,
    DataDir,
    Device,
    ExecutorName,
    Hours,
    Json,
    MinChance,
    MostSeeds,
    Names,
    Precision,
    QuietFlag,
    Results,
    Wait,
)


def decide(
    names: Names,
    max_seeds: MostSeeds = 40,
    hours: Hours = None,
    price: Annotated[
        float | None, typer.Option("--price", help="Spend at most P, in the money of --hourly.", metavar="P")
    ] = None,
    hourly: Annotated[
        float | None,
        typer.Option(
            "--hourly", metavar="P", help="What an hour of this machine costs. Costs are then shown in money."
        ),
    ] = None,
    min_chance: MinChance = 10.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be bought first and what all of it costs. Train nothing.")
    ] = False,
    results: Results = None,
    address: Address = None,
    cpus: Cpus = None,
    device: Device = None,
    precision: Precision = None,
    executor: ExecutorName = "auto",
    wait: Wait = False,
    data_dir: DataDir = None,
    quiet: QuietFlag = False,
    as_json: Json = False,
) -> None:
    """Add seeds where they decide a claim, the cheapest decision first; judge again after each batch.

    It says first what all of it costs at most, then trains the arms of open claims alone. It ends when all are decided,
    or when deciding the others costs more than is allowed. A claim that --max-seeds would decide with a chance below
    10 % (--min-chance) gets no seeds. What is decided stays decided. The same command goes on where it stopped.
    """
    from study.app import decide_request, decide_seeds
    from study.app.decide_view import DecideView
    from study.app.run_studies import RunOptions
    from trainables.config.passwords import without_passwords

    with says_nothing_was_trained():
        given, folder = given_or_default(names, results)
    asked = decide_request.DecideRequest(
        tuple(names), folder, max_seeds, hours, price, hourly, min_chance / 100, device, precision, data_dir
    )
    command = shlex.join(["study", *without_passwords(sys.argv[1:])])
    view = DecideView(command, quiet=quiet, as_json=as_json, opened=remember)
    with says_nothing_was_trained(lambda: view.bought):
        where = RunOptions(address, cpus, wait=wait, executor=executor)
        decide_seeds.decide(asked, where, view, dry_run=dry_run, sources=given)
