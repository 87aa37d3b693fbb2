"""Where a report is written: files whole or not there, no link followed, and a list of what was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from study.storage.durable_files import Folder
from trainables.config.errors import BadInput, StoreError

MARK = ".built-from"
"""A file beside the page: the fingerprint of what it was made from, and the digest of each file that was written."""


class OutputFolder:
    """A folder of this machine that pages, figures and tables go to.

    Args:
        folder: a results folder.
        out: where to write; if not given, `name` within the results folder, which may be a stranger's: then that is no
            link either.

    Raises:
        StoreError: it is a file.
        BadInput: the results are not on this machine's disk and no `out` is given.
    """

    def __init__(self, folder: str, out: Path | None, name: str) -> None:
        if out is None and "://" in folder:
            raise BadInput("out", None, f"name a folder on this machine for the {name}: the results are at {folder}")
        self.path = out if out is not None else Path(folder) / name
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"{self.path} cannot be written: it is a file, not a folder")
        self._folder, self._under = (Folder(folder), f"{name}/") if out is None else (Folder(out), "")
        self._digests: dict[str, str] = {}

    def write(self, name: str, content: bytes) -> Path:
        """Write a file; not flushed to disk, for it can be made again."""
        try:
            self._folder.make()
            self._folder.write(self._under + name, content, flush=False)
        except StoreError as error:
            raise type(error)(f"{self.path / name} cannot be written: {error}") from None
        self._digests[name] = hashlib.sha256(content).hexdigest()
        return self.path / name

    def finish(self, made_from: str) -> None:
        """Put down what all that was written was made from."""
        said = {"made_from": made_from, "wrote": self._digests}
        self.write(MARK, (json.dumps(said, indent=1) + "\n").encode())

    def is_fresh(self, made_from: str) -> bool:
        """Whether all that was written is there still, as it was, and made from just that."""
        try:
            said = json.loads(self._folder.read(self._under + MARK) or b"")
            wrote = dict(said["wrote"])
            return (
                said["made_from"] == made_from and "index.html" in wrote and all(map(self._is, wrote, wrote.values()))
            )
        except (StoreError, BadInput, ValueError, TypeError, KeyError, RecursionError):
            return False

    def _is(self, name: str, digest: str) -> bool:
        content = self._folder.read(self._under + name)
        return content is not None and hashlib.sha256(content).hexdigest() == digest
