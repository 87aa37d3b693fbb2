"""What is on record of a search's configurations when it begins: curves that need no training.

Not here: what is searched, and how (`study.search`).
"""

from __future__ import annotations

from collections.abc import Sequence

from study.search.controller import Segment
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Curves
from study.storage.trials import TrialOnRecord
from trainables.config.trial_config import TrialConfig
from trainables.records.mean_curves import mean_curves


def trial_ids(config: TrialConfig, seeds: Sequence[int], checksum: str) -> list[str]:
    """Return the identities of a configuration's trials, by seed."""
    return [config.replace(seed=s).identity(checksum) for s in seeds]


class RecordedCurves:
    """Looks a segment up in the records that were there when the search began, and in those that it has made since."""

    def __init__(self, store: ResultsFolder, checksum: str, seeds: Sequence[int]) -> None:
        self._store, self._checksum, self._seeds = store, checksum, seeds
        self._held = store.trials.on_record()
        self._ended: set[TrialConfig] = set()

    def ended(self, config: TrialConfig) -> None:
        """A segment of this configuration is over: who asks for the configuration again looks at its records anew."""
        self._ended.add(config)

    def there(self, config: TrialConfig, until: int) -> list[TrialOnRecord]:
        """What is held of each seed; empty unless all have come that far, or to where the first of them diverged."""
        ids = trial_ids(config, self._seeds, self._checksum)
        if config in self._ended:
            self._ended.discard(config)
            self._held |= {r.id: TrialOnRecord.of(r) for r in self._store.trials.records(ids)}
        found = [h for i in ids if (h := self._held.get(i))]
        end = min([until, *(h.epochs for h in found if h.status == "diverged")])
        return found if len(found) == len(self._seeds) and all(h.epochs >= end for h in found) else []

    def __call__(self, segment: Segment) -> tuple[Curves, bool] | None:
        """The means of a segment's curves, and whether a seed of it diverged."""
        if not (on_record := self.there(segment.config, segment.until)):
            return None
        histories = [
            r.epochs for r in self._store.trials.records(trial_ids(segment.config, self._seeds, self._checksum))
        ]
        return mean_curves(histories, segment.until), any(
            h.status == "diverged" and h.epochs <= segment.until for h in on_record
        )
