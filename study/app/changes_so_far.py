"""How far arms lie from their baseline on record: what the differences that seeds would find are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from analysis.data.arms import arm_epochs
from analysis.data.frames import Frames
from analysis.text.agreement import agree
from analysis.text.arm_names import called
from study.spec.splits import why_no_verdict
from study.spec.study import Study


@dataclass(frozen=True)
class ChangeSoFar:
    """How far an arm on record lies from the baseline."""

    what: str
    """Gap, or accuracy."""
    arm: str
    """As a sentence calls it."""
    change: float
    """A share."""


def changes_so_far(study: Study, frames: Frames) -> tuple[ChangeSoFar, ...]:
    """The largest change of the gap and of accuracy, in the mean over at least two pairs by seed at equal epochs."""
    if study.baseline is None or not len(frames.trials):
        return ()
    end, alike = study.config(study.baseline).epochs, compared_arms(study)
    found = []
    for gap in (True, False):
        table = values_by_arm(study, frames, gap=gap)
        changes = {}
        for arm in table if study.baseline in table else ():
            pairs = (table[arm] - table[study.baseline]).dropna()
            if arm in alike and study.config(arm).epochs == end and len(pairs) > 1:
                changes[arm] = float(pairs.mean())
        if changes:
            most = max(changes, key=lambda arm: abs(changes[arm]))
            name = called(study.arm(most).say, most)
            found.append(ChangeSoFar("the gap" if gap else "accuracy", name, changes[most]))
    return tuple(found)


def compared_arms(study: Study) -> tuple[str, ...]:
    """The arms that are compared with the baseline: those of its split, for splits share images."""
    base = study.config(study.baseline)
    return tuple(
        a.name for a in study.arms if a.name != study.baseline and not why_no_verdict([study.config(a.name), base])
    )


def values_by_arm(study: Study, frames: Frames, *, gap: bool, epoch: int | None = None) -> Any:
    """By seed and arm, the gap or accuracy of the trials that came so far: to an epoch, or each to its arm's end.

    The epoch in which a trial diverged is none of them.
    """
    rows = _reached(study, frames)
    ends = epoch if epoch is not None else rows["arm"].map({a.name: study.config(a.name).epochs for a in study.arms})
    last = rows[rows["epoch"] == ends]
    last = last.assign(value=values_of(last, gap=gap))
    return last.pivot_table(index="seed", columns="arm", values="value", observed=True)


def epochs_of_pairs(study: Study, frames: Frames) -> list[int]:
    """Epochs that at least half of the pairs on record have, the latest first: both trials of a pair came so far."""
    last = _reached(study, frames).pivot_table(
        index="seed", columns="arm", values="epoch", aggfunc="max", observed=True
    )
    if study.baseline not in last:
        return []
    base, others = last[study.baseline], [last[arm] for arm in compared_arms(study) if arm in last]
    both = sorted(int(min(pair)) for arm in others for pair in zip(arm, base, strict=True) if not any(map(isnan, pair)))
    return sorted(set(both[: len(both) // 2 + 1]), reverse=True)


def _reached(study: Study, frames: Frames) -> Any:
    """The rows of epochs of the study's trials, without those that diverged."""
    rows = arm_epochs(frames, study)
    return rows[rows["status"] != "diverged"]


def values_of(rows: Any, *, gap: bool) -> Any:
    """The gap, or accuracy, of rows of epochs."""
    return rows["accuracy_gap" if gap else "val_accuracy"]


def so_far_lines(changes: Sequence[ChangeSoFar]) -> list[str]:
    """What they come to, in a sentence.

    >>> so_far_lines([ChangeSoFar("the gap", "dropout", -0.03), ChangeSoFar("accuracy", "dropout", -0.0062)])
    ['So far dropout lowers the gap by 3.0 points and accuracy by 0.6 points.']
    >>> so_far_lines([ChangeSoFar("the gap", "L1", -0.044), ChangeSoFar("accuracy", "squared L2", 0.0005)])
    ['So far the largest changes: L1 lowers the gap by 4.4 points, squared L2 raises accuracy by 0.05 points.']
    >>> so_far_lines([ChangeSoFar("the gap", "dropout", 0.0), ChangeSoFar("accuracy", "dropout", 0.0)])
    ['So far no arm changes the gap or accuracy.']
    """
    if not changes:
        return []
    if not (changes := [c for c in changes if c.change]):
        return ["So far no arm changes the gap or accuracy."]
    verbs = [agree(c.arm, "lowers" if c.change < 0 else "raises") for c in changes]
    phrases = [f"{verb} {c.what} by {_points(abs(c.change))}" for c, verb in zip(changes, verbs, strict=True)]
    if len({c.arm for c in changes}) == 1:
        if len(set(verbs)) == 1:
            phrases[1:] = [text.removeprefix(f"{verbs[0]} ") for text in phrases[1:]]
        return [f"So far {changes[0].arm} {' and '.join(phrases)}."]
    return [f"So far the largest changes: {', '.join(f'{c.arm} {t}' for c, t in zip(changes, phrases, strict=True))}."]


def _points(share: float) -> str:
    shown = 100 * share
    return f"{shown:.1f} points" if shown >= 0.095 else f"{shown:.2g} points"
