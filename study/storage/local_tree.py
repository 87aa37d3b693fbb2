"""Files below a folder of this machine. No link is followed, for a results folder may come from a stranger.

The folder itself may be reached by links: whoever named it chose it. Below it every part of a path is opened by itself,
relative to the one before it, so that nobody can put a link in between.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from study.storage.storage_errors import folder_gone, store_error
from trainables.config.errors import StorageRefused, StoreError
from trainables.data.memory import available_bytes

_PLACE = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
PIECE_BYTES = 1 << 22
"""Bytes of a large file that are in memory at a time."""
_FILE = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY

FILES = (".json", ".copy", ".parquet", ".ckpt")
"""How the names of a results folder's own files end."""
SMALL_BYTES, MAX_TEXT_BYTES = 1 << 26, 1 << 27
"""A file of at most so many bytes is read whatever memory is free; one of text with more is none of ours."""


class LocalTree:
    """What lies below one folder, by names relative to it."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._way = ""
        """Where it lies, once it was there: a link that is put in its place afterwards is not followed."""
        self._was_there = False
        self._seen = set[str]()
        """Folders right in the root that were there."""

    def __getstate__(self) -> dict[str, object]:
        """On another machine it may lie elsewhere."""
        return {**self.__dict__, "_way": ""}

    def _root_handle(self) -> int:
        """A handle of the root; one that was there is not merely empty where it is not any more.

        Raises:
            StorageRefused: it was there before, and is gone.
            OSError: of the system.
        """
        try:
            handle = os.open(self._way or self.root, _PLACE | (os.O_NOFOLLOW if self._way else 0))
        except FileNotFoundError:
            if self._was_there:
                raise folder_gone(self.root) from None
            raise
        except OSError:
            if self._way and Path(self._way).is_symlink():
                raise StorageRefused(f"{self.root} has become a link; bring the folder back, then go on") from None
            raise
        self._way = self._way or os.path.realpath(self.root)
        self._was_there = True
        return handle

    def write(self, name: str, data: bytes, *, flush: bool = True) -> None:
        """Write a file whole or not at all; with `flush`, it survives a power failure on return."""
        self.send(name, io.BytesIO(data), len(data), flush=flush)

    def send(self, name: str, source: IO[bytes], size: int, *, flush: bool = True) -> None:
        """The same of so many bytes, as they come."""
        folder, _, last = name.rpartition("/")
        aside = f".{last}.{uuid.uuid4().hex[:8]}.tmp"
        try:
            with self._inside(folder, make=True) as place:
                try:
                    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=place)
                    with os.fdopen(handle, "wb") as stream:
                        shutil.copyfileobj(source, stream, PIECE_BYTES)
                        stream.flush()
                        if flush:
                            os.fsync(handle)
                    os.replace(aside, last, src_dir_fd=place, dst_dir_fd=place)
                    if flush:
                        _flush_folder(place)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(aside, dir_fd=place)
                    raise
        except OSError as error:
            raise store_error("write", self._shown(name), error, size) from None

    def read(self, name: str) -> bytes | None:
        """A file's content, or None where there is no such file."""
        try:
            handle = self.open(name, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise store_error("read", self._shown(name), error) from None
        try:
            with os.fdopen(handle, "rb") as stream:
                self._refuse_large(name, os.fstat(handle).st_size)
                return stream.read()
        except OSError as error:
            raise store_error("read", self._shown(name), error) from None
        except MemoryError:
            raise StoreError(f"{self._shown(name)} does not fit into this machine's memory") from None

    def open(self, name: str, flags: int, mode: int = 0o644) -> int:
        """A handle of a file.

        Raises:
            StoreError: it, or a folder on the way, is a link, or it is no regular file.
            OSError: of the system.
        """
        folder, _, last = name.rpartition("/")
        with self._inside(folder) as place:
            with contextlib.suppress(FileNotFoundError):  # to open a pipe or a device may do something
                self._refuse_odd(name, os.stat(last, dir_fd=place, follow_symlinks=False).st_mode)
            handle = os.open(last, flags | _FILE, mode, dir_fd=place)
        try:
            self._refuse_odd(name, os.fstat(handle).st_mode)
        except StoreError:
            os.close(handle)
            raise
        return handle

    def files(self, under: str, *, deep: bool) -> list[str]:
        """Names of the regular files in a folder (with `deep`, below it), hidden ones too; none that is no text."""
        return self._listed(under, deep)[0]

    def irregular(self, under: str) -> list[str]:
        """Names of what is no regular file, below a folder: links, pipes, devices, and folders called like a file."""
        _, odd, folders = self._listed(under, True)
        return odd + [name for name in folders if name.endswith(FILES)]

    def top_names(self) -> list[str]:
        """Names of all that lies right in the root."""
        return [name for kind in self._listed("", False) for name in kind]

    def _listed(self, under: str, deep: bool) -> tuple[list[str], list[str], list[str]]:
        files, odd, folders, waiting = list[str](), list[str](), list[str](), [under]
        while waiting:
            folder = waiting.pop()
            try:
                with self._inside(folder) as place, os.scandir(place) as entries:
                    for entry in entries:
                        name = f"{folder}/{entry.name}".lstrip("/")
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(name)
                            waiting += [name] if deep else []
                        elif name.isprintable():
                            (files if entry.is_file(follow_symlinks=False) else odd).append(name)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise store_error("list", self._shown(folder), error) from None
        return sorted(files), sorted(odd), sorted(folders)

    def refuse_gone(self) -> None:
        """Raise StorageRefused where the root, or a folder right in it, was there and is not any more."""
        for name in sorted(self._seen):
            try:
                with self._inside(name):
                    pass
            except OSError as error:
                raise store_error("read", self._shown(name), error) from None

    def delete(self, name: str) -> None:
        """Remove a file, or a link; it may be gone already."""
        folder, _, last = name.rpartition("/")
        try:
            with self._inside(folder) as place:
                os.unlink(last, dir_fd=place)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise store_error("delete", self._shown(name), error) from None

    def delete_folder(self, name: str) -> None:
        """Remove a folder and all that it holds; of a link, the link alone. It may be gone already."""
        folder, _, last = name.rpartition("/")
        try:
            with self._inside(folder) as place:
                if stat.S_ISDIR(os.stat(last, dir_fd=place, follow_symlinks=False).st_mode):
                    shutil.rmtree(last, dir_fd=place)
                else:
                    os.unlink(last, dir_fd=place)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise store_error("delete", self._shown(name), error) from None

    def move(self, name: str, to: str) -> None:
        """Move a file, or a link; it may be gone already."""
        folder, _, last = name.rpartition("/")
        there, _, new = to.rpartition("/")
        try:
            with self._inside(folder) as place, self._inside(there, make=True) as target:
                os.replace(last, new, src_dir_fd=place, dst_dir_fd=target)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise store_error("move", self._shown(name), error) from None

    @contextlib.contextmanager
    def _inside(self, folder: str, *, make: bool = False) -> Iterator[int]:
        """A handle of a folder; with `make` it is made, but never the root: it was there when the run began."""
        handle = self._root_handle()
        try:
            for i, part in enumerate(parts := [p for p in folder.split("/") if p]):
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=handle)
                try:
                    below = os.open(part, _PLACE | os.O_NOFOLLOW, dir_fd=handle)
                except FileNotFoundError:
                    if not i and part in self._seen:
                        raise folder_gone(self._shown(part)) from None
                    raise
                except NotADirectoryError:
                    mode, way = os.stat(part, dir_fd=handle, follow_symlinks=False).st_mode, "/".join(parts[: i + 1])
                    if stat.S_ISLNK(mode):
                        self._refuse_odd(way, mode)
                    raise StoreError(f"{self._shown(way)} is a file where a folder belongs; move it away") from None
                os.close(handle)
                handle = below
                if not i:
                    self._seen.add(part)
            yield handle
        finally:
            os.close(handle)

    def _refuse_large(self, name: str, size: int) -> None:
        """Refuse what cannot be one of ours, or read here: a file that is mostly holes takes no room on a disk."""
        if size > SMALL_BYTES:
            text, free = name.endswith((".json", ".copy")), available_bytes()
            if text and size > MAX_TEXT_BYTES:
                raise StoreError(f"{self._shown(name)} is none of ours: it has {size / 1e9:.1f} GB; remove it")
            if free is not None and size > free:
                has = f"has {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free here"
                raise StoreError(f"{self._shown(name)} {has}")

    def _refuse_odd(self, name: str, mode: int) -> None:
        if stat.S_ISLNK(mode):
            raise StoreError(
                f"{self._shown(name)} is a link to another place; a results folder holds its own files: "
                "put what it means there instead, or remove it"
            )
        if not stat.S_ISREG(mode):
            raise StoreError(f"{self._shown(name)} is not a file; remove it")

    def _shown(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}" if name else self.root


def _flush_folder(handle: int) -> None:
    """A rename survives a power failure only once its folder is on disk too."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
