"""What deciding the chapter's open claims would cost, in core-hours, by the seconds that its records say."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.claims.verdicts import Verdict
from analysis.data.arms import arm_frame
from analysis.report.inputs import ReportInputs
from study.spec.claims import Claim, arms_named
from study.spec.study import Study

SECONDS = ["seconds", "eval_seconds"]
"""What an epoch took: training and evaluation."""


def open_cost(inputs: ReportInputs, verdict: Verdict) -> str:
    """What the seeds that an open claim would need cost beyond those on record; empty where that is unknown."""
    need = verdict.need
    if need is None or verdict.verdict != "open":
        return ""
    last = need.one_look or need.most
    low, high = (need.low, need.high or last) if need.low is not None else (last, last)
    ends = [_core_hours(inputs, verdict, seeds) for seeds in (low, high)]
    said = hours_words(*ends)
    return f"{low} to {high} seeds cost {said} more" if low != high else f"{high} seeds cost {said} more"


def hours_words(low: float, high: float) -> str:
    """Core-hours as a range, rounded as a guess is.

    >>> hours_words(0.04, 0.3), hours_words(2.1, 2.3), hours_words(3.4, 17.2)
    ('0.1 to 0.3 core-hours', '2.1 to 2.3 core-hours', '3.4 to 17 core-hours')
    """
    ends = [f"{hours:.0f}" if hours >= 9.95 else f"{max(0.1, hours):.1f}" for hours in (low, high)]
    return f"{ends[0]} core-hours" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} core-hours"


def cost_basis(inputs: ReportInputs, verdicts: Sequence[Verdict]) -> str:
    """On what these costs rest, in a sentence or two."""
    names = {trial for v in verdicts if open_cost(inputs, v) for trial in v.trials}
    rows = inputs.frames.trials[inputs.frames.trials["trial"].isin(names)]
    kinds = sorted({str(cpu) for cpu in rows["cpu"] if cpu})
    if not kinds:
        return ""
    return (
        f"A core-hour is an hour of one core of the processors that the records name ({', '.join(kinds)}). The seeds "
        "beyond those on record are counted, of each claim by itself. An epoch counts as long as its arm's epochs on "
        "record took."
    )


def _core_hours(inputs: ReportInputs, verdict: Verdict, seeds: int) -> float:
    """Core-hours of all trials of a claim's arms up to so many seeds that are not on record."""
    study = inputs.studies[verdict.study]
    claim = next(c for c in study.claims if c.id == verdict.id)
    wanted = [*verdict.path][:seeds]
    after = max((claim.from_seed - 1, *verdict.path))
    wanted += range(after + 1, after + 1 + seeds - len(wanted))
    return sum(_arm_hours(inputs, *arm, wanted) for arm in _arms(inputs, study, claim))


def _arms(inputs: ReportInputs, study: Study, claim: Claim) -> list[tuple[Study, str]]:
    """Each arm that a claim names, with its study."""
    named = (name.rpartition("/") for name in sorted(set(arms_named(claim))))
    return [(inputs.studies[owner] if owner else study, arm) for owner, _, arm in named]


def _arm_hours(inputs: ReportInputs, study: Study, arm: str, seeds: Sequence[int]) -> float:
    trials = arm_frame(inputs.frames, study, [arm])
    epochs = inputs.frames.epochs[inputs.frames.epochs["trial"].isin(trials["trial"])]
    a_epoch = float(epochs[SECONDS].sum(axis=1).mean()) if len(epochs) else 0.0
    missing = set(seeds) - set(trials["seed"])
    return len(missing) * study.config(arm).epochs * a_epoch / 3600
