"""What is imported from where: by the command itself, and by Ray's workers.

The working folder holds people's own files, which may be called anything: `torch.py`, `study.py`, `trainables/` of
another checkout. So nothing is imported from it, and workers have the packages that the driver has; see
`docs/decisions/imports.md`.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

PACKAGES = ("trainables", "study", "analysis")
ROOT = Path(__file__).resolve().parents[2]
"""Where this package lies, and those beside it."""


def working_folder_last() -> None:
    """Keep this process from importing what lies in the working folder, whatever it is called.

    `python -m` and entries of PYTHONPATH such as "." have put it there. Where these packages themselves lie in it, it
    becomes the last place that is looked at.
    """
    try:
        here = Path.cwd().resolve()
    except OSError:  # it is gone
        return
    sys.path[:] = [p for p in sys.path if p and Path(p).resolve() != here]
    if here == ROOT:
        sys.path.append(str(ROOT))


def _load_beside(name: str) -> None:
    """Bind one of these packages to where this one lies; its modules are then found there too.

    Raises:
        ImportError: it was imported already, from elsewhere; half of each would give numbers that are nobody's.
    """
    there = [os.path.realpath(p) for p in getattr(sys.modules.get(name), "__path__", ())]
    if there and str(ROOT / name) not in there:
        raise ImportError(
            f"{name} was imported from {there[0]}, and study is {ROOT / 'study'}: import study first, "
            f"or take {Path(there[0]).parent} off Python's path"
        )
    spec = None if name in sys.modules else PathFinder.find_spec(name, [str(ROOT)])
    if spec is not None and spec.loader is not None:
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


for _name in PACKAGES:
    _load_beside(_name)

LIBRARIES = (
    *("PIL", "cmaes", "cryptography", "filelock", "jinja2", "matplotlib", "numpy", "optuna", "pandas", "pyarrow"),
    *("pydantic", "rich", "scipy", "seaborn", "skimage", "sklearn", "tensorboardX", "torch", "torchvision", "typer"),
    "yaml",
)
"""What this project requires, as it is imported; Ray, whose environment has to stand before, comes with a run."""


def load_hidden_libraries(names: tuple[str, ...] = LIBRARIES) -> None:
    """Import the installed library where a file in the folder of a notebook, or of a script, is called like it.

    Python looks into that folder first, so `torch.py` there would be taken for PyTorch.

    Raises:
        ImportError: such a file was imported already; names it.
    """
    script = getattr(sys.modules.get("__main__"), "__file__", None) or "."
    with contextlib.suppress(OSError):  # the working folder is gone
        own = {Path.cwd().resolve(), Path(script).resolve().parent} & {Path(p).resolve() for p in sys.path}
        for name in names:
            for file in (f for folder in own for f in (folder / f"{name}.py", folder / name / "__init__.py")):
                if file.is_file():
                    _load_hidden(name, file, own)


def _load_hidden(name: str, file: Path, folders: set[Path]) -> None:
    if name in sys.modules:
        if os.path.realpath(str(getattr(sys.modules[name], "__file__", ""))) == str(file):
            raise ImportError(f"{file} was imported as {name}, and is not that library: rename it, and begin anew")
        return
    path = list(sys.path)
    sys.path[:] = [p for p in path if Path(p).resolve() not in folders]
    try:
        importlib.import_module(name)
    finally:
        sys.path[:] = path


load_hidden_libraries()


def worker_environment(folder: Path) -> dict[str, str]:
    """The environment under which processes on this machine import what this one does, not what the working folder has.

    Args:
        folder: is made, and filled with links to these packages; it must not be open to others.
    """
    folder.mkdir(mode=0o700)
    for name in PACKAGES:
        (folder / name).symlink_to(ROOT / name)
    known = {os.path.realpath(p) for p in sys.path if p} - {os.path.realpath(".")}
    given = [] if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "").split(os.pathsep)
    kept = [p for p in map(os.path.realpath, given) if p in known]
    own = {"PYTHONPATH": os.pathsep.join([str(folder), *kept])}
    return own | ({"PYTHONNOUSERSITE": "1"} if sys.flags.no_user_site else {})


def names_hidden_by(folder: Path) -> list[str]:
    """What this process imports from elsewhere, and one that looks into the folder first would import from there."""
    try:
        names = {path.name.split(".")[0] for path in folder.iterdir()} - set(sys.builtin_module_names)
    except OSError:  # it is gone, or nobody's to look into
        return []
    found = []
    for name in sorted(n for n in names if n.isidentifier() and not n.startswith("__")):
        there = PathFinder.find_spec(name, [str(folder)])
        own = find_spec(name) if there is not None and there.loader is not None else None
        if there is not None and own is not None and not _is_one_place(own.origin, there.origin):
            found.append(name)
    return found


def _is_one_place(a: str | None, b: str | None) -> bool:
    return os.path.realpath(str(a)) == os.path.realpath(str(b))


class ClosedPath(list[str]):
    """Folders that Ray puts in front of its workers' search path: none, though it adds the script's and the working."""

    def extend(self, _: object) -> None:
        """Nothing is added."""


# ------------------------------------------------------------------------------------------------------- the same code


def _reader() -> Callable[[Mapping[str, Path]], str]:
    """A digest of packages' source. A function within a function, since Ray sends the text of such and no name."""

    def digest(packages: Mapping[str, Path]) -> str:
        found = hashlib.sha256()
        for name, folder in packages.items():
            for path in sorted(folder.rglob("*.py")):
                found.update(f"{name}/{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
        return found.hexdigest()[:12]

    return digest


TRAINING = ("trainables", "study")
"""The packages that decide what a trial gives; no worker imports another of these."""


@functools.cache
def source_digest(root: Path = ROOT) -> str:
    """Twelve digits over the code that decides what a trial gives."""
    return _reader()({name: root / name for name in TRAINING})


def with_source_check(trainable: type[Any], expected: str) -> type[Any]:
    """A trainable whose worker trains nothing unless its own code has that digest.

    Made within a function, so that Ray sends it whole: a worker that has other packages still has this check.
    """
    digest, names = _reader(), TRAINING

    class Guarded(trainable):  # type: ignore[misc, valid-type, unused-ignore]
        def setup(self, config: dict[str, Any], **shared: Any) -> None:
            specs = [find_spec(name) for name in names]
            folders = [Path(next(iter(s.submodule_search_locations or ["."]))) for s in specs if s is not None]
            self._foreign = ""
            if len(folders) < len(names) or digest(dict(zip(names, folders, strict=True))) != expected:
                where = ", ".join(str(f.resolve()) for f in folders)
                self._foreign = f"the worker on {os.uname().nodename} has other code than this command ({where})"
                return
            super().setup(config, **shared)

        def step(self) -> dict[str, Any]:
            if self._foreign:
                return {"done": True, "foreign": self._foreign}  # a plain one: what else we send, it may not know
            result: dict[str, Any] = super().step()
            return result

    return Guarded
