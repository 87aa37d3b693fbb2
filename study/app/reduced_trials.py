"""Which trials of a results folder only reduced runs asked for, and what is said of them in Python and exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.data.protocols import versions
from analysis.report.inputs import ReportInputs
from analysis.searches.proposal_frames import distinct
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import current_parts
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig


def reduced_trials(inputs: ReportInputs, store: ResultsFolder) -> frozenset[str]:
    """The trials, by identity, that a reduced run (`--quick`) asked for, and nothing in full.

    They are of arms, or of configurations that a search tried. One that a study in full has too, because the reduced
    run took fewer epochs alone, goes on as a trial of that study.

    It marks each trial, also of studies that are shown reduced, whoever trained it. Which trials no number that is
    shown has is another question: see `analysis.data.protocols.reduced_besides`.
    """
    small, whole = set[str](), set[str]()
    for name in inputs.studies:
        for version in versions(store, name, inputs.runs, []):
            for config, reduced in _configurations(inputs, version):
                kinds = inputs.frames.versions.get(config.data, ())
                (small if reduced else whole).update(config.replace(seed=0).identity(c, code) for code, c in kinds)
    trials = inputs.frames.trials
    return frozenset(trials["trial"][trials["group"].isin(small - whole)])


def _configurations(inputs: ReportInputs, version: Study) -> Iterator[tuple[TrialConfig, bool]]:
    """What a version of a study has trained, each with whether it is reduced."""
    for arm in version.arms:
        try:
            yield version.config(arm.name), version.is_reduced(arm.name)
        except BadInput:  # an earlier version took it
            continue
    for part in current_parts(inputs.searches, version)[0]:
        for tried in distinct(part):
            try:
                yield part.shared.config(tried.point), bool(version.reduced)
            except BadInput:
                continue


def reduced_line(studies: Iterable[Study]) -> tuple[str, ...]:
    """A line on those that are shown as a reduced run has them; none where all are in full.

    >>> reduced_line(())
    ()
    """
    small = [study.name for study in studies if study.reduced]
    return (f"reduced: {', '.join(small)}. Fewer epochs or images than declared, so nothing is judged.",) * bool(small)


def besides_line(inputs: ReportInputs) -> tuple[str, ...]:
    """A line on trials of reduced runs of studies that are shown in full; none where there are none."""
    there = counted(len(inputs.besides), "trial of a reduced run is", "trials of reduced runs are")
    return (f"{there} in the folder besides, and in nothing here.",) * bool(inputs.besides)
