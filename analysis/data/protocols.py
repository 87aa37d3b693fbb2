"""Which versions of a study were run reduced (`--quick`), and which of them is judged.

A version says so itself (`Study.reduced`). Folders of version 0.1 do not: there the run says it, and the version is
known by what `--quick` alone wrote into it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from study.spec.study import Study
from study.storage.results_folder import ResultsFolder

OLD_IMAGES = 6000
"""Training images of the reduced protocol of version 0.1, whatever the data."""
Run = Mapping[str, Any]


def reduced_run(run: Run, study: str) -> bool | None:
    """Whether a run trained less of a study than it declares; None where it does not say."""
    named = run.get("reduced_studies")
    if isinstance(named, list):
        return study in named
    said = run.get("reduced")
    return said if isinstance(said, bool) else None


def marked(version: Study, runs: Iterable[Run]) -> Study:
    """The version with `reduced` filled in, where it was written before there was such a mark."""
    if version.reduced or not _as_quick_wrote_it(version):
        return version
    name = version.name.removesuffix(".answer")
    named = [r for r in runs if name in (r.get("studies") or ())]
    old = [r for r in named if "reduced_studies" not in r]
    reduced = any(r.get("reduced") is True for r in old) if old else not named
    return dataclasses.replace(version, reduced=("*",)) if reduced else version


def _as_quick_wrote_it(version: Study) -> bool:
    images = version.base.get("train_images")
    written = {"device", "precision"} <= set(version.base) and isinstance(images, int) and images <= OLD_IMAGES
    return written and (version.name.endswith(".answer") or all(a.epochs is not None for a in version.arms))


def judged(versions: Sequence[Study]) -> Study:
    """The version that is judged: the latest that was run in full, else the latest."""
    return next((v for v in reversed(versions) if not v.reduced), versions[-1])


def runs_of(runs: Iterable[Run], study: Study) -> list[Run]:
    """The runs that asked for a study as it is judged: of a full one, not those that were reduced."""
    return [r for r in runs if reduced_run(r, study.name) in (None, bool(study.reduced))]


def versions(store: ResultsFolder, name: str, runs: Sequence[Run], problems: list[str] | None = None) -> list[Study]:
    """Every version of a study on record, oldest first, each marked as reduced where it is."""
    return [marked(v, runs) for v in store.studies.versions(name, problems)]


def as_judged(store: ResultsFolder, name: str) -> Study | None:
    """The version of a study that is judged; None where the folder has none."""
    found = versions(store, name, read_runs(store, []))
    return judged(found) if found else None


def read_runs(store: ResultsFolder, problems: list[str]) -> list[Run]:
    """What is on record of every run, oldest first; `problems` is told of what cannot be read."""
    found: list[Run] = []
    for name in store.folder.names("runs"):
        data = store.folder.read(name)
        try:
            values = json.loads(data or b"")
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            lists = {k: v for k, v in values.items() if k not in ("studies", "seeds") or isinstance(v, list)}
            found.append(lists)
        else:
            problems.append(f"{name} is damaged; what it said of a run is lost")
    return found
