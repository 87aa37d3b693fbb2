"""A command on record, changed so that it acts on the folder that was asked about: that may be a copy, or united."""

from __future__ import annotations

import dataclasses
import os
import shlex
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from study.app.folders import default_place
from study.app.screen import own_command
from study.spec.study_file import SUFFIXES
from trainables.config.errors import BadInput
from trainables.config.paths import expanded

if TYPE_CHECKING:
    from study.app.snapshot import Snapshot
    from study.storage.run_records import RunRecord

ALONE = frozenset({"--quick", "--keep-checkpoints", "--wait", "--dry-run", "--quiet", "-q", "--json"})
"""Options of commands that train which take no value."""
TRAINING = ("run", "decide", "demo")
"""Commands that train. What else is on record, as of a script in Python, is none that can be typed."""
RESULTS, DATA = "--results", "--data-dir"
DEMO = {"chapter": "results/demo", "digits": "results/digits"}
"""Where a demo goes that names no folder."""


def for_folder(command: Sequence[str], where: str, studies: Sequence[str]) -> str:
    """A command that was typed, for a shell, as it acts on a results folder; empty where it is none that trains.

    `--results` names the folder where what was typed means another. Files and the data's folder are named as from
    here, where they lie beside the folder that it was typed in. A study file that is not there any more is named as
    the study that the folder keeps.

    Args:
        command: its words, from `study` on.
        where: the folder.
        studies: those that it ran, in the order in which they were named.

    >>> for_folder(["study", "run", "a.yaml", "--results", "A"], "./A/", ["a"])
    'study run a.yaml --results A'
    >>> for_folder(["study", "run", "a.yaml", "--results=A"], "B", ["a"]), for_folder(["study", "5"], "B", ["a"])
    ('study run a.yaml --results=B', '')
    >>> for_folder(["study", "decide", "a.yaml"], "B", ["a"])
    'study decide a.yaml --results B'
    """
    if not trains(command):
        return ""
    words = _with_names_there(_seen_from_here(list(command[1:]), where, studies), where, studies)
    if not _is_same(_meant(words, studies), where):
        words = _with_results(words, where)
    return own_command(shlex.join(["study", *words]))


def trains(command: Sequence[str]) -> bool:
    """Whether a command on record is one of ours that trains, and nothing behind it."""
    return len(command) > 1 and command[1] in TRAINING and bool(own_command(shlex.join(command)))


def with_metrics(command: str, metrics: Sequence[str]) -> str:
    """The same command, which asks for these metrics too: else it finds nothing to train.

    >>> with_metrics("study run a --metrics penalty", ["penalty", "val_loss"]), with_metrics("", ["penalty"])
    ('study run a --metrics penalty --metrics val_loss', '')
    """
    words = shlex.split(command)
    if words[1:2] != ["run"]:
        return command
    known = {b for a, b in pairwise(words) if a == "--metrics"} | {w.partition("=")[2] for w in words}
    more = [word for name in metrics if name not in known for word in ("--metrics", name)]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join([*words[:end], *more, *words[end:]])


def command_with_data_hint(head: str, command: str, width: int | None) -> list[str]:
    """The next command, whole on its line, and below it what it has to be told; nothing where there is none."""
    said = data_elsewhere(command)
    lines = [said] * bool(said) if width is None else textwrap.wrap(said, max(20, width - len(head)))
    return [f"{head}{command}", *(" " * len(head) + line for line in lines)] if command else []


def data_elsewhere(command: str) -> str:
    """What to do where the data folder that a command names is not here; empty where it is, or none is named.

    No record keeps the folder that a command was typed in, and the results may have been moved since.

    >>> data_elsewhere("study run a --data-dir not/there")
    'not/there is not here (the command was typed in another folder): after --data-dir name it as seen from here'
    """
    gone = [name for name in option_values(shlex.split(command)[1:], DATA) if not _is_there(name)]
    if not gone:
        return ""
    if Path(gone[-1]).is_absolute():
        return f"{gone[-1]} is not there: after {DATA} name the folder that has the data"
    return f"{gone[-1]} is not here (the command was typed in another folder): after {DATA} name it as seen from here"


def of_this_folder(run: Snapshot, where: str, runs: Sequence[RunRecord]) -> Snapshot:
    """What a run shows, with the command that goes on in this folder: the file may be a copy's.

    Args:
        run: what it shows.
        where: the folder.
        runs: of the folder.
    """
    if not run.command:
        return run
    studies = runs[-1].studies if runs else [row.study for row in run.rows[:1]]
    return dataclasses.replace(run, command=for_folder(shlex.split(run.command), where, studies))


