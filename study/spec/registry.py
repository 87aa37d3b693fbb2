"""Studies by name: those that packages register as entry points, those of a results folder, and people's own files.

A package registers its studies in its `pyproject.toml`; this project's own are registered in the same way:

    [project.entry-points."hyperparameter_study.studies"]
    chapter = "study.catalog:CATALOGUE"
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from study.spec import study_file
from study.spec.study import Study
from study.spec.study_file import StudySource
from trainables.config.errors import NotFound
from trainables.config.nearest import first_of

ENTRY_POINTS = "hyperparameter_study.studies"


@dataclass(frozen=True)
class Catalogue:
    """The studies of a package: one module a study, which sets `study`; `some_name` holds the study `some-name`.

    A module that is added is in the catalogue without being listed anywhere; names that begin with _ are no studies.
    """

    package: str
    together: tuple[str, ...] = ()
    """The studies that the name of the catalogue stands for, in their order."""
    keeps_parts: bool = False
    """Whether its studies keep the data's own two parts, though some select on one: a chapter that is followed does."""
    claims_predate: bool = False
    """Whether its claims are older than other people's results folders: the first seed of each lies above every seed
    that those who wrote it had seen, and families came after the first runs. Else its studies are held to what is on
    record in a folder, as anybody's are. The chapter's are older; a test holds them to its own results folder.
    """
    verdicts: str = ""
    """The file of the package that holds its published verdicts (`analysis.claims.recorded`), if it has one."""

    def names(self) -> tuple[str, ...]:
        """Names of all its studies: those that belong together in their order, then the others."""
        path = importlib.import_module(self.package).__path__
        found = {m.name.replace("_", "-") for m in pkgutil.iter_modules(path) if not m.name.startswith("_")}
        return self.together + tuple(sorted(found - set(self.together)))

    def load(self, name: str) -> Study:
        """The study of that name."""
        found = importlib.import_module(f"{self.package}.{name.replace('-', '_')}").study
        assert isinstance(found, Study)
        return found


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """Every catalogue that an installed package registers, by name."""
    found = {e.name: e.load() for e in entry_points(group=ENTRY_POINTS)}
    assert all(isinstance(c, Catalogue) for c in found.values())
    return found


def names() -> tuple[str, ...]:
    """Names of all registered studies."""
    return tuple(dict.fromkeys(name for c in catalogues().values() for name in c.names()))


def expand_name(name: str) -> tuple[str, ...]:
    """The studies that a name stands for: those of a catalogue, else the name itself."""
    known = catalogues().get(name)
    return known.together if known and known.together else (name,)


def load_study(name_or_path: str, studies_on_record: Callable[[], Iterable[Study]] = tuple) -> Study:
    """The study of that name or in that file; see `read`."""
    return read(name_or_path, studies_on_record).study


def registered(name: str) -> Study | None:
    """The study of a catalogue that has this name, if there is one."""
    return load_study(name) if name in names() else None


def predating(name: str) -> Study | None:
    """The same of a catalogue whose claims are older than other people's results folders."""
    found = (c.load(name) for c in catalogues().values() if c.claims_predate and name in c.names())
    return next(found, None)


def checked_source(study: Study) -> StudySource:
    """A study that somebody made in Python, checked as a file is; one that is a catalogue's is that.

    Raises:
        BadInput: names every mistake.
    """
    for catalogue in catalogues().values():
        if study.name in catalogue.names() and catalogue.load(study.name) == study:
            return read(study.name)
    return study_file.checked_source(study)


def read(name_or_path: str, studies_on_record: Callable[[], Iterable[Study]] = tuple) -> StudySource:
    """The registered study of that name, or the one in a file (`.yaml`, `.yml`, or `.py` that sets `study`).

    `studies_on_record`: gives those of a results folder, found by name where neither a catalogue nor a file has it.

    Raises:
        BadInput: there is no such study or file, or the file does not hold a study.
    """
    for catalogue in catalogues().values():
        if name_or_path in catalogue.names():
            return StudySource(
                catalogue.load(name_or_path),
                claims_predate=catalogue.claims_predate,
                keeps_parts=catalogue.keeps_parts,
            )
    path = Path(name_or_path)
    kept = (
        next((study for study in studies_on_record() if study.name == name_or_path), None)
        if not path.is_file()
        else None
    )
    if kept is not None:
        return StudySource(kept)
    if path.suffix not in study_file.SUFFIXES:
        raise NotFound("study", name_or_path, _instead_of(name_or_path, path))
    return study_file.read(path)


def _instead_of(name: str, path: Path) -> str:
    if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"":
        return f"the quotes within are a part of the name: write {name[1:-1]}"
    if name and path.is_dir():
        return "it is a folder: name a study file in it"
    if path.exists():
        return "a study file ends in .yaml, .yml or .py"
    near = difflib.get_close_matches(name.lower(), names(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {first_of(names(), 16)}"
    return f"{hint} (a file of your own ends in .yaml or .py)"
