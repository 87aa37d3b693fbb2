"""Reading somebody's own study file, in YAML or Python."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from study.spec import python_file
from study.spec.all_faults import all_faults
from study.spec.checks import faults_of_new
from study.spec.faults import BadValues, Fault, Place, fault_line, file_error
from study.spec.study import Study
from trainables.config.errors import BadInput, NotFound, StudyError
from trainables.config.nearest import did_you_mean
from trainables.config.owners import refused_words

if TYPE_CHECKING:
    from study.spec.yaml_file import YamlFile

SUFFIXES = (".yaml", ".yml", ".py")
MAX_FILE_BYTES = 1_000_000
"""No larger study file is read."""


@dataclass(frozen=True)
class StudySource:
    """A study, and where it is from."""

    study: Study
    files: Mapping[str, bytes] = field(default_factory=dict)
    """The text of the Python files that it was read from; none for one in YAML, or of a catalogue."""
    claims_predate: bool = False
    """Whether its claims are older than any results folder of others: its catalogue says so."""
    keeps_parts: bool = False
    """Whether it keeps the data's own two parts, though it selects on one: the catalogue says so."""
    path: Path | None = field(default=None, compare=False)
    """The file that it was read from."""
    written: YamlFile | None = field(default=None, compare=False, repr=False)
    """What stands in it, of one in YAML."""

    def bad(self, faults: Sequence[Fault]) -> BadValues:
        """The error that says some mistakes of the study, each in a line with file and line number as far as known."""
        if self.written is not None:
            return self.written.bad(faults)
        where = f"{self.path}: " if self.path is not None else f"study {self.study.name}, "
        return BadValues(faults, [where + fault_line(fault, self.study) for fault in faults])

    def bad_data(self, name: str, why: str) -> BadValues:
        """The error that says what is wrong with the data set that it names, in `base` or in the change of an arm."""
        at: Place = ("base", "data")
        if "data" not in self.study.base:
            changing = (i for i, arm in enumerate(self.study.arms) if "data" in arm.change)
            at = next((("arms", i, "change", "data") for i in changing), at)
        return self.bad([Fault(at, name, why)])


def checked_source(study: Study) -> StudySource:
    """A study that somebody made in Python, checked as a file is.

    Raises:
        BadInput: names every mistake.
    """
    if faults := list(faults_of_new(study)):
        raise BadValues(faults, [fault_line(f, study) for f in faults])
    return StudySource(study)


MAX_FILES_COMPARED = 1000
"""Files of a folder whose names are held against a wrong one."""


def _near(path: Path) -> str:
    """The study file beside a missing one whose name is nearest, as a question; empty where there is none."""
    found = (p for p in itertools.islice(path.parent.iterdir(), MAX_FILES_COMPARED)) if path.parent.is_dir() else ()
    return did_you_mean(path.name, [p.name for p in found if p.suffix in SUFFIXES]).removeprefix("; ")


def read(path: Path) -> StudySource:
    """The study in a file.

    A `.py` file is executed: name only files that you trust. A `.yaml` file is data and runs nothing.

    Raises:
        BadInput: there is no such file, or it does not hold a study.
    """
    try:
        if path.is_symlink() and not path.exists():
            raise BadInput("study", str(path), f"it is a link to {path.readlink()}, which is not there")
        if not path.is_file():
            raise (
                BadInput("study", str(path), "it is no file")
                if path.exists()
                else NotFound("study file", str(path), _near(path))
            )
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(
                "study", str(path), f"the file is larger than {MAX_FILE_BYTES} bytes, so it is hardly a study file"
            )
        found = _from_python(path) if path.suffix == ".py" else _from_yaml(path)
    except OSError as error:
        raise BadInput("study", str(path), f"the file cannot be read: {refused_words(error, path)}") from None
    except ValueError as error:
        raise BadInput("study", str(path), f"the file cannot be read: {error}") from None
    if found.study.reduced:
        raise BadInput("reduced", list(found.study.reduced), f"leave it out of {path}; `--quick` alone writes it")
    for arm in found.study.arms:
        if arm.in_full:
            raise BadInput(
                f"arm {arm.name}, in_full", arm.in_full, f"leave it out of {path}; `--quick` alone writes it"
            )
    return found


def _from_python(path: Path) -> StudySource:
    try:
        found, files = python_file.run(path, "study")
    except BadInput as error:
        raise _at_line(error, path) from None
    except StudyError:
        raise
    except ModuleNotFoundError as error:
        if (now := _MOVED.get(error.name or "")) is None:
            name = python_file.public_name(error.name or "")
            raise _ended(error, path, f"it needs a module that is not there: {name}") from error
        raise BadInput("study", str(path), now) from None
    except SystemExit as error:
        raise _ended(error, path, f"the file ends the program ({error!r}); it is to set `study`") from error
    except Exception as error:
        said = error.msg if isinstance(error, SyntaxError) else error
        raise _ended(error, path, f"running the file ended in {type(error).__name__}: {said}") from error
    if not isinstance(found, Study):
        given = "" if found is None else f"it sets `study` to a {type(found).__name__}; "
        raise BadInput("study", str(path), f"{given}the file must set `study` to a study.spec.Study")
    if faults := list(faults_of_new(found)):
        raise BadValues(faults, [f"{path}: {fault_line(f, found)}" for f in faults])
    return StudySource(found, files, path=path)


def _ended(error: BaseException, path: Path, why: str) -> BadValues:
    """What running a file ended in, with the line that it came to, and that of a file beside it where it was there."""
    own, folder = str(path.resolve()), path.resolve().parent
    places = [(f.filename, f.lineno or 1) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 1))
    within = [(file, where) for file, where in places if Path(file).is_relative_to(folder)]
    where = next((n for file, n in reversed(within) if file == own), 1)
    beside = ""
    if within and within[-1][0] != own:
        beside = f"in {Path(within[-1][0]).relative_to(folder)}, line {within[-1][1]}: "
    return file_error(path, where, "", beside + why)


_MOVED = {
    "study.search_spec": "study.search_spec is study.spec now: from study.spec import Search, Scheduler, Constraint",
    "study.space": "study.space is study.spec now: from study.spec import Float, Int, Choice",
}
"""Modules that study files once imported from."""


def _at_line(error: BadInput, path: Path) -> BadInput:
    """The same, with the line of the file where the value is made."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path.resolve())]
    if not lines:
        return error
    fault = Fault((error.field,) if error.field else (), error.value, error.expected)
    faults, said = (error.faults, error.lines) if isinstance(error, BadValues) else ((fault,), (str(error),))
    return BadValues(faults, [f"{path}, line {lines[-1]}: {one}" for one in said])


def _from_yaml(path: Path) -> StudySource:
    from study.spec.yaml_file import read_yaml

    file = read_yaml(path)
    if not isinstance(file.values, dict):
        found = (
            "it is empty"
            if file.values is None
            else f"it holds {'a list' if isinstance(file.values, list) else 'one value'}"
        )
        wanted = "expected a mapping with name, title, question, knobs, epochs and arms"
        raise file_error(path, 1, file.values, f"{found}; {wanted}")
    try:
        faults = list(faults_of_new(study := Study.from_dict(file.values)))
    except BadValues as error:
        faults = list(error.faults)
    if faults:
        raise file.bad(all_faults(file.values, faults))
    return StudySource(study, path=path, written=file)
