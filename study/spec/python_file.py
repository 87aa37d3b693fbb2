"""A study file in Python, and the files beside it: loaded by path under private names, while it is read and no longer.

What lies beside goes before anything else of its name, but for what is installed (site-packages, Python's own library
and this project): no module of that name that is loaded already, and no folder on the path, takes its place. Others
never see it, and nothing of it stays behind.
"""

from __future__ import annotations

import builtins
import contextlib
import itertools
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

_OURS = ("trainables", "study", "analysis")
_SITE = ("site-packages", "dist-packages")
"""Where distributions are installed; other folders on the path are somebody's."""
_counter = itertools.count()


def run(path: Path, name: str) -> tuple[object, dict[str, bytes]]:
    """What the file sets under a name, None if nothing; its text and that of what it imported from beside it, by file.

    It is executed: only for files that are trusted. What it prints goes to standard error, and the working folder is
    afterwards what it was.
    """
    path = path.resolve()
    with _beside(path.parent) as beside:
        module = beside.load(path)
    return getattr(module, name, None), beside.files


def public_name(module: str) -> str:
    """A module's name as the file that imports it writes it: those beside a study file have a private package.

    >>> public_name("_study_file_0.rates"), public_name("numpy")
    ('.rates', 'numpy')
    """
    return re.sub(r"\A_study_file_\d+\.", ".", module)


class _Beside:
    """The modules beside a study file, in a private package; finds and loads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = f"_study_file_{next(_counter)}"
        self.files: dict[str, bytes] = {}
        self.plain: set[str] = set()
        """Names under which `importlib` has asked for them."""

    def load(self, path: Path) -> ModuleType:
        """Run the study file itself."""
        sys.modules[self.package] = module_from_spec(_package(self.package, self.folder))
        name = f"{self.package}.__study__"
        spec = spec_from_file_location(name, path, loader=_Source(name, path, self))
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def private(self, name: str) -> str:
        """The name under which a module beside is loaded; empty where there is none, or what is installed has it."""
        first = name.partition(".")[0]
        beside = _spec(f"{self.package}.{first}", self.folder / first, self)
        return f"{self.package}.{name}" if beside and not _is_installed(first, self.folder) else ""

    def bring(self, name: str, globals_: Any = None, locals_: Any = None, wanted: Any = (), level: int = 0) -> Any:
        """What an `import` within the files means; see `builtins.__import__`."""
        if level or not (private := self.private(name)):
            return builtins.__import__(name, globals_, locals_, wanted, level)
        if wanted:
            return builtins.__import__(private, globals_, locals_, wanted, 0)
        import_module(private)
        return sys.modules[f"{self.package}.{name.partition('.')[0]}"]

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002  # the interface's
        """See `importlib.abc.MetaPathFinder`: by the private name, and by the plain one for `importlib` within."""
        if name.startswith(f"{self.package}."):
            return _spec(name, Path(path[0] if path else self.folder) / name.rpartition(".")[2], self)
        first, _, further = name.partition(".")
        if (further and first not in self.plain) or not (private := self.private(name)):
            return None
        self.plain.add(name)
        return ModuleSpec(name, _Alias(private))


def _spec(name: str, place: Path, beside: _Beside) -> ModuleSpec | None:
    """A package, a module, or a folder with code."""
    for file, within in ((place / "__init__.py", [str(place)]), (place.with_name(f"{place.name}.py"), None)):
        if file.is_file():
            loader = _Source(name, file, beside)
            return spec_from_file_location(name, file, loader=loader, submodule_search_locations=within)
    return _package(name, place) if any(place.glob("*.py")) else None


def _package(name: str, folder: Path) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


class _Source(SourceFileLoader):
    """Reads the source each time, and writes nothing beside it: a file changed within a second is read as it is."""

    def __init__(self, name: str, file: Path, beside: _Beside) -> None:
        super().__init__(name, str(file))
        self.beside = beside

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": self.beside.bring}
        super().exec_module(module)

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        self.beside.files[Path(path).relative_to(self.beside.folder).as_posix()] = data
        code: CodeType = self.source_to_code(data, path)
        return code


class _Alias(Loader):
    """Gives a module beside by its plain name."""

    def __init__(self, private: str) -> None:
        self.private = private

    def create_module(self, spec: ModuleSpec) -> None:
        """See `importlib.abc.Loader`: as any is made."""

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib.abc.Loader`: the one beside takes its place."""
        sys.modules[module.__name__] = import_module(self.private)


def _is_installed(name: str, beside: Path) -> bool:
    """Whether Python's library, a distribution or this project has that name, and not in that very folder."""
    if name in sys.stdlib_module_names or name in _OURS:
        return True
    sites = [p for p in sys.path if Path(p).name in _SITE and Path(p).resolve() != beside]
    spec = PathFinder.find_spec(name, sites)
    return spec is not None and spec.origin is not None


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[_Beside]:
    """Within, modules of the folder can be imported; afterwards they are forgotten, and the path is as it was."""
    beside, path = _Beside(folder), list(sys.path)
    sys.meta_path.insert(0, beside)
    try:
        with _same_working_folder(), contextlib.redirect_stdout(sys.stderr):
            yield beside
    finally:
        sys.meta_path.remove(beside)
        sys.path[:] = path
        for name in list(sys.modules):
            if name in beside.plain or name.partition(".")[0] == beside.package:
                del sys.modules[name]


@contextlib.contextmanager
def _same_working_folder() -> Iterator[None]:
    """Afterwards the working folder is the one that it was."""
    try:
        here = os.open(".", os.O_RDONLY)
    except OSError:  # it may not be read, or is gone
        yield
        return
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)
