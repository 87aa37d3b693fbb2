"""`study demo`: see one work. The chapter, reduced; or scikit-learn's digits, in full and without a download."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from study.app.folders import DIGITS_FOLDER
from study.app.nothing_trained import says_nothing_was_trained
from study.cli.last_folder import given_or_default, remember
from study.cli.options import Cpus, DataDir, is_typed
from study.cli.paths import folder_option, one_of, path_argument
from study.storage.local_tree import LocalTree
from trainables.config.errors import BadInput, StoreError
from trainables.config.nearest import expected_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from study.app.pace import Pace
    from study.app.plan_studies import PlanRequest
    from study.app.run_studies import RunOptions
    from study.app.run_view import Text
    from study.app.search_on_record import SearchOnRecord
    from study.planning.plan import Plan

DEMOS = ("chapter", "digits")
DIGITS_STUDY = """\
name: digits
title: The width of the hidden layer, on handwritten digits
question: Do more hidden units help? Digits of 8 x 8 pixels, one hidden layer.
answer: >-
  From 5 to 20 units they do: with 5, accuracy ends {fall of val_accuracy of units-5} lower. With 80 units it ends at
  {val_accuracy of units-80}, with 20 at {val_accuracy of units-20}.
knobs: [hidden]
epochs: 20
base: {data: digits, optimizer: adam, lr: 0.003, batch_size: 32}
arms:
  - {name: units-5, say: a layer of 5 units, change: {hidden: [5]}}
  - {name: units-20, say: a layer of 20 units, change: {hidden: [20]}}
  - {name: units-80, say: a layer of 80 units, change: {hidden: [80]}}
baseline: units-20
claims:
  - id: digits-1
    statement: Five units end below twenty.
    parts:
      - form: contrast
        a: {arm: units-20, metric: val_accuracy, at: 20}
        b: {arm: units-5, metric: val_accuracy, at: 20}
        low: 0.0
"""


def demo(
    which: Annotated[
        str,
        path_argument(
            "[chapter|digits]",
            "chapter: twelve studies, reduced, in minutes. digits: one small study in full, in seconds, no download.",
            one_of(*DEMOS),
        ),
    ] = "chapter",
    results: Annotated[
        str | None, folder_option("--results", "Results folder. Left out, results/demo or results/digits.")
    ] = None,
    cpus: Cpus = None,
    data_dir: DataDir = None,
) -> None:
    """Run a small study and write its page. Reduced runs judge nothing: they show that it works, not what is true."""
    where = results or ("results/demo" if which == "chapter" else "results/digits")
    with says_nothing_was_trained():
        _check_asked(which, data_dir)
        asked = _digits(where) if which == "digits" else _chapter(where, data_dir)
    from study.app import run_studies
    from study.app.pace import pace_from
    from study.app.run_view import RunView

    options = run_studies.RunOptions(cpus=cpus)
    given = (("--results", results), ("--cpus", cpus), ("--data-dir", data_dir))
    words = [word for flag, value in given if value is not None for word in (flag, str(value))]
    view = RunView(
        heading=demo_heading(which, options),
        pace=pace_from(where),
        command=shlex.join(["study", "demo", which, *words]),
        names=asked.names,
        reports=True,
        opened=remember,
    )
    run_studies.run(asked, options, view)
    from analysis import report

    print(f"\nreport: {report.build(where)}\n")
    named = results or _unless_usual(where, asked.names[0])
    print("\n".join(what_follows(which, asked.names[0], named, data_dir)))


ELSEWHERE = "On 2 cores of an AMD EPYC all of it takes 2 min 40 s to 3 min."
"""Of the chapter's demo, by `benchmarks/clocks.json`; said where nothing was measured on this machine yet."""


def demo_heading(which: str, options: RunOptions) -> Text:
    """What says what a demo is about to do; where this machine's pace is not known also what it takes on another."""
    from study.app.plan_clock import PlanClock
    from study.app.run_studies import cores_of
    from study.cli.plan_text import plan_heading

    def heading(plan: Plan, pace: Pace | None, saved: Sequence[int], searched: Mapping[str, SearchOnRecord]) -> str:
        said = plan_heading(plan, PlanClock.of(plan, cores_of(options), pace), saved, searched)
        whole = which == "chapter" and len(plan.missing) == len(plan.trials)
        return f"{said}\n{ELSEWHERE}" if whole and pace is None else said

    return heading


