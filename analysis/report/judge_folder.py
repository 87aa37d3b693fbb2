"""The verdicts over all claims of a results folder, in the order of its report. Nothing that draws is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.claims.verdicts import Verdict, judge
from analysis.data.text_storage import text_as_objects
from analysis.report.extensions import Additions, additions_to
from analysis.report.headline import BY_RULE, study_in_short
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.search_answers import answer_headline
from study.spec.study import Study
from study.storage.gone_parts import gone_studies
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import in_order_of_runs


@dataclass(frozen=True)
class JudgedFolder:
    """A results folder in short."""

    verdicts: tuple[Verdict, ...]
    """In the order of its report."""
    answers: Mapping[str, str]
    """By study that has claims, its answer in a sentence or two: the declared one, else one by rule."""
    problems: tuple[str, ...]
    """What is damaged, and what else has to be known of the records."""
    damaged: bool = False
    """Whether some of it is: then claims may be lost too."""
    lost: tuple[str, ...] = ()
    """Studies that are damaged or gone, so their claims are not among these."""


@text_as_objects()
def judge_folder(folder: str) -> JudgedFolder:
    """The verdicts and answers of a results folder."""
    inputs = read_inputs(store := ResultsFolder(folder))
    found = judge_all(inputs)
    lost = (*(name for name in store.studies.names() if name not in inputs.studies), *gone_studies(store))
    every = tuple(v for of in found.values() for v in of)
    said = (*inputs.problems, *inputs.notes)
    return JudgedFolder(every, answers_of(inputs, found), said, bool(inputs.problems), lost)


def answers_of(
    inputs: ReportInputs, found: Mapping[str, Sequence[Verdict]], *, without_claims: bool = False
) -> dict[str, str]:
    """The answer of each study that has claims, by name; `found`: its verdicts; `without_claims`: of others too."""
    headlines = {name: said for one in additions_to(inputs) for name, said in one.headlines.items()}
    studies = [inputs.studies[name] for name, of in found.items() if of or without_claims]
    said = {s.name: answer_headline(inputs, s, headlines.get(s.name, BY_RULE)) for s in studies if s.arms}
    return {
        name: study_in_short(inputs.studies[name], inputs.measurements, found[name], headline).row.answer
        for name, headline in said.items()
    }


@text_as_objects()
def verdicts(folder: str, problems: list[str]) -> list[Verdict]:
    """The verdicts over all claims of a results folder; `problems` is told what is damaged, and what else
    has to be known of the records.
    """
    inputs = read_inputs(ResultsFolder(folder))
    problems += (*inputs.problems, *inputs.notes)
    return [v for found in judge_all(inputs).values() for v in found]


def judge_all(inputs: ReportInputs) -> dict[str, list[Verdict]]:
    """The verdicts of every study, in the order of the report."""
    order = ordered_studies(inputs, additions_to(inputs))
    return {s.name: judge(s, inputs.frames, inputs.studies, inputs.grounds(s.name)) for s in order}


def ordered_studies(inputs: ReportInputs, added: Sequence[Additions]) -> list[Study]:
    """The studies: those that a package knows in its order, then the others as they were first run."""
    others = in_order_of_runs(sorted(inputs.studies), inputs.runs)
    names = list(dict.fromkeys([name for one in added for name in one.studies] + others))
    return [inputs.studies[name] for name in names]
