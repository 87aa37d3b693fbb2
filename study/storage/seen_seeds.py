"""Seeds that were seen before a claim was written: a claim is judged by later ones alone.

Asked before a study is frozen. What other folders hold cannot be known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from study.spec.claims import Claim, arms_named
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StudyError


def refuse_seen(store: ResultsFolder, study: Study, data_checksum: str, others: Sequence[Study] = ()) -> None:
    """Refuse a study with a claim that is new in the folder and would be judged by seeds that the folder has already.

    Args:
        store: the folder that the study is to be frozen into.
        study: as it is to be run.
        data_checksum: of its data.
        others: studies that run with it; claims may name their arms.

    Raises:
        BadInput: names the claims and the first seed that would do.
    """
    kept = {c.id: c for version in store.frozen(study.name) for c in version.claims}
    new = [c for c in study.claims if not (c.id in kept and c.judges_as(kept[c.id]))]
    if study.reduced or not new:
        return
    known = {**{s.name: s for s in store.studies()}, **{s.name: s for s in others}, study.name: study}
    seeds = _seeds_on_record(store)
    late = {c.id: seen for c in new if (seen := _seen(c, study, known, data_checksum, seeds)) >= c.from_seed}
    if late:
        (name, seen), *more = late.items()
        also = f" (so for {', '.join(f'{n}: {s + 1}' for n, s in more)})" if more else ""
        given = next(c.from_seed for c in new if c.id == name)
        raise BadInput(
            f"study {study.name}, claim {name}, from_seed",
            given,
            f"this folder has seeds up to {seen} of its arms already, and a claim is judged by seeds that nobody had "
            f"seen when it was written: give from_seed: {seen + 1}{also}, or another --results",
        )


def _seen(
    claim: Claim, study: Study, known: Mapping[str, Study], data_checksum: str, seeds: Mapping[str, int]
) -> int:
    """The largest seed on record of any arm of a claim; -1 where there is none."""
    found = -1
    for name in arms_named(claim):
        owner, _, arm = name.rpartition("/")
        if (of := known.get(owner or study.name)) is None:
            continue
        try:
            group = of.config(arm).group(data_checksum)
        except StudyError:
            continue
        found = max(found, seeds.get(group, -1))
    return found


def _seeds_on_record(store: ResultsFolder) -> dict[str, int]:
    """The largest seed of each configuration on record, by the name that its replicates share."""
    found: dict[str, int] = {}
    for record in store.records():
        group = record.config.group(record.data_checksum)
        found[group] = max(found.get(group, -1), record.config.seed)
    return found
