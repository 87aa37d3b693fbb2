"""The whole page from what a folder holds, in order: overview, questions, studies, differences, concepts, origin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis.chapter.concepts import all_concepts
from analysis.chapter.discrepancies import Discrepancy, differences
from analysis.chapter.questions import answers
from analysis.claims.queries import Answered
from analysis.claims.verdicts import Verdict, judge
from analysis.claims.words import ALWAYS_SHOWN, VERDICTS, WORDS
from analysis.data.frames import from_records
from analysis.figures import claims_overview
from analysis.report import provenance_section as origin
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Answer, Block, Notice, Page, Paragraph, Section, Table, anchor
from analysis.report.pictures import picture, pictures, run_in_parallel
from analysis.report.study_section import StudySection, judged
from analysis.report.verdict_section import claim_anchor
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.claims import claims
from analysis.tables.sheets import overfitting_sheet, runs_sheet
from analysis.text.phrases import estimate_words
from analysis.text.sheet import Cell, Sheet
from study.catalog import CHAPTER
from study.spec.study import Study
from trainables.config.errors import StudyError
from trainables.data.dataset import DataSet, list_sources, load_data_set

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
    return {name: judge(s, material.frames, material.studies, material.seeds(name)) for name, s in in_order(material)}


def build_page(material: ReportInputs) -> BuiltReport:
    """The report of a results folder."""
    studies = [s for _, s in in_order(material)]
    jobs: list[Callable[[], Any]] = [
        partial(_concepts, material),
        lambda: answers(material.ask),
        lambda: differences(material.ask),
        *(partial(judged, material, s) for s in studies),
    ]
    concepts, answered, differing, *parts = run_in_parallel(jobs)
    flat = [v for p in parts for v in p.verdicts]
    frames = _frames(flat, parts)
    sections = (
        _overview(material, flat, frames),
        *_questions(answered, flat),
        *(p.section for p in parts),
        *_differences(differing),
        concepts,
        origin.section(material),
        _runs(frames["runs"]),
    )
    chapter = all(name in material.studies for name in CHAPTER)
    title = "The chapter, judged" if chapter else "Results of " + (_and([s.name for s in studies]) or "no study")
    counts: Counter[str] = Counter(v.verdict for v in flat)
    shown = tuple((v, counts.get(v, 0)) for v in VERDICTS if v in ALWAYS_SHOWN or counts[v]) if flat else ()
    return BuiltReport(Page(title, _lead(material, flat), material.reduced, shown, sections), frames, tuple(flat))


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


def in_order(material: ReportInputs) -> list[tuple[str, Study]]:
    """The studies: the chapter's in its order, then the others by name."""
    names = [n for n in CHAPTER if n in material.studies] + sorted(set(material.studies) - set(CHAPTER))
    return [(n, material.studies[n]) for n in names]


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


def _overview(material: ReportInputs, verdicts: Sequence[Verdict], frames: Mapping[str, pd.DataFrame]) -> Section:
    blocks: list[Block] = []
    if material.problems:
        blocks.append(Notice("Could not be read, and is left out", material.problems))
    if not material.studies:
        blocks.append(Notice("Empty", ("There is no study in this folder: `study run` puts one there.",)))
    lost = [n for n in CHAPTER if n not in material.studies]
    if lost and len(lost) < len(CHAPTER):
        blocks.append(Paragraph(f"Studies of the chapter that are not in this folder: {', '.join(lost)}.", "note"))
    if material.changes:
        lines = [f"{name}, {line}" for name, found in material.changes.items() for line in found]
        blocks.append(Notice("Changed after a run had begun", tuple(lines)))
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
        p = Cell("-") if v.p_holm != v.p_holm else Cell(f"{v.p_holm:.3f}", v.p_holm)
        what = f"{v.part.what}: {found}" if e else v.part.finding
        verdict = WORDS[v.verdict] + (f"; on record: {v.recorded.verdict}" if v.recorded else "")
        rows.append((Cell(v.id), Cell(verdict), Cell(v.statement), Cell(what), Cell(v.part.claimed), n, p))
    heads = ("Id", "Verdict", "Statement", "What decided it", "Claimed", "n", "p, Holm")
    note = (
        "What decided it: the part that refutes, else the one that is open, else the first. "
        "p: one-sided sign-flip test of the statement as declared, corrected over the study's statements; with n seeds "
        "it cannot be below 1 / 2^n."
    )
    return Sheet("Every statement and its verdict", heads, tuple(rows), (note,))


def _questions(answered: tuple[list[Answered], list[str]], verdicts: Sequence[Verdict]) -> list[Section]:
    links = {v.id: claim_anchor(v) for v in verdicts}
    found, absent = answered
    if not found:
        return []
    lead = (
        "Answered from the measurements alone: means over seeds with 95 % intervals, in pairs by seed where "
        "two are compared."
    )
    blocks: list[Block] = [Paragraph(lead, "note")]
    for one in found:
        q, e = one, one.evidence
        table = None if e.sheet is None else Table(f"question-{q.number}", e.sheet)
        see = {c: links[c] for c in q.claims if c in links}
        blocks.append(Answer(f"question-{q.number}", q.number, q.text, e.said, e.missing, see, table))
    if absent:
        blocks.append(Notice("Not answered here, for their studies are not in this folder", tuple(absent)))
    return [Section("questions", "The nine closing questions", tuple(blocks))]


def _differences(found: Sequence[Discrepancy]) -> list[Section]:
    sections = [
        Section(anchor("difference", str(i)), d.title, (Paragraph(d.text), Table(f"difference-{i}", d.sheet)), 3)
        for i, d in enumerate(found, start=1)
    ]
    return [Section("differences", "Where text, formula and code disagree", tuple(sections))] if sections else []


def _concepts(material: ReportInputs) -> Section:
    drawn = pictures(all_concepts(_images(material)), photo=True)
    return Section("concepts", "Figures that need no training", drawn)


def _images(material: ReportInputs) -> DataSet | None:
    """The data set that the trials saw, if this machine has it; nothing is fetched for a picture."""
    wanted = set(material.frames.trials["data_checksum"])
    try:
        if wanted and any(s.state == "verified" and s.source != "own data" for s in list_sources()):
            data = load_data_set("fashion-mnist")
            return data if data.checksum in wanted else None
    except StudyError:
        return None
    return None


def _runs(frame: pd.DataFrame) -> Section:
    sheet = runs_sheet(frame.head(MOST_RUNS), "Every trial, under each arm that it serves")
    blocks: list[Block] = [Table("runs", sheet)]
    if len(frame) > MOST_RUNS:
        blocks.append(Paragraph(f"The first {MOST_RUNS} of {len(frame)} rows; all are in tables/runs.csv.", "note"))
    return Section("runs", "All trials", tuple(blocks))
