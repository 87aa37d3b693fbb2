"""A figure: two sides measured by turns, their ratio with median and range; and the files that figures are kept in."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from trainables.jobs import cpu_info as processor

HERE = Path(__file__).parent
PACKAGES = ("torch", "ray", "optuna", "lightning", "skorch", "scikit-learn", "torchvision", "pandas", "pyarrow")


@dataclass(frozen=True)
class Figure:
    """One comparison. `ratio`, `low` and `high` are the median and range of the rounds' own ratios."""

    name: str
    ours: float | None
    peer: float | None
    ratio: float | None
    low: float | None
    high: float | None
    repeats: int
    aim: float | None
    unit: str
    meaning: str
    """What the ratio is, in a line."""
    note: str = ""
    load: float = 0.0
    """Mean number of runnable processes of the machine's last minute when the figure was done."""
    when: str = ""
    processor: str = ""
    """Of the machine that it was measured on."""
    at_most: bool = False
    """The aim is a limit: `ratio` is a simulated rate with its 95 % interval, broken where all of that lies above."""
    rule: str = ""
    """The digest of the rule that was simulated (`benchmarks.rule_digest`); of verdicts alone."""

    @property
    def verdict(self) -> str:
        if self.aim is None or self.ratio is None:
            return "-"
        if self.at_most:
            return "broken" if (self.ratio if self.low is None else self.low) > self.aim else "kept"
        return "reached" if self.ratio >= self.aim else "missed"


def by_turns(sides: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Run all sides once a round, in the order given, `repeats` rounds: A B A B, so that a slow minute hits both."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            found[name].append(side())
    return found


def compared(
    name: str,
    ours: Sequence[float],
    peer: Sequence[float],
    *,
    unit: str,
    meaning: str,
    aim: float | None = None,
    note: str = "",
) -> Figure:
    """A figure of two sides measured by turns; the ratio is peer / ours, so that more is better for us.

    >>> compared("x", [1.0, 2.0], [2.0, 6.0], unit="s", meaning="").ratio
    2.5
    """
    ratios = [b / a for a, b in zip(ours, peer, strict=True)]
    return Figure(
        name=name,
        ours=median(ours),
        peer=median(peer),
        ratio=median(ratios),
        low=min(ratios),
        high=max(ratios),
        repeats=len(ratios),
        aim=aim,
        unit=unit,
        meaning=meaning,
        note=note,
    )


def limited(name: str, ours: Sequence[float], limit: float | None, unit: str, meaning: str, note: str) -> Figure:
    """A figure whose peer is its limit, where it has one: a ratio of 1 or more keeps it.

    >>> limited("x", [1.0, 2.0], 3.0, "s", "seconds", "by hand").ratio
    2.25
    """
    ratios = [limit / v for v in ours] if limit else []
    return Figure(
        name=name,
        ours=median(ours),
        peer=limit,
        ratio=median(ratios) if ratios else None,
        low=min(ratios, default=None),
        high=max(ratios, default=None),
        repeats=len(ours),
        aim=1.0 if limit else None,
        unit=unit,
        meaning=meaning + ("; the peer is the limit" if limit else ""),
        note="; ".join(n for n in (note, f"{min(ours):.3g} to {max(ours):.3g} {unit}") if n),
    )


def stamped(figure: Figure) -> Figure:
    """The figure with the machine, its load and the time."""
    load, when = moment()
    return dataclasses.replace(figure, load=load, when=when, processor=_processor())


def moment() -> tuple[float, str]:
    """The machine's load of the last minute, and the time."""
    return round(os.getloadavg()[0], 1), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def machine() -> dict[str, object]:
    """What the numbers depend on."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "threads_a_trial": 1,
        "versions": versions,
    }


def _processor() -> str:
    """Name, family and model, and the extensions that decide how fast matrix products are."""
    values = processor.cpu_facts()
    if not values:
        return platform.processor()
    flags = set(values.get("flags", "").split())
    extra = ", ".join(f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f in flags)
    name, family, model = (values.get(k, "?") for k in ("model name", "cpu family", "model"))
    return f"{name} (family {family}, model {model}; {extra})"


def keep(figures: Sequence[Figure], folder: Path = HERE) -> None:
    """Write results.json and results.md: these figures new, the others as they were."""
    path = folder / "results.json"
    known: dict[str, Figure] = {}
    if path.exists():
        known = {f["name"]: Figure(**f) for f in json.loads(path.read_text(encoding="utf-8"))["figures"]}
    known.update({f.name: f for f in figures})
    ordered = [known[name] for name in sorted(known)]
    rounded = [_rounded(f) for f in ordered]
    write(path, json.dumps({"machine": machine(), "figures": rounded}, indent=1) + "\n")
    write(folder / "results.md", page([Figure(**f) for f in rounded]))  # what a reader of the record would make


def page(figures: Sequence[Figure]) -> str:
    """All figures as a table to read."""
    about = machine()
    versions = about["versions"]
    assert isinstance(versions, dict)
    lines = [
        "# Measured",
        "",
        f"Last on {about['processor']}; {about['cores']} cores, {about['memory_gb']} GB; "
        f"{about['system']}, Python {about['python']}; "
        + ", ".join(f"{k} {v}" for k, v in versions.items())
        + ". One thread a trial. Figures of another processor say so.",
        "",
        "Each line is from one run with both sides by turns; ratio = median over the rounds of that round's own ratio, "
        "above 1 where we are faster, with its range. `load` is the machine's load average when the figure was done: "
        "where that is above the number of cores, both sides had only a share of a core, and the ratio counts more "
        "than the seconds. Where an aim is kept or broken, it is a limit, the ratio is a simulated rate in per cent "
        "with its 95 % interval, and rounds are simulated studies.",
        "",
        "| figure | ours | peer | ratio | range | rounds | aim | | load | when | processor |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    notes = []
    for f in figures:
        span = f"{_short(f.low)} to {_short(f.high)}" if f.low is not None else ""
        lines.append(
            f"| {f.name} | {_short(f.ours)} {f.unit} | {_short(f.peer)} | {_short(f.ratio)} | {span} | {f.repeats} "
            f"| {_short(f.aim)} | {f.verdict} | {f.load:g} | {f.when} "
            f"| {f.processor.partition(' (')[0]} |"
        )
        notes.append(f"- **{f.name}**: {f.meaning}{'. ' + f.note if f.note else ''}")
    return "\n".join([*lines, "", "## What each figure is", "", *notes, ""])


def _rounded(figure: Figure) -> dict[str, Any]:
    values = dataclasses.asdict(figure)
    for name in ("at_most", "rule"):
        if not values[name]:
            del values[name]
    return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in values.items()}


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def write(path: Path, text: str) -> None:
    """Put a text where a reader finds all of it or what was there before."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
