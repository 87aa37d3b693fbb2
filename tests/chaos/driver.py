"""The `study` command with faults: `python -m tests.chaos.driver run ...`."""

from __future__ import annotations

import errno
import threading
import time

import study.cli.main
import study.execution.inline_executor
import trainables.jobs.ray_trainable
from tests.chaos import faulty


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
    trainables.jobs.ray_trainable.StudyTrainable = faulty.Faulty  # type: ignore[misc]
    study.execution.inline_executor.InlineExecutor.steps = faulty.FaultySteps
    threading.Thread(target=visit, daemon=True).start()
    study.cli.main.entry()  # out at once, as the command is: libraries' threads may abort at the interpreter's own end
