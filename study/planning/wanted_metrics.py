"""Which metrics are asked for, and so which trials on record have to be trained again: those whose record lacks one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from study.spec.claims import Trajectory, quantities
from study.spec.study import Study
from study.storage.metrics_on_record import lacking
from study.storage.trials import RecordedTrials, TrialOnRecord
from trainables.config.errors import BadInput
from trainables.records.metrics import METRICS


def wanted_metrics(studies: Iterable[Study], asked: Sequence[str] = ()) -> frozenset[str]:
    """The recorded metrics that claims speak of, or that are asked for by name; what a derived one comes from.

    Raises:
        BadInput: there is no such metric.
    """
    for name in asked:
        if name not in METRICS:
            near = difflib.get_close_matches(name, METRICS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadInput("metrics", name, f"expected one of {', '.join(METRICS)}{hint}")
    forms = [form for study in studies for claim in study.claims for form in claim.parts]
    named = {q.metric for form in forms for q in quantities(form) if not q.tensor}
    named |= {form.metric for form in forms if isinstance(form, Trajectory)} | set(asked)
    return frozenset(
        part for name in named if name in METRICS for part in (METRICS[name].derived_from or (METRICS[name].name,))
    )


def holding(
    trials: RecordedTrials, held: Mapping[str, TrialOnRecord], metrics: Iterable[str]
) -> dict[str, TrialOnRecord]:
    """What is on record, without the trials whose record lacks one of these metrics: they are trained again."""
    without = lacking(trials, metrics)
    return {trial: found for trial, found in held.items() if trial not in without}
