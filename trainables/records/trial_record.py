"""What a run reports: epoch records, distributions of tensors, whole trials; the metrics' names and directions.

Plain frozen values. How they are stored is `study.storage.results_folder`'s business; no torch is imported here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from trainables.config.errors import BadInput
from trainables.config.identity import CODE_VERSION, canonical_json
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import TIMES
from trainables.records.tensor_summary import Kind, TensorSummary

Status = Literal["finished", "stopped", "diverged", "failed"]
"""`finished`: ran all its epochs. `stopped`: early, by a scheduler. `diverged`: a loss was not finite. `failed`: an
error."""
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """What one epoch reported. Losses are means of cross-entropy in nats, without any penalty; accuracies lie in [0,
    1].
    """

    epoch: int
    """Counted from 1."""
    train_loss: float
    """Mean of the mini-batch losses during the epoch, in train mode."""
    train_accuracy: float
    """A full pass over the training images in eval mode, after the epoch."""
    train_loss_eval: float
    """The training loss of that same pass in eval mode."""
    val_loss: float
    val_accuracy: float
    penalty: float
    """The value of the L1 and L2 terms after the epoch; 0 where there are none."""
    lr: float
    """The learning rate that this epoch's updates used."""
    updates: int
    seconds: float
    """Time of the updates: of the training thread on a CPU, so that a busy machine makes no arm look slow; wall time
    on a GPU. Measured, so never part of an equality."""
    eval_seconds: float
    """Time of the measurements after them, likewise."""


_TENSOR_FIELDS = tuple(f.name for f in dataclasses.fields(TensorSummary))
"""`dataclasses.asdict` copies every number by itself and takes six times as long."""


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One trial, whole: immutable once written."""

    config: TrialConfig
    """`config.epochs` is what this run was asked for; `len(epochs)` is what it did."""
    data_checksum: str
    status: Status
    epochs: tuple[EpochRecord, ...]
    tensors: tuple[TensorSummary, ...]
    message: str = ""
    """Why it failed, diverged or was stopped, in a line."""
    provenance: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Machine, versions, times, attempts: never part of an equality."""
    code_version: int = CODE_VERSION

    @property
    def id(self) -> str:
        """The trial's identity; see `TrialConfig.identity`."""
        return self.config.identity(self.data_checksum, self.code_version)

    @property
    def epochs_done(self) -> int:
        """How many epochs it ran."""
        return len(self.epochs)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; numbers that JSON cannot say become the strings "nan", "inf" and "-inf"."""
        return {
            "id": self.id,
            "config": self.config.to_dict(),
            "data_checksum": self.data_checksum,
            "code_version": self.code_version,
            "status": self.status,
            "message": self.message,
            "epochs": {
                f.name: [spelled(getattr(e, f.name)) for e in self.epochs] for f in dataclasses.fields(EpochRecord)
            },
            "tensors": [{name: spelled(getattr(t, name)) for name in _TENSOR_FIELDS} for t in self.tensors],
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrialRecord:
        """The inverse of `to_dict`.

        Raises:
            BadInput: a field is missing or of the wrong kind, or the identity does not fit the configuration.
        """
        if not isinstance(values, Mapping):
            raise BadInput("record", values, "expected a mapping")
        try:
            columns = {
                f.name: [_number(v, f.name) for v in values["epochs"][f.name]] for f in dataclasses.fields(EpochRecord)
            }
            epochs = tuple(
                EpochRecord(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
            )
            tensors = tuple(_tensor(t) for t in values["tensors"])
            record = cls(
                config=TrialConfig.from_dict(values["config"]),
                data_checksum=_text(values["data_checksum"], "data_checksum"),
                status=_one_of(values["status"], "status", STATUSES),  # type: ignore[arg-type]
                epochs=epochs,
                tensors=tensors,
                message=_text(values["message"], "message"),
                provenance=dict(values["provenance"]),
                code_version=_whole(values["code_version"], "code_version"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(
                "record", values.get("id", "?"), f"it is damaged ({type(error).__name__}: {error})"
            ) from None
        if record.id != values.get("id"):
            raise BadInput("id", values.get("id"), f"it does not fit its configuration, whose identity is {record.id}")
        if [e.epoch for e in record.epochs] != list(range(1, len(record.epochs) + 1)):
            raise BadInput("epochs", [e.epoch for e in record.epochs], "expected 1, 2, 3, ... without holes")
        return record

    def result_digest(self) -> str:
        """A checksum over the result alone: what must agree, to the last bit, between two runs of the same trial.

        How many epochs it was asked for and what its data are called is no part of it, as of its identity: one that
        diverged in epoch 3 of 10 is the same as one that did in epoch 3 of 25.
        """
        values = self.to_dict()
        values["config"] = {k: v for k, v in values["config"].items() if k not in ("epochs", "data")}
        for name in ("provenance", "message"):
            del values[name]
        for name in TIMES:
            del values["epochs"][name]
        return hashlib.sha256(canonical_json(values).encode()).hexdigest()


def spelled(value: Any) -> Any:
    """A value, or those of a tuple or list, for JSON, which cannot say NaN or infinity: such numbers become text."""
    if isinstance(value, tuple | list):
        kinds = set(map(type, value))
        plain = kinds == {int} or (kinds == {float} and math.isfinite(sum(value)))
        return list(value) if plain else [spelled(v) for v in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any, field: str) -> Any:
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(field, value, "expected a number")
    return value


def _whole(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(field, value, "expected a whole number")
    return value


def _all(values: Sequence[Any], check: Callable[[Any, str], Any], kind: type, field: str) -> tuple[Any, ...]:
    """Numbers that each pass a check; those all of one plain kind, as nearly all are, in one go."""
    return tuple(values) if set(map(type, values)) == {kind} else tuple(check(v, field) for v in values)


def _one_of(value: Any, field: str, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadInput(field, value, "expected one of " + ", ".join(known))
    return value


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise BadInput(field, value, "expected text")
    return value


def _tensor(values: Mapping[str, Any]) -> TensorSummary:
    return TensorSummary(
        epoch=_whole(values["epoch"], "epoch"),
        kind=_one_of(values["kind"], "kind", get_args(Kind)),  # type: ignore[arg-type]
        name=_text(values["name"], "name"),
        count=_whole(values["count"], "count"),
        mean=_number(values["mean"], "mean"),
        std=_number(values["std"], "std"),
        quantiles=_all(values["quantiles"], _number, float, "quantiles"),
        histogram=_all(values["histogram"], _whole, int, "histogram"),
    )
