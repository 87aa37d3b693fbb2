"""The `study` command with faults: `python -m tests.chaos.driver run ...`."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time

import study.execution.ray_environment as ray_environment

if os.environ.get("STUDY_CHAOS_PATCHES") == "off":  # the command imports Ray after it has said so, and this before
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    os.environ |= {**ray_environment._made_once().token, **ray_environment._made_once().certificates}

import study.cli.main
import study.execution.inline_executor
import study.execution.ray_patches.patching
from tests.chaos import faulty

PATCHES = "STUDY_CHAOS_PATCHES"
"""`off` in the environment: this Ray counts as one that the patches were not tested with."""


def visit() -> None:
    """Suffer the driver's own faults."""
    while True:
        time.sleep(0.2)
        kind = faulty.take(faulty.DRIVER, 10**6)
        if kind == "driver-clock":
            faulty.jump(15)
        if kind == "driver-full":
            faulty.refuse_writes(errno.ENOSPC)


if __name__ == "__main__":
    if "ray" in sys.argv:  # of --executor
        import trainables.jobs.ray_trainable
        from tests.chaos.faulty_ray import Faulty

        trainables.jobs.ray_trainable.StudyTrainable = Faulty  # type: ignore[misc]
    study.execution.inline_executor.InlineExecutor.steps = faulty.FaultySteps
    if os.environ.get(PATCHES) == "off":
        study.execution.ray_patches.patching.TESTED = ()
    threading.Thread(target=visit, daemon=True).start()
    study.cli.main.entry()  # out at once, as the command is: libraries' threads may abort at the interpreter's own end
