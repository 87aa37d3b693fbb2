"""A study file in Python, and the files beside it: loaded by path, importable while it is read and no longer.

What lies beside never takes the place of what is installed, and nothing of it stays behind under a name that others
use.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

_NAME = "_study_file"


def run(path: Path, name: str) -> tuple[object, dict[str, bytes]]:
    """What the file sets under a name, None if nothing; its text and that of what it imported from beside it, by file.

    It is executed: only for files that are trusted.
    """
    path = path.resolve()
    with _beside(path.parent) as finder:
        spec = spec_from_file_location(_NAME, path, loader=_Source(_NAME, path, finder))
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[_NAME] = module
        spec.loader.exec_module(module)
    return getattr(module, name, None), finder.files


class _Source(SourceFileLoader):
    """Reads the source each time, and writes nothing beside it: a file changed within a second is read as it is."""

    def __init__(self, name: str, file: Path, finder: _Finder) -> None:
        super().__init__(name, str(file))
        self.finder = finder

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        self.finder.files[Path(path).relative_to(self.finder.folder).as_posix()] = data
        code: CodeType = self.source_to_code(data, path)
        return code


class _Finder:
    """Finds modules beside a study file, after all that is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: set[str] = {_NAME}
        self.files: dict[str, bytes] = {}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002  # the interface's
        """See `importlib.abc.MetaPathFinder`."""
        parent, _, last = name.rpartition(".")
        if parent and parent not in self.found:
            return None
        place = (Path(path[0]) if parent and path else self.folder) / last
        for file, within in ((place / "__init__.py", [str(place)]), (place.with_name(f"{last}.py"), None)):
            if file.is_file():
                if not parent and _installed(name, self, file):
                    return None
                self.found.add(name)
                loader = _Source(name, file, self)
                return spec_from_file_location(name, file, loader=loader, submodule_search_locations=within)
        return None


def _installed(name: str, asked: _Finder, file: Path) -> bool:
    """Whether another finder has it, and not in that very file: the folder may be one that Python looks into.

    A folder without code, which Python takes for a package too, does not count.
    """
    for finder in sys.meta_path:
        spec = None if finder is asked else finder.find_spec(name, None)
        if spec is not None and (spec.origin is not None or spec.loader is not None):
            return spec.origin is None or Path(spec.origin).resolve() != file
    return False


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[_Finder]:
    """Within, modules of the folder can be imported; afterwards they are forgotten, and the path is as it was."""
    finder, path = _Finder(folder), list(sys.path)
    sys.meta_path.insert(0, finder)
    try:
        yield finder
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
        for name in finder.found:
            sys.modules.pop(name, None)
