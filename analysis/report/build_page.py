"""The whole page from what a folder holds, in order: overview, studies, origin; and what packages add to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis.claims.queries import Remarks
from analysis.claims.verdicts import Verdict
from analysis.claims.words import counted_verdicts
from analysis.data.frames import from_records
from analysis.report import overview, surprises
from analysis.report import provenance_section as origin
from analysis.report.extensions import Additions, additions_to, nothing_beside
from analysis.report.headline import BY_RULE, Headline
from analysis.report.inputs import ReportInputs
from analysis.report.judge_folder import ordered_studies
from analysis.report.on_record import counts_on_record
from analysis.report.page_tree import Page
from analysis.report.places import with_own_places
from analysis.report.progress import watched
from analysis.report.study_section import StudySection, section_of_arms
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.claims import claims
from study.spec.study import Study


@dataclass(frozen=True)
class BuiltReport:
    """The page, the tidy frames behind its tables, and the verdicts in its order."""

    page: Page
    frames: Mapping[str, pd.DataFrame]
    verdicts: tuple[Verdict, ...] = ()


def build_page(inputs: ReportInputs) -> BuiltReport:
    """The report of a results folder."""
    added = additions_to(inputs)
    studies = ordered_studies(inputs, added)
    before = [make for one in added for make in one.before] if not inputs.live else []
    after = [make for one in added for make in one.after] if not inputs.live else []
    each = [partial(section_of_arms, inputs, s, _beside(added, s), _headline(added, s)) for s in studies]
    jobs: list[Callable[[], Any]] = [*after, *before, *each]
    made = [job() for job in (jobs if inputs.live else watched(jobs, "studies"))]
    parts: list[StudySection] = made[len(after) + len(before) :]
    last, first = (
        [s for some in group for s in some] for group in (made[: len(after)], made[len(after) :][: len(before)])
    )
    flat = [v for p in parts for v in p.verdicts]
    frames = _frames(flat, parts)
    sections = (
        *surprises.section(added, flat, provisional=inputs.provisional),
        *overview.answers(added, parts, live=bool(inputs.live)),
        *overview.studies(parts),
        *first,
        *overview.tables(inputs, flat, frames),
        *last,
        origin.section(inputs),
    )
    page = Page(
        title=next((a.title for a in added if a.title), "") or overview.title(studies),
        lead=next((a.lead() for a in added if a.lead), "") or overview.lead(inputs, studies, flat),
        reduced=inputs.reduced,
        counts=counted_verdicts(v.verdict for v in flat),
        sections=sections,
        data_line=overview.data_line(inputs),
        note=overview.trained(inputs, flat),
        notices=overview.notices(inputs),
        on_record=counts_on_record(flat),
    )
    return BuiltReport(with_own_places(page), frames, tuple(flat))


def _headline(added: Sequence[Additions], study: Study) -> Headline:
    """What a package says of its study in short."""
    return next((a.headlines[study.name] for a in added if study.name in a.headlines), BY_RULE)


def _beside(added: Sequence[Additions], study: Study) -> Callable[[str, str], Remarks]:
    """What says what stands beside a verdict of a study: the package whose study it is."""
    return next((a.beside for a in added if study.name in a.studies), nothing_beside)


def _frames(verdicts: Sequence[Verdict], parts: Sequence[StudySection]) -> dict[str, pd.DataFrame]:
    """The tidy frames behind the tables over all studies."""
    overfitting = [p.overfitting for p in parts if len(p.overfitting)]
    runs = [p.runs for p in parts if len(p.runs)]
    splits = [p.splits for p in parts if len(p.splits)]
    return {
        "answers": overview.answers_frame(parts),
        "claims": claims(verdicts),
        "overfitting": pd.concat(overfitting, ignore_index=True)
        if overfitting
        else tables.overfitting_of_studies([], from_records([])),
        "runs": pd.concat(runs, ignore_index=True) if runs else runs_module.runs([], from_records([])),
        **({"splits": pd.concat(splits, ignore_index=True)} if splits else {}),
    }
