"""A results folder as the next run has it once it has tidied: what tidying writes and moves lies in memory alone."""

from __future__ import annotations

import contextlib

from study.storage import repair
from study.storage.durable_files import Folder
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError


def tidied_view(store: ResultsFolder) -> ResultsFolder:
    """The same folder with what is damaged put aside, as `repair.tidy` does it; no file is touched."""
    view = ResultsFolder(_Overlay(store.folder.where))
    repair.tidy(view)
    return view


class _Overlay(Folder):
    """A folder whose changes are kept in memory."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self._written: dict[str, bytes] = {}
        self._gone: set[str] = set()

    def write(self, name: str, data: bytes, *, flush: bool = True) -> None:  # noqa: ARG002  # memory has no power failure
        """See `Folder`."""
        self.path(name)
        self._written[name] = data

    def read(self, name: str) -> bytes | None:
        """See `Folder`."""
        if name in self._written:
            return self._written[name]
        return None if name in self._gone else super().read(name)

    def names(self, under: str = "", *, deep: bool = False) -> list[str]:
        """See `Folder`."""
        there = [n for n in super().names(under, deep=deep) if n not in self._gone]
        below = f"{under}/" if under else ""
        written = [n for n in self._written if n.startswith(below) and (deep or "/" not in n[len(below) :])]
        return sorted({*there, *written})

    def irregular(self, under: str) -> list[str]:
        """See `Folder`."""
        return [n for n in super().irregular(under) if n not in self._gone]

    def leftovers(self, under: str) -> list[str]:  # noqa: ARG002
        """See `Folder`; what a killed process left behind is nothing to a reader."""
        return []

    def delete(self, name: str) -> None:
        """See `Folder`."""
        self._written.pop(name, None)
        self._gone.add(name)

    def move(self, name: str, to: str) -> None:
        """See `Folder`."""
        data = None
        with contextlib.suppress(StoreError):  # a link: nothing is read from it
            data = self.read(name)
        self.delete(name)
        if data is not None:
            self.write(to, data)