def _check_asked(which: str, data_dir: Path | None) -> None:
    """Refuse a demo that there is not, and data for the one that brings its own."""
    if which not in DEMOS:
        raise BadInput("demo", which, expected_one_of(which, DEMOS))
    if which == "digits" and data_dir is not None and is_typed("--data-dir"):
        raise BadInput("--data-dir", str(data_dir), f"it does not go with digits, whose data are in {DIGITS_FOLDER}")


def _unless_usual(where: str, name: str) -> str | None:
    """The results folder, where a command on that study that names none would take another."""
    return None if given_or_default([name], None)[1] == where else where


def what_follows(which: str, name: str, results: str | None, data_dir: Path | None) -> list[str]:
    """The next command; `name`: of the first study, as it was given; the folders: as they were, if they were."""
    from study.app.run_end import commands_with_purposes
    from study.app.wrapping import columns_of

    words = [name, *_data(DIGITS_FOLDER), *([f"--results={results}"] if results else [])]
    again = shlex.join(["study", "run", *words, "--seeds", "10"])
    mine = shlex.join(["study", "plan", *words])
    follows = [(again, "five more seeds"), (mine, "change the file first: a study of your own")]
    if which == "chapter":
        full = shlex.join(["study", "plan", "dropout", *_data(data_dir)])
        follows = [(full, "one of these studies in full, and what it costs")]
    return commands_with_purposes(follows, columns_of(sys.stdout))


def _data(folder: Path | None) -> tuple[str, ...]:
    """The option that names the folder of the data, as it was given."""
    return () if folder is None else ("--data-dir", str(folder))


def _digits(where: str) -> PlanRequest:
    """The study of the digits, whose file and data are written into the working folder."""
    from study.app.plan_studies import PlanRequest

    file = write_digits(DIGITS_FOLDER)
    print(f"{file} and its data, digits.npz beside it, are yours to change.\n")
    return PlanRequest((str(file),), 5, results=where, data_dir=DIGITS_FOLDER)


def _chapter(where: str, data_dir: Path | None) -> PlanRequest:
    """The chapter, reduced, without the arms that take too long; says which these are."""
    from study.app.demo_plan import without_long_arms
    from study.app.plan_studies import PlanRequest

    asked, left_out = without_long_arms(PlanRequest(("chapter",), 2, quick=True, results=where, data_dir=data_dir))
    for arm in left_out:
        words = ["study", "run", arm.partition("/")[0], "--quick", "--seeds", "2", "--results", where, *_data(data_dir)]
        print(
            f"{arm} is left out: alone it would take over a quarter of the time. To train it:\n  {shlex.join(words)}\n"
        )
    return asked


def write_digits(folder: Path) -> Path:
    """The digits as a data set, and a study of them; what is there already is left as it is.

    Returns:
        The path of the study file; the data set lies beside it.
    """
    import numpy as np

    place, file, data = LocalTree(str(folder)), folder / "digits.yaml", folder / "digits.npz"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(_no_demo(folder, error)) from None
    if not (file.exists() or file.is_symlink()):
        place.write(file.name, DIGITS_STUDY.encode())
    if not (data.exists() or data.is_symlink()):
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = (digits.images * 15).astype(np.uint8)  # 0 to 16 in the file
        order = np.random.default_rng(0).permutation(len(images))
        train, val = order[:1400], order[1400:]
        whole = io.BytesIO()
        np.savez(
            whole,
            train_images=images[train],
            train_labels=digits.target[train],
            val_images=images[val],
            val_labels=digits.target[val],
        )
        place.write(data.name, whole.getvalue())
    return file


def _no_demo(folder: Path, error: OSError) -> str:
    """Why the demo's own folder cannot be made."""
    if folder.exists() or folder.is_symlink():
        return f"{folder} is no folder: rename it, or run the demo in another working folder"
    why = (error.strerror or "the reason is not known").lower()
    return f"{folder} cannot be made here ({why}): run the demo in a working folder of your own"
