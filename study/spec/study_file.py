"""Reading somebody's own study file, in YAML or Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.spec import python_file
from study.spec.study import Study
from trainables.config.errors import BadInput, StudyError

SUFFIXES = (".yaml", ".yml", ".py")
LARGEST_BYTES = 1_000_000
"""No larger study file is read."""


@dataclass(frozen=True)
class StudySource:
    """A study, and where it is from."""

    study: Study
    files: Mapping[str, bytes] = field(default_factory=dict)
    """The text of the Python files that it was read from; none for one in YAML, or of a catalogue."""
    registered: bool = False
    """Whether it is of a catalogue: its claims were written before anybody's results folder was begun."""


def read(path: Path) -> StudySource:
    """The study in a file.

    A `.py` file is executed: name only files that you trust. A `.yaml` file is data and runs nothing.

    Raises:
        BadInput: there is no such file, or it does not hold a study.
    """
    try:
        if not path.is_file():
            raise BadInput("study", str(path), "there is no such file")
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput(
                "study", str(path), f"the file is larger than {LARGEST_BYTES} bytes, so it is hardly a study file"
            )
        found = _from_python(path) if path.suffix == ".py" else StudySource(_from_yaml(path))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput("study", str(path), f"the file cannot be read: {error}") from None
    if found.study.reduced:
        raise BadInput("reduced", list(found.study.reduced), f"leave it out of {path}; `--quick` alone writes it")
    return found


def _from_python(path: Path) -> StudySource:
    try:
        values, files = python_file.run(path)
    except StudyError:
        raise
    except Exception as error:
        raise BadInput("study", str(path), f"running the file ended in {type(error).__name__}: {error}") from error
    if not isinstance(found := values.get("study"), Study):
        raise BadInput("study", str(path), "the file must set `study` to a study.spec.Study")
    return StudySource(found, files)


def _from_yaml(path: Path) -> Study:
    from study.spec.yaml_file import read_yaml

    values: Any = read_yaml(path)
    if not isinstance(values, dict):
        raise BadInput("study", str(path), "expected a mapping with name, title, question, knobs, epochs and arms")
    return Study.from_dict(values)
