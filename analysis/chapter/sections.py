"""What the chapter adds to a report on its own studies: its order, title, questions, explanations, figures.

Registered in `pyproject.toml` under `hyperparameter_study.report`. A study is the chapter's when its arms are, whatever
else has its name: somebody's own study called `dropout` gets nothing of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from analysis.chapter.discrepancies import differences
from analysis.chapter.explanations import measured_beside
from analysis.chapter.headlines import HEADLINES, surprise_words
from analysis.chapter.questions import answers
from analysis.claims.queries import Measurements
from analysis.data.arms import seeds_an_arm
from analysis.report.extensions import Additions
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Answer, Block, Notice, Paragraph, Section, Table, anchor
from analysis.report.trial_places import sentences_with_trials, sheet_with_trials
from analysis.text.numbers import counted_range
from study.spec import registry
from study.spec.claim_versions import is_by_content
from study.spec.study import Study
from trainables.config.errors import StudyError
from trainables.data.dataset import DataSet
from trainables.data.sources import list_to_first, load_data_set

if TYPE_CHECKING:
    from analysis.figures.named_figure import NamedFigure

TITLE = "What does each knob of a small network do?"


def additions(inputs: ReportInputs) -> Additions | None:
    """What the chapter adds to a page; None where the folder holds none of its studies."""
    order = registry.expand_name("chapter")
    own = tuple(name for name in order if name in inputs.studies and is_chapters(inputs.studies[name]))
    if not own:
        return None
    every = inputs.measurements
    measured = Measurements({name: inputs.studies[name] for name in own}, inputs.frames, every.asked, every.wanted)
    lost = [name for name in order if name not in own]
    return Additions(
        studies=own,
        title="" if lost else TITLE,
        lead=None if lost else partial(lead, inputs, own),
        notes=(f"This folder has {len(own)} of the chapter's {len(order)} studies.",) if lost else (),
        headlines={name: HEADLINES[name] for name in own},
        surprise_words=partial(surprise_words, measured),
        before=(partial(questions, measured, inputs.studies),),
        after=(partial(discrepancies, measured), partial(concepts, inputs)),
        beside=partial(measured_beside, measured),
    )


def lead(inputs: ReportInputs, own: Sequence[str]) -> str:
    """What was asked and how."""
    claims = sum(len(inputs.studies[name].claims) for name in own)
    trials = len(inputs.counted_trials)
    seeds = seeds_an_arm(inputs.frames, [inputs.studies[name] for name in own], {})
    reduced = any(inputs.studies[name].reduced for name in own)
    ends = ": reduced runs, which judge no claim." if reduced else ", and checked each claim."
    return (
        f"A chapter makes {claims} claims about what the settings of a network do. We trained every setting with "
        f"{counted_range(seeds, 'seed')}, {trials} networks in all{ends}"
    )


def is_chapters(study: Study) -> bool:
    """Whether a study is the chapter's of its name: by what its arms are."""
    return is_by_content(study, registry.catalogues()["chapter"].load(study.name))


# ------------------------------------------------------------------------------------------------------------ sections


def questions(measured: Measurements, studies: Mapping[str, Study]) -> Sequence[Section]:
    """The closing questions, answered as far as their studies are there."""
    found, absent = answers(measured)
    if not found:
        return ()
    owners = {c.id: name for name in measured.studies for c in studies[name].claims}
    lead = "Every number is a mean over seeds, compared in pairs. In brackets: its 95 % interval."
    blocks: list[Block] = [Paragraph(lead, "note")]
    for q in found:
        sheet, said = q.evidence.sheet, sentences_with_trials(q.evidence, studies)
        table = None if sheet is None else Table(f"question-{q.number}", sheet_with_trials(sheet, studies))
        see = {c: anchor("claim", owners[c], c) for c in q.claims if c in owners}
        name = f"question-{q.number}"
        blocks.append(Answer(name, q.number, q.text, said, q.evidence.missing, see, table))
    if absent:
        blocks.append(Notice("Not answered: their studies are not in this folder", tuple(absent)))
    return [Section("questions", "The nine closing questions", tuple(blocks), folded=True, short="Nine questions")]


def discrepancies(measured: Measurements) -> Sequence[Section]:
    """Where text, formula and code of the chapter disagree."""
    inside = [
        Section(anchor("difference", str(i)), d.title, (Paragraph(d.text), Table(f"difference-{i}", d.sheet)), 3)
        for i, d in enumerate(differences(measured), start=1)
    ]
    title = "Where text, formula and code disagree"
    return [Section("differences", title, tuple(inside), folded=True, short="Text and code")] if inside else []


def concepts(inputs: ReportInputs) -> Sequence[Section]:
    """The figures that need no training."""
    from analysis.chapter.concepts.kept import stored_drawing
    from analysis.report.pictures import pictures

    drawn = pictures(all_concepts(images(inputs)), photo=True, kept=stored_drawing)
    return [Section("concepts", "Figures that need no training", drawn, folded=True, short="Concepts")] if drawn else []


def all_concepts(dataset: DataSet | None) -> list[NamedFigure]:
    """See `analysis.chapter.concepts`; what draws is imported here, for verdicts need only the order of the studies."""
    from analysis.chapter import concepts as figures

    return figures.all_concepts(dataset)


def images(inputs: ReportInputs) -> DataSet | None:
    """The data set that the trials saw, if this machine has it; nothing is fetched for a picture."""
    wanted = set(inputs.frames.trials["data_checksum"])
    try:
        if wanted and list_to_first()[-1].state == "verified":
            data = load_data_set("fashion-mnist")
            return data if data.checksum in wanted else None
    except StudyError:
        return None
    return None
