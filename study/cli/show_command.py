"""`study show`: a study; all knobs; the data; a replay of early stopping over full curves on record."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from study.cli.options import DataDir, is_typed
from study.cli.paths import folder_option, path, path_argument, study_names
from trainables.config.errors import BadInput, StudyError
from trainables.config.nearest import expected_one_of

if TYPE_CHECKING:
    from study.spec.study import Study
    from trainables.training.gpu_memory import DataSize

OfASearch = Annotated[
    str | None,
    folder_option(
        "--results",
        "Of a search: show its answer from this results folder too. NAME may be a study that the folder holds.",
    ),
]
ReplayTable = Annotated[
    str | None,
    typer.Option(
        "--replay",
        help="Replay early stopping over full curves: a .parquet table, or a results folder. Nothing is trained.",
        parser=path("--replay", str),
        metavar="DIR",
    ),
]
ReplayScheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="WORD",
        help="Replay only this: none, asha, asha-stop, hyperband, median or halving. Left out, all of them.",
    ),
]
DataName = Annotated[
    str | None,
    typer.Option(
        "--data", help="Show where this data set lies, e.g. fashion-mnist, and whether it is whole.", metavar="SET"
    ),
]
Schema = Annotated[
    bool, typer.Option("--schema", help="Print the JSON Schema of a study file, for editors that check while you type.")
]


def show(
    name: Annotated[str | None, path_argument("NAME", "A study of `study list`, or a study file.", study_names)] = None,
    results: OfASearch = None,
    schema: Schema = False,
    knobs: Annotated[
        bool, typer.Option("--knobs", help="List every knob that an arm may change, with its default.")
    ] = False,
    data: DataName = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="With --data: download the data set if it is not there yet.")
    ] = False,
    data_dir: DataDir = None,
    replay: ReplayTable = None,
    scheduler: ReplayScheduler = None,
    grace: Annotated[int, typer.Option("--grace", metavar="N", help="Replay: epochs before the first decision.")] = 1,
    reduction: Annotated[
        int, typer.Option("--reduction", metavar="N", help="Replay: one in N goes on at each decision.")
    ] = 3,
    brackets: Annotated[int, typer.Option("--brackets", metavar="N", help="Replay: brackets of ASHA.")] = 1,
    keep: Annotated[
        float,
        typer.Option(
            "--keep", metavar="N", help="Replay of halving: configurations that go on to the end; below 1, their share."
        ),
    ] = 0,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Replay: configurations at once.", min=1)] = 1,
    orders: Annotated[
        int, typer.Option("--orders", metavar="N", help="Replay: searches, each in another order.", min=1)
    ] = 200,
) -> None:
    """Show a study: question, arms, knobs and claims. Or all knobs, a data set, a replay of early stopping."""
    asked = (("--schema", schema), ("--knobs", knobs), ("--data", data), ("--replay", replay))
    several = [flag for flag, value in asked if value is not False and value is not None]
    numbers = (grace, reduction, brackets, keep)
    _refuse_passed_over(several, name, results, _others(fetch, scheduler, workers, orders, numbers))
    if data_dir is not None and is_typed("--data-dir") and several not in ([], ["--data"]):
        raise BadInput("--data-dir", str(data_dir), f"it does not go with {several[0]}, which reads no data set")
    if schema:
        show_schema()
    elif knobs:
        show_knobs(name)
    elif data is not None:
        show_data(data, fetch, data_dir)
    elif replay is not None:
        show_replay(replay, name, scheduler, numbers, workers, orders)
    elif name is None:
        raise BadInput("NAME", None, "name a study of `study list`, or its file")
    else:
        show_study(name, results, data_dir)


REPLAY_OPTIONS = ("--grace", "--reduction", "--brackets", "--keep")
USUAL_NUMBERS = (1, 3, 1, 0)
"""Of these options."""


def _others(
    fetch: bool, scheduler: str | None, workers: int, orders: int, numbers: tuple[float, ...]
) -> tuple[tuple[str, object, str], ...]:
    """The options that go with one thing to show: each with its value, None where it was not given."""
    of_replay = zip(REPLAY_OPTIONS, numbers, USUAL_NUMBERS, strict=True)
    return (
        *((flag, value if value != usual else None, "--replay") for flag, value, usual in of_replay),
        ("--fetch", fetch or None, "--data"),
        ("--scheduler", scheduler, "--replay"),
        ("--workers", workers if workers != 1 else None, "--replay"),
        ("--orders", orders if orders != 200 else None, "--replay"),
    )


def _refuse_passed_over(
    asked: Sequence[str], name: str | None, results: str | None, options: Sequence[tuple[str, object, str]]
) -> None:
    """Refuse what would be passed over: two things to show, or an option of another one.

    Args:
        asked: which of `--schema`, `--knobs`, `--data` and `--replay` were given.
        name: the study.
        results: the results folder.
        options: each with its value, None where it was not given, and what it goes with.
    """
    if len(asked) > 1:
        raise BadInput(asked[0], " ".join(asked), "each of these shows something else: give one of them")
    only = asked[0] if asked else ""
    if name is not None and only in ("--schema", "--data"):
        raise BadInput("NAME", name, f"{only} shows no study; leave NAME or {only} out")
    for flag, value, goes_with in options:
        if value is not None and only != goes_with:
            raise BadInput(flag, value, f"it goes with {goes_with}")
    if results is not None and only:
        raise BadInput("--results", results, f"it does not go with {only}: it is for the answer of a search")


def show_schema() -> None:
    """Print the JSON Schema of a study file."""
    from study.spec.schema import study_schema

    print(study_schema())


def show_study(name: str, results: str | None, data_dir: DataDir) -> None:
    """Print the study; of a search also its answer."""
    from study.app.own_data_folder import own_data_folder
    from study.cli import catalog_text as pages
    from study.spec import registry

    if results is None:
        study = registry.load_study(name, lambda: _on_record(name))
        place = data_dir or own_data_folder(name, study)
        pages.print_study(study, _data_seen(study, place) if study.search else None, _meant(study.name))
        print("\n" + _next_of(name, study, place))
        return
    from analysis.report.inputs import read_inputs
    from analysis.report.search_answers import decided_arms
    from analysis.searches import sentences as search_words
    from analysis.text.plain_text import printable
    from study.app.other_arms import meant_by
    from study.app.wrapping import wrapped
    from study.storage.results_folder import ResultsFolder

    store = ResultsFolder(results)
    study = registry.load_study(name, store.studies.latest)
    if study.search is None:
        why = f"study {study.name} searches nothing, so nothing there is its answer; `study claims` shows its results"
        raise BadInput("--results", results, why)
    pages.print_study(study, _data_seen(study, data_dir), partial(meant_by, store=store))
    inputs = read_inputs(store)
    decided = decided_arms(inputs, inputs.studies.get(study.name, study))
    lines = search_words.search_lines(store, study.name, decided)
    print("\n" + wrapped("\n".join(map(printable, lines)), sys.stdout))


def _next_of(name: str, study: Study, place: Path | None) -> str:
    """The plan of a study; where nobody knows its data's folder, what its results have, else what a plan is to name.

    Args:
        name: the study, as it was given.
        study: what it stands for.
        place: the folder of its data, where it is known.
    """
    from study.app.folders import default_place
    from study.app.own_data_folder import own_data

    command, data, what = ["study", "plan", name], own_data(study), ""
    if place is not None:
        command += ["--data-dir", str(place)]
    elif data and _on_record(study.name):
        where = default_place(name, study.name, [study.name])
        command, what = ["study", "claims" if study.claims else "report", where], f"{data}.npz is not found"
    elif data:
        command, what = [*command, "--data-dir", "DIR"], f"DIR: the folder that has {data}.npz"
    if not what:
        return f"next  {shlex.join(command)}"
    from study.app.run_end import commands_with_purposes
    from study.app.wrapping import columns_of

    return "\n".join(commands_with_purposes([(shlex.join(command), what)], columns_of(sys.stdout)))


def _data_seen(study: Study, place: Path | None) -> DataSize | None:
    """The size of a search's data as it is trained on, where they lie in that folder or everybody knows it."""
    from study.app.data_parts import HELD_OUT_SHARE
    from study.planning.gpu_share import data_size_of
    from trainables.config.trial_config import TrialConfig
    from trainables.data.facts import FASHION_MNIST
    from trainables.data.sources import load_data_set
    from trainables.training.gpu_memory import DataSize

    data = str(study.base.get("data", FASHION_MNIST.name))
    if data == FASHION_MNIST.name:
        known = FASHION_MNIST
        size, tested = DataSize(known.train_images, known.val_images, 784, known.classes), False
    elif place is not None:
        try:
            there = load_data_set(data, place)
        except StudyError:  # `study plan` says what is wrong with them
            return None
        size, tested = data_size_of(there), there.test_images is not None
    else:
        return None
    held_out = 0.0 if tested or "held_out" in study.base else HELD_OUT_SHARE
    return size.seen_by(TrialConfig(held_out=held_out)) if held_out else size


