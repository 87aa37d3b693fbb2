"""Records that were read by columns, as frames; of several records of one trial what they say together.

The rule is that of `trainables.records.agreement.combined`, over columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.data.frames import EPOCH_COLUMNS, Frames, from_records, no_tensors
from trainables.records.agreement import SAME_STATUS, trained_at
from trainables.records.correct_examples import CorrectExamples
from trainables.records.kept_times import TIMED_BY, timed_in
from trainables.records.metrics import TEST_METRICS, add_derived
from trainables.records.trial_record import rank_of

ORIGIN = ("run", "host", "hardware", "torch", "python", "system", TIMED_BY)
_ASKED = ["status", "message", "epochs"]
"""What of a trial's row the longest record says, whichever is read for the metrics."""


@dataclass(frozen=True)
class RecordColumns:
    """Trials with their epochs, in the same order: the epochs of trial i follow those of trial i - 1."""

    trials: pd.DataFrame
    lengths: np.ndarray
    epochs: Mapping[str, np.ndarray]
    origin: pd.DataFrame
    """One row a trial: trial, and `ORIGIN` as text."""
    worth: np.ndarray
    """Of each record the number of its metrics and its format, [n, 2]: of two that are equally long more is better."""
    lacking: Mapping[str, np.ndarray]
    """By metric, which records do not hold it as this code measures it; only metrics that some lack."""
    tested_on: np.ndarray
    """Of each record the checksum of the test part that it was measured on; empty where it was on none."""
    provenance: pa.ChunkedArray
    """As JSON."""
    tensors: pd.DataFrame | None = None
    correct: Mapping[str, CorrectExamples] = field(default_factory=dict)
    """By trial, of records that were read whole."""


@dataclass(frozen=True)
class _Choice:
    """Of trials with several records, which are read; rows of all parts together."""

    kept: np.ndarray
    """Which rows stay, one a trial."""
    longest: pd.DataFrame
    """base: the row that stays; row: the one that says how it ended."""
    fills: tuple[pd.DataFrame, ...]
    """base: the row that stays; row: one that gives what the former lacks; in the order in which they were trained."""


def joined(parts: Sequence[RecordColumns]) -> tuple[Frames, pd.DataFrame]:
    """The frames of all parts, and where each trial came from."""
    if not parts:
        return from_records([]), pd.DataFrame(columns=["trial", *ORIGIN])
    trials, origin = _together([p.trials for p in parts]), _together([p.origin for p in parts])
    lengths = np.concatenate([p.lengths for p in parts])
    values = {name: np.concatenate([p.epochs[name] for p in parts]) for name in EPOCH_COLUMNS}
    lacking = {
        name: np.concatenate([p.lacking.get(name, np.zeros(len(p.lengths), dtype=bool)) for p in parts])
        for name in dict.fromkeys(name for part in parts for name in part.lacking)
    }
    loose = [p.tensors for p in parts if p.tensors is not None]
    correct = {trial: bits for p in parts for trial, bits in p.correct.items()}
    tested_on = np.concatenate([p.tested_on for p in parts])
    if not trials["trial"].is_unique:
        choice = _choose(trials, origin, parts)
        lacking |= {name: np.zeros(len(trials), dtype=bool) for name in TEST_METRICS if name not in lacking}
        for pairs in choice.fills:
            _fill(pairs, lengths, values, lacking, tested_on)
        loose, correct = _tensors(parts, choice.kept), _correct(parts, choice.kept)
        last = trials[_ASKED].iloc[choice.longest["row"]]
        trials.loc[choice.longest["base"], _ASKED] = last.set_axis(choice.longest["base"])
        rows = np.repeat(choice.kept, lengths)
        trials, origin = (frame[choice.kept].reset_index(drop=True) for frame in (trials, origin))
        lengths, values = lengths[choice.kept], {name: column[rows] for name, column in values.items()}
        lacking = {name: lacks[choice.kept] for name, lacks in lacking.items()}
        tested_on = tested_on[choice.kept]
    codes = np.repeat(np.arange(len(trials)), lengths)
    columns: dict[str, Any] = {
        "trial": pd.Categorical.from_codes(codes, categories=pd.Index(trials["trial"])),
        "seed": trials["seed"].to_numpy(dtype=np.int64)[codes],
        **values,
    }
    tensors = pd.concat(loose, ignore_index=True) if loose else no_tensors()
    tests = {str(trial): part for trial, part in zip(trials["trial"], tested_on, strict=True) if part}
    lacks = _by_trial(lacking, trials["trial"])
    times = {str(t): of for t, text in zip(origin["trial"], origin[TIMED_BY], strict=True) if (of := timed_in(text))}
    return Frames(trials, pd.DataFrame(add_derived(columns)), tensors, lacks, correct, tests, times), origin


