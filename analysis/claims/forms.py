"""The forms of claims against the trials: each becomes a `JudgedPart`.

The verdict rules are in `analysis.claims.decision_rule`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.claims import ranges
from analysis.claims.decision_rule import (
    Bounds,
    JudgedPart,
    judge_counts,
    judge_interval,
    judge_ratio,
    judge_share,
    unjudged,
)
from analysis.claims.samples import ArmReader, Sample, sample
from analysis.claims.words import LACKS_RECORDS
from analysis.statistics import estimates as stats
from analysis.statistics.estimates import Refusal
from analysis.text import phrases as wording
from study.spec.claims import Association, Contrast, Form, Level, Mechanism, Trajectory, arms_of
from trainables.config.trial_config import TrialConfig
from trainables.training.lr_schedules import plateau_rates


def judge_part(arms: ArmReader, form: Form) -> JudgedPart:
    """Judge one part; whatever is missing becomes a part that says so."""
    part = _measured(arms, form)
    if part.verdict == "open" and part.refusal is not None and part.refusal.why in LACKS_RECORDS:
        part = replace(part, verdict="missing")
    return unjudged(part) if any(map(arms.reduced, arms_of(form))) else part


def _measured(arms: ArmReader, form: Form) -> JudgedPart:
    match form:
        case Level():
            return _level(arms, form)
        case Contrast():
            return _contrast(arms, form)
        case Trajectory():
            return _trajectory(arms, form)
        case Mechanism():
            return _mechanism(arms, form)
        case Association():
            return _association(arms, form)


def _level(arms: ArmReader, form: Level) -> JudgedPart:
    kind = wording.unit(form.quantity)
    found = sample(arms, form.quantity)
    epoch = None if isinstance(found, Refusal) else found.place
    start = JudgedPart(
        wording.quantity_words(form.quantity, epoch),
        wording.bounds_words(form.low, form.high, kind),
        "open",
        unit=kind,
    )
    if isinstance(found, Refusal):
        return replace(start, refusal=found)
    start = replace(start, trials=found.trials)
    values = [found.values[s] for s in sorted(found.values)]
    if not found.whole:
        return judge_counts(start, values, Bounds(form.low, form.high))
    within = ranges.of(form.quantity)
    return judge_interval(start, ranges.mean(values, within), values, Bounds(form.low, form.high), within)


def _contrast(arms: ArmReader, form: Contrast) -> JudgedPart:
    kind = wording.unit(form.a, difference=True, ratio=form.ratio)
    a, b = sample(arms, form.a), sample(arms, form.b)
    places = [None if isinstance(s, Refusal) else s.place for s in (a, b)]
    joint = "divided by" if form.ratio else "minus"
    what = f"{wording.quantity_words(form.a, places[0])} {joint} {wording.quantity_words(form.b, places[1])}"
    start = JudgedPart(what, wording.bounds_words(form.low, form.high, kind), "open", unit=kind)
    for side in (a, b):
        if isinstance(side, Refusal):
            return replace(start, refusal=side)
    assert isinstance(a, Sample) and isinstance(b, Sample)
    start = replace(start, trials=tuple(dict.fromkeys((*a.trials, *b.trials))))
    refused = comparable(a, b, form.differ or arms.study.knobs, unequal_epochs=form.unequal_epochs)
    if refused is not None:
        return replace(start, refusal=refused)
    seeds, bounds = sorted(a.values), Bounds(form.low, form.high, strict=True)
    neither = _neither_reaches(form, a, b)
    if neither:
        text = f"neither arm gets there within {a.config.epochs} epochs (seed {', '.join(map(str, neither))})"
        return replace(start, refusal=Refusal("not-reached", text))
    x, y = np.array([a.values[s] for s in seeds]), np.array([b.values[s] for s in seeds])
    if not (a.whole and b.whole):
        return _counted_pairs(start, x, y, bounds, ratio=form.ratio)
    if not form.ratio:
        within = ranges.difference(form.a)
        return judge_interval(start, ranges.mean(list(x - y), within), list(x - y), bounds, within)
    estimate = stats.ratio(a.values, b.values)
    if isinstance(estimate, Refusal):
        return replace(start, refusal=estimate)
    estimate = ranges.cut(estimate, ranges.ratio(form.a, form.b))
    return judge_ratio(start, estimate, x.tolist(), y.tolist(), bounds)


def _neither_reaches(form: Contrast, a: Sample, b: Sample) -> list[int]:
    """Seeds in which both arms' first epochs lie beyond the last one: nobody knows which is earlier."""
    if form.a.reaches is None or form.b.reaches is None:
        return []
    return [s for s in sorted(a.values) if a.values[s] > a.config.epochs and b.values[s] > b.config.epochs]


