"""Which seeds of a configuration a results folder tells anything of: the one question before a claim may count them.

A seed is seen whose trial ended, failed or is under way, in whichever study and under whichever name. Weights, order
and dropout follow from the seed alone, so on another device or in another precision it is the same seed. So it is
under another schedule, which begins with the same epochs, and under AdamW without weight decay, which is Adam.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from study.storage.search_answer import FIRST_FRESH_SEED
from study.storage.search_log import search_parts
from trainables.config.errors import StudyError
from trainables.config.identity import identity
from trainables.config.trial_config import DEVICES, KNOBS, PRECISIONS, SCHEDULES, TrialConfig
from trainables.records.agreement import trained_at
from trainables.records.trial_record import TrialRecord

_LIKELY = (*range(FIRST_FRESH_SEED), *range(FIRST_FRESH_SEED, FIRST_FRESH_SEED + 100))
"""Seeds that are looked for among trials under way, whatever runs asked: what is on record of these may be lost."""
_NO_SCHEDULE = {n: knob.default for n, knob in KNOBS.items() if n.split("_")[0] in ("schedule", *SCHEDULES)}
"""The schedule and its knobs, at their defaults: a constant rate."""


class SeenSeeds:
    """The seeds of which a folder tells anything, by configuration."""

    def __init__(
        self, store: ResultsFolder, data_checksum: str = "", records: Iterable[TrialRecord] | None = None
    ) -> None:
        """What a folder tells.

        Args:
            store: the folder.
            data_checksum: of the data that is asked about; if not given, all that the folder's trials have.
            records: its records, of whoever has read them; else they are read.
        """
        self._begun: dict[str, list[tuple[int, float]]] = {}
        checksums = {data_checksum} if data_checksum else set()
        on_record = store.trials.all_records() if records is None else records
        for record in itertools.chain(on_record, store.trials.failures()):
            group = _group(record.config, record.data_checksum)
            self._begun.setdefault(group, []).append((record.config.seed, _began(record)))
            if not data_checksum:
                checksums.add(record.data_checksum)
        self._under_way = {n.split("/")[1] for n in store.folder.names("checkpoints", deep=True) if n.count("/") > 1}
        runs = read_runs(store.folder) if self._under_way else []
        if not data_checksum:
            checksums |= {run.data.checksum for run in runs if run.data is not None}
        self.checksums: Collection[str] = checksums
        asked = {s for run in runs for s in (*run.seeds, *itertools.chain(*run.asked.values()))}
        self._asked = max(asked, default=-1)
        self._maybe = sorted({*_LIKELY, *asked})
        self._known = _configs(store) if self._under_way else []
        self._alike: dict[tuple[str, str], list[TrialConfig]] = {}

    def largest(self, configs: Iterable[TrialConfig], before: float = math.inf) -> int:
        """The largest of some configurations that was begun before a moment; -1 where there is none.

        What does not say when it was begun counts as begun before any moment; so does what is under way.
        """
        return max(itertools.chain.from_iterable(self._of(config, before) for config in configs), default=-1)

    def largest_of_all(self) -> int:
        """The largest of any configuration, and of those that a run asked while one is under way; -1 if none is."""
        begun = (seed for seeds in self._begun.values() for seed, _ in seeds)
        return max(self._asked if self._under_way else -1, -1, *begun)

    def _of(self, config: TrialConfig, before: float) -> Iterator[int]:
        for checksum in self.checksums:
            begun = self._begun.get(_group(config, checksum), ())
            yield from (seed for seed, when in begun if when < before)
            for device, precision in itertools.product(DEVICES, PRECISIONS) if self._under_way else ():
                for one in {config, TrialConfig.from_dict(_as_first(config)), *self._begins_alike(config, checksum)}:
                    trials = one.replace(device=device, precision=precision).identities(checksum, self._maybe)
                    yield from (s for s, trial in zip(self._maybe, trials, strict=True) if trial in self._under_way)

    def _begins_alike(self, config: TrialConfig, checksum: str) -> list[TrialConfig]:
        """What the folder's studies and searches train that begins with the same numbers: of work under way an identity
        is known, and no configuration.
        """
        if not self._alike:
            for one in self._known:
                for of in self.checksums:
                    self._alike.setdefault((_group(one, of), of), []).append(one)
        group = _group(config, checksum)
        return self._alike.get((group, checksum), [])


def _configs(store: ResultsFolder) -> list[TrialConfig]:
    """The configurations of all arms of a folder's studies, and of all that its searches proposed."""
    found = dict[TrialConfig, None]()
    for study in (version for name in store.studies.names() for version in store.studies.readable(name)):
        for arm in study.arms:
            with contextlib.suppress(StudyError):  # the rules of configurations have changed since
                found[study.config(arm.name)] = None
    for part in search_parts(store, []):
        for event in part.events:
            if event.point is not None:
                with contextlib.suppress(StudyError):
                    found[part.shared.config(event.point)] = None
    return list(found)


def _group(config: TrialConfig, checksum: str) -> str:
    """The name that all replicates of a configuration share on all devices, in all precisions, under all schedules."""
    return identity({**_as_first(config), "seed": 0, "device": DEVICES[0], "precision": PRECISIONS[0]}, checksum)


def _as_first(config: TrialConfig) -> dict[str, Any]:
    """The plainest configuration that has the same numbers in its first epoch, to the last bit, by knob."""
    values = {**config.to_dict(), **_NO_SCHEDULE}
    if values["optimizer"] == "adamw" and not values["weight_decay"]:
        values["optimizer"] = "adam"
    return values


def _began(record: TrialRecord) -> float:
    """When it was begun, in seconds since 1970; 0 where it does not say.

    One that went on after a stop says when it went on, so it ends as many seconds at least after its begin as its
    epochs took.
    """
    ended = trained_at(record.provenance.get("ended"))
    if not math.isfinite(ended):
        return 0.0
    took = record.epochs["seconds"] if "seconds" in record.epochs.columns else ()
    longest = ended - math.fsum(s for s in took if s is not None and math.isfinite(s))
    return min(longest, trained_at(record.provenance.get("started")))
