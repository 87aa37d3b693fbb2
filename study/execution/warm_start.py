"""What a search is told of trials of other results folders before it begins.

Not here: how a searcher learns from them (`study.search.optuna_trials`).
"""

from __future__ import annotations

import math

from study.search.optuna_trials import WarmPoints
from study.spec.gathered_faults import told_together
from study.spec.point import Point
from study.spec.points import point_of
from study.spec.search import Search
from study.spec.splits import base_split, split_of
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import SearchLog
from study.storage.told_points import ToldPoints
from trainables.config.errors import BadInput, StoreError
from trainables.config.plurals import counted
from trainables.records.mean_curves import mean_curves
from trainables.records.trial_record import TrialRecord

CMAES_MIN_CONFIGURATIONS = 10
"""`cmaes` begins at the best tenth of what it is told of, so a tenth is to be at least one."""


def check_warm(study: Study, checksum: str) -> None:
    """Refuse a warm start of which nothing is learnt.

    Raises:
        BadInput: says why.
        StoreError: names each folder that is not there.
    """
    search = study.search
    assert search is not None
    field, given = f"study {study.name}, search.warm_start", list(search.warm_start)
    with told_together() as faults:
        if why := search.why_not_warm():
            faults.found.append(BadInput(field, given, why))
        for where in given:
            try:
                ResultsFolder(where)
            except StoreError as error:
                faults.found.append(StoreError(f"{field}: {error}"))
    alike = f"the same parts of the data, {counted(study.epochs, 'epoch')} and a point in the space"
    if given and not warm_points(study, search, checksum):
        raise BadInput(field, given, f"no trial there has {alike}")
    with told_together() as faults:
        for label, part in search.parts().items() if given and search.searcher == "cmaes" else ():
            if 0 < (count := len(warm_points(study, part, checksum))) < CMAES_MIN_CONFIGURATIONS:
                of = f"of {search.within} {label}, " if label else ""
                why = f"{of}{counted(count, 'configuration')} there with {alike}, and cmaes needs"
                why += f" {CMAES_MIN_CONFIGURATIONS}; name more folders, or use tpe"
                faults.found.append(BadInput(field, given, why))


def told_points(study: Study, search: Search, checksum: str, log: SearchLog) -> ToldPoints:
    """What a part's searcher is told of, the same at each start: as its log has it, which keeps it at the first."""
    if not search.warm_start:
        return ()
    if log.told is None and log.past:  # begun by a version that kept none, and told survivors
        return tuple(warm_points(study, search, checksum, survivors=True))
    if log.told is None:
        log.tell(tuple(warm_points(study, search, checksum)))
    return log.told or ()


def warm_points(study: Study, search: Search, checksum: str, *, survivors: bool = False) -> WarmPoints:
    """Trials of other results folders that lie in the space, each with the mean over its seeds up to as many epochs.

    Only such as come as far on the same data: less trained ones would be compared with whole ones. One of which a seed
    diverged by then is left out, as one whose value is not finite is; `survivors`: its other seeds speak for it.
    """
    epochs = study.epochs
    found: dict[str, tuple[Point, list[TrialRecord]]] = {}
    lost: set[str] = set()
    for where in search.warm_start:
        for record in ResultsFolder(where).trials.records():
            longer = record.config.schedule != "cosine"  # of such the first epochs are a shorter trial
            comparable = record.config.epochs == epochs or longer
            alike = split_of(record.config) == base_split(study)  # else it may know the test part
            if not (comparable and alike and record.data_checksum == checksum):
                continue
            group = record.config.group(record.data_checksum)
            if record.status == "diverged" and record.epochs_done <= epochs:
                lost.add(group)
            if record.status != "finished" or record.config.epochs < epochs:
                continue
            if (point := point_of(search.space, record.config)) is not None:
                found.setdefault(group, (point, []))[1].append(record)
    curves = [
        (point, mean_curves([r.epochs for r in records], epochs))
        for group, (point, records) in found.items()
        if survivors or group not in lost
    ]
    return [(point, c) for point, c in curves if all(math.isfinite(c[o][-1]) for o in search.objectives)]
