"""Which test part of a data set trials were measured on.

The test part is no part of a trial's identity, for nothing is trained on it. So a file whose test part was changed
finds the same trials on record, measured on what they were: and no number may be made of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from study.spec.study_file import StudySource
from study.storage.data_content import SHOWN_CHARS, raise_of_data, ways_on
from study.storage.integrity import damaged, to_object
from study.storage.results_folder import ResultsFolder
from study.storage.trials import RecordedTrials
from trainables.config.errors import BadInput, StudyError
from trainables.data.dataset import DataSet
from trainables.records.metric_sources import test_part
from trainables.records.metrics import TEST_METRICS

_TESTED = TEST_METRICS[0]


def refuse_other_test_part(store: ResultsFolder, data: DataSet, given: Iterable[StudySource] = ()) -> None:
    """Refuse data whose own test part is another than that on which trials of the folder were measured.

    Args:
        store: the folder.
        data: the data set, perhaps without a test part of its own.
        given: the studies as they were read, for their lines.

    Raises:
        BadInput: names the data set, its file, and what would do.
    """
    checksum = data.test_checksum
    others = own_test_parts(store.trials).get(data.name, set()) - {checksum} if checksum else set()
    if others:
        there = ", ".join(sorted(part[:SHOWN_CHARS] for part in others))
        why = (
            f"the test part in {data.file or data.name} has changed since trials in {store.folder.where} were measured "
            f"on it: its test part is another (checksum {checksum[:SHOWN_CHARS]}, then {there})"
        )
        raise_of_data(data.name, f"{why}. {ways_on(store.folder)}", given)


def refuse_other_test_parts(stores: Sequence[ResultsFolder]) -> None:
    """Refuse folders whose trials were measured on different test parts of one data set.

    Raises:
        BadInput: names the data set and the folders.
    """
    first: dict[str, tuple[str, set[str]]] = {}
    for store in stores:
        for data, parts in own_test_parts(store.trials).items():
            where, known = first.setdefault(data, (store.folder.where, parts))
            if parts != known:
                raise BadInput(
                    "data",
                    data,
                    f"its test part is another in {store.folder.where} than in {where}, and no number may be made of "
                    "both: nothing was merged",
                )


def own_test_parts(trials: RecordedTrials) -> Mapping[str, set[str]]:
    """By name of a data set that has a test part of its own, the checksums of those that trials were measured on."""
    found: dict[str, set[str]] = defaultdict(set)
    for data, part in _measured(trials):
        found[data].add(part)
    return found


def _measured(trials: RecordedTrials) -> Iterator[tuple[str, str]]:
    for name in trials.loose():
        record = trials.loose_record(name)
        if record is not None and not record.config.held_out and (part := test_part(record.source_of(_TESTED))):
            yield record.config.data, part
    for name in trials.gathered():
        table = trials.table(name, ["config", "measured_by"])
        if table is None or "measured_by" not in table.column_names:
            continue
        try:
            parts = {
                t: test_part(to_object(t.encode(), "").get(_TESTED)) for t in set(table["measured_by"].to_pylist())
            }
            for text, measured in zip(table["config"].to_pylist(), table["measured_by"].to_pylist(), strict=True):
                config = to_object(text.encode(), "") if parts[measured] else {}
                if config and not config.get("held_out"):
                    yield str(config.get("data")), parts[measured]
        except (StudyError, ValueError, AttributeError):
            raise damaged(
                trials.folder, name, "its columns config and measured_by hold what is no JSON object"
            ) from None
