"""How busy the GPUs of this machine are, in words, as their driver's own tool tells."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TOOL = ("nvidia-smi", "--query-gpu=utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits")
EVERY_SECONDS = 5.0
"""Between two questions: each starts a process."""
PATIENCE_SECONDS = 2.0


def ask_tool() -> str:
    """What the tool says, a line a GPU; nothing where there is none."""
    if shutil.which(TOOL[0]) is None:
        return ""
    try:
        said = subprocess.run(TOOL, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return ""
    return said.stdout if said.returncode == 0 else ""


@dataclass
class GpuInUse:
    """Asks now and then, and gives what was said last."""

    ask: Callable[[], str] = ask_tool
    _asked: float = -EVERY_SECONDS
    _words: str = field(default="")

    def words(self, now: float | None = None) -> str:
        """Load and memory, for the end of a line; nothing where nothing can be read."""
        now = time.monotonic() if now is None else now
        if now - self._asked >= EVERY_SECONDS:
            self._asked, self._words = now, gpu_words(self.ask().splitlines())
        return self._words


def gpu_words(lines: Sequence[str]) -> str:
    """What such lines say of all GPUs together; memory in GB.

    >>> gpu_words(["63, 2150, 81559"]), gpu_words(["90, 1000, 10240", "[N/A], 1048, 10240"]), gpu_words(["No devices"])
    (', GPU 63 %, 2.1 of 80 GB', ', 2 GPUs, 2.0 of 20 GB', '')
    """
    rows = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
    try:
        used, total = (sum(float(row[i]) for row in rows) / 1024 for i in (1, 2))
    except (ValueError, IndexError):
        return ""
    loads = [float(row[0]) for row in rows if row[0].isdigit()]
    load = f" {sum(loads) / len(loads):.0f} %" if loads and len(loads) == len(rows) else ""
    name = "GPU" if len(rows) == 1 else f"{len(rows)} GPUs"
    return f", {name}{load}, {used:.1f} of {total:.0f} GB" if rows else ""
