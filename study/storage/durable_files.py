"""A folder that may be local, on NFS or in a bucket: read, list, delete, write so that a file is whole or not there.

On local paths a write is flushed to disk under a temporary name and renamed, and no link is followed (`local_tree`).
The rest goes through `pyarrow.fs`; in a bucket an object appears when it is complete. What records mean is
`study.storage.results_folder`'s business.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from study.storage.local_tree import PIECE_BYTES, LocalTree
from study.storage.storage_errors import first_line_of, folder_gone, permanent_cause, store_error, with_bounded_retries
from trainables.config.errors import BadInput, StoreError
from trainables.config.paths import expanded

T = TypeVar("T")
MAX_ATTEMPTS = 5
"""How often an operation on remote storage is tried, half a second, one, two, four seconds apart."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


class Folder:
    """A folder by path or URL (`results/a`, `s3://bucket/prefix`). Paths within are relative and use `/`."""

    def __init__(self, where: str | Path) -> None:
        self.where = expanded("results", str(where))
        if "://" in self.where:
            parts = urlsplit(self.where)
            if not parts.scheme:
                raise BadInput("results folder", self.where, "expected a path or a URL such as s3://bucket/prefix")
            if "@" in parts.netloc:  # it would end up in records of provenance
                shown = f"{parts.scheme}://...@{parts.netloc.rpartition('@')[2]}{parts.path}"
                raise BadInput(
                    "results folder", shown, "no secrets in a URL: the environment or the machine's role has them"
                )
            try:
                self._fs, self._root = pafs.FileSystem.from_uri(with_bounded_retries(self.where))
            except (OSError, ValueError) as error:
                raise BadInput(
                    "results folder", self.where, f"this storage cannot be used: {first_line_of(error)}"
                ) from None
            self.local = isinstance(self._fs, pafs.LocalFileSystem)
            if not self.local and not self._root.strip("/"):
                raise BadInput(
                    "results folder", self.where, "it names no bucket; expected a URL such as s3://bucket/prefix"
                )
        else:
            self._fs, self._root, self.local = pafs.LocalFileSystem(), str(Path(self.where).absolute()), True
        self._tree = LocalTree(self._root)

    def __repr__(self) -> str:
        return f"Folder({self.where!r})"

    def path(self, name: str) -> str:
        """The file system's own path of a file within; refuses to leave the folder."""
        parts = name.split("/")
        if name.startswith("/") or any(p in ("", ".", "..") for p in parts) or "\\" in name or "\0" in name:
            raise BadInput("path", name, "expected a path within the results folder")
        return f"{self._root}/{name}"

    def refuse_file(self) -> None:
        """Raise StoreError where a file of this machine, or a link to nothing, stands in the way of the folder."""
        ways = (Path(self._root), *Path(self._root).parents) if self.local else ()
        if (link := next((p for p in ways if p.is_symlink() and not p.exists()), None)) is not None:
            gone = f"{link} is a link to {link.readlink()}, which is not there"
            raise StoreError(f"{self.where} cannot be a results folder: {gone}; make it, or choose another folder")
        there = (p for p in ways if p.exists())
        if (nearest := next(there, None)) is not None and not nearest.is_dir():
            raise StoreError(f"{self.where} cannot be a results folder: {nearest} is a file; choose another folder")

    def write(self, name: str, data: bytes, *, flush: bool = True) -> None:
        """Write a file whole or not at all; with `flush`, a power failure does not undo it.

        Raises:
            StoreError: the storage refuses; says why and what is needed.
        """
        target = self.path(name)
        if self.local:
            self._tree.write(name, data, flush=flush)
        else:
            self._patiently("write", name, lambda: self._write_remote(target, data))

    def _write_remote(self, target: str, data: bytes) -> None:
        with self._fs.open_output_stream(target) as stream:
            stream.write(data)

    def read(self, name: str) -> bytes | None:
        """A file's content, or None where there is no such file."""
        target = self.path(name)
        if self.local:
            return self._tree.read(name)

        def attempt() -> bytes | None:
            # A file and not a stream: a stream is read a quarter of a megabyte a request.
            try:
                with self._fs.open_input_file(target) as file:
                    return bytes(file.read())
            except FileNotFoundError:
                return None

        return self._patiently("read", name, attempt)

    def send(self, name: str, source: Path) -> None:
        """Write a file whole or not at all from one of this machine, however large.

        Raises:
            StoreError: the storage refuses.
            OSError: the file of this machine cannot be read.
        """
        target, size = self.path(name), source.stat().st_size

        def attempt() -> None:
            with source.open("rb") as stream:
                if self.local:
                    self._tree.send(name, stream, size)
                    return
                with self._fs.open_output_stream(target) as output:
                    shutil.copyfileobj(stream, output, PIECE_BYTES)

        self._patiently("write", name, attempt)

    def fetch(self, name: str, target: IO[bytes]) -> bool:
        """Read a file, however large, into an empty one that is open here; False where there is no such file."""
        where = self.path(name)

        def attempt() -> bool:
            target.seek(0)
            target.truncate()
            try:
                opened: Any = os.fdopen(self._tree.open(name, os.O_RDONLY), "rb") if self.local else None
                with opened or self._fs.open_input_file(where) as stream:
                    shutil.copyfileobj(stream, target, PIECE_BYTES)
            except (FileNotFoundError, NotADirectoryError):
                return False
            return True

        return self._patiently("read", name, attempt)

    def size(self, name: str) -> int | None:
        """A file's bytes, or None where there is no such file."""
        target = self.path(name)
        found = self._patiently("read", name, lambda: self._fs.get_file_info(target))
        return int(found.size) if found.type == pafs.FileType.File else None

    def make(self) -> None:
        """Make the folder itself, where it is not there yet."""
        if self.local:
            try:
                Path(self._root).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise store_error("make", self._root, error) from None

    def refuse_gone(self, mark: str) -> None:
        """Raise StoreError where a file that was right in the folder is there no more, or a folder that was read is."""
        if self.read(mark) is None:
            raise folder_gone(self.where)
        if self.local:
            self._tree.refuse_gone()

    def refuse_unwritable(self, names: Iterable[str]) -> None:
        """Raise StoreError where this user may not write in the folder or some folders within, or one is a file."""
        for name in ("", *names) if self.local else ():
            self._tree.files(name, deep=False)
            way = Path(self._root, name)
            if way.is_dir() and not os.access(way, os.W_OK | os.X_OK):
                raise store_error("write in", str(way), PermissionError(errno.EACCES, ""))

    def open_lock(self, name: str) -> int:
        """A handle of a file of this machine, made where there is none, for a lock; no link is followed.

        Raises:
            StoreError: it is a link, or no file.
            OSError: of the system.
        """
        self.path(name)
        return self._tree.open(name, os.O_RDWR | os.O_CREAT, 0o666)  # as other files: whom the umask lets write

    def leftovers(self, under: str) -> list[str]:
        """Half-written files in a folder within and below it (of the whole folder, right in it) that a killed process
        left behind; only local folders have such.
        """
        if not self.local:
            return []
        found = self._tree.files(under, deep=bool(under))
        return [n for n in found if _TEMPORARY.fullmatch(n.rpartition("/")[2])]

    def irregular(self, under: str) -> list[str]:
        """What below a folder within is no file and should be: see `LocalTree.odd`; only local ones are told."""
        self.path(under)
        return self._tree.irregular(under) if self.local else []

    def top_names(self) -> list[str]:
        """Names of all files, folders and links right in the folder, but hidden ones."""
        if self.local:
            found = self._tree.top_names()
        else:
            selector = pafs.FileSelector(self._root, allow_not_found=True)
            listed = self._patiently("list", ".", lambda: self._fs.get_file_info(selector))
            found = [f.path[len(self._root) :].lstrip("/") for f in listed]
        return sorted(n for n in found if not n.startswith("."))

    def names(self, under: str = "", *, deep: bool = False) -> list[str]:
        """Names of the files in a folder within (with `deep`, below it), sorted, relative to the whole.

        None that is hidden, and nothing but files: no pipes, no devices, and no name that is not text.
        """
        base = self.path(under) if under else self._root
        if self.local:
            found = self._tree.files(under, deep=deep)
            return [n for n in found if not n.rpartition("/")[2].startswith(".")]
        selector = pafs.FileSelector(base, allow_not_found=True, recursive=deep)
        listed = self._patiently("list", under or ".", lambda: self._fs.get_file_info(selector))
        files = (f.path[len(self._root) :].lstrip("/") for f in listed if f.type == pafs.FileType.File)
        return sorted(f for f in files if not f.rpartition("/")[2].startswith("."))

    def delete(self, name: str) -> None:
        """Remove a file; it may be gone already."""
        target = self.path(name)
        if self.local:
            self._tree.delete(name)
            return

        def attempt() -> None:
            with contextlib.suppress(FileNotFoundError):
                self._fs.delete_file(target)

        self._patiently("delete", name, attempt)

    def delete_folder(self, name: str) -> None:
        """Remove a folder within and all that it holds; it may be gone already."""
        target = self.path(name)
        if self.local:
            self._tree.delete_folder(name)
            return
        try:
            self._fs.delete_dir(target)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise store_error("delete", target, error) from None

    def move(self, name: str, to: str) -> None:
        """Move a file within the folder."""
        if self.local:
            self.path(name), self.path(to)
            self._tree.move(name, to)
            return
        data = self.read(name)
        if data is not None:
            self.write(to, data)
            self.delete(name)

    def unused_name(self, name: str) -> str:
        """The name, with a number after it where there is such a file already."""
        there = set(self.names(name.rpartition("/")[0]))
        return next(n for n in itertools.chain([name], (f"{name}.{i}" for i in itertools.count(2))) if n not in there)

    def _patiently(self, verb: str, name: str, attempt: Callable[[], T]) -> T:
        for n in range(MAX_ATTEMPTS):
            try:
                return attempt()
            except OSError as error:
                if self.local or permanent_cause(error) or n == MAX_ATTEMPTS - 1:
                    raise store_error(verb, f"{self.where}/{name}", error) from None
                time.sleep(0.5 * 2**n)
            except pa.ArrowException as error:  # a path that this storage cannot have
                raise StoreError(f"cannot {verb} {self.where}/{name}: {first_line_of(error)}") from None
        raise AssertionError("unreachable")
