"""Which results folder is meant where none is named: where a study's results go, and which were written last."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from study.storage.local_tree import LocalTree
from trainables.config.errors import StudyError
from trainables.config.nearest import MAX_NAME_CHARS, first_of, nearest
from trainables.config.paths import home

if TYPE_CHECKING:
    from study.spec.study_file import StudySource

MAX_FOLDERS = 200
"""Working folders that are remembered."""
FORMER_DEFAULT = Path("results/study")
"""Where the command put every study up to version 0.1."""
TRAINED = ("trials", "checkpoints", "failures", "searches")
"""In which of its folders a results folder has what was trained."""
RECOGNISED_BY = "study-results.json"
DIGITS_FOLDER = Path("digits-demo")
"""Where `study demo digits` puts its study and its data."""


def default_folder(names: Sequence[str], given: Mapping[str, StudySource]) -> str:
    """Where the results of some studies go: `results/NAME`, by the first of them, or `results/chapter`.

    Args:
        names: as they were given.
        given: the studies that these stand for, as `read_named` gives them.
    """
    first = given[names[0]].study.name if names[0] in given else names[0]
    return default_place(names[0], first, [source.study.name for source in given.values()])


def default_place(first: str, study: str, studies: Sequence[str]) -> str:
    """The same by names alone. Studies that an older version put into `results/study` go on there.

    Args:
        first: the first name, as it was given: a catalogue's, a study's, or a path.
        study: what it stands for where it is no catalogue.
        studies: the names of all.
    """
    from study.spec import registry

    place = Path("results") / (first if len(registry.expand_name(first)) > 1 else study)
    former = FORMER_DEFAULT / RECOGNISED_BY
    there = former.is_file() and any((former.parent / "studies" / name).is_dir() for name in studies)
    return str(former.parent if there and not (place / RECOGNISED_BY).is_file() else place)


def _place() -> Path:
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (base if base.is_absolute() else home() / ".local/state") / "hyperparameter-study" / "last-results.json"


def _known() -> dict[str, str]:
    try:
        if _is_of_another(place := _place()):
            return {}
        values = json.loads(LocalTree(str(place.parent)).read(place.name) or b"{}")
        return {k: v for k, v in values.items() if isinstance(v, str)}
    except (OSError, ValueError, AttributeError, RecursionError, RuntimeError, StudyError):
        return {}


def remember(folder: str) -> None:
    """A run from this working folder writes there; a home that cannot be written, or is another user's, is no fault."""
    with contextlib.suppress(OSError, RuntimeError, StudyError):
        here = str(Path.cwd())
        known = {k: v for k, v in _known().items() if k != here}
        kept = dict(list(known.items())[-MAX_FOLDERS:]) | {here: folder}
        place = _place()
        if _is_of_another(place):  # as by `sudo`, which keeps HOME
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        LocalTree(str(place.parent)).write(place.name, json.dumps(kept).encode(), flush=False)


def _is_of_another(place: Path) -> bool:
    """Whether it lies in another user's folder: links there may lead on, and what is made there is not that user's."""
    there = next(p for p in place.parents if p.exists())
    return there.stat().st_uid not in (0, os.geteuid())


def last_folder() -> str | None:
    """The last one, if there is any: what is remembered, else the one in `results` that was run last."""
    return next(iter(known_folders()), None)


def known_folders() -> tuple[str, ...]:
    """The last one, then those in `results`, the one that was run last first."""
    last = _known().get(str(Path.cwd()))
    there = bool(last) and ("://" in str(last) or _is_folder(str(last)))
    made = sorted((p.parent for p in Path("results").glob(f"*/{RECOGNISED_BY}")), key=_last_run, reverse=True)
    return tuple(dict.fromkeys([*([last] if last is not None and there else []), *map(str, made)]))


def folders_like(where: str) -> list[str]:
    """The results folders that are known here and hold some, the one whose name is likest to another one's first."""
    import difflib  # wanted after a mistake alone

    def likeness(folder: str) -> float:
        return difflib.SequenceMatcher(None, Path(where).name[:MAX_NAME_CHARS], Path(folder).name).ratio()

    return sorted((f for f in known_folders() if f != where and _holds_some(f)), key=likeness, reverse=True)


def _holds_some(folder: str) -> bool:
    """Whether anything was trained there: a run that was refused leaves its study and its words."""
    return "://" in folder or any(next(Path(folder, name).glob("*"), None) for name in TRAINED)


def meant_folders(where: str) -> str:
    """A question that names the results folder that was meant, else a sentence with some that are there; may be empty.

    Args:
        where: the folder that was named, in which there are no results.
    """
    there = folders_like(where)
    ends = {Path(folder).name: folder for folder in reversed(there)}
    if near := nearest(Path(where).name, ends):
        return f"Did you mean {' or '.join(ends[name] for name in near)}?"
    return f"There are results in {first_of(there, 3)}." if there else ""


def _is_folder(where: str) -> bool:
    """Whether it is one; what cannot be a name, such as one that is too long, is none."""
    try:
        return Path(where).is_dir()
    except OSError:
        return False


def _last_run(folder: Path) -> tuple[str, float]:
    """When its last run began, as the run's own name says: times of files are those of a copy. Then when it changed."""
    names = [p.name.partition("-")[0] for p in folder.glob("runs/*.json")]
    changed = folder.stat().st_mtime
    return max(names, default=time.strftime("%Y%m%dT%H%M%S", time.gmtime(changed))), changed
