"""Which metrics the records of a results folder hold, and which trials lack one that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from study.storage.integrity import damaged, to_object
from study.storage.trials import RecordedTrials
from trainables.config.errors import StudyError
from trainables.records.agreement import SAME_STATUS
from trainables.records.metric_sources import is_held
from trainables.records.metrics import FORMAT_1_DIGEST, FORMAT_1_METRICS, METRICS, Metric
from trainables.records.trial_record import Rank, rank_of

_MEASURED_1 = dict.fromkeys(FORMAT_1_METRICS, FORMAT_1_DIGEST)


def lacking(trials: RecordedTrials, metrics: Iterable[str]) -> frozenset[str]:
    """The trials whose records do not hold one of these metrics as this code measures it; shorter ones aside."""
    asked = {METRICS[name] for name in metrics}
    best: dict[str, tuple[Rank, set[Metric]]] = {}
    for trial, rank, digests in _measured(trials) if asked else ():
        top, measured = best.get(trial, (rank, set[Metric]()))
        if rank >= top:
            more = {m for m in asked if is_held(m, digests.get(m.name))}
            best[trial] = (rank, more if rank > top else measured | more)
    return frozenset(trial for trial, (_, measured) in best.items() if measured != asked)


def _measured(trials: RecordedTrials) -> Iterator[tuple[str, Rank, Mapping[str, str]]]:
    """Of each record the trial, its rank by length and end alone (see `agreement.SAME_STATUS`), and the digest of what
    measured each metric.
    """
    for name in trials.loose():
        if (r := trials.loose_record(name)) is not None:
            yield r.id, _rank(r.epochs_done, r.status), {n: r.source_of(n) or "" for n in r.epochs.columns}
    for name in trials.gathered():
        if (table := trials.table(name, ["id", "epochs_done", "status", "measured_by"])) is None:
            continue
        try:
            texts = table.column("measured_by").to_pylist() if "measured_by" in table.column_names else []
            digests = {text: to_object(text.encode(), "") for text in set(texts)}
        except (StudyError, ValueError):
            raise damaged(trials.folder, name, "its column measured_by holds what is no JSON object") from None
        ids, epochs, statuses = (table.column(c).to_pylist() for c in ("id", "epochs_done", "status"))
        for trial, done, status, text in zip_longest(ids, epochs, statuses, texts):
            yield trial, _rank(done, status), digests.get(text, _MEASURED_1)


def _rank(epochs: int, status: str) -> Rank:
    return rank_of(epochs, SAME_STATUS.get(status, status))
