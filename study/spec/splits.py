"""What claims may not do with repeated splits: they share images, so no verdict can rest on numbers over several."""

from __future__ import annotations

from collections.abc import Iterable

from study.spec.study import Study
from trainables.config.trial_config import TrialConfig

Split = tuple[float, int, int]
"""The share that is held out, and `split_seed` and `fold`, which say which images are in it."""
SPLIT_KNOBS = ("split_seed", "fold")
"""The knobs that say which images are held out, of one share of them."""
NO_VERDICT = "splits share images, so there is a table over them and never a verdict: compare arms of one split"


def split_of(config: TrialConfig) -> Split:
    """The split of a trial."""
    return config.held_out, config.split_seed, config.fold


def base_split(study: Study) -> Split:
    """The split of all trials of a search, for it cannot be searched."""
    return study.base.get("held_out", 0.0), study.base.get("split_seed", 0), study.base.get("fold", 0)


def why_no_verdict(configs: Iterable[TrialConfig]) -> str:
    """Why nothing is judged over these arms together; empty where all have one split.

    >>> why_no_verdict([TrialConfig(held_out=0.1), TrialConfig(held_out=0.1, split_seed=3)])[:34]
    'its arms have several splits (spli'
    """
    splitting = [c for c in configs if c.held_out]
    differ = [(knob, sorted({getattr(c, knob) for c in splitting})) for knob in SPLIT_KNOBS]
    named = " and ".join(f"{knob} {', '.join(map(str, values))}" for knob, values in differ if values[1:])
    return f"its arms have several splits ({named}); {NO_VERDICT}" if named else ""
