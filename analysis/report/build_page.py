"""The whole page from what a folder holds, in order: overview, studies, origin; and what packages add to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis.claims import old_rule
from analysis.claims.queries import Evidence
from analysis.claims.sentences import guarantees
from analysis.claims.verdicts import Verdict, judge
from analysis.claims.words import ALWAYS_SHOWN, VERDICTS, WORDS
from analysis.data.frames import from_records
from analysis.figures import claims_overview
from analysis.report import provenance_section as origin
from analysis.report.extensions import Additions, additions_to, nothing_beside
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Notice, Page, Paragraph, Section, Table
from analysis.report.pictures import picture, run_in_parallel
from analysis.report.study_section import StudySection, judged
from analysis.report.verdict_section import claim_anchor
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.claims import claims
from analysis.tables.sheets import overfitting_sheet, runs_sheet
from analysis.text.phrases import estimate_words
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study

MOST_RUNS = 500
"""Rows of the run table on the page; all of them are in its CSV."""


@dataclass(frozen=True)
class BuiltReport:
    """The page, the tidy frames behind its tables, and the verdicts in its order."""

    page: Page
    frames: Mapping[str, pd.DataFrame]
    verdicts: tuple[Verdict, ...] = ()


def judge_all(material: ReportInputs) -> dict[str, list[Verdict]]:
    """The verdicts of every study, in the order of the report."""
    order = in_order(material, additions_to(material))
    return {s.name: judge(s, material.frames, material.studies, material.grounds(s.name)) for s in order}


def build_page(material: ReportInputs) -> BuiltReport:
    """The report of a results folder."""
    added = additions_to(material)
    studies = in_order(material, added)
    before = [make for one in added for make in one.before]
    after = [make for one in added for make in one.after]
    jobs: list[Callable[[], Any]] = [
        *after,
        *before,
        *(partial(judged, material, s, _beside(added, s)) for s in studies),
    ]
    made = run_in_parallel(jobs)
    parts: list[StudySection] = made[len(after) + len(before) :]
    last, first = (
        [s for some in group for s in some] for group in (made[: len(after)], made[len(after) :][: len(before)])
    )
    flat = [v for p in parts for v in p.verdicts]
    frames = _frames(flat, parts)
    sections = (
        _overview(material, added, flat, frames),
        *first,
        *(p.section for p in parts),
        *last,
        origin.section(material),
        _runs(frames["runs"]),
    )
    title = next((a.title for a in added if a.title), "Results of " + (_and([s.name for s in studies]) or "no study"))
    counts: Counter[str] = Counter(v.verdict for v in flat)
    shown = tuple((v, counts.get(v, 0)) for v in VERDICTS if v in ALWAYS_SHOWN or counts[v]) if flat else ()
    return BuiltReport(Page(title, _lead(material, flat), material.reduced, shown, sections), frames, tuple(flat))


def _beside(added: Sequence[Additions], study: Study) -> Callable[[str, str], Evidence]:
    """What says what stands beside a verdict of a study: the package whose study it is."""
    return next((a.beside for a in added if study.name in a.studies), nothing_beside)


def _frames(verdicts: Sequence[Verdict], parts: Sequence[StudySection]) -> dict[str, pd.DataFrame]:
    """The tidy frames behind the tables over all studies."""
    overfitting = [p.overfitting for p in parts if len(p.overfitting)]
    runs = [p.runs for p in parts if len(p.runs)]
    return {
        "claims": claims(verdicts),
        "overfitting": pd.concat(overfitting, ignore_index=True)
        if overfitting
        else tables.chapter_overfitting([], from_records([])),
        "runs": pd.concat(runs, ignore_index=True) if runs else runs_module.runs([], from_records([])),
    }


def in_order(material: ReportInputs, added: Sequence[Additions]) -> list[Study]:
    """The studies: those that a package knows in its order, then the others by name."""
    names = list(dict.fromkeys([name for one in added for name in one.studies] + sorted(material.studies)))
    return [material.studies[name] for name in names]


def _lead(material: ReportInputs, verdicts: Sequence[Verdict]) -> str:
    trials, epochs = len(material.frames.trials), len(material.frames.epochs)
    seeds = material.frames.trials["seed"].nunique()
    return (
        f"{_count(len(material.studies), 'study', 'studies')}, {_count(len(verdicts), 'statement')}, "
        f"{_count(trials, 'trial')} over {_count(seeds, 'seed')}, {_count(epochs, 'epoch')} of training."
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _and(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _overview(
    material: ReportInputs, added: Sequence[Additions], verdicts: Sequence[Verdict], frames: Mapping[str, pd.DataFrame]
) -> Section:
    blocks: list[Block] = []
    if material.problems:
        blocks.append(Notice("Could not be read, and is left out", material.problems))
    if not material.studies:
        blocks.append(Notice("Empty", ("There is no study in this folder: `study run` puts one there.",)))
    blocks += [Paragraph(note, "note") for one in added for note in one.notes]
    if material.changes:
        lines = [f"{name}, {line}" for name, found in material.changes.items() for line in found]
        blocks.append(Notice("Changed after a run had begun", tuple(lines)))
    anew = old_rule.notice(verdicts, material.runs)
    if anew:
        blocks.append(Notice(old_rule.TITLE, anew))
    if verdicts:
        links = {v.id: claim_anchor(v) for v in verdicts}
        blocks.append(Table("claims", claims_sheet(verdicts), links))
        blocks.append(picture(claims_overview(frames["claims"])))
    if len(frames["overfitting"]):
        sheet = overfitting_sheet(frames["overfitting"], "Overfitting, all studies", with_study=True)
        blocks.append(Section("overfitting", "Overfitting, all studies", (Table("overfitting", sheet),), 3))
    return Section("verdicts", "All verdicts", tuple(blocks))


def claims_sheet(verdicts: Sequence[Verdict]) -> Sheet:
    """One row a statement, short enough for a page."""
    rows = []
    for v in verdicts:
        e = v.part.estimate
        found = estimate_words(e, v.part.unit) if e else "no number"
        n = Cell(str(v.n), v.n) if v.n else Cell("-")
        p = Cell("-") if v.p != v.p else Cell(f"{v.p:.3f}", v.p)
        what = f"{v.part.what}: {found}" if e else v.part.finding
        verdict = WORDS[v.verdict] + (f"; on record: {v.recorded.verdict}" if v.recorded else "")
        rows.append((Cell(v.id), Cell(verdict), Cell(v.statement), Cell(what), Cell(v.part.claimed), n, p))
    heads = ("Id", "Verdict", "Statement", "What decided it", "Claimed", "n", "p, against 5 %")
    note = "What decided it: the part that refutes, else the weakest. Intervals are 95 %; a wider one decides."
    return Sheet("Every statement and its verdict", heads, tuple(rows), (note, *guarantees(verdicts)))


def _runs(frame: pd.DataFrame) -> Section:
    sheet = runs_sheet(frame.head(MOST_RUNS), "Every trial, under each arm that it serves")
    blocks: list[Block] = [Table("runs", sheet)]
    if len(frame) > MOST_RUNS:
        blocks.append(Paragraph(f"The first {MOST_RUNS} of {len(frame)} rows; all are in tables/runs.csv.", "note"))
    return Section("runs", "All trials", tuple(blocks))
