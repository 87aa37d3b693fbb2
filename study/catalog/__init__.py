"""The catalogue: one file a study, its docstring is the question. Here: finding a study by name, and users' own files.

`CHAPTER` is the chapter's studies in the order of the text. A new file in this folder that defines `study` is in the
catalogue without being listed anywhere.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from study.spec import study_file
from study.spec.study import Study
from trainables.config.errors import BadInput, StudyError

CHAPTER: tuple[str, ...] = (
    "scaling",
    "batch-size",
    "optimizer",
    "learning-rate",
    "learning-rate-unscaled",
    "annealing",
    "depth",
    "batch-norm",
    "dropout",
    "regularization",
    "inverted",
    "input-range",
)
"""The chapter's studies, in order."""

LARGEST = 1_000_000
"""Bytes of the largest study file that is read."""


def names() -> tuple[str, ...]:
    """Names of all studies of the catalogue: the chapter's in order, then the others."""
    found = {m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")}
    return CHAPTER + tuple(sorted(found - set(CHAPTER)))


class Read(NamedTuple):
    """A study, and the text of the Python files that it was read from (none for one of the catalogue, or in YAML)."""

    study: Study
    files: Mapping[str, bytes]


def load_study(name_or_path: str, held: Callable[[], Iterable[Study]] = tuple) -> Study:
    """The study of that name or in that file; see `read`."""
    return read(name_or_path, held).study


def read(name_or_path: str, held: Callable[[], Iterable[Study]] = tuple) -> Read:
    """The study of that name in the catalogue, or in the user's own file (`.yaml`, `.yml`, or `.py` that sets `study`).

    `held`: gives the studies of a results folder, found by name where neither catalogue nor file has it.
    A `.py` file is executed: name only files that you trust. A `.yaml` file is data and runs nothing.

    Raises:
        BadInput: there is no such study or file, or the file does not hold a study.
    """
    if name_or_path in names():
        found = importlib.import_module(f"study.catalog.{name_or_path.replace('-', '_')}").study
        assert isinstance(found, Study)
        return Read(found, {})
    path = Path(name_or_path)
    kept = next((study for study in held() if study.name == name_or_path), None) if not path.is_file() else None
    if kept is not None:
        return Read(kept, {})
    if path.suffix not in (".yaml", ".yml", ".py"):
        near = difflib.get_close_matches(name_or_path, names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "the catalogue has " + ", ".join(names())
        raise BadInput(
            "study", name_or_path, f"there is no such study; {hint} (a file of your own ends in .yaml or .py)"
        )
    try:
        if not path.is_file():
            raise BadInput("study", name_or_path, "there is no such file")
        if path.stat().st_size > LARGEST:
            raise BadInput(
                "study", name_or_path, f"the file is larger than {LARGEST} bytes, so it is hardly a study file"
            )
        found = _from_python(path) if path.suffix == ".py" else Read(_from_yaml(path), {})
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput("study", name_or_path, f"the file cannot be read: {error}") from None
    if found.study.reduced:
        raise BadInput(
            "reduced", list(found.study.reduced), f"leave it out of {name_or_path}; `--quick` alone writes it"
        )
    return found


def _from_python(path: Path) -> Read:
    try:
        values, files = study_file.run(path)
    except StudyError:
        raise
    except Exception as error:
        raise BadInput("study", str(path), f"running the file ended in {type(error).__name__}: {error}") from error
    if not isinstance(found := values.get("study"), Study):
        raise BadInput("study", str(path), "the file must set `study` to a study.spec.Study")
    return Read(found, files)


def _from_yaml(path: Path) -> Study:
    from study.spec.yaml_file import read_yaml

    values: Any = read_yaml(path)
    if not isinstance(values, dict):
        raise BadInput("study", str(path), "expected a mapping with name, title, question, knobs, epochs and arms")
    return Study.from_dict(values)
