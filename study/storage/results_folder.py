"""The results folder, the only truth: read, write, check.

    study-results.json                     what this folder is, and its version
    studies/NAME/N.json                    each study as it stood when a run began (its text: `kept_files`), numbered
    studies/NAME/N.copy                    the same once more, for where it is damaged
    runs/RUN.json                          provenance: command, seeds, machine, versions
    trials/ID-EPOCHS-STATUS.json           one finished trial, written by whoever trained it
    trials/gathered-SHA256.parquet         many of them, gathered; the name is the content's checksum
    failures/ID-RUN.json                   trials that ended in an error
    checkpoints/ID/EPOCHS.ckpt             where an unfinished trial goes on
    arms.parquet                           which trials belong to which arms; made again at will (`arms_table`)
    quarantine/                            what was found damaged, out of the way
    inputs/SHA256.npz                      own data on their way to a cluster; no record rests on it

Records are immutable: written to a temporary name, renamed, later gathered, never changed. A longer record of a trial
does not replace a shorter one, it outranks it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from study.storage.checkpoints import KeptCheckpoints
from study.storage.durable_files import Folder
from study.storage.first_times import FirstTimes
from study.storage.frozen_studies import FrozenStudies
from study.storage.integrity import (
    FORMAT,
    HEADER_FILE,
    OWN_FOLDERS,
    VERSION,
    Damage,
    check_header,
    if_it_was_one,
    to_json,
)
from study.storage.trials import RecordedTrials
from study.storage.witness import sound_file
from trainables.config.errors import BadInput, NoResults, StoreError
from trainables.config.nearest import first_of
from trainables.config.plurals import counted
from trainables.records.trial_record import TrialRecord

ARMS = "arms.parquet"
OTHER_FOLDER = "; choose another folder"
"""What ends the words on a folder that is a stranger's."""


class ResultsFolder:
    """A results folder; a `RecordSink` for those who train. See the module's docstring for what lies in it.

    Args:
        where: a path, a URL that `pyarrow.fs` understands, or the files within.
        create: make the folder a results folder where it is empty or absent.

    Raises:
        BadInput: `where` is empty.
        StoreError: it is not one of ours, of a newer version, or cannot be reached; nothing has been touched.
    """

    def __init__(self, where: str | Path | Folder, *, create: bool = False) -> None:
        if not isinstance(where, Folder):
            if not str(where).strip():
                raise BadInput("folder", str(where), "it is empty; expected a path or a URL")
            where = Folder(where)
        self.folder, where = where, where.where
        head = self.folder.read(HEADER_FILE)
        if head is None:
            others = [name for name in self.folder.top_names() if name != "lost+found"]
            if others:
                raise StoreError(f"{where} is not a results folder: {_what_it_is(self.folder, others)}")
            self.folder.refuse_file()
            if not create:
                raise NoResults(str(where))
            self.folder.make()
            self.folder.write(HEADER_FILE, to_json({"format": FORMAT, "version": VERSION}))
        else:
            check_header(head, str(where))
        self.trials = RecordedTrials(self.folder)
        self.first_times = FirstTimes(self.trials)
        self.studies = FrozenStudies(self.folder)
        self._checkpoints = KeptCheckpoints(self.folder)

    def leftovers(self) -> list[str]:
        """Half-written files of this folder's own that a killed process left behind."""
        top = [n for n in self.folder.leftovers("") if n.startswith((f".{HEADER_FILE}.", f".{ARMS}.", "..lock."))]
        return top + [n for own in OWN_FOLDERS for n in self.folder.leftovers(own)]

    def irregular(self) -> list[Damage]:
        """Links, pipes and devices where this folder keeps its files: nothing is read from or written through them."""
        found = [n for own in OWN_FOLDERS if own != "quarantine" for n in self.folder.irregular(own)]
        return [Damage(n, "it is a link, or no file; nothing is read from it") for n in found]

    def refuse_gone(self) -> None:
        """Raise StoreError where the folder was emptied or its disk went away while it was read: to be called last.

        What was found of it is then no answer.
        """
        self.folder.refuse_gone(HEADER_FILE)

    def refuse_unwritable(self) -> None:
        """Raise StoreError where what is trained could not be kept: before it is trained."""
        self.folder.refuse_unwritable(OWN_FOLDERS)

    def write(self, record: TrialRecord) -> None:
        """Keep for ever what was trained; of epochs that are on record the times stay, see `first_times`."""
        self.trials.write(self.first_times.kept_in(record))

    def save_checkpoint(self, trial: str, epochs: int, data: bytes) -> None:
        """Keep a checkpoint and the one before it; see `KeptCheckpoints.save`."""
        self._checkpoints.save(trial, epochs, data)

    def checkpoints(self, trial: str) -> Iterator[bytes]:
        """A trial's sound checkpoints, the latest first."""
        return self._checkpoints.latest_first(trial)

    def drop_checkpoints(self, trial: str) -> None:
        """Forget a trial's checkpoints."""
        self._checkpoints.drop(trial)


def refuse_among_records(out: Path) -> None:
    """Refuse to write pages or tables where a results folder keeps its own files: they would be taken for damage.

    Raises:
        BadInput: names the folder.
    """
    whole = Path(os.path.realpath(out))
    for folder in whole.parents:
        own = whole.relative_to(folder).parts[0]
        if own in OWN_FOLDERS and (folder / HEADER_FILE).is_file():
            raise BadInput("--out", str(out), f"{folder} keeps its own files in {own}/; choose another folder")


def _what_it_is(folder: Folder, names: Sequence[str]) -> str:
    """What a folder without a header is, by the names in it, and what to name in its place."""
    if set(names) & set(OWN_FOLDERS) and sound_file(folder):  # else `study repair` would refuse it
        return f"it holds {names[0]} but no {HEADER_FILE}{OTHER_FOLDER}; {if_it_was_one(folder.where)}"
    places = [Path(folder.where) / name for name in names] if folder.local else []
    if within := [str(place) for place in places if _has_header(place)]:
        which = "that one" if len(within) == 1 else "one of them"
        return f"it holds {counted(len(within), 'results folder')}, {first_of(within, 4)}; name {which}"
    return f"it holds {names[0]} but no {HEADER_FILE}{OTHER_FOLDER}"


def _has_header(place: Path) -> bool:
    """Whether it is a results folder by its header; one that cannot be looked into is none."""
    try:
        return (place / HEADER_FILE).is_file()
    except OSError:
        return False
