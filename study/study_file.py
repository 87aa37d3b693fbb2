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


def run(path: Path) -> dict[str, Any]:
    """What the file sets, by name. It is executed: only for files that are trusted."""
    with _beside(path.resolve().parent):
        spec = spec_from_file_location(_NAME, path.resolve(), loader=_Source(_NAME, str(path.resolve())))
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[_NAME] = module
        spec.loader.exec_module(module)
    return vars(module)


class _Source(SourceFileLoader):
    """Reads the source each time, and writes nothing beside it: a file changed within a second is read as it is."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _Finder:
    """Finds modules beside a study file, after all that is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: set[str] = {_NAME}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        """See `importlib.abc.MetaPathFinder`."""
        parent, _, last = name.rpartition(".")
        if (parent and parent not in self.found) or (not parent and _installed(name, self)):
            return None
        place = (Path(path[0]) if parent and path else self.folder) / last
        for file, within in ((place / "__init__.py", [str(place)]), (place.with_name(f"{last}.py"), None)):
            if file.is_file():
                self.found.add(name)
                loader = _Source(name, str(file))
                return spec_from_file_location(name, file, loader=loader, submodule_search_locations=within)
        return None


def _installed(name: str, asked: _Finder) -> bool:
    """Whether another finder has it; a folder without code, which Python takes for a package too, does not count."""
    for finder in sys.meta_path:
        spec = None if finder is asked else finder.find_spec(name, None)
        if spec is not None and (spec.origin is not None or spec.loader is not None):
            return True
    return False


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """Within, modules of the folder can be imported; afterwards they are forgotten, and the path is as it was."""
    finder, path = _Finder(folder), list(sys.path)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
        for name in finder.found:
            sys.modules.pop(name, None)