def _on_record(name: str) -> list[Study]:
    """The study in `results/NAME`, where no catalogue and no file has that name."""
    from study.app.plan_studies import kept_in_full  # reads folders: not wanted for a study that is known

    return kept_in_full(name, None)


def _meant(study: str) -> Callable[[str], Study | None]:
    """What a study's claims mean by another study's name, as the folder has it that its run takes."""
    from study.app.folders import default_place
    from study.app.other_arms import meant_by
    from study.storage.results_folder import ResultsFolder

    try:
        return partial(meant_by, store=ResultsFolder(default_place(study, study, [study])))
    except StudyError:  # there is none yet, or it cannot be read, which `study plan` says
        return partial(meant_by, store=None)


def show_knobs(name: str | None) -> None:
    """Print the knobs that an arm may change; those that a study's arms change are marked."""
    from study.cli import catalog_text as pages
    from study.spec import registry

    pages.print_knobs(registry.load_study(name).knobs if name else ())


def show_data(name: str, fetch: bool, data_dir: DataDir) -> None:
    """Print where a data set is."""
    from study.cli import catalog_text as pages

    pages.print_data_sources(name, data_dir, fetch=fetch)


def show_replay(
    table: str,
    name: str | None,
    scheduler: str | None,
    numbers: tuple[int, int, int, float],
    workers: int,
    orders: int,
) -> None:
    """Did early stopping cost the truth? Of a study that searches: by its own scheduler."""
    from study.search import replay as replays
    from study.spec import registry
    from study.spec.scheduler_settings import without_effect
    from study.spec.search import SCHEDULERS, Scheduler, SchedulerName

    if scheduler and scheduler not in SCHEDULERS:
        raise BadInput("--scheduler", scheduler, expected_one_of(scheduler, SCHEDULERS))
    if scheduler and name is not None:
        raise BadInput(
            "NAME", name, "it does not go with --scheduler, which says what is replayed: leave one of them out"
        )
    given = zip(REPLAY_OPTIONS, numbers, USUAL_NUMBERS, strict=True)
    if not scheduler and (odd := next(((flag, v) for flag, v, usual in given if v != usual), None)):
        raise BadInput(*odd, "it goes with --scheduler, which says whose it is")
    curves = replays.read(table)
    grace, reduction, brackets, keep = numbers
    if scheduler:
        kind = cast(SchedulerName, scheduler)
        chosen = [Scheduler(name=kind, grace=grace, reduction=reduction, brackets=brackets, keep=keep)]
        for setting, why in without_effect(chosen[0]).items():
            raise BadInput(f"--{setting}", getattr(chosen[0], setting), why)
    elif name is not None:
        search = registry.load_study(name).search
        if search is None:
            raise BadInput("NAME", name, "it searches nothing, so there is no early stopping to replay")
        chosen = [search.scheduler]
    else:
        chosen = replays.candidates()
    scores = [replays.score(curves, s, orders=orders, workers=workers) for s in chosen]
    print(replays.replay_text(scores, curves, workers, orders))
