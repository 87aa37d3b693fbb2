"""Where a report is written: files whole or not there, no link followed, and a list of what was written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from study.storage.durable_files import Folder
from study.storage.results_folder import refuse_among_records
from trainables.config.errors import BadInput, NotGiven, StoreError
from trainables.config.owners import owner_words

MARK = ".built-from"
"""A file beside the page: the fingerprint of what it was made from, and the digest of each file that was written.
Other kinds than the report have one of their own, with the kind behind, for they may share a folder."""
Files = Mapping[str, Callable[[], bytes]]
"""Names, each with what makes its content."""


class OutputFolder:
    """A folder of this machine that pages, figures and tables go to.

    Args:
        folder: a results folder.
        out: where to write; if not given, `name` within the results folder, which may be a stranger's: then that is no
            link either.

    Raises:
        StoreError: it, or what it lies in, is a file.
        BadInput: the results are not on this machine's disk and no `out` is given, or it is where records lie.
    """

    def __init__(self, folder: str, out: Path | None, name: str) -> None:
        if out is None and "://" in folder:
            raise NotGiven(
                "--out", f"name a folder on this machine for the {name} by --out: the results are at {folder}"
            )
        if out is not None:
            refuse_among_records(out)
        self._kind, self._mark = name, MARK if name == "report" else f"{MARK}-{name}"
        self.path = out if out is not None else Path(folder) / name
        if file := next((p for p in (self.path, *self.path.parents) if p.exists() and not p.is_dir()), None):
            raise StoreError(f"{file} cannot be written: it is a file, not a folder")
        _refuse_unwritable(self.path)
        self._folder, self._under = (Folder(folder), f"{name}/") if out is None else (Folder(out), "")
        self._digests: dict[str, str] = {}

    def write_all(self, files: Files, made_from: str = "", *, clear: bool = True) -> list[Path]:
        """Write these files, or none of them where one would take the place of a file that no such call wrote.

        Args:
            files: in the order to be written.
            made_from: a fingerprint of what they are made from.
            clear: whether what only an earlier call wrote goes; else it stays, and stays on the list.

        Raises:
            StoreError: a stranger's file has one of the names, or the folder cannot be written.
        """
        wrote = self._said().get("wrote", {})
        if wrote or not (self.path / self._mark).exists():  # a mark without a list is a damaged one, or of version 0.1
            for name in files:
                self._refuse_strange(name, wrote)
        self._put_mark("", {**dict.fromkeys(files, ""), **wrote})  # whoever goes on after a kill knows them for ours
        paths = [self.write(name, content()) for name, content in files.items()]
        if not clear:
            self._digests = {**wrote, **self._digests}
        self.finish(made_from)
        return paths

    def _refuse_strange(self, name: str, wrote: Mapping[str, str]) -> None:
        """Refuse a name that a file has already which is not on the list; within a results folder all are ours."""
        path = self.path / name
        if not self._under and name not in wrote and path.is_file() and not path.is_symlink():
            what = "report" if self._kind == "report" else f"export of {self._kind}"
            raise StoreError(
                f"{path} is there already, and no {what} wrote it: everything is left as it is; "
                "remove it, or name another folder with --out"
            )

    def write(self, name: str, content: bytes) -> Path:
        """Write a file; not flushed to disk, for it can be made again."""
        try:
            if not self._under:  # a results folder is there, or is gone and must not be made anew
                self._folder.make()
            self._folder.write(self._under + name, content, flush=False)
        except StoreError as error:
            raise type(error)(f"{self.path / name} cannot be written: {error}") from None
        self._digests[name] = hashlib.sha256(content).hexdigest()
        return self.path / name

    def finish(self, made_from: str) -> None:
        """Put down what all that was written was made from; what only an earlier report wrote goes."""
        for name, digest in self._said().get("wrote", {}).items():
            if name not in self._digests and self._is(name, digest):
                self._folder.delete(self._under + name)
        self._put_mark(made_from, self._digests)

    def _put_mark(self, made_from: str, wrote: Mapping[str, str]) -> None:
        said = {"made_from": made_from, "wrote": dict(wrote)}
        self.write(self._mark, (json.dumps(said, indent=1) + "\n").encode())
        del self._digests[self._mark]

    def is_fresh(self, made_from: str, names: Iterable[str]) -> bool:
        """Whether these files and all that was written are there still, as they were, and made from just that."""
        said = self._said()
        wrote = said.get("wrote", {})
        fresh = said.get("made_from") == made_from and all(name in wrote for name in names)
        return fresh and all(self._is(name, digest) for name, digest in wrote.items())

    def _said(self) -> dict[str, Any]:
        """What the mark says; nothing where there is none that can be read."""
        try:
            said = json.loads(self._folder.read(self._under + self._mark) or b"")
            plain = isinstance(said, dict) and isinstance(said["wrote"], dict)
            return said if plain and all(isinstance(d, str) for d in said["wrote"].values()) else {}
        except (StoreError, BadInput, ValueError, TypeError, KeyError, RecursionError):
            return {}

    def _is(self, name: str, digest: str) -> bool:
        content = None
        with contextlib.suppress(BadInput, StoreError):  # a name that leads elsewhere, or a link, is none of ours
            content = self._folder.read(self._under + name)
        return content is not None and hashlib.sha256(content).hexdigest() == digest


def _refuse_unwritable(path: Path) -> None:
    """Refuse at once a place where this user may write nothing, such as somebody else's results folder."""
    there = next((p for p in (path, *path.absolute().parents) if p.is_dir()), None)
    if there is not None and not os.access(there, os.W_OK | os.X_OK):
        why = f"no permission to write in {there} ({owner_words(there)})"
        raise StoreError(f"{path} cannot be written: {why}; name another folder by --out")
