"""What is read of a results folder only where it is asked for: tensor summaries, and which examples were right."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.data.frames import TENSOR_COLUMNS
from analysis.data.load import Loaded, origins, problem
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError
from trainables.records.correct_examples import CorrectExamples

_MACHINE = ("run", "host", "hardware", "torch")


def with_tensors(loaded: Loaded, store: ResultsFolder, trials: Iterable[str]) -> Loaded:
    """The same with the tensor summaries of some trials: those are many times the size of all the rest."""
    frames, wanted = loaded.frames, set(trials)
    parts: list[pd.DataFrame | None] = [frames.tensors if len(frames.tensors) else None]
    others, problems = list[pd.DataFrame | None](), list(loaded.problems)
    columns = (frames.trials[name].tolist() for name in ("seed", "epochs_done", "status"))
    rows = zip(frames.trials["trial"], zip(*columns, strict=True), strict=True)
    known = {trial: row for trial, row in rows if trial in wanted}
    machines = _machines(loaded.origin)
    for name in store.trials.gathered():
        try:
            table = store.trials.table(name, ["id", "epochs_done", "status", "tensors", "provenance"])
            if table is not None:
                counts, own = _count(table, known), _is_own(table, machines)
                parts.append(_tensors(table, [c and o for c, o in zip(counts, own, strict=True)], known))
                others.append(_tensors(table, [c and not o for c, o in zip(counts, own, strict=True)], known))
        except (StudyError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            problems.append(problem(name, error))
    found = [p for p in (*parts, *others) if p is not None and len(p)]
    if not found:
        return dataclasses.replace(loaded, problems=tuple(dict.fromkeys(problems)))
    tensors = pd.concat(found, ignore_index=True).drop_duplicates(["trial", "epoch", "kind", "name"], ignore_index=True)
    return Loaded(frames.with_more(tensors=tensors), loaded.origin, tuple(dict.fromkeys(problems)))


def with_correct(loaded: Loaded, store: ResultsFolder, trials: Iterable[str]) -> Loaded:
    """The same with the bits of which validation examples some trials had right, where these are on record."""
    frames, wanted = loaded.frames, pa.array(sorted(set(trials)), pa.string())
    own, others, machines = dict(frames.correct), dict[str, CorrectExamples](), _machines(loaded.origin)
    names = ["id", "epochs_done", "status", "provenance", "correct_count", "correct_last", "correct_best"]
    for name in store.trials.gathered():
        with contextlib.suppress(StudyError, pa.ArrowException, KeyError, TypeError, ValueError):  # named by `load`
            table = store.trials.table(name, names)
            if table is None or "correct_count" not in table.column_names:
                continue
            table = table.filter(
                pc.and_(pc.is_in(table.column("id"), wanted), pc.is_valid(table.column("correct_count")))
            )
            mine = _is_own(table, machines)
            for row, is_own in zip(table.to_pylist(), mine, strict=True):
                if row["epochs_done"] == frames.lengths.get(row["id"]):
                    bits = CorrectExamples(row["correct_count"], row["correct_last"], row["correct_best"])
                    (own if is_own else others).setdefault(row["id"], bits)
    return dataclasses.replace(loaded, frames=frames.with_more(correct={**others, **own}))


# ------------------------------------------------------------------------------------------------- one gathered file


def _is_own(table: pa.Table, read: Mapping[str, tuple[str, ...]]) -> list[bool]:
    """Which rows are of the run and the machine that a trial's metrics come from, see `_machines`."""
    rows, codes = origins(table)
    found = [tuple(r.get(name, "") for name in _MACHINE) for r in rows]
    return [
        read.get(trial) == found[code]
        for trial, code in zip(table.column("id").to_pylist(), codes.to_pylist(), strict=True)
    ]


def _machines(origin: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """By trial, the run and the machine that its metrics come from."""
    return dict(zip(origin["trial"], zip(*(origin[name] for name in _MACHINE), strict=True), strict=True))


def _count(table: pa.Table, trials: Mapping[str, tuple[int, int, str]]) -> list[bool]:
    """Which records count: those as long, and ended, as their trial; `trials`: seed, epochs and status."""
    ids, done, status = (table.column(c).to_pylist() for c in ("id", "epochs_done", "status"))
    return [trials.get(i, ())[1:] == (n, how) for i, n, how in zip(ids, done, status, strict=True)]


def _tensors(
    table: pa.Table, chosen: Sequence[bool], trials: Mapping[str, tuple[int, int, str]]
) -> pd.DataFrame | None:
    """The tensor summaries of the chosen records; None of no record. They are many: no copy is made without need."""
    if not any(chosen):
        return None
    column = table.column("tensors") if all(chosen) else table.column("tensors").filter(pa.array(chosen))
    column = column.combine_chunks()
    ids = [i for i, own in zip(table.column("id").to_pylist(), chosen, strict=True) if own]
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    rows = column.flatten()
    return pd.DataFrame(
        {
            "trial": np.repeat(np.array(ids, dtype=object), lengths),
            "seed": np.repeat(np.array([trials[i][0] for i in ids], dtype=np.int64), lengths),
            **{name: rows.field(name).to_pandas().array for name in TENSOR_COLUMNS},
        }
    )
