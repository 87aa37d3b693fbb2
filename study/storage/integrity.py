"""What a file in a results folder must look like: names, checksums, identity. Bytes in, values or a StudyError out."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from study.spec.frozen import read_frozen
from study.spec.study import Study
from study.storage.durable_files import Folder
from trainables.config.errors import StoreError, StudyError
from trainables.config.identity import canonical_json
from trainables.records.trial_record import STATUSES, TrialRecord

FORMAT, VERSION = "hyperparameter-study results", 2
"""What a results folder calls itself; version 2 may hold records of format 2, and older code refuses it."""
HEADER_FILE = "study-results.json"
UNFINISHED_COPY = "hyperparameter-study copy, not whole"
"""What a copy that `study upgrade` writes calls itself until it is whole."""
OWN_FOLDERS = ("trials", "failures", "studies", "runs", "searches", "checkpoints", "quarantine")
"""Only in these is anything moved or removed."""
LOOSE_NAME = re.compile(r"trials/([0-9a-f]{20})-(\d{6})-([a-z]+)(?:-\d{1,3})?\.json")
GATHERED_NAME = re.compile(r"trials/gathered-([0-9a-f]{64})\.parquet")


@dataclass(frozen=True)
class Damage:
    """A file that fails its check."""

    name: str
    reason: str


@dataclass(frozen=True)
class StoredRecord:
    """A record as a file has it: plain data, and the checksum that was written beside them."""

    checksum: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, record: TrialRecord) -> StoredRecord:
        """A record as it is to be written."""
        values = record.to_dict()
        return cls(checksum_of(values), values)

    def checked(self) -> TrialRecord:
        """The record, where its checksum fits; raises StudyError where it does not."""
        try:
            fits = self.checksum == checksum_of(self.values)
        except (TypeError, ValueError):  # bytes, say: a flipped bit makes another type of a column
            fits = False
        if not fits:
            raise StoreError("its content does not fit its checksum")
        return TrialRecord.from_dict(self.values)

    @property
    def is_sound(self) -> bool:
        """Whether it can be trusted."""
        try:
            self.checked()
        except StudyError:
            return False
        return True


def record_key(record: TrialRecord) -> tuple[str, int, str]:
    """What tells a record from others of its trial."""
    return record.id, record.epochs_done, record.status


def to_json(value: Any) -> bytes:
    """Write plain data as the folder's JSON."""
    return (json.dumps(value, indent=1, allow_nan=False) + "\n").encode()


