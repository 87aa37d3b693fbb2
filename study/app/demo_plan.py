"""What the demo of the chapter leaves out, so that it takes minutes: arms that take much longer than all the others."""

from __future__ import annotations

import dataclasses

from study.app.plan_studies import PlanRequest, plan_request

MAX_SHARE_OF_ARM = 0.25
"""Of the demo's time; an arm that would take more is left out."""


def without_long_arms(asked: PlanRequest) -> tuple[PlanRequest, tuple[str, ...]]:
    """The same request of every arm but those that alone would take over `MAX_SHARE_OF_ARM` of the time.

    What is on record counts as if it were not, so that the demo asks the same when it is started again.

    Returns:
        The request, and the arms that are left out as STUDY/ARM.

    Raises:
        BadInput, DataError, EngineError: as `plan_request`.
    """
    plan, _, _ = plan_request(asked, here=True)
    seconds: dict[str, float] = {}
    for trial in plan.trials:
        for arm in trial.wanted_by:
            seconds[arm] = seconds.get(arm, 0.0) + trial.seconds
    most = MAX_SHARE_OF_ARM * sum(trial.seconds for trial in plan.trials)
    long = tuple(arm for arm, took in seconds.items() if took > most)
    if not long or len(seconds) - len(long) < 2:
        return asked, ()
    arms = {arm: plan.protocol.seeds for arm in seconds if arm not in long}
    return dataclasses.replace(asked, arm_seeds=arms), long
