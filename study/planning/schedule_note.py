"""Whether the learning-rate schedule of an arm does anything within its epochs."""

from __future__ import annotations

from study.planning.protocol import Protocol
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.training.lr_schedules import learning_rate


def schedule_note(study: Study, protocol: Protocol) -> str:
    """The arms whose schedule leaves the rate as it is until their end; empty where there are none.

    Nothing is said of a reduced run, which is short on purpose, and of one epoch, which has one rate.
    """
    if protocol.quick:
        return ""
    configs = {arm.name: protocol.config(study.config(arm.name)) for arm in study.arms}
    idle = [f"{name} ({c.schedule}, {counted(c.epochs, 'epoch')})" for name, c in configs.items() if _is_idle(c)]
    return f"study {study.name}: the schedule of {', '.join(idle)} never changes the learning rate" if idle else ""


def _is_idle(config: TrialConfig) -> bool:
    """Whether the rate stays, even where the validation loss never falls, as a plateau wants it."""
    if config.schedule == "constant" or config.epochs == 1:
        return False
    return len({learning_rate(config, [1.0] * done) for done in range(config.epochs)}) == 1
