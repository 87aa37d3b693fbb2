"""Where unfinished trials go on: `checkpoints/ID/EPOCHS.ckpt`, each with its checksum before it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from study.storage.durable_files import Folder
from trainables.config.errors import BadInput

_TRIAL = re.compile(r"[0-9a-f]{20}")
_CHECKPOINT = re.compile(r"checkpoints/([^/]+)/(\d+)\.ckpt")


class KeptCheckpoints:
    """The checkpoints of a results folder, the last two of a trial."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def save(self, trial: str, epochs: int, data: bytes) -> None:
        """Keep a checkpoint and the one before it; older ones go, and later ones, which cannot have been sound."""
        folder = self._folder_of(trial)
        new = f"{folder}/{epochs:06d}.ckpt"
        self.folder.write(new, hashlib.sha256(data).digest() + data)
        there = self.folder.names(folder)
        before = max((n for n in there if n < new), default=None)
        for name in there:
            if name not in (new, before):
                self.folder.delete(name)

    def latest_first(self, trial: str) -> Iterator[bytes]:
        """A trial's sound checkpoints, the latest first."""
        for name in reversed(self.folder.names(self._folder_of(trial))):
            data = self.folder.read(name)
            if data is not None and hashlib.sha256(data[32:]).digest() == data[:32]:
                yield data[32:]

    def drop(self, trial: str) -> None:
        """Forget a trial's checkpoints."""
        self.folder.delete_folder(self._folder_of(trial))

    def _folder_of(self, trial: str) -> str:
        if not _TRIAL.fullmatch(trial):
            raise BadInput("trial", trial, "expected a trial's identity")
        return f"checkpoints/{trial}"


def saved_epochs(folder: Folder) -> dict[str, int]:
    """Epochs behind the last checkpoint of each trial that has one, by identity."""
    found: dict[str, int] = {}
    for name in folder.names("checkpoints", deep=True):
        if match := _CHECKPOINT.fullmatch(name):  # else it is not ours
            trial, epochs = match.groups()
            found[trial] = max(found.get(trial, 0), int(epochs))
    return found
