"""Which versions of a study were run reduced (`--quick`), and which of them is judged.

A version says so itself (`Study.reduced`). Folders of version 0.1 do not: there the run says it, and the version is
known by what `--quick` alone wrote into it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence

from study.spec.study import Study, latest_whole_version
from study.storage.asked_seeds import AskedSeeds
from study.storage.reported_values import trials_of
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, read_runs
from study.storage.search_answer import ANSWER, seeds_of_arms
from study.storage.search_log import SearchPart, answer_of, current_parts, search_parts
from trainables.config.plurals import counted

OLD_QUICK_IMAGES = 6000
"""Training images of the reduced protocol of version 0.1, whatever the data."""


def reduced_run(run: RunRecord, study: str) -> bool | None:
    """Whether a run trained less of a study than it declares; None where it does not say."""
    return run.reduced if run.reduced_studies is None else study in run.reduced_studies


def with_reduced_mark(version: Study, runs: Iterable[RunRecord]) -> Study:
    """The version with `reduced` filled in, where it was written before there was such a mark."""
    if version.reduced or not _as_quick_wrote_it(version):
        return version
    name = version.name.removesuffix(".answer")
    named = [r for r in runs if name in r.studies]
    old = [r for r in named if r.reduced_studies is None]
    reduced = any(r.reduced is True for r in old) if old else not named
    return dataclasses.replace(version, reduced=("*",)) if reduced else version


def _as_quick_wrote_it(version: Study) -> bool:
    images = version.base.get("train_images")
    written = {"device", "precision"} <= set(version.base) and isinstance(images, int) and images <= OLD_QUICK_IMAGES
    return written and (version.name.endswith(".answer") or all(a.epochs is not None for a in version.arms))


def runs_of(runs: Iterable[RunRecord], study: Study) -> list[RunRecord]:
    """The runs that asked for a study as it is judged: of a full one, not those that were reduced."""
    return [r for r in runs if reduced_run(r, study.name) in (None, bool(study.reduced))]


def versions(
    store: ResultsFolder, name: str, runs: Sequence[RunRecord], problems: list[str] | None = None
) -> list[Study]:
    """Every version of a study on record, oldest first, each marked as reduced where it is."""
    return [with_reduced_mark(v, runs) for v in store.studies.versions(name, problems)]


def reduced_besides(
    store: ResultsFolder,
    studies: Iterable[Study],
    runs: Sequence[RunRecord],
    on_record: Collection[str],
    checksums: Iterable[str] | None = None,
) -> frozenset[str]:
    """The trials on record of reduced runs of studies that are shown in full: no number of these studies has them.

    Args:
        store: the folder.
        studies: as they are shown; of one that is shown reduced nothing stands besides.
        runs: of the folder.
        on_record: the trials, by identity.
        checksums: of their data; if not given, they are read.
    """
    every = list(studies)
    shown = [s for s in every if not s.reduced]
    names = {s.name for s in shown} | ({s.name + ANSWER for s in shown if s.search} - {s.name for s in every})
    small = [v for name in sorted(names) for v in versions(store, name, runs, []) if v.reduced]
    if not small or not on_record:
        return frozenset()
    asked = [(v, _seeds_of_reduced(store, v, runs)) for v in small]
    seeds = sorted({seed for _, of in asked for some in of.values() for seed in some})
    data = store.trials.data_checksums() if checksums is None else list(checksums)
    parts = [p for p in search_parts(store, []) if p.data in data] if any(v.search for v in small) else []
    found, own = searched_trials(store, small, parts), searched_trials(store, shown, parts)
    for checksum in data:
        for version, of in asked:
            for name, some in of.items():
                found.update(version.config(name.rpartition("/")[2]).identities(checksum, some))
        for study in shown:  # fewer epochs alone: the trial goes on as one of the study
            for arm in study.arms:
                own.update(study.config(arm.name).identities(checksum, seeds))
    return frozenset(found.intersection(on_record) - own)


def _seeds_of_reduced(store: ResultsFolder, version: Study, runs: Sequence[RunRecord]) -> dict[str, tuple[int, ...]]:
    """The seeds of each arm of a reduced version; those of a search's answer no run asks for by name."""
    if version.name.endswith(ANSWER):
        answer = answer_of(store, version.name.removesuffix(ANSWER), [], reduced=True)
        return seeds_of_arms(version, answer.seeds) if answer is not None else {}
    return AskedSeeds.of(runs_of(runs, version)).arms(version)


def searched_trials(store: ResultsFolder, versions: Iterable[Study], parts: Sequence[SearchPart]) -> set[str]:
    """The trials that searches trained, by identity, without those of their answers.

    Args:
        store: the folder.
        versions: of studies, those that do not search passed over.
        parts: of all searches in the folder.
    """
    found = set[str]()
    for version in versions:
        answer = answer_of(store, version.name, [], reduced=bool(version.reduced)) if version.search else None
        for part in current_parts(parts, version)[0]:
            found.update(trial for of in trials_of(part).values() for trial in of)
            points = {p.number: p.point for p in part.proposals}
            for one in answer.raced if answer else ():
                if one.part == part.label and one.proposal in points:
                    found.update(part.shared.config(points[one.proposal]).identities(part.data, range(one.seeds)))
    return found


def besides_words(reduced: int) -> str:
    """So many trials of reduced runs, beside a count of the others; empty where there are none.

    >>> besides_words(6), besides_words(0)
    ('6 reduced trials besides', '')
    """
    return f"{counted(reduced, 'reduced trial')} besides" if reduced else ""


def judged_version(store: ResultsFolder, name: str) -> Study | None:
    """The version of a study that is judged; None where the folder has none."""
    found = versions(store, name, read_runs(store.folder))
    return latest_whole_version(found) if found else None
