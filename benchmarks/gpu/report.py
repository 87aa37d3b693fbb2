"""What a run found, as values, and the JSON file that keeps them."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FORMAT = 1

State = Literal["done", "failed", "cut off", "not begun"]


@dataclass(frozen=True)
class CheckResult:
    """One check or one measurement."""

    name: str
    passed: bool = True
    """Whether it could be measured, and what was to hold did."""
    reason: str = ""
    """Why it did not pass."""
    value: float | None = None
    """The median where there were several rounds; `low` and `high` are their range."""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    note: str = ""

    def __str__(self) -> str:
        span = f" ({self.low:.4g} to {self.high:.4g})" if self.low is not None and self.high is not None else ""
        value = "" if self.value is None else f" {self.value:.4g}{span} {self.unit}"
        return f"{self.name}:{value} {'ok' if self.passed else 'FAILED: ' + self.reason}"


@dataclass(frozen=True)
class Machine:
    """What the numbers depend on."""

    card: str
    """The GPU's name; the processor's in a rehearsal on the CPU."""
    card_bytes: int
    compute_capability: str
    multiprocessors: int
    l2_cache_bytes: int
    cuda: str
    torch: str
    numpy: str
    python: str
    system: str
    processor: str
    cores: int


@dataclass(frozen=True)
class ReportPart:
    """What became of one part."""

    name: str
    state: State
    reason: str
    seconds: float
    budget_seconds: float
    findings: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        return self.state == "done" and all(f.passed for f in self.findings)


@dataclass(frozen=True)
class Report:
    """A whole run, or as much of it as there is."""

    device: str
    tiny: bool
    """Whether sizes were those of a rehearsal, so that no figure means anything."""
    started: str
    seconds: float
    machine: Machine | None
    parts: tuple[ReportPart, ...]

    @property
    def file_name(self) -> str:
        """After the card: `nvidia-h100-80gb-hbm3.json`; a rehearsal's begins with `rehearsal-`."""
        card = self.machine.card if self.machine else "unknown card"
        slug = re.sub(r"[^a-z0-9]+", "-", card.lower()).strip("-")
        return f"{'rehearsal-' if self.tiny or self.device == 'cpu' else ''}{slug}.json"

    def write(self, folder: Path) -> Path:
        """Put it where a reader finds all of it or what was there before."""
        path = folder / self.file_name
        values = {"format": FORMAT, "card": self.machine.card if self.machine else None, **dataclasses.asdict(self)}
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)
        return path


def one_line(error: BaseException) -> str:
    """What went wrong, for a reason: its kind and its first line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:300]}" if said else type(error).__name__


class Lines:
    """The file in which a part's process tells what it found, a line each, so that a killed one has told it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, found: CheckResult | Machine | str) -> None:
        """Write a line; a text is the reason why the part failed."""
        kind = type(found).__name__
        content = found if isinstance(found, str) else dataclasses.asdict(found)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([kind, content]) + "\n")

    def read(self) -> tuple[Machine | None, tuple[CheckResult, ...], str]:
        """Machine, findings and the reason of a failure; a line that was cut short is left out."""
        machine, findings, reason = None, list[CheckResult](), ""
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        for line in text.splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            kind, content = json.loads(line)
            if kind == Machine.__name__:
                machine = Machine(**content)
            elif kind == CheckResult.__name__:
                findings.append(CheckResult(**content))
            else:
                reason = content
        return machine, tuple(findings), reason
