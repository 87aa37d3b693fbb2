"""Which metrics are asked for, and so which trials on record have to be trained again: those whose record lacks one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from study.planning.plan import Plan, PlannedTrial
from study.spec.claims import Trajectory, quantities
from study.spec.gathered_faults import told_together
from study.spec.study import Study
from study.storage.metrics_on_record import lacking
from study.storage.trials import RecordedTrials, TrialOnRecord
from trainables.config.errors import BadInput
from trainables.config.nearest import did_you_mean
from trainables.records.metric_sources import is_held, test_sources
from trainables.records.metrics import METRICS, TEST_METRICS
from trainables.records.trial_record import TrialRecord


def check_metrics(asked: Sequence[str]) -> None:
    """Refuse names of metrics that are none.

    Raises:
        BadInput: names each.
    """
    with told_together() as faults:
        for name in asked:
            if name not in METRICS:
                near = did_you_mean(name, METRICS).removeprefix("; ")
                faults.found.append(BadInput("--metrics", name, near or f"expected one of {', '.join(METRICS)}"))


def wanted_metrics(studies: Iterable[Study], asked: Sequence[str] = ()) -> frozenset[str]:
    """The recorded metrics that claims speak of, or that are asked for by name; what a derived one comes from.

    A name that is none is passed over: see `check_metrics`.
    """
    forms = [form for study in studies for claim in study.claims for form in claim.parts]
    named = {q.metric for form in forms for q in quantities(form) if not q.tensor}
    named |= {form.metric for form in forms if isinstance(form, Trajectory)} | set(asked)
    return frozenset(
        part
        for name in named
        if name in METRICS
        for part in (METRICS[name].derived_from or (METRICS[name].name,))
        if not METRICS[part].is_test
    )


def without_untested(plan: Plan, trials: RecordedTrials, test_checksum: str | None) -> Plan:
    """The plan; a trial that is to be measured on the test part, and whose record lacks that, is trained again.

    Without the data at hand (`test_checksum` is None) any test part does: a folder has trials of one alone.
    """
    asked = [t.id for t in plan.trials if t.test and t.done]
    if not asked:
        return plan
    sources, planned = test_sources(test_checksum or ""), {t.id: t for t in plan.trials}

    def fits(name: str, source: str | None) -> bool:
        return is_held(METRICS[name], source) if test_checksum is None else source == sources[name]

    there = {
        r.id
        for r in trials.all_records(set(asked))
        if r.status == "diverged"
        or (all(fits(name, r.source_of(name)) for name in sources) and _is_tested(r, planned[r.id]))
    }
    made = (dataclasses.replace(t, on_record=None) if t.id in asked and t.id not in there else t for t in plan.trials)
    return dataclasses.replace(plan, trials=tuple(made))


def without_asked_tests(plan: Plan, trials: RecordedTrials, metrics: Sequence[str]) -> Plan:
    """The plan; where a metric of the test part is asked for by name, every trial whose record lacks it is missing."""
    if not any(METRICS[name].is_test for name in metrics):
        return plan
    tested = (
        dataclasses.replace(t, test=True, test_after=tuple(sorted({*t.test_after, t.config.epochs})))
        for t in plan.trials
    )
    return without_untested(dataclasses.replace(plan, trials=tuple(tested)), trials, None)


def refuse_without_test_part(plan: Plan, metrics: Sequence[str], data: str) -> None:
    """Refuse a metric of the test part that is asked for by name, where a trial over data without one has no such part.

    Raises:
        BadInput: names the metric.
    """
    asked = next((name for name in metrics if METRICS[name].is_test), None)
    if asked is not None and any(not t.config.held_out for t in plan.trials):
        why = f"{data} has no test part: write held_out: 0.1 in base, or bring test_images and test_labels"
        raise BadInput("--metrics", asked, why)


def with_tests_on_record(
    plan: Plan, trials: RecordedTrials, on_record: Mapping[str, TrialOnRecord], test_checksum: str
) -> dict[str, TrialOnRecord]:
    """What is on record, without the trials of a plan whose record lacks what is asked of the test part."""
    gone = {t.id for t in without_untested(plan, trials, test_checksum).trials if t.on_record is None}
    return {trial: found for trial, found in on_record.items() if trial not in gone}


def _is_tested(record: TrialRecord, trial: PlannedTrial) -> bool:
    """Whether a record has the test part's numbers after every epoch at which they are asked for."""
    known = record.epochs["val_accuracy"]
    if len(known) < max(trial.test_after, default=0):
        return False
    epochs = [*trial.test_after, *(known.index(max(known[:n])) + 1 for n in trial.best_within)]
    return all(not math.isnan(record.epochs[name][epoch - 1]) for name in TEST_METRICS for epoch in epochs)


def with_metrics_on_record(
    trials: RecordedTrials, on_record: Mapping[str, TrialOnRecord], metrics: Iterable[str]
) -> dict[str, TrialOnRecord]:
    """What is on record, without the trials whose record lacks one of these metrics: they are trained again."""
    without = lacking(trials, metrics)
    return {trial: found for trial, found in on_record.items() if trial not in without}
