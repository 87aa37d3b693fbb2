"""The verdicts over all claims of a results folder, in the order of its report. Nothing that draws is imported."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.claims.verdicts import Verdict, judge
from analysis.report.extensions import Additions, additions_to
from analysis.report.inputs import ReportInputs, read
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder


def verdicts(folder: str, problems: list[str]) -> list[Verdict]:
    """The verdicts over all claims of a results folder; `problems` is told what is damaged, and what else
    has to be known of the records.
    """
    material = read(ResultsFolder(folder))
    problems += (*material.problems, *material.notes)
    return [v for found in judge_all(material).values() for v in found]


def judge_all(material: ReportInputs) -> dict[str, list[Verdict]]:
    """The verdicts of every study, in the order of the report."""
    order = in_order(material, additions_to(material))
    return {s.name: judge(s, material.frames, material.studies, material.grounds(s.name)) for s in order}


def in_order(material: ReportInputs, added: Sequence[Additions]) -> list[Study]:
    """The studies: those that a package knows in its order, then the others by name."""
    names = list(dict.fromkeys([name for one in added for name in one.studies] + sorted(material.studies)))
    return [material.studies[name] for name in names]
