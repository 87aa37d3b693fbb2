"""Which trials belong to which arms of which studies: `arms.parquet`, for whoever reads the folder with other tools.

Nothing rests on it: it can be made again at any time from the studies and the trials, and is, whenever records are
gathered, and by repair, merge and upgrade.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from study.spec.study import Study
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.trials import TrialOnRecord
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("study", "arm", "trial")),
        *((name, pa.int64()) for name in ("version", "seed", "epochs")),
        ("reduced", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class _OnRecord:
    """What identities are looked for among."""

    trials: dict[str, TrialOnRecord]
    seeds: tuple[int, ...]
    kinds: tuple[tuple[str, int], ...]
    """Checksums of data, and versions of the training code."""


def arms_table(store: ResultsFolder) -> pa.Table:
    """One row a version of a study, arm and trial on record.

    Returns:
        study, arm, trial, version (of the study: the N of studies/NAME/N.json), seed, epochs (of the trial that the arm
        takes), reduced (whether this version ran the arm with fewer epochs or images than declared). A trial may belong
        to many arms.
    """
    found = _on_record(store)
    rows = [
        {"study": study.name, "version": number, **row}
        for name in store.studies.names()
        for number, study in store.studies.numbered(name)
        for row in _rows(study, found)
    ]
    return pa.Table.from_pylist(rows, _SCHEMA)


def write_arms(store: ResultsFolder) -> None:
    """Write the table into the folder, where it is not as it should be; what cannot be written is done without."""
    out = io.BytesIO()
    with contextlib.suppress(StudyError):
        pq.write_table(arms_table(store), out)
        if store.folder.read(ARMS) != out.getvalue():
            store.folder.write(ARMS, out.getvalue())


def _on_record(store: ResultsFolder) -> _OnRecord:
    seeds, kinds = set[int](), set[tuple[str, int]]()
    for table in store.trials.tables(["config", "data_checksum", "code_version"]):
        columns = (table.column(c).to_pylist() for c in ("data_checksum", "code_version"))
        kinds |= set(zip(*columns, strict=True))
        seeds |= {seed for text in table.column("config").to_pylist() if (seed := _seed(text)) is not None}
    for name in store.trials.loose():
        if (record := store.trials.loose_record(name)) is not None:
            kinds.add((record.data_checksum, record.code_version))
            seeds.add(record.config.seed)
    return _OnRecord(store.trials.on_record(), tuple(sorted(seeds)), tuple(sorted(kinds)))


def _seed(config: str) -> int | None:
    """The seed of a configuration as a gathered file has it; None where it is no configuration."""
    try:
        return TrialConfig.from_dict({"seed": json.loads(config)["seed"]}).seed
    except (ValueError, TypeError, LookupError, RecursionError, StudyError):
        return None


def _rows(study: Study, found: _OnRecord) -> Iterator[dict[str, object]]:
    for arm in study.arms:
        with contextlib.suppress(StudyError):  # an arm that was accepted once and means nothing now
            config = study.config(arm.name)
            for seed in found.seeds:
                with_seed = config.replace(seed=seed)
                for checksum, code in found.kinds:
                    trial = with_seed.identity(checksum, code)
                    if (kept := found.trials.get(trial)) is not None:
                        epochs = min(kept.epochs, config.epochs)
                        row = {"arm": arm.name, "trial": trial, "seed": seed, "epochs": epochs}
                        yield {**row, "reduced": study.is_reduced(arm.name)}
