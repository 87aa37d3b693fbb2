"""One trial, whole: configuration, epochs, distributions, examples that were right, provenance.

Plain frozen values. How they are stored is `study.storage`'s business; no torch is imported here.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from trainables.config.errors import BadInput
from trainables.config.identity import CODE_VERSION, canonical_json
from trainables.config.trial_config import TrialConfig
from trainables.records.correct_examples import CorrectExamples
from trainables.records.epoch_columns import Column, EpochColumns
from trainables.records.fields import number, one_of, spelled, text, whole
from trainables.records.metrics import FORMAT_1_DIGEST, FORMAT_1_METRICS, METRICS, TIMES
from trainables.records.tensor_summary import TensorSummary, tensor_from_dict, tensor_to_dict

Status = Literal["finished", "stopped", "diverged", "failed"]
"""`finished`: ran all its epochs. `stopped`: early, by a scheduler. `diverged`: a loss was not finite. `failed`: an
error."""
STATUSES: tuple[str, ...] = get_args(Status)

FORMAT = 2
"""The format of the records that this code writes."""
_FIELDS = frozenset(
    {"format", "id", "config", "data_checksum", "code_version", "status", "message", "epochs", "measured_by"}
    | {"correct", "tensors", "provenance"}
)
Rank = tuple[int, int, int, int]


@dataclass(frozen=True)
class TrialRecord:
    """One trial, whole: immutable once written."""

    config: TrialConfig
    """`config.epochs` is what this run was asked for; `len(epochs)` is what it did."""
    data_checksum: str
    status: Status
    epochs: EpochColumns
    tensors: tuple[TensorSummary, ...]
    message: str = ""
    """Why it failed, diverged or was stopped, in a line."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Machine, versions, times, attempts: never part of an equality."""
    code_version: int = CODE_VERSION
    correct: CorrectExamples | None = None
    """Which validation examples were right, where that is known."""
    measured_by: Mapping[str, str] = field(default_factory=dict)
    """By metric, the digest of the code that measured it; empty in format 1, see `source_of`."""
    format: int = 1
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """Fields that a newer version wrote, kept as they are."""

    @cached_property
    def id(self) -> str:
        """The trial's identity; see `TrialConfig.identity`. Whoever reads a folder asks for it some thirty times."""
        return self.config.identity(self.data_checksum, self.code_version)

    @property
    def epochs_done(self) -> int:
        """How many epochs it ran."""
        return len(self.epochs)

    @property
    def rank(self) -> Rank:
        """How much it counts: of two records of one trial the one that ranks higher is read."""
        return rank_of(self.epochs_done, self.status, len(self.epochs.columns), self.format)

    def source_of(self, metric: str) -> str | None:
        """The digest of the code that measured a metric; None where the record has no column of it."""
        if metric not in self.epochs.columns:
            return None
        return FORMAT_1_DIGEST if self.format == 1 else self.measured_by.get(metric)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; numbers that JSON cannot say become the strings "nan", "inf" and "-inf"."""
        columns = self.epochs.columns or (dict.fromkeys(FORMAT_1_METRICS, ()) if self.format == 1 else {})
        values: dict[str, Any] = {
            "id": self.id,
            "config": self.config.to_dict(),
            "data_checksum": self.data_checksum,
            "code_version": self.code_version,
            "status": self.status,
            "message": self.message,
            "epochs": {
                "epoch": list(range(1, self.epochs_done + 1)),
                **{name: spelled(column) for name, column in columns.items()},
            },
            "tensors": [tensor_to_dict(t) for t in self.tensors],
            "provenance": dict(self.provenance),
        }
        if self.format == 1:
            return values
        values |= {"format": self.format, "measured_by": dict(self.measured_by)}
        if self.correct:
            bits = {name: base64.b64encode(getattr(self.correct, name)).decode() for name in ("last", "best")}
            values["correct"] = {"count": self.correct.count, **bits}
        return {**self.unknown, **values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrialRecord:
        """The inverse of `to_dict`.

        Raises:
            BadInput: a field is missing or of the wrong kind, or the identity does not fit the configuration.
        """
        if not isinstance(values, Mapping):
            raise BadInput("record", values, "expected a mapping")
        try:
            record = cls._of(values)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            why = (
                f"it has no field {error}"
                if isinstance(error, KeyError)
                else "a field is not of the kind that it should be"
            )
            raise BadInput("record", values.get("id", "?"), f"it is damaged ({why})") from None
        if record.id != values.get("id"):
            raise BadInput("id", values.get("id"), f"it does not fit its configuration, whose identity is {record.id}")
        if values["epochs"]["epoch"] != list(range(1, record.epochs_done + 1)):
            raise BadInput("epochs", values["epochs"]["epoch"], "expected 1, 2, 3, ... without holes")
        return record

    @classmethod
    def _of(cls, values: Mapping[str, Any]) -> TrialRecord:
        given = whole(values.get("format", 1), "format")
        if given not in (1, FORMAT):
            raise BadInput("format", given, f"expected 1 to {FORMAT}")
        newer: dict[str, Any] = {}
        if given > 1:
            newer = {
                "correct": _correct(values["correct"]) if "correct" in values else None,
                "measured_by": {name: text(d, "measured_by") for name, d in values["measured_by"].items()},
                "format": given,
                "unknown": {name: value for name, value in values.items() if name not in _FIELDS},
            }
        return cls(
            config=TrialConfig.from_dict(values["config"]),
            data_checksum=text(values["data_checksum"], "data_checksum"),
            status=one_of(values["status"], "status", STATUSES),  # type: ignore[arg-type]
            epochs=_epochs(values["epochs"], given),
            tensors=tuple(tensor_from_dict(t) for t in values["tensors"]),
            message=text(values["message"], "message"),
            provenance=dict(values["provenance"]),
            code_version=whole(values["code_version"], "code_version"),
            **newer,
        )

    def result_digest(self) -> str:
        """A checksum over the result alone: what must agree, to the last bit, between two runs of the same trial.

        How many epochs it was asked for and what its data are called is no part of it, as of its identity: one that
        diverged in epoch 3 of 10 is the same as one that did in epoch 3 of 25. It is over what both formats hold; for
        what else two records hold see `trainables.records.agreement`.
        """
        values = dataclasses.replace(self, format=1, unknown={}).to_dict()
        values["config"] = {k: v for k, v in values["config"].items() if k not in ("epochs", "data")}
        for name in ("provenance", "message"):
            del values[name]
        kept = [name for name in ("epoch", *FORMAT_1_METRICS) if name not in TIMES and name in values["epochs"]]
        values["epochs"] = {name: values["epochs"][name] for name in kept}
        return hashlib.sha256(canonical_json(values).encode()).hexdigest()


def rank_of(epochs: int, status: str, metrics: int = 0, version: int = 0) -> Rank:
    """The one rule of which record of a trial counts: the longer; then that which ends the trial; then that with more
    metrics; then that of the newer format.
    """
    return epochs, {"finished": 2, "diverged": 2, "stopped": 1}.get(status, 0), metrics, version


def _epochs(values: Mapping[str, Any], given: int) -> EpochColumns:
    """The columns of a record; those that this code knows in their own kind of number."""
    core = tuple(m.name for m in METRICS.values() if m.is_core) if values["epoch"] else ()
    names = FORMAT_1_METRICS if given == 1 else dict.fromkeys((*core, *(name for name in values if name != "epoch")))
    made = EpochColumns({name: _column(values[name], name) for name in names})
    if len(values["epoch"]) != len(made):
        raise ValueError("columns of epochs are not equally long")
    return made if len(made) else EpochColumns()


def _column(values: Any, name: str) -> Column:
    if not isinstance(values, list):
        raise BadInput(name, values, "expected a list of numbers")
    if name in METRICS and METRICS[name].is_whole:
        return tuple(whole(v, name) for v in values)
    if set(map(type, values)) == {float}:
        return tuple(values)
    read = [number(v, name) for v in values]
    return tuple(read) if name not in METRICS and set(map(type, read)) == {int} else tuple(map(float, read))


def _correct(values: Mapping[str, Any]) -> CorrectExamples:
    try:
        last, best = (base64.b64decode(text(values[name], name), validate=True) for name in ("last", "best"))
    except binascii.Error as error:
        raise BadInput("correct", "...", f"expected bits as base64 ({error})") from None
    return CorrectExamples(whole(values["count"], "count"), last, best)
