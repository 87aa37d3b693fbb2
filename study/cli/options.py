"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from study.cli.paths import cluster_address, folder_option, one_of, path, path_argument, seconds, study_names


def is_typed(flag: str) -> bool:
    """Whether an option stands in the words of the command that runs: the environment's may have no effect."""
    return any(word.partition("=")[0] == flag for word in sys.argv)


Names = Annotated[
    list[str],
    path_argument(
        "NAME", "Studies of `study list`, `chapter` for its first 12, or study files (.yaml, .py).", study_names
    ),
]


Seeds = Annotated[
    str,
    typer.Option(
        "--seeds",
        metavar="N",
        help="How many seeds of every arm: 5 is seeds 0 to 4. Or the seeds themselves: 3-4, or 3,4.",
    ),
]


Quick = Annotated[
    bool,
    typer.Option(
        "--quick", help="Reduced run: a tenth of the examples, about the square root of the epochs. It judges nothing."
    ),
]


Results = Annotated[
    str | None,
    folder_option(
        "--results",
        "Results folder: a path, or a URL such as s3://bucket/prefix. Left out, results/NAME of the first NAME.",
    ),
]


Folder = Annotated[str, path_argument("DIR", "A results folder.")]


LastFolder = Annotated[
    str | None, path_argument("DIR", "A results folder. Left out, it is that of the last run from here.")
]


DataDir = Annotated[
    Path | None, folder_option("--data-dir", "Folder that holds the data set, NAME.npz.", Path, envvar="STUDY_DATA_DIR")
]


Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="ADDRESS",
        parser=cluster_address,
        help="A Ray cluster that runs already, e.g. auto. Left out, Ray is started here.",
    ),
]


Wait = Annotated[
    bool, typer.Option("--wait", help="Wait while another run uses the results folder. Left out, the command refuses.")
]


Cpus = Annotated[
    int | None,
    typer.Option("--cpus", metavar="N", help="Trials at once on this machine. Left out, one a core.", min=1),
]


Device = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="cpu|cuda",
        autocompletion=one_of("cpu", "cuda"),
        help="Where trials compute. Left out, what the study says.",
    ),
]


Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="fp32|bf16",
        autocompletion=one_of("fp32", "bf16"),
        help="Precision of matrix products. Left out, what the study says.",
    ),
]


Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metrics",
        metavar="NAME",
        help="A metric that every trial must have on record, besides those of claims. A trial that lacks it is trained "
        "again. May be given several times.",
    ),
]


Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, for programs.")]


QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Show only what failed.")]


KeepCheckpoints = Annotated[
    bool,
    typer.Option(
        "--keep-checkpoints",
        help="Keep the last state of each finished trial, so that a study of more epochs goes on from it.",
    ),
]


Dashboard = Annotated[
    str | None,
    typer.Option(
        "--dashboard",
        envvar="STUDY_DASHBOARD",
        help="Copy a search into an Optuna storage while it runs: sqlite:///FILE, journal:FILE, or a database's URL.",
        parser=path("--dashboard", str, "STUDY_DASHBOARD"),
        metavar="URL",
    ),
]


CheckpointSeconds = Annotated[
    float | None,
    typer.Option(
        "--checkpoint-seconds",
        metavar="S",
        help="Save unfinished trials every S seconds: a crash loses at most that much (30).",
        parser=seconds("--checkpoint-seconds", 0),
    ),
]


ExecutorName = Annotated[
    str,
    typer.Option(
        "--executor",
        envvar="STUDY_EXECUTOR",
        metavar="auto|ray|inline",
        autocompletion=one_of("auto", "ray", "inline"),
        help="Where trials run. ray: on all cores, or the cluster at --address. inline: in this process. auto: inline "
        "where that takes less time than Ray's start.",
    ),
]


StallSeconds = Annotated[
    float | None,
    typer.Option(
        "--stall-seconds",
        metavar="S",
        help="End a trial that had no epoch for S seconds and try it again (120). Never before 20 times its own pace.",
        parser=seconds("--stall-seconds", 1),
    ),
]
Decide = Annotated[
    bool, typer.Option("--decide", help="Buy seeds where they decide a claim, as `study decide` does, not --seeds.")
]
MostSeeds = Annotated[
    int, typer.Option("--max-seeds", help="Buy at most N seeds for a claim, those on record included.", metavar="N")
]
MinChance = Annotated[
    float,
    typer.Option(
        "--min-chance",
        help="Buy no seeds of a claim that --max-seeds decide with a smaller chance. 0: go on as far as is allowed.",
        metavar="%",
    ),
]
Hours = Annotated[
    float | None,
    typer.Option(
        "--hours", help="Train for at most H hours in this command. Left out, --max-seeds is the limit.", metavar="H"
    ),
]
ClusterPrice = Annotated[
    float | None,
    typer.Option("--price", help="With --decide: spend at most P, in the cluster file's money.", metavar="P"),
]
ClusterResults = Annotated[
    str, folder_option("--results", "Results folder that all machines reach, e.g. s3://bucket/prefix.")
]
ClusterFile = Annotated[
    str,
    typer.Option(
        "--cluster", help="The cluster file that `ray up` was given.", parser=path("--cluster", str), metavar="FILE"
    ),
]
ClusterData = Annotated[
    str | None,
    folder_option(
        "--data-dir",
        "Folder that holds the data set: here, then its file is sent; or a URL that the head reads.",
        envvar="STUDY_DATA_DIR",
    ),
]