def comparable(a: Sample, b: Sample, differ: Sequence[str], *, unequal_epochs: bool = False) -> Refusal | None:
    """Why two samples may not be compared in pairs, or None: other knobs, other epochs, other seeds, other machines."""
    knobs = set(a.config.differing(b.config)) - {"epochs", "seed"} - set(differ)
    if knobs:
        named = ", ".join(sorted(knobs))
        return Refusal(
            "knobs", f"the arms differ in {named} besides what is compared ({', '.join(differ) or 'nothing'})"
        )
    if a.place != b.place and not unequal_epochs:
        return Refusal("epochs", f"the epochs differ ({a.place} and {b.place})")
    if set(a.values) != set(b.values):
        odd = ", ".join(map(str, sorted(set(a.values) ^ set(b.values))))
        return Refusal("seeds", f"the seeds do not match (only one side has {odd})")
    if len(a.hosts | b.hosts) > 1:
        return Refusal("machines", "times were measured on different machines: " + ", ".join(sorted(a.hosts | b.hosts)))
    return None


def _counted_pairs(start: JudgedPart, x: np.ndarray, y: np.ndarray, bounds: Bounds, *, ratio: bool) -> JudgedPart:
    """The verdict from counts of pairs; one in which both diverged compares nothing and counts for neither side."""
    alike = (x == y) & ~np.isfinite(x)
    if alike.all():
        text = "both arms diverged in every seed, so there is nothing to compare"
        return replace(start, refusal=Refusal("not-finite", text))
    part = judge_counts(start, _differences(x[~alike], y[~alike], ratio=ratio), bounds)
    if not alike.any() or part.refusal is None:
        return part
    text = f"{part.refusal.text}; {int(alike.sum())} in which both arms diverged are left out"
    return replace(part, refusal=replace(part.refusal, text=text))


def _differences(x: np.ndarray, y: np.ndarray, *, ratio: bool) -> list[float]:
    """Differences with diverged trials among them, which are worse than anything."""
    out = []
    for one, other in zip(x.tolist(), y.tolist(), strict=True):
        if one == other:
            out.append(1.0 if ratio else 0.0)
        elif ratio and math.isinf(other):
            out.append(0.0 if other > 0 else math.inf)
        else:
            out.append(one / other if ratio and other else one - other)
    return out


# ------------------------------------------------------------------------------------------------------- universal


def _trajectory(arms: ArmReader, form: Trajectory) -> JudgedPart:
    what = f"every epoch's {wording.LABELS[form.metric]} of {form.arm} against the epoch before"
    start = JudgedPart(what, f"{form.direction} each time", "open")
    rows = arms.rows(form.arm)
    if isinstance(rows, Refusal):
        return replace(start, refusal=rows)
    trials = rows.trials
    if (trials["epochs"] < 2).any():
        return replace(start, refusal=Refusal("not-reached", f"{form.arm} has one epoch here"))
    sign = -1.0 if form.direction == "falls" else 1.0
    held = []
    for trial, status in zip(trials["trial"], trials["status"], strict=True):
        curve = rows.curves[trial][form.metric]
        held.append(status != "diverged" and bool((sign * np.diff(curve) > 0).all()))
    return _universal(start, trials, held)