def to_plain(data: bytes, name: str) -> Any:
    """What JSON says; raises StoreError where it is none."""
    try:
        return json.loads(data, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        why = f"it is no JSON, from line {error.lineno}, column {error.colno} on" if data.strip() else "it is empty"
        raise StoreError(f"{name} is damaged ({why})") from None
    except UnicodeDecodeError:
        raise StoreError(f"{name} is damaged (it is no text in UTF-8)") from None
    except ValueError as error:
        raise StoreError(f"{name} is damaged ({first_line(error)})") from None
    except RecursionError:
        raise StoreError(f"{name} is damaged (it is nested too deeply)") from None


def to_object(data: bytes, name: str) -> dict[str, Any]:
    """A JSON object; raises StoreError where it is damaged."""
    values = to_plain(data, name)
    if not isinstance(values, dict):
        raise StoreError(f"{name} is damaged (it is not an object)")
    return values


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def checksum_of(values: Mapping[str, Any]) -> str:
    """Return the checksum over all of a record, in its one spelling."""
    return hashlib.sha256(canonical_json(values).encode()).hexdigest()


def parse_record(data: bytes) -> TrialRecord:
    """A loose record; raises StudyError where it is damaged."""
    values = to_object(data, "the record")
    if not isinstance(values.get("record"), dict):
        raise StoreError("it is not a record")
    record = StoredRecord(str(values.get("checksum")), values["record"]).checked()
    _require_storable(record, data)
    return record


def _require_storable(record: TrialRecord, data: bytes) -> None:
    """Refuse what JSON can say and a column of numbers or of text cannot keep as it is."""
    for t in record.tensors:
        if not all(type(x) is float for x in (t.mean, t.std, *t.quantiles)):
            raise StoreError(f"a number of the distribution of {t.name} has no decimal point")
        if not all(-(2**63) <= n < 2**63 for n in (t.epoch, t.count, *t.histogram)):
            raise StoreError(f"a number of the distribution of {t.name} is too large")
    try:
        if b"\\ud" in data.lower():  # else no text in it can have half a character
            json.dumps(record.to_dict(), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise StoreError("a text in it has half a character") from None


@lru_cache(maxsize=512)
def parse_study(data: bytes, name: str) -> Study:
    """A study as it was frozen; raises StudyError where it is damaged.

    A command reads each file several times, as each of its steps asks the folder for itself: equal bytes are parsed
    once, and every reader gets the same value.
    """
    values = to_object(data, name)
    if "study" in values and "checksum" in values:
        plain = values["study"]
        if not isinstance(plain, dict) or values["checksum"] != checksum_of(plain):
            raise StoreError(f"{name} is damaged (its content does not fit its checksum)")
        _when_of(values, name)
        return read_frozen(plain)
    return read_frozen(values)


@lru_cache(maxsize=512)  # as of `parse_study`
def with_checksum(data: bytes, name: str) -> bytes:
    """A study's file, with a checksum where version 0.1 wrote none; when it was frozen nobody knows."""
    values = to_object(data, name)
    if "study" in values and "checksum" in values:
        return data
    return to_json({"checksum": checksum_of(values), "study": values})


@dataclass(frozen=True)
class FreezingNote:
    """When a study was frozen, as its file says it."""

    at: str
    checksum: str


def freezing_note(at: str, study: str) -> FreezingNote:
    """What says when a study was frozen; `study`: its checksum."""
    return FreezingNote(at, checksum_of({"at": at, "study": study}))


def frozen_at(data: bytes, name: str) -> str:
    """When a study was frozen, by its file; empty where that does not say, as of version 0.1; may raise StoreError."""
    return _when_of(to_object(data, name), name)


def _when_of(values: Mapping[str, Any], name: str) -> str:
    note = values.get("frozen")
    if note is None:
        return ""
    if not isinstance(note, dict) or note != asdict(freezing_note(str(note.get("at")), str(values.get("checksum")))):
        raise StoreError(f"{name} is damaged (when it was frozen does not fit its checksum)")
    return str(note["at"])


def parse_studies(
    files: Iterable[tuple[str, bytes | None]], parse: Callable[[bytes, str], Study] = parse_study
) -> tuple[list[Study], list[str]]:
    """Read those of some studies, by file name, that are sound, and a line for each that is not."""
    found, bad = [], []
    for name, data in files:
        try:
            found += [parse(data, name)] if data is not None else []
        except StudyError as error:
            bad.append(str(error))
    return found, bad


def why_unsound(name: str, data: bytes) -> str:
    """Why a trial file is not sound; empty if it is."""
    if match := GATHERED_NAME.fullmatch(name):
        return "" if hashlib.sha256(data).hexdigest() == match[1] else "its content does not fit its name's checksum"
    match = LOOSE_NAME.fullmatch(name)
    if not match or match[3] not in STATUSES:
        return "it is not a record's name"
    try:
        record = parse_record(data)
    except StudyError as error:
        return str(error)
    fits = record_key(record) == (match[1], int(match[2]), match[3])
    return "" if fits else "its name does not fit its content"


def repair_command(folder: Folder) -> str:
    """The command that mends a results folder, as it is to be pasted."""
    return f"`study repair {shlex.quote(folder.where)}`"


def damaged(folder: Folder, name: str, reason: object) -> StoreError:
    """What to raise of a damaged file: why it is, and the command that mends it."""
    return StoreError(f"{name} is damaged ({reason}); {repair_command(folder)} moves it to quarantine/")


def why_within(error: StudyError) -> str:
    """The reason alone of an error that says which file is damaged."""
    match = re.search(r" is damaged \((.*)\); `study repair .*` moves it to quarantine/\Z", str(error), re.DOTALL)
    return match[1] if match else str(error)


def fault_within(records: Iterator[TrialRecord]) -> str:
    """Why one of some records is not sound; empty if all are."""
    try:
        for _ in records:
            pass
    except StudyError as error:
        return why_within(error)
    return ""


def if_it_was_one(where: str) -> str:
    """What to do where a folder's header is damaged or lost."""
    return f"if it was one, `study repair {shlex.quote(where)}` writes {HEADER_FILE} anew"


def check_header(data: bytes, where: str) -> None:
    """Raises StoreError where a folder is not ours, or newer than this code."""
    try:
        head = to_plain(data, HEADER_FILE)
    except StoreError as error:
        raise StoreError(f"{where} is not a results folder: {error}; {if_it_was_one(where)}") from None
    if isinstance(head, dict) and head.get("format") == UNFINISHED_COPY:
        raise StoreError(
            f"{where} is not a results folder, but a copy that `study upgrade` began and did not end; "
            "the same command begins it anew"
        )
    ours = isinstance(head, dict) and head.get("format") == FORMAT
    version = head.get("version") if ours else None
    if type(version) is not int:
        said = f"{where} is not a results folder of this project ({HEADER_FILE} says something else)"
        raise StoreError(f"{said}; {if_it_was_one(where)}")
    if version > VERSION:
        raise StoreError(
            f"{where} was written by a newer version (format {version}, this one reads {VERSION}): update first"
        )


def raise_header_version(folder: Folder) -> None:
    """Say that a folder may hold records of format 2, before the first is written: older code then refuses it."""
    data = folder.read(HEADER_FILE)
    head = {} if data is None else to_object(data, HEADER_FILE)
    if head.get("version", 0) < VERSION:
        folder.write(HEADER_FILE, to_json({**head, "format": FORMAT, "version": VERSION}))


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
