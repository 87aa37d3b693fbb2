"""Arms that differ by `split_seed` or `fold` alone, together: mean over splits and change against the baseline.

Splits of the same images overlap, folds in their training images alone, so the interval is corrected
(`analysis.statistics.repeated_splits`), and no verdict rests on it. Of each split the seeds are averaged first: a split
is what is repeated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.claims import ranges
from analysis.claims.samples import ArmReader, sample
from analysis.data.arms import Asked
from analysis.data.frames import Frames
from analysis.statistics.estimates import Refusal
from analysis.statistics.repeated_splits import corrected_interval
from analysis.text import numbers
from study.spec.claims import Quantity
from study.spec.splits import SPLIT_KNOBS
from study.spec.study import Study
from trainables.config.trial_config import TrialConfig
from trainables.data.facts import DataFacts

SPLIT_METRICS = ("val_accuracy", "val_loss")
"""Metrics of the part that is split off; for a gap the correction was not made."""
SPLIT_COLUMNS = (
    *("study", "setting", "arms", "baseline", "metric", "epoch", "what"),
    *("splits", "seeds", "estimate", "low", "high", "refused"),
)


Split = tuple[int, int]
"""`split_seed` and `fold`."""


@dataclass(frozen=True)
class Setting:
    """One configuration on several splits."""

    words: str
    """The knobs that its arms change, without those of the split."""
    arms: Mapping[Split, str]
    """By split, the arm of it."""
    config: TrialConfig


def settings(study: Study) -> tuple[Setting, ...]:
    """The configurations of a study that have two splits or more, in the order of its arms."""
    found: dict[TrialConfig, dict[Split, str]] = {}
    for arm in study.arms:
        config = study.config(arm.name)
        if config.held_out:
            alike = found.setdefault(config.replace(split_seed=0, fold=0), {})
            alike.setdefault((config.split_seed, config.fold), arm.name)
    return tuple(Setting(_words(study, arms), arms, config) for config, arms in found.items() if len(arms) > 1)


def _words(study: Study, arms: Mapping[Split, str]) -> str:
    change = study.arm(next(iter(arms.values()))).change
    return numbers.knob_texts(change.without(*SPLIT_KNOBS)) or "no other knob"


def repeated_splits(
    study: Study, frames: Frames, asked: Asked | None = None, data: Mapping[str, DataFacts] | None = None
) -> pd.DataFrame:
    """One row a setting and metric for its mean, and one for its change against the baseline's on the same splits.

    Args:
        study: its arms; without such as differ by their split alone there is no row.
        frames: all trials.
        asked: the seeds that were asked of each arm.
        data: what is known of data sets, by checksum; needed where `train_images` is set.
    """
    arms = ArmReader(study, {study.name: study}, frames, asked or {}, data=data or {})
    found = settings(study)
    base = next((s for s in found if study.baseline in s.arms.values()), None)
    rows = [_row(arms, s, None, metric, is_base=s is base) for s in found for metric in SPLIT_METRICS]
    others = [s for s in found if base is not None and s is not base]
    rows += [_row(arms, s, base, metric, is_base=False) for s in others for metric in SPLIT_METRICS]
    return pd.DataFrame(rows, columns=list(SPLIT_COLUMNS))


def _row(arms: ArmReader, setting: Setting, base: Setting | None, metric: str, *, is_base: bool) -> dict[str, object]:
    epoch = min(s.config.epochs for s in (setting, base or setting))
    facts = {
        "study": arms.study.name, "setting": setting.words, "arms": ", ".join(setting.arms.values()),
        "baseline": is_base, "metric": metric, "epoch": epoch, "what": "mean" if base is None else "change",
    }  # fmt: skip
    none = {"splits": 0, "seeds": 0, "estimate": math.nan, "low": math.nan, "high": math.nan}
    found = _estimate(arms, setting, base, metric, epoch)
    if isinstance(found, Refusal):
        return {**facts, **none, "refused": found.text}
    return {**facts, **found, "refused": ""}


def _estimate(
    arms: ArmReader, setting: Setting, base: Setting | None, metric: str, epoch: int
) -> dict[str, object] | Refusal:
    sides = [setting] if base is None else [setting, base]
    if len({s.config.held_out for s in sides}) > 1:
        return Refusal("knobs", "the two hold other shares of the images out, so their splits are not the same")
    splits = sorted(set.intersection(*(set(s.arms) for s in sides)))
    if len(splits) < 2:
        return Refusal("seeds", "the two have fewer than two splits in common")
    values: dict[str, Mapping[int, float]] = {}
    for name in (s.arms[split] for s in sides for split in splits):
        found = sample(arms, Quantity(arm=name, metric=metric, at=epoch))
        if isinstance(found, Refusal):
            return found
        if not found.whole:
            return Refusal("not-finite", f"a trial of {name} diverged, so there is no mean")
        values[name] = found.values
    seeds = sorted(set.intersection(*(set(of) for of in values.values())))
    if not seeds:
        return Refusal("seeds", "the arms have no seed in common")
    quotients = [_val_per_train(arms, s) for s in sides]
    if any(q is None for q in quotients):
        return Refusal("missing", "how many images were held out is not on record")
    means = [{split: _mean(values[s.arms[split]], seeds) for split in splits} for s in sides]
    of_splits = [means[0][x] - (means[1][x] if base is not None else 0.0) for x in splits]
    e = corrected_interval(of_splits, max(q for q in quotients if q is not None))
    e = ranges.cut(e, ranges.of(metric) if base is None else ranges.difference(metric))
    return {"splits": e.n, "seeds": len(seeds), "estimate": e.value, "low": e.low, "high": e.high}


def _mean(values: Mapping[int, float], seeds: Sequence[int]) -> float:
    return math.fsum(values[s] for s in seeds) / len(seeds)


def _val_per_train(arms: ArmReader, setting: Setting) -> float | None:
    """Validation images for each training image; None where that is not known."""
    config = setting.config
    if config.train_images is None:
        return config.held_out / (1 - config.held_out)
    facts = arms.facts(next(iter(setting.arms.values())))
    if facts is None:
        return None
    held_out = config.images_held_out(facts.train_images)
    return held_out / min(config.train_images, facts.train_images - held_out)
