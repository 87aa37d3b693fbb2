"""Where the numbers come from: data, code, machines, versions, seeds, commands."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from datetime import datetime

import pandas as pd

from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Facts, Notice, Paragraph, Section, Table
from analysis.report.verdict_section import ENDS
from analysis.text.sheet import Cell, Sheet
from study.planning.seeds import seeds_named
from study.storage.run_records import RunRecord
from trainables.config.plurals import counted

TRAINING = ("run", "decide", "demo")
"""Commands that train."""


def section(inputs: ReportInputs) -> Section:
    """The section on provenance."""
    trials, origin = inputs.frames.trials, inputs.loaded.origin
    blocks: list[Block] = [*_warnings(trials, origin)]
    facts = [
        ("Data", _with_counts(trials["data"] + ", checksum " + trials["data_checksum"])),
        ("Version of the training code", _with_counts(trials["code_version"].astype(str))),
        ("Seeds", seeds_named(set(map(int, trials["seed"]))).partition(" ")[2] if len(trials) else "none"),
        ("Trials", _ended(trials["status"])),
        ("Precision and device", _with_counts(trials["precision"] + " on " + trials["device"])),
    ]
    if trials.empty:
        blocks.append(Paragraph(f"No trial is {'finished yet' if inputs.provisional else 'on record'}."))
    else:
        blocks.append(Facts(tuple((name, value or "unknown") for name, value in facts)))
        blocks.append(Table("machines", machines_sheet(origin)))
    if inputs.runs:
        blocks.append(Table("commands", commands_sheet(inputs)))
    return Section("origin", "Where the numbers come from", tuple(blocks), folded=True)


def _warnings(trials: pd.DataFrame, origin: pd.DataFrame) -> list[Notice]:
    lines = []
    hardware = sorted({h for h in origin["hardware"] if h})
    if len(hardware) > 1:
        lines.append(
            f"The trials ran on different hardware ({'; '.join(hardware)}). Times are not comparable across it. "
            "Results agree to the last bit only on one kind of processor."
        )
    for name, what in (("torch", "versions of PyTorch"), ("python", "versions of Python")):
        found = sorted({v for v in origin[name] if v})
        if len(found) > 1:
            lines.append(f"The trials ran under different {what} ({', '.join(found)}).")
    for name, what in (("data_checksum", "data sets"), ("code_version", "versions of the training code")):
        if trials[name].nunique() > 1:
            lines.append(f"The folder holds trials of different {what}; an arm takes those of one only.")
    return [Notice("Not all alike", tuple(lines))] if lines else []


def _with_counts(values: pd.Series) -> str:
    counts = values.astype(str).value_counts().sort_index()
    if len(counts) == 1:
        return str(counts.index[0])
    return "; ".join(f"{name} ({counted(n, 'trial')})" for name, n in counts.items())


def _ended(status: pd.Series) -> str:
    counts = status.astype(str).value_counts().sort_index()
    return ", ".join(f"{n} {ENDS.get(str(name), name)}" for name, n in counts.items())


def machines_sheet(origin: pd.DataFrame) -> Sheet:
    """One row a machine and set of versions."""
    names = ["host", "hardware", "system", "python", "torch"]
    counts = origin.groupby(names, sort=True).size().reset_index(name="trials")
    rows = tuple(
        (*(Cell(str(getattr(r, n)) or "unknown") for n in names), Cell(f"{r.trials:,}", float(r.trials)))
        for r in counts.itertuples()
    )
    return Sheet("Machines", ("Machine", "Processor", "System", "Python", "PyTorch", "Trials"), rows)


def commands_sheet(inputs: ReportInputs) -> Sheet:
    """One row a run; of a search nobody knows beforehand what it trains, so it is named."""
    searching = {s.name for s in inputs.studies.values() if s.search}
    rows = tuple(
        (
            Cell(_minute(run.began)),
            Cell(_command(run)),
            _seeds(run, searching),
            Cell("unknown" if run.reduced is None else "reduced" if run.reduced else "full"),
            _count(run.trials_to_train, searching & set(run.studies)),
            _count(run.epochs_to_train, searching & set(run.studies)),
            Cell(
                ", ".join([f"Python {run.python or 'unknown'}", *(f"{k} {v}" for k, v in sorted(run.versions.items()))])
            ),
        )
        for run in inputs.runs
    )
    heads = ("Began", "Command", "Seeds", "Full or reduced", "Trials to train", "Epochs to train", "Versions")
    return Sheet("Runs that put trials here", heads, rows)


def _minute(began: str | None) -> str:
    """When a run began, to the minute, as it is on record.

    >>> _minute("2026-11-27T18:03:21.120000+00:00"), _minute("2026-11-27T18:03:21"), _minute("")
    ('2026-11-27 18:03 UTC', '2026-11-27 18:03', 'unknown')
    """
    if not began:
        return "unknown"
    try:
        found = datetime.fromisoformat(began)
    except ValueError:
        return began
    zone = "" if found.tzinfo is None else " UTC" if not found.utcoffset() else f" {found:%z}"
    return f"{found:%Y-%m-%d %H:%M}{zone}"


def _command(run: RunRecord) -> str:
    """What was typed; of a run from Python older versions kept the words of its script."""
    if len(run.command) > 1 and run.command[1] in TRAINING:
        return shlex.join(run.command)
    return "none: from Python" if run.versions or run.command else "unknown"


def _seeds(run: RunRecord, searching: Collection[str]) -> Cell:
    """The seeds that were asked of arms; of a search alone, how many fresh ones were asked of its best."""
    if run.studies and set(run.studies) <= set(searching):
        return Cell(counted(len(run.seeds), "fresh seed"))
    return Cell(", ".join(map(str, sorted(run.seeds))))


def _count(value: int | None, searches: Collection[str]) -> Cell:
    """So many, beside what searches train."""
    if value is None:
        return Cell("unknown")
    of = "a search" if len(searches) == 1 else counted(len(searches), "search", "searches") if searches else ""
    shown = f"{value:,} and {of}" if of and value else of or f"{value:,}"
    return Cell(shown, float(value))
