"""Studies as they stood when a run began: `studies/NAME/N.json`, numbered (their text: `study.storage.kept_files`).

When a claim was frozen stands nowhere else, and verdicts rest on it: so each has a copy, `studies/NAME/N.copy`, which
takes its place where it is damaged. What version 0.1 froze has no checksum: there the copy has it, for both.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from dataclasses import asdict

from study.spec.study import NAME, Study
from study.storage.durable_files import Folder
from study.storage.integrity import (
    checksum_of,
    freezing_note,
    frozen_at,
    parse_studies,
    parse_study,
    to_json,
    with_checksum,
)
from trainables.config.errors import BadInput, StoreError, StudyError
from trainables.config.identity import canonical_json

_USED = re.compile(r"studies/[^/]+/([1-9]\d{0,5})(?:/|\.json\Z|\.copy\Z)")
FILE = re.compile(r"studies/[^/]+/([1-9]\d{0,5})\.json\Z")
"""The file of a version, by its number."""
_COPY = re.compile(r"studies/[^/]+/([1-9]\d{0,5})\.copy\Z")


WRITTEN_AGAIN = "writes it again, once its claims have the `from_seed` that it names"
"""What the next run of a study does where its file is damaged and has no copy (`study.storage.lost_study`)."""


def _copy_of(file: str) -> str:
    return file.removesuffix(".json") + ".copy"


def with_version(kept: list[Study], study: Study) -> list[Study]:
    """Versions of a study, oldest first, as if it were frozen now: the same where the newest says all that it does."""
    return kept if kept and kept[-1].to_dict() == study.to_dict() else [*kept, study]


class FrozenStudies:
    """The studies of a results folder, version by version."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def freeze(self, study: Study, at: str = "") -> int:
        """Keep a study as it stands; returns its number, the old one where nothing changed.

        at: when it was frozen, where another folder had it before, in UTC; if not given, now, and after all others.
        """
        values = json.loads(canonical_json(study.to_dict()))
        kept = self.versions(study.name)
        if with_version(kept, study) == kept:
            return len(kept)
        used = map(_USED.match, self.folder.names(f"studies/{study.name}", deep=True))
        number = 1 + max((int(m[1]) for m in used if m), default=0)
        checksum, when = checksum_of(values), at or self._now()
        data = to_json({"checksum": checksum, "frozen": asdict(freezing_note(when, checksum)), "study": values})
        self.folder.write(f"studies/{study.name}/{number}.json", data)
        self.folder.write(f"studies/{study.name}/{number}.copy", data)
        return len(kept) + 1

    def _now(self) -> str:
        """Give this moment, in UTC, after all that was frozen here before: a clock may have been set back.

        Places of families, and which version is the newest where folders are merged, follow these times.
        """
        now = dt.datetime.now(dt.UTC)
        for file in (n for n in self.folder.names("studies", deep=True) if FILE.match(n)):
            with contextlib.suppress(
                StudyError, ValueError, TypeError, OverflowError
            ):  # damaged, no date, the last one
                if (data := self.folder.read(file)) is not None and (there := frozen_at(data, file)):
                    now = max(now, dt.datetime.fromisoformat(there) + dt.timedelta(microseconds=1))
        return now.isoformat()

    def has_copy(self, file: str) -> bool:
        """Whether a study's file, `studies/NAME/N.json`, has a sound copy."""
        return self._sound(_copy_of(file)) is not None

    def parse(self, data: bytes, file: str) -> Study:
        """A study as it was frozen, by its content; raises StudyError where it is damaged.

        One without a checksum is held against that in its copy.
        """
        study = parse_study(data, file)
        whole = with_checksum(data, file)
        if whole != data and self._checked_copy(file) not in (None, whole):
            raise StoreError(f"{file} is damaged (its content does not fit the checksum in its copy)")
        return study

    def _checked_copy(self, file: str) -> bytes | None:
        """The copy of a study, where it is sound and has a checksum."""
        copy = _copy_of(file)
        data = self._sound(copy)
        return data if data is not None and with_checksum(data, copy) == data else None

    def without_checksum(self) -> list[str]:
        """The files of studies that have no checksum, neither in them nor in a copy, as version 0.1 left them."""
        names = (n for n in self.folder.names("studies", deep=True) if FILE.match(n))
        found = ((file, data) for file in names if (data := self._sound(file)) is not None)
        return [file for file, data in found if with_checksum(data, file) != data and not self._checked_copy(file)]

    def add_checksums(self) -> list[str]:
        """Give each of these a copy that has a checksum; returns their files. No file of a study is changed."""
        files = self.without_checksum()
        for file in files:
            if (data := self.folder.read(file)) is not None:
                self.folder.write(_copy_of(file), with_checksum(data, file))
        return files

    def after(self, file: str) -> str:
        """What comes after a damaged file, `studies/NAME/N.json`, was put aside, in words."""
        if self.has_copy(file):
            return " and puts its copy in its place"
        return f" and {WRITTEN_AGAIN}"

    def put_back(self) -> list[str]:
        """Put copies in the place of studies that are not there; returns these files."""
        copies = [n for n in self.folder.names("studies", deep=True) if _COPY.match(n)]
        back = []
        for copy in copies:
            file = copy.removesuffix(".copy") + ".json"
            if self.folder.read(file) is None and (data := self._sound(copy)) is not None:
                self.folder.write(file, data)
                back.append(file)
        return back

    def keep_copies(self) -> list[str]:
        """Give each study a copy, where it has none that is equal to it: when none that is damaged is left there.

        Returns:
            The copies that were there and were not equal.
        """
        damaged = []
        for file in (n for n in self.folder.names("studies", deep=True) if FILE.match(n)):
            copy = _copy_of(file)
            if (data := self.folder.read(file)) is None or (there := self.folder.read(copy)) == data:
                continue
            if there is None or there != with_checksum(data, file):
                damaged += [] if there is None else [copy]
                self.folder.write(copy, data)
        return damaged

    def damaged_copies(self) -> list[str]:
        """Copies that are not equal to the sound study beside them."""
        names = self.folder.names("studies", deep=True)
        pairs = ((n, n.removesuffix(".copy") + ".json") for n in names if _COPY.match(n))
        sound = ((c, file, data) for c, file in pairs if (data := self._sound(file)) is not None)
        return [c for c, file, data in sound if self.folder.read(c) not in (data, with_checksum(data, file))]

    def _sound(self, name: str) -> bytes | None:
        """A file's content, where it is a sound study."""
        with contextlib.suppress(StudyError):
            if (data := self.folder.read(name)) is not None:
                (parse_study if _COPY.match(name) else self.parse)(data, name)
                return data
        return None

    def _files(self, name: str) -> list[str]:
        found = [n for n in self.folder.names(f"studies/{name}") if FILE.match(n)]
        return sorted(found, key=lambda n: int(n.rpartition("/")[2][:-5]))

    def versions(self, name: str, problems: list[str] | None = None) -> list[Study]:
        """The versions of a study that runs began with, oldest first; `problems` is told of damaged ones."""
        if not NAME.fullmatch(name):
            raise BadInput("study", name, "expected the name of a study")
        found, bad = parse_studies(((file, self.folder.read(file)) for file in self._files(name)), self.parse)
        if bad and not found:
            raise StoreError(
                f"{bad[-1]}; the next run of the study moves it to quarantine/{self.after(self._files(name)[-1])}"
            )
        if problems is not None:
            problems += bad
        return found

    def readable(self, name: str) -> list[Study]:
        """The versions of a study; none where all are damaged, for whoever asks something else of a folder."""
        try:
            return self.versions(name)
        except StudyError:
            return []

    def frozen_at(self, name: str) -> list[str]:
        """When each of `versions` was frozen, in UTC; empty where the file does not say, as of version 0.1."""
        found = []
        for file in self._files(name):
            data = self.folder.read(file)
            if data is not None and parse_studies([(file, data)], self.parse)[0]:
                found.append(frozen_at(data, file))
        return found

    def dated(self, name: str) -> list[tuple[str, Study]]:
        """Each of `versions` with when it was frozen, each file read once: a run may freeze one meanwhile."""
        read = [(file, data) for file in self._files(name) if (data := self.folder.read(file)) is not None]
        found = [
            (frozen_at(data, file), s) for file, data in read for s in parse_studies([(file, data)], self.parse)[0]
        ]
        return found or [("", version) for version in self.versions(name)]  # which says what is damaged

    def numbered(self, name: str) -> list[tuple[int, Study]]:
        """The sound versions of a study, each with the N of its file."""
        files = ((int(n.rpartition("/")[2][:-5]), n) for n in self._files(name))
        return [(number, s) for number, n in files for s in parse_studies([(n, self.folder.read(n))], self.parse)[0]]

    def names(self) -> list[str]:
        """The names of all studies in the folder."""
        names = {n.split("/")[1] for n in self.folder.names("studies", deep=True) if n.count("/") == 2}
        return sorted(n for n in names if NAME.fullmatch(n))

    def latest(self) -> list[Study]:
        """The latest version of every study in the folder, by name."""
        kept = (self.versions(name) for name in self.names())
        return [versions[-1] for versions in kept if versions]
