"""A folder that may be local, on NFS or in a bucket: read, list, delete, write so that a file is whole or not there.

Everything goes through `pyarrow.fs`; on local paths a write is flushed to disk under a temporary name and renamed, in a
bucket an object appears when it is complete. What records mean is `study.storage.results_folder`'s business.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import stat
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pyarrow.fs as pafs

from study.storage.storage_errors import first_line_of, hopeless, store_error, with_bounded_retries
from trainables.config.errors import BadInput, StoreError

T = TypeVar("T")
ATTEMPTS = 5
"""How often an operation on remote storage is tried, half a second, one, two, four seconds apart."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


class Folder:
    """A folder by path or URL (`results/a`, `s3://bucket/prefix`). Paths within are relative and use `/`."""

    def __init__(self, where: str | Path) -> None:
        self.where = str(where)
        if "://" in self.where:
            parts = urlsplit(self.where)
            if not parts.scheme:
                raise BadInput("results", self.where, "expected a path or a URL such as s3://bucket/prefix")
            if "@" in parts.netloc:  # it would end up in records of provenance
                shown = f"{parts.scheme}://...@{parts.netloc.rpartition('@')[2]}{parts.path}"
                raise BadInput("results", shown, "no secrets in a URL: the environment or the machine's role has them")
            try:
                self._fs, self._root = pafs.FileSystem.from_uri(with_bounded_retries(self.where))
            except (OSError, ValueError) as error:
                raise BadInput("results", self.where, f"this storage cannot be used: {first_line_of(error)}") from None
            self.local = isinstance(self._fs, pafs.LocalFileSystem)
        else:
            self._fs, self._root, self.local = pafs.LocalFileSystem(), str(Path(where).absolute()), True

    def __repr__(self) -> str:
        return f"Folder({self.where!r})"

    def path(self, name: str) -> str:
        """The file system's own path of a file within; refuses to leave the folder."""
        parts = name.split("/")
        if name.startswith("/") or any(p in ("", ".", "..") for p in parts) or "\\" in name or "\0" in name:
            raise BadInput("path", name, "expected a path within the results folder")
        return f"{self._root}/{name}"

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            StoreError: the storage refuses; says why and what is needed.
        """
        target = self.path(name)
        if self.local:
            _write_local(self._root, target, data)
        else:
            self._patiently("write", name, lambda: self._write_remote(target, data))

    def _write_remote(self, target: str, data: bytes) -> None:
        with self._fs.open_output_stream(target) as stream:
            stream.write(data)

    def read(self, name: str) -> bytes | None:
        """A file's content, or None where there is no such file."""
        target = self.path(name)
        if self.local:
            try:
                if not stat.S_ISREG(os.stat(target).st_mode):  # to read a pipe would wait without end
                    raise StoreError(f"cannot read {target}: it is not a file")
                return Path(target).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
            except OSError as error:
                raise store_error("read", target, error) from None

        def attempt() -> bytes | None:
            # A file and not a stream: a stream is read a quarter of a megabyte a request.
            try:
                with self._fs.open_input_file(target) as file:
                    return bytes(file.read())
            except FileNotFoundError:
                return None

        return self._patiently("read", name, attempt)

    def make(self) -> None:
        """Make the folder itself, where it is not there yet."""
        if self.local:
            try:
                os.makedirs(self._root, exist_ok=True)
            except OSError as error:
                raise store_error("make", self._root, error) from None

    def leftovers(self) -> list[str]:
        """Half-written files that a killed process left behind; only local folders have such."""
        if not self.local:
            return []
        found = (os.path.join(f, n) for f, _, names in os.walk(self._root) for n in names if _TEMPORARY.fullmatch(n))
        return sorted(os.path.relpath(f, self._root).replace(os.sep, "/") for f in found)

    def names(self, under: str = "", *, deep: bool = False) -> list[str]:
        """Names of the files in a folder within (with `deep`, below it), sorted, relative to the whole.

        None that is hidden, and nothing but files: no pipes, no devices, and no name that is not text.
        """
        base = self.path(under) if under else self._root
        if self.local:
            return _local_names(self._root, base, deep)
        selector = pafs.FileSelector(base, allow_not_found=True, recursive=deep)
        found = self._patiently("list", under or ".", lambda: self._fs.get_file_info(selector))
        files = (f.path[len(self._root) :].lstrip("/") for f in found if f.type == pafs.FileType.File)
        return sorted(f for f in files if not f.rpartition("/")[2].startswith("."))

    def delete(self, name: str) -> None:
        """Remove a file; it may be gone already."""
        target = self.path(name)
        if self.local:
            try:
                Path(target).unlink(missing_ok=True)
            except OSError as error:
                raise store_error("delete", target, error) from None
            return

        def attempt() -> None:
            with contextlib.suppress(FileNotFoundError):
                self._fs.delete_file(target)

        self._patiently("delete", name, attempt)

    def delete_folder(self, name: str) -> None:
        """Remove a folder within and all that it holds; it may be gone already."""
        target = self.path(name)
        try:
            if self.local and os.path.islink(target):  # what it points to is not ours
                os.unlink(target)
            else:
                self._fs.delete_dir(target)
        except FileNotFoundError:
            pass
        except OSError as error:
            if self.local and not Path(target).exists():
                return
            raise store_error("delete", target, error) from None

    def move(self, name: str, to: str) -> None:
        """Move a file within the folder."""
        if self.local:
            try:
                os.makedirs(os.path.dirname(self.path(to)), exist_ok=True)
                os.replace(self.path(name), self.path(to))
            except FileNotFoundError:
                return
            except OSError as error:
                raise store_error("move", name, error) from None
            return
        data = self.read(name)
        if data is not None:
            self.write(to, data)
            self.delete(name)

    def spare(self, name: str) -> str:
        """The name, with a number after it where there is such a file already."""
        there = set(self.names(name.rpartition("/")[0]))
        return next(n for n in itertools.chain([name], (f"{name}.{i}" for i in itertools.count(2))) if n not in there)

    def _patiently(self, verb: str, name: str, attempt: Callable[[], T]) -> T:
        for n in range(ATTEMPTS):
            try:
                return attempt()
            except OSError as error:
                if self.local or hopeless(error) or n == ATTEMPTS - 1:
                    raise store_error(verb, f"{self.where}/{name}", error) from None
                time.sleep(0.5 * 2**n)
        raise AssertionError("unreachable")


def _local_names(root: str, base: str, deep: bool) -> list[str]:
    """See `Folder.names`; a link to another folder is not entered, for what lies there is not this folder's."""
    if base != root and os.path.islink(base):
        raise StoreError(f"{base} is a link to another place; a results folder holds its own files: move them here")
    found, waiting = list[str](), [base]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file() and not entry.name.startswith("."):
                        found.append(entry.path[len(root.rstrip("/")) + 1 :])
                    elif deep and entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise store_error("list", folder, error) from None
    return sorted(name for name in found if name.isprintable())


def _write_local(root: str, target: str, data: bytes) -> None:
    folder, _, name = target.rpartition("/")
    temporary = f"{folder}/.{name}.{uuid.uuid4().hex[:8]}.tmp"
    try:
        if not os.path.isdir(root):  # it was there when the run began; to make it anew would hide that
            raise FileNotFoundError(errno.ENOENT, "the results folder is gone", root)
        os.makedirs(folder, exist_ok=True)
        with open(temporary, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
        _flush_folder(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise store_error("write", target, error, len(data)) from None


def _flush_folder(folder: str) -> None:
    """A rename survives a power failure only once its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