def _choose(trials: pd.DataFrame, origin: pd.DataFrame, parts: Sequence[RecordColumns]) -> _Choice:
    rows = np.flatnonzero(trials["trial"].duplicated(keep=False))
    found = trials.loc[rows, ["trial", "epochs_done", "status"]].astype({"trial": object, "status": object})
    found["row"] = rows
    found["rank"] = [rank_of(*pair)[1] for pair in zip(found["epochs_done"], found["status"], strict=True)]
    found["end"] = found["status"].replace(SAME_STATUS)
    found[["metrics", "format"]] = np.concatenate([p.worth for p in parts])[rows]
    texts = pa.chunked_array([c for p in parts for c in p.provenance.chunks], pa.string()).take(pa.array(rows))
    found["trained"] = [_trained_at(text) for text in texts.to_pylist()]
    found["place"] = [*zip(origin["hardware"].iloc[rows], origin["torch"].iloc[rows], strict=True)]
    ranked = found.sort_values(["epochs_done", "rank", "metrics", "format"], kind="stable")
    top = ranked.drop_duplicates("trial", keep="last").set_index("trial")
    same = [found[name].to_numpy() == top[name].reindex(found["trial"]).to_numpy() for name in ("epochs_done", "end")]
    alike = found[np.logical_and(*same)].sort_values(["trained", "metrics", "format", "place"], kind="stable")
    base = alike.drop_duplicates("trial").set_index("trial")["row"]
    alike = alike.assign(base=base.reindex(alike["trial"]).to_numpy(), nth=alike.groupby("trial").cumcount())
    kept = np.ones(len(trials), dtype=bool)
    kept[rows] = False
    kept[base.to_numpy()] = True
    longest = pd.DataFrame({"base": base.to_numpy(), "row": top["row"].reindex(base.index).to_numpy()})
    fills = tuple(pairs for nth, pairs in alike.groupby("nth", sort=True) if nth)
    return _Choice(kept, longest, fills)


def _trained_at(text: str) -> float:
    try:
        return trained_at(json.loads(text).get("ended"))
    except (ValueError, AttributeError, RecursionError):
        return trained_at(None)


def _fill(
    pairs: pd.DataFrame,
    lengths: np.ndarray,
    values: Mapping[str, np.ndarray],
    lacking: Mapping[str, np.ndarray],
    tested_on: np.ndarray,
) -> None:
    """Put into some rows what others hold and they do not, in place."""
    starts = np.cumsum(lengths) - lengths
    base, row = pairs["base"].to_numpy(), pairs["row"].to_numpy()
    retested = (tested_on[row] != tested_on[base]) & (tested_on[row] != "")
    for name, lacks in lacking.items():
        gives = ~lacks[row] & lacks[base]
        if name in TEST_METRICS:
            tested = np.concatenate(([0], np.cumsum(~np.isnan(values[name]))))
            times = tested[starts + lengths] - tested[starts]
            oftener = (tested_on[row] == tested_on[base]) & (times[row] > times[base])  # after the best epoch too
            gives |= ~lacks[row] & (retested | oftener)
        to, source = base[gives], row[gives]
        values[name][_spans(starts[to], lengths[to])] = values[name][_spans(starts[source], lengths[source])]
        lacks[to] = False
    tested_on[base[retested]] = tested_on[row[retested]]


def _correct(parts: Sequence[RecordColumns], kept: np.ndarray) -> dict[str, CorrectExamples]:
    """The bits of records that were read whole, of those that are kept."""
    ends = np.cumsum([len(p.trials) for p in parts])
    return {
        trial: p.correct[trial]
        for p, end in zip(parts, ends, strict=True)
        for trial in p.trials["trial"][kept[end - len(p.trials) : end]]
        if trial in p.correct
    }


def _tensors(parts: Sequence[RecordColumns], kept: np.ndarray) -> list[pd.DataFrame]:
    """The tensor summaries of records that were read whole, of those that are kept."""
    ends = np.cumsum([len(p.trials) for p in parts])
    return [
        p.tensors[p.tensors["trial"].isin(p.trials["trial"][kept[end - len(p.trials) : end]])]
        for p, end in zip(parts, ends, strict=True)
        if p.tensors is not None
    ]


def _spans(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The places from each start on, as many as its length.

    >>> _spans(np.array([3, 10]), np.array([2, 3])).tolist()
    [3, 4, 10, 11, 12]
    """
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _by_trial(lacking: Mapping[str, np.ndarray], trials: pd.Series[str]) -> dict[str, frozenset[str]]:
    """By trial, the metrics that its record lacks."""
    found: dict[str, set[str]] = {}
    for name, trial in _lacks(lacking, trials):
        found.setdefault(trial, set()).add(name)
    return {trial: frozenset(names) for trial, names in found.items()}


def _lacks(lacking: Mapping[str, np.ndarray], trials: pd.Series[str]) -> Iterator[tuple[str, str]]:
    for name, lacks in lacking.items():
        yield from ((name, str(trial)) for trial in trials[lacks])


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