def names_at(words: Sequence[str]) -> list[int]:
    """Where the words of a command, after `study`, name studies.

    >>> names_at(["run", "--seeds", "3", "a.yaml", "--quick", "b", "--results=r", "--", "-c"])
    [3, 5, 8]
    """
    found: list[int] = []
    i = 1
    while i < len(words):
        if words[i] == "--":
            return found + list(range(i + 1, len(words)))
        if not words[i].startswith("-"):
            found.append(i)
        i += 2 if words[i].startswith("-") and words[i] not in ALONE and "=" not in words[i] else 1
    return found


def option_values(words: Sequence[str], option: str) -> list[str]:
    """What the words of a command say for an option, in either way of writing it.

    >>> option_values(["run", "a", "--results", "r", "--results=s"], "--results")
    ['r', 's']
    """
    named = [words[i + 1] for i, word in enumerate(words[:-1]) if word == option]
    return named + [word.partition("=")[2] for word in words if word.startswith(f"{option}=")]


def _seen_from_here(words: list[str], where: str, studies: Sequence[str]) -> list[str]:
    """The same words; a file or data folder that is not here is named where it lies beside the results folder's own
    working folder.
    """
    typed_in = _typed_in(_meant(words, studies), where)
    if typed_in is None:
        return words
    named = {words[i] for i in names_at(words) if Path(words[i]).suffix in SUFFIXES} | set(option_values(words, DATA))
    there = {name: str(typed_in / name) for name in named if not _is_there(name) and _is_there(str(typed_in / name))}
    said = [there.get(word, word) for word in words]
    equal = f"{DATA}="
    return [equal + there.get(w.removeprefix(equal), w.removeprefix(equal)) if w.startswith(equal) else w for w in said]


def _typed_in(meant: str, where: str) -> Path | None:
    """The working folder of a command that meant a relative results folder, by where that is; None where it does not
    tell.

    >>> _typed_in("results/a", "../other/results/a"), _typed_in("results/a", "b")
    (PosixPath('../other'), None)
    """
    tail = Path(os.path.normpath(meant)).parts if meant else ()
    parts = Path(where).resolve().parts
    if not tail or "://" in where or Path(meant).is_absolute() or parts[-len(tail) :] != tail:
        return None
    place = Path(*parts[: -len(tail)])
    return place if Path(where).is_absolute() else Path(os.path.relpath(place))


def _is_there(path: str) -> bool:
    try:
        return Path(expanded("NAME", path)).exists()
    except (OSError, ValueError, BadInput):
        return False


def _meant(words: Sequence[str], studies: Sequence[str]) -> str:
    """The results folder that a command means: what it names last, else its studies' own."""
    if named := option_values(words, RESULTS):
        return named[-1]
    first = next((words[i] for i in names_at(words)), "")
    if words[:1] == ["demo"]:
        return DEMO.get(first or "chapter", "")
    is_file = Path(first).suffix in SUFFIXES
    return str(default_place(first, studies[0] if is_file and studies else first, studies)) if first else ""


def _with_results(words: list[str], where: str) -> list[str]:
    """The same words with that folder, in the place of another where one is named."""
    said = list(words)
    for i, word in enumerate(said):
        if word == RESULTS and i + 1 < len(said):
            said[i + 1] = where
        elif word.startswith(f"{RESULTS}="):
            said[i] = f"{RESULTS}={where}"
    if said != words:
        return said
    end = said.index("--") if "--" in said else len(said)
    return [*said[:end], RESULTS, where, *said[end:]]


def _with_names_there(words: list[str], where: str, studies: Sequence[str]) -> list[str]:
    """The same words; a study file that is not there is named as the study that the folder keeps, if it does."""
    at = names_at(words)
    gone = [i for i in at if Path(words[i]).suffix in SUFFIXES and not _is_file(words[i])]
    if not gone or len(at) != len(studies) or words[0] not in ("run", "decide"):
        return words
    from study.app.plan_studies import kept_in_full

    said = list(words)
    for i in gone:
        name = studies[at.index(i)]
        if kept_in_full(name, where):
            said[i] = name
    return said


def _is_file(path: str) -> bool:
    try:
        return Path(expanded("NAME", path)).is_file()
    except (OSError, ValueError, BadInput):
        return False


def _is_same(named: str, where: str) -> bool:
    """Whether two names are of one folder."""
    if "://" in named or "://" in where:
        return named.rstrip("/") == where.rstrip("/")
    try:
        return bool(named) and os.path.realpath(expanded(RESULTS, named)) == os.path.realpath(where)
    except (OSError, ValueError, BadInput):
        return False
