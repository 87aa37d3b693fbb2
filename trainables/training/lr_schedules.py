"""Learning-rate schedules, as functions of the configuration and of what is on record; no torch, and no state to
save.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from trainables.config.trial_config import TrialConfig


def learning_rate(config: TrialConfig, val_losses: Sequence[float]) -> float:
    """The learning rate of the epoch after those whose validation losses are given.

    The rules are those of PyTorch's `ReduceLROnPlateau`, `StepLR` and `CosineAnnealingLR`, stepped once an epoch.

    >>> learning_rate(TrialConfig(lr=0.1, schedule="step", step_size=2, step_gamma=0.5), [1.0, 1.0])
    0.05
    """
    done = len(val_losses)
    match config.schedule:
        case "step":
            return float(config.lr * config.step_gamma ** (done // config.step_size))
        case "cosine":
            share = (1 + math.cos(math.pi * done / config.epochs)) / 2
            return config.cosine_min_lr + (config.lr - config.cosine_min_lr) * share
        case "plateau":
            *_, rate = plateau_rates(config, val_losses)
            return rate
        case _:
            return config.lr


def plateau_rates(config: TrialConfig, val_losses: Sequence[float]) -> Iterator[float]:
    """The rate of each epoch under `plateau`, and of the one after the last whose validation loss is given.

    After patience + 1 epochs in a row that do not beat the best by the threshold, the rate is multiplied by the factor,
    not below its minimum, and not by less than 1e-8.
    """
    lr, best, bad, cooldown = config.lr, math.inf, 0, 0
    yield lr
    for loss in val_losses:
        if _improves(config, loss, best):
            best, bad = loss, 0
        else:
            bad += 1
        if cooldown > 0:
            cooldown, bad = cooldown - 1, 0
        if bad > config.plateau_patience:
            lower = max(lr * config.plateau_factor, config.plateau_min_lr)
            lr = lower if lr - lower > 1e-8 else lr
            cooldown, bad = config.plateau_cooldown, 0
        yield lr


def _improves(config: TrialConfig, loss: float, best: float) -> bool:
    if config.plateau_threshold_mode == "rel":
        return loss < best * (1 - config.plateau_threshold) if math.isfinite(best) else loss < best
    return loss < best - config.plateau_threshold
