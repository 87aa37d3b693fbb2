"""What a search is told of trials of other results folders before it begins.

Not here: how a searcher learns from them (`study.search.optuna_trials`).
"""

from __future__ import annotations

import math
from typing import Any

from study.search.optuna_trials import WarmPoints
from study.spec.point import Point
from study.spec.points import point_of
from study.spec.search import Search
from study.spec.splits import base_split, split_of
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput
from trainables.records.mean_curves import mean_curves

CMAES_MIN_CONFIGURATIONS = 10
"""`cmaes` begins at the best tenth of what it is told of, so a tenth is to be at least one."""


def check_warm(study: Study, checksum: str) -> None:
    """Refuse a warm start of which nothing is learnt.

    Raises:
        BadInput: says why.
        StoreError: there is no such folder.
    """
    search = study.search
    assert search is not None
    given = list(search.warm_start)
    if why := search.why_not_warm():
        raise BadInput("warm_start", given, why)
    if not given:
        return
    alike = f"the same parts of the data, {study.epochs} epochs and a point in the space"
    if not warm_points(study, search, checksum):
        raise BadInput("warm_start", given, f"no trial there has {alike}")
    for label, part in search.parts().items() if search.searcher == "cmaes" else ():
        if 0 < (count := len(warm_points(study, part, checksum))) < CMAES_MIN_CONFIGURATIONS:
            of = f"of {search.within} {label}, " if label else ""
            why = f"{of}{count} configuration{'s' if count > 1 else ''} there with {alike}, and cmaes needs"
            raise BadInput("warm_start", given, f"{why} {CMAES_MIN_CONFIGURATIONS}; name more folders, or use tpe")


def warm_points(study: Study, search: Search, checksum: str) -> WarmPoints:
    """Trials of other results folders that lie in the space, each with the mean over its seeds up to as many epochs.

    Only such as come as far on the same data: less trained ones would be compared with whole ones.
    """
    epochs = study.epochs
    found: dict[str, tuple[Point, list[Any]]] = {}
    for where in search.warm_start:
        for record in ResultsFolder(where).trials.records():
            far = record.config.epochs == epochs or (
                record.config.epochs > epochs and record.config.schedule != "cosine"
            )
            alike = split_of(record.config) == base_split(study)  # else it may know the test part
            if record.status == "finished" and far and alike and record.data_checksum == checksum:
                point = point_of(search.space, record.config)
                if point is not None:
                    found.setdefault(record.config.group(record.data_checksum), (point, []))[1].append(record)
    curves = [(point, mean_curves([r.epochs for r in records], epochs)) for point, records in found.values()]
    return [(point, c) for point, c in curves if all(math.isfinite(c[o][-1]) for o in search.objectives)]
