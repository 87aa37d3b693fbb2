"""The parts of a run, each in a process of its own, with its time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.gpu.report import CheckResult, Lines, Machine, ReportPart, one_line

if TYPE_CHECKING:  # PyTorch is imported where a part works: whoever starts the parts does without
    from benchmarks.gpu.setting import PartSetting

ROOT = Path(__file__).resolve().parents[2]

BUDGETS_SECONDS = {"checks": 130.0, "rates": 140.0, "memory": 70.0, "processes": 110.0}
"""In the order in which they run; all together under the eight minutes."""

REHEARSAL_TIMES = 4
"""A rehearsal may take so many times as long: it tells nothing of time, and its machine may be busy."""

RESERVE_SECONDS = 8.0
"""A part ends by itself so long before it is ended."""


@dataclass(frozen=True)
class Run:
    """What the command line asks for."""

    device: str
    tiny: bool
    data_dir: Path


def _functions() -> dict[str, Callable[[PartSetting], Iterator[CheckResult]]]:
    from benchmarks.gpu import checks, job_memory, processes, rates

    return {"checks": checks.part, "rates": rates.part, "memory": job_memory.part, "processes": processes.part}


def begin(run: Run, name: str) -> tuple[Machine | None, ReportPart]:
    """Run a part in a process of its own, and end it and all its children when its time is over."""
    budget, began = BUDGETS_SECONDS[name] * (REHEARSAL_TIMES if run.tiny else 1), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="benchmarks-gpu-") as folder:
        lines = Lines(Path(folder) / "lines")
        command = [sys.executable, "-m", "benchmarks.gpu", "--device", run.device, "--data-dir", str(run.data_dir)]
        command += ["--tiny"] if run.tiny else []
        command += ["--part", name, "--lines", f"{folder}/lines", "--until", str(began + budget - RESERVE_SECONDS)]
        quiet = {**os.environ, "KINETO_LOG_LEVEL": "99"}  # PyTorch's profiler, which counts on the CPU
        process = subprocess.Popen(command, cwd=ROOT, env=quiet, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            code: int | None = process.wait(budget)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        known, findings, reason = lines.read()
    seconds = time.monotonic() - began
    if code is None:
        return known, ReportPart(name, "cut off", f"it was not done after {budget:g} s", seconds, budget, findings)
    if code != 0:
        return known, ReportPart(name, "failed", reason or f"its process ended with {code}", seconds, budget, findings)
    return known, ReportPart(name, "done", "", seconds, budget, findings)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children, which are a group of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def work(run: Run, name: str, lines: Lines, until: float) -> int:
    """The part itself, in its own process; the exit code."""
    from benchmarks.gpu.setting import TINY, WHOLE, PartSetting, machine
    from trainables.training.device_arrays import prepare_process

    try:
        prepare_process()
        lines.add(machine(run.device))
        setting = PartSetting(run.device, TINY if run.tiny else WHOLE, run.data_dir, until)
        for finding in _functions()[name](setting):
            lines.add(finding)
            print(f"  {finding}", flush=True)
    except Exception as error:
        lines.add(one_line(error))
        return 1
    return 0
