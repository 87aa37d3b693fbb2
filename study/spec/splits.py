"""What claims may not do with repeated splits: they share images, so no verdict can rest on numbers over several."""

from __future__ import annotations

from collections.abc import Iterable

from trainables.config.trial_config import TrialConfig

NO_VERDICT = "splits share images, so there is a table over them and never a verdict: compare arms of one split"


def why_no_verdict(configs: Iterable[TrialConfig]) -> str:
    """Why nothing is judged over these arms together; empty where all have one split.

    >>> why_no_verdict([TrialConfig(held_out=0.1), TrialConfig(held_out=0.1, split_seed=3)])[:34]
    'its arms have several splits (spli'
    """
    seeds = sorted({c.split_seed for c in configs if c.held_out})
    return f"its arms have several splits (split_seed {', '.join(map(str, seeds))}); {NO_VERDICT}" if seeds[1:] else ""
