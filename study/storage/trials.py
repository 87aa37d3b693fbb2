"""Records of trials in a results folder: written, found, gathered, checked.

    trials/ID-EPOCHS-STATUS.json           one finished trial, written by whoever trained it
    trials/gathered-SHA256.parquet         many of them, gathered; the name is the content's checksum
    failures/ID-RUN.json                   trials that ended in an error

Records are immutable: written to a temporary name, renamed, later gathered, never changed. A longer record of a trial
does not replace a shorter one, it outranks it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from study.storage import parquet
from study.storage.durable_files import Folder
from study.storage.integrity import (
    GATHERED_NAME,
    LOOSE_NAME,
    Damage,
    StoredRecord,
    damaged,
    fault_within,
    first_line,
    parse_record,
    raise_header_version,
    record_key,
    repair_command,
    to_json,
    why_unsound,
    why_within,
)
from study.storage.quarantine import move_to_quarantine, quarantined_name
from trainables.config.errors import StoreError, StudyError
from trainables.records.agreement import combined, conflict, contradiction, holds_more
from trainables.records.trial_record import Rank, TrialRecord, rank_of

_GATHERING = threading.Lock()
MAX_LOOSE_ALIKE = 1000
"""Loose records of one trial and length, of which each adds a metric to the others."""


@dataclass(frozen=True)
class TrialOnRecord:
    """What is on record of a trial."""

    epochs: int
    status: str

    @classmethod
    def of(cls, record: TrialRecord) -> TrialOnRecord:
        """What a record gives."""
        return cls(record.epochs_done, record.status)

    @property
    def rank(self) -> Rank:
        """The larger, the more it is worth."""
        return rank_of(self.epochs, self.status)


class RecordedTrials:
    """The records of trials in a results folder."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def write(self, record: TrialRecord) -> None:
        """Keep a record for ever; the same result again is no change.

        Raises:
            StoreError: another result of the same trial is on record: the two contradict each other.
        """
        stored = StoredRecord.of(record)
        data = to_json({"checksum": stored.checksum, "record": stored.values})
        if record.status == "failed":
            self.folder.write(f"failures/{record.id}-{stored.checksum[:8]}.json", data)
            return
        if record.format > 1:
            raise_header_version(self.folder)
        stem = f"trials/{record.id}-{record.epochs_done:06d}-{record.status}"
        for name in (f"{stem}.json", *(f"{stem}-{n}.json" for n in range(2, MAX_LOOSE_ALIKE))):
            if (there := self.folder.read(name)) is None:
                break
            try:
                known = parse_record(there)
            except StudyError:
                move_to_quarantine(self.folder, name)
                break
            if why := contradiction(known, record):
                raise StoreError(f"trial {record.id} gave another result than the one on record in {name}: {why}")
            if not (holds_more(record, known) or conflict(known, record)):
                return
        self.folder.write(name, data)

    def on_record(self) -> dict[str, TrialOnRecord]:
        """What is on record of each trial, at its longest; cheap: reads names and three columns."""
        found: dict[str, TrialOnRecord] = {}

        def add(trial: str, candidate: TrialOnRecord) -> None:
            if trial not in found or candidate.rank > found[trial].rank:
                found[trial] = candidate

        for name in self.folder.names("trials"):
            if match := LOOSE_NAME.fullmatch(name):
                add(match[1], TrialOnRecord(int(match[2]), match[3]))
        for table in self.tables(["id", "epochs_done", "status"]):
            for trial, epochs, status in zip(*(table.column(c).to_pylist() for c in table.column_names), strict=True):
                add(trial, TrialOnRecord(epochs, status))
        return found

    def look(self, name: str) -> tuple[list[tuple[str, TrialOnRecord]], str]:
        """What a file of `trials/` has of each trial, and why it is not sound; of a damaged one, what can be saved."""
        if (data := self.folder.read(name)) is None:
            return [], ""
        reason = why_unsound(name, data)
        if GATHERED_NAME.fullmatch(name):
            if reason:
                return [(r.id, TrialOnRecord.of(r)) for r in self.saved_records(name)], reason
            try:
                table = self._columns(name, data, ["id", "epochs_done", "status"])
            except StoreError as error:
                return [], why_within(error)
            rows = zip(*(table.column(c).to_pylist() for c in table.column_names), strict=True)
            return [(trial, TrialOnRecord(epochs, status)) for trial, epochs, status in rows], ""
        match = LOOSE_NAME.fullmatch(name)
        return ([(match[1], TrialOnRecord(int(match[2]), match[3]))], "") if match and not reason else ([], reason)

    def saved_records(self, name: str) -> list[TrialRecord]:
        """The records of a damaged gathered file that are still sound, each by its own checksum."""
        saved, _ = parquet.salvage(self.folder.read(name) or b"")
        return [row.checked() for row in saved]

    def tables(self, columns: list[str]) -> Iterator[pa.Table]:
        """Some columns of every gathered file; see `segments.SCHEMA`."""
        for name in self.gathered():
            if (table := self.table(name, columns)) is not None:
                yield table

    def data_checksums(self) -> list[str]:
        """Return the checksums of the data that trials on record were trained on; of loose records the first one's."""
        loose = [self.loose_record(n) for n in self.loose()[:1]]  # before the others: what is gathered now is there
        found = {c for t in self.tables(["data_checksum"]) for c in t.column("data_checksum").to_pylist()}
        return sorted(found | {r.data_checksum for r in loose if r is not None})

    def gathered(self) -> list[str]:
        """Names of the files of gathered records."""
        return [n for n in self.folder.names("trials") if GATHERED_NAME.fullmatch(n)]

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table | None:
        """Some columns of one gathered file, or all; None where there is no such file.

        A file of format 2 may lack columns of metrics; see `segments.columns_of`.

        Raises:
            StoreError: it is damaged.
        """
        data = self.folder.read(name)
        if data is None:
            return None
        return self._columns(name, data, columns)

    def _columns(self, name: str, data: bytes, columns: list[str] | None) -> pa.Table:
        reason = why_unsound(name, data)
        try:
            if not reason:
                source = parquet.open_file(data)
                return parquet.whole_table(source) if columns is None else parquet.columns_of(source, columns)
        except Exception as error:  # of a file with a forged name; pyarrow raises many kinds
            reason = first_line(error)
        raise damaged(self.folder, name, reason)

    def loose_record(self, name: str) -> TrialRecord | None:
        """One record that is not gathered yet; None where it has been gathered in between.

        Raises:
            StoreError: it is damaged.
        """
        data = self.folder.read(name)
        if data is None:
            return None
        try:
            return parse_record(data)
        except StudyError as error:
            raise damaged(self.folder, name, error) from None

    def records(self, trials: Iterable[str] | None = None) -> Iterator[TrialRecord]:
        """Read of each trial, or of those named, what its longest records say, see `combined`; damaged loose ones raise
        StoreError.
        """
        wanted = None if trials is None else set(trials)
        best: dict[str, list[TrialRecord]] = {}
        for record in self.all_records(wanted):
            known = best.setdefault(record.id, [record])
            if record.epochs_done > known[0].epochs_done:
                best[record.id] = [record]
            elif record.epochs_done == known[0].epochs_done and record is not known[0]:
                known.append(record)
        yield from (combined(best[k]) for k in sorted(best))

    def all_records(self, wanted: set[str] | None = None) -> Iterator[TrialRecord]:
        """Every record, shorter ones of a trial too."""
        for name in self.loose():
            if wanted is None or name.removeprefix("trials/")[:20] in wanted:
                record = self.loose_record(name)
                if record is not None:  # else gathered in between; found below
                    yield record
        for name in self.gathered():
            yield from self.gathered_records(name, wanted)

    def loose(self) -> list[str]:
        """Names of the records that are not gathered yet."""
        return [n for n in self.folder.names("trials") if LOOSE_NAME.fullmatch(n)]

    def gather(self) -> int:
        """Put all loose records into one Parquet file; only by whoever holds the folder. Returns how many.

        What a gathered file has already, since a gathering was cut short, is not put there twice.

        Raises:
            StoreError: a loose record is damaged, or contradicts a gathered one; it stays where it is.
        """
        with _GATHERING:
            return self._gather()

    def _gather(self) -> int:
        loose = {name: record for name in self.loose() if (record := self.loose_record(name)) is not None}
        added = self._add(loose)
        for name in loose:
            self.folder.delete(name)
        return added

    def add(self, records: Mapping[str, TrialRecord]) -> int:
        """Gather records of another folder, by where each stands; only by whoever holds this one. Returns how many.

        What a gathered file has already is not put there twice.

        Raises:
            StoreError: one of them contradicts a gathered one; none was written.
        """
        if any(record.format > 1 for record in records.values()):
            raise_header_version(self.folder)
        with _GATHERING:
            return self._add(records)

    def _add(self, records: Mapping[str, TrialRecord]) -> int:
        known = self._gathered_alike({r.id for r in records.values()}) if records else {}
        rows = []
        for name, record in records.items():
            others = known.setdefault(record_key(record), [])
            if why := next(filter(None, (contradiction(other, record) for other in others)), ""):
                raise StoreError(
                    f"trial {record.id} in {name} gave another result than the one gathered ({why}); "
                    f"{repair_command(self.folder)} keeps the one that was trained first"
                )
            if all(holds_more(record, other) or conflict(other, record) for other in others):
                rows.append(StoredRecord.of(record))
                others.append(record)
        if rows:
            self._write_gathered(rows)
        return len(rows)

    def write_gathered(self, records: Iterable[TrialRecord]) -> None:
        """Keep records for ever, gathered at once; whoever calls knows that they contradict none that is there."""
        kept = list(records)
        if any(record.format > 1 for record in kept):
            raise_header_version(self.folder)
        self._write_gathered(list(map(StoredRecord.of, kept)))

    def _write_gathered(self, rows: list[StoredRecord]) -> None:
        for data in parquet.pack_all(rows):
            self.folder.write(f"trials/gathered-{hashlib.sha256(data).hexdigest()}.parquet", data)

    def _gathered_alike(self, trials: set[str]) -> dict[tuple[str, int, str], list[TrialRecord]]:
        found: dict[tuple[str, int, str], list[TrialRecord]] = {}
        for name in self.gathered():
            table = self.table(name, ["id"])
            if table is not None and not trials.isdisjoint(table.column("id").to_pylist()):
                for record in self.gathered_records(name, trials):
                    found.setdefault(record_key(record), []).append(record)
        return found

    def gathered_records(self, name: str, wanted: set[str] | None = None) -> Iterator[TrialRecord]:
        """The records of one gathered file, or those of the trials named.

        Raises:
            StoreError: the file or one of its records is damaged.
        """
        table = self.table(name)
        if table is None:
            return
        if wanted is not None:
            import pyarrow.compute as pc

            table = table.filter(pc.is_in(table.column("id"), pa.array(sorted(wanted))))
        try:
            for row in parquet.unpack(table):
                yield row.checked()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            no_json = isinstance(error, json.JSONDecodeError)
            raise damaged(self.folder, name, "a text in it is no JSON" if no_json else first_line(error)) from None

    def failures(self) -> list[TrialRecord]:
        """Trials that ended in an error, those that later succeeded too; damaged notes are left out."""
        found = []
        for name in self.folder.names("failures"):
            data = self.folder.read(name)
            if data is not None:
                with contextlib.suppress(StudyError):  # `study verify` names a damaged one
                    found.append(parse_record(data))
        return found

    def damage(self, *, thorough: bool = True) -> list[Damage]:
        """Every trial file that fails its check; `thorough` looks at each gathered record too, not at its file only."""
        bad = []
        for name in self.folder.names("trials"):
            reason = self.look(name)[1]
            if not reason and thorough and GATHERED_NAME.fullmatch(name):
                reason = fault_within(self.gathered_records(name))
            if reason:
                bad.append(Damage(name, reason))
        return bad

    def quarantine(self, item: Damage, without: Iterable[TrialRecord] = ()) -> tuple[int, list[str]]:
        """Put a damaged file out of the way, and save what is sound in it, `without` some records.

        Returns how many records were saved, and the trials whose record is lost as far as can be told.
        """
        data = None
        with contextlib.suppress(StoreError):  # a link, or a folder of that name: nothing is read from it
            data = self.folder.read(item.name) if GATHERED_NAME.fullmatch(item.name) else None
        out = {StoredRecord.of(record).checksum for record in without}
        sound, lost = parquet.salvage(data or b"")
        saved = [row for row in sound if row.checksum not in out]
        lost += [str(row.values["id"]) for row in sound if row.checksum in out]
        if saved:
            self._write_gathered(saved)
        if data is not None and self.folder.read(item.name) != data:  # all was saved, under the damaged one's name
            self.folder.write(quarantined_name(self.folder, item.name), data)
        else:
            move_to_quarantine(self.folder, item.name)
        if match := LOOSE_NAME.fullmatch(item.name):
            lost = [match[1]]
        return len(saved), lost
