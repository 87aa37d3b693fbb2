"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from study.cli.paths import folder_option, path, path_argument

Names = Annotated[list[str], path_argument("NAME", "Names of studies, `chapter`, or paths to study files.")]


Seeds = Annotated[
    str,
    typer.Option(
        "--seeds",
        metavar="N",
        help="How many seeds: 5 is 0 to 4. Or the seeds themselves: 3-4, or 3,4. Each is a replicate of every arm.",
    ),
]


Quick = Annotated[
    bool, typer.Option("--quick", help="Reduced protocol: a tenth of the images, about the square root of the epochs.")
]


Results = Annotated[str, folder_option("--results", "Results folder: a path, or a URL such as s3://bucket/prefix.")]


Folder = Annotated[str, path_argument("DIR", "A results folder.")]


LastFolder = Annotated[str | None, path_argument("DIR", "A results folder; if left out, that of the last run.")]


DataDir = Annotated[
    Path | None, folder_option("--data-dir", "Folder with the data set's files.", Path, envvar="STUDY_DATA_DIR")
]


Address = Annotated[
    str | None, typer.Option("--address", help="A running Ray cluster, e.g. auto; else Ray of our own.")
]


Wait = Annotated[
    bool, typer.Option("--wait", help="Wait while another run has the results folder, instead of refusing.")
]


Cpus = Annotated[
    int | None,
    typer.Option("--cpus", help="Trials at once on this machine; as many as it may use cores, if not given.", min=1),
]


Device = Annotated[str | None, typer.Option("--device", help="cpu or cuda; if not given, what the study says.")]


Precision = Annotated[
    str | None,
    typer.Option("--precision", help="fp32, or bf16 for the matrix products; if not given, what the study says."),
]


Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metrics",
        metavar="NAME",
        help="A metric that every trial must have on record, besides those of claims; a trial whose record lacks it is "
        "trained again. May be given several times.",
    ),
]


Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but what failed.")]


KeepCheckpoints = Annotated[
    bool,
    typer.Option(
        "--keep-checkpoints", help="Keep each finished trial's last state, so that more epochs go on from it."
    ),
]


Dashboard = Annotated[
    str | None,
    typer.Option(
        "--dashboard",
        envvar="STUDY_DASHBOARD",
        help="Copy a search as it goes into an Optuna storage: sqlite:///FILE, journal:FILE, or a database's URL.",
        parser=path("--dashboard", str),
        metavar="URL",
    ),
]


CheckpointSeconds = Annotated[
    float | None,
    typer.Option("--checkpoint-seconds", help="Save unfinished trials so often (30); so much may be lost.", min=0),
]


ExecutorName = Annotated[
    str,
    typer.Option(
        "--executor",
        envvar="STUDY_EXECUTOR",
        help="Where trials run: ray (workers on all cores, or the cluster at --address), inline (in this process), "
        "or auto (inline for what takes less than Ray's start).",
    ),
]


StallSeconds = Annotated[
    float | None,
    typer.Option("--stall-seconds", help="No trial counts as hanging before so long without an epoch (120).", min=1),
]
