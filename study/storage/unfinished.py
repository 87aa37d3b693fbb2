"""What trials under way have reported so far: a small file that a run keeps for who looks on, and none of the records.

A worker may report several cheap epochs at once, so a curve may have holes; of a job with several seeds it is the mean.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from study.storage.durable_files import Folder
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig

UNFINISHED = ".live-epochs.json"
"""In a results folder; hidden, so that it is none of the records."""
MAX_TRIALS_KEPT = 64
"""Trials that are kept, the first ones: whoever looks on sees no more, and the file stays small."""


@dataclass(frozen=True)
class UnfinishedTrial:
    """A trial under way."""

    config: TrialConfig
    data_checksum: str
    epochs: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """By epoch, counted from 1, the metrics that were reported."""


def keep_unfinished(folder: Folder, trials: Iterable[UnfinishedTrial]) -> None:
    """Write them; not flushed to disk, for after a crash of the machine the checkpoints tell more."""
    rows = [
        {
            "config": t.config.to_dict(),
            "data": t.data_checksum,
            "epochs": {str(e): {k: _out(v) for k, v in row.items()} for e, row in sorted(t.epochs.items())},
        }
        for t, _ in zip(trials, range(MAX_TRIALS_KEPT), strict=False)
    ]
    with contextlib.suppress(StudyError, OSError):
        folder.write(UNFINISHED, json.dumps(rows).encode(), flush=False)


def read_unfinished(folder: Folder) -> tuple[UnfinishedTrial, ...]:
    """What a run wrote last; nothing where there is no such file or it cannot be read."""
    try:
        return tuple(_trial(row) for row in json.loads(folder.read(UNFINISHED) or b"[]")[:MAX_TRIALS_KEPT])
    except (StudyError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()


def remove_unfinished(folder: Folder) -> None:
    """The run ended well."""
    with contextlib.suppress(StudyError, OSError):
        folder.delete(UNFINISHED)


def _trial(row: Mapping[str, Any]) -> UnfinishedTrial:
    config = TrialConfig.from_dict(row["config"])
    epochs = {int(e): {str(k): _in(v) for k, v in values.items()} for e, values in row["epochs"].items()}
    return UnfinishedTrial(config, str(row["data"]), {e: v for e, v in epochs.items() if 1 <= e <= config.epochs})


def _out(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _in(value: object) -> float:
    return math.nan if value is None else float(str(value))