def _mechanism(arms: ArmReader, form: Mechanism) -> JudgedPart:
    shown = "" if form.value is None else f"{form.value:,g}"
    words = {
        "plateau": (f"learning rate of {form.arm}", "cut exactly after epochs that do not beat the best"),
        "updates": (f"updates per epoch of {form.arm}", f"exactly {shown}"),
    }
    start = JudgedPart(*words[form.rule], "open")
    rows, config = arms.rows(form.arm), arms.config(form.arm)
    if isinstance(rows, Refusal) or isinstance(config, Refusal):
        return replace(start, refusal=rows if isinstance(rows, Refusal) else config)  # type: ignore[arg-type]
    if form.rule == "updates" and arms.reduced(form.arm):
        seen = "fewer epochs" if config.train_images is None else f"{config.train_images} images"
        text = f"the statement is about what the study declares, and here are {seen}"
        return replace(start, refusal=Refusal("reduced", text))
    if form.rule == "plateau" and config.schedule != "plateau":
        return replace(start, refusal=Refusal("rule", f"the schedule of {form.arm} is {config.schedule}"))
    held = []
    for curve in (rows.curves[trial] for trial in rows.trials["trial"]):
        if form.rule == "updates":
            held.append(bool((curve["updates"] == form.value).all()))
        else:
            held.append(follows_plateau(curve["lr"].tolist(), curve["val_loss"].tolist(), config))
    return _universal(start, rows.trials, held)


def follows_plateau(lrs: Sequence[float], losses: Sequence[float], config: TrialConfig) -> bool:
    """Whether the rate of every epoch is what the plateau rule makes of the validation losses before it."""
    rates = itertools.islice(plateau_rates(config, losses), len(losses))
    return all(math.isclose(seen, rate, rel_tol=1e-9) for seen, rate in zip(lrs, rates, strict=True))


def _universal(start: JudgedPart, trials: pd.DataFrame, held: Sequence[bool]) -> JudgedPart:
    start = replace(start, trials=tuple(trials["trial"]))
    broken = [str(s) for s, ok in zip(trials["seed"], held, strict=True) if not ok]
    note = Refusal("rule", "it breaks in seed " + ", ".join(broken)) if broken else None
    return judge_share(start, sum(held), len(held), refuted=bool(broken), note=note)


# ------------------------------------------------------------------------------------------------------- association


def _association(arms: ArmReader, form: Association) -> JudgedPart:
    x_words, y_words = (wording.quantity_words(q).replace(" of *", "") for q in (form.x, form.y))
    start = JudgedPart(
        f"rank correlation of {x_words} and {y_words} over {len(form.arms)} arms",
        wording.bounds_words(form.low, None, wording.Unit()),
        "open",
    )
    pairs: list[tuple[Sample, Sample]] = []
    for arm in form.arms:
        x, y = (sample(arms, replace(q, arm=arm)) for q in (form.x, form.y))
        for side in (x, y):
            if isinstance(side, Refusal):
                return replace(start, refusal=side)
        assert isinstance(x, Sample) and isinstance(y, Sample)
        pairs.append((x, y))
    refused = _same_ground(pairs)
    if refused is not None:
        return replace(start, refusal=refused)
    seeds = sorted(pairs[0][0].values)
    rhos = [stats.rank_correlation([x.values[s] for x, _ in pairs], [y.values[s] for _, y in pairs]) for s in seeds]
    start = replace(start, trials=tuple(dict.fromkeys(t for x, _ in pairs for t in x.trials)))
    if not all(math.isfinite(r) for r in rhos):
        return replace(start, refusal=Refusal("not-finite", "the arms do not differ, or one left no number"))
    found = ranges.mean(rhos, ranges.CORRELATION)
    return judge_interval(start, found, rhos, Bounds(form.low, strict=True), ranges.CORRELATION)


def _same_ground(pairs: Sequence[tuple[Sample, Sample]]) -> Refusal | None:
    if len(pairs) < 3:
        return Refusal("few-arms", "a rank correlation needs at least 3 arms")
    if len({s.place for pair in pairs for s in pair}) > 1:
        return Refusal("epochs", "the arms are not at equal epochs")
    if len({frozenset(x.values) for x, _ in pairs}) > 1:
        return Refusal("seeds", "the seeds of the arms do not match")
    return None
