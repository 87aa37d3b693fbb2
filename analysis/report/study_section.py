"""One study: its answer, one chart of curves, one forest, what was compared, its claims; the rest folded."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.claims.queries import NotMeasured, Remarks
from analysis.claims.verdicts import Verdict, judge
from analysis.claims.words import VERDICTS, WORDS
from analysis.data.arms import Asked, arm_epochs, arm_frame, arm_tensors, asked_rows, seeds_so_far
from analysis.figures import for_study, missing
from analysis.figures.knobs import KNOB, knob_figure
from analysis.figures.named_figure import NamedFigure
from analysis.report import search_section as searches
from analysis.report.arms_table import arms_sheet
from analysis.report.chart_blocks import AnswerRow, KnobChart
from analysis.report.claimed_side import with_claimed
from analysis.report.curve_chart import curve_chart, ends_words
from analysis.report.extensions import nothing_beside
from analysis.report.forest import forest, not_compared
from analysis.report.headline import BY_RULE, Headline, StudyInShort, study_in_short, verdict_marks
from analysis.report.inputs import ReportInputs
from analysis.report.knob_chart import knob_charts
from analysis.report.page_tree import (
    Block,
    Bullets,
    Details,
    Facts,
    Files,
    Notice,
    Paragraph,
    Section,
    StudyFold,
    Table,
    Trials,
    anchor,
)
from analysis.report.pictures import Picture, pictures
from analysis.report.search_answers import answer_headline, plain_answer
from analysis.report.seeds_of_claims import claims_seeds
from analysis.report.splits_section import over_splits
from analysis.report.still_to_come import (
    claim_while_training,
    rows_while_training,
    sentence_while_training,
    trials_under_way,
)
from analysis.report.study_notices import changed_notice, head_of_line, notices, reduced_notice, scale_notice
from analysis.report.tensor_charts import tensor_chart
from analysis.report.trial_places import all_trials_anchor, trials_anchor
from analysis.report.verdict_section import findings
from analysis.tables import effects as effects_module
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.repeated_splits import repeated_splits
from analysis.tables.sheets import overfitting_sheet, runs_sheet
from analysis.text import numbers
from analysis.text.phrases import first_up
from analysis.text.plain_text import first_sentence
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study
from study.storage.run_records import known_data
from study.storage.search_answer import has_baseline
from trainables.config.plurals import counted

EFFECTS = ("val_accuracy", "accuracy_gap")
"""Metrics whose differences from the baseline are drawn, in the order of `analysis.tables.measures`."""
CURVES = ("-curves", "-lr")
"""Ends of the names of pictures whose data one chart of curves draws."""
DRAWN_BY_THE_PAGE = (*CURVES, "-arms", "-effect-val_accuracy", "-effect-accuracy_gap")
"""Ends of the names of pictures whose data the page draws itself."""

NONE_FINISHED = "No trial is finished yet: the answer comes with the first of each arm."
"""What a page that follows a run says in place of an answer."""
RUNS_NOTE = "\u2026: its trial still runs, and not every epoch of it is drawn."
"""Below a chart, of the mark that the script sets beside such a number."""


@dataclass(frozen=True)
class StudySection:
    """All that was computed for one study; it travels between processes."""

    verdicts: tuple[Verdict, ...]
    overfitting: pd.DataFrame
    runs: pd.DataFrame
    short: StudyInShort
    fold: StudyFold
    splits: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Of `repeated_splits`; empty where no configuration has several."""


def section_of_arms(
    inputs: ReportInputs,
    study: Study,
    beside: Callable[[str, str], Remarks] = nothing_beside,
    headline: Headline = BY_RULE,
) -> StudySection:
    """Everything of one study: verdicts, tables, figures, its row and its fold."""
    asked = inputs.seeds_by_arm(study)
    if not study.arms:
        return section_of_search(inputs, study, headline)
    headline = answer_headline(inputs, study, headline)
    verdicts = judge(study, inputs.frames, inputs.studies, inputs.grounds(study.name))
    changes = effects_module.effects(study, inputs.frames, inputs.paired(study))
    changes = rows_while_training(inputs, changes if has_baseline(study) else changes.iloc[:0], "refused")
    table = rows_while_training(inputs, tables.overfitting(study, inputs.frames, asked, changes), "note")
    arms = asked_rows(arm_frame(inputs.frames, study), asked, study.name)
    short = study_in_short(study, inputs.measurements, verdicts, headline)
    if inputs.provisional and not len(arms):
        short = replace(short, row=replace(short.row, answer=NONE_FINISHED))
    elif inputs.provisional:
        short = replace(short, row=replace(short.row, answer=sentence_while_training(short.row.answer)))
    runs = runs_module.runs([study], inputs.shown) if len(arm_frame(inputs.shown, study)) else pd.DataFrame()
    blocks: list[Block] = [*_more(inputs, study, headline), *notices(inputs, study, arms, asked)]
    changes = changes[changes["metric"].isin(EFFECTS)].reset_index(drop=True)
    drawn, charts = _drawn(inputs, study, asked, changes, headline, verdicts, short.about)
    blocks += charts
    compared = Table(f"{study.name}-setup", arms_sheet(study, arms, table, asked, trials_under_way(inputs, study)))
    blocks.append(Section(anchor(study.name, "compared"), "What was compared", (compared,), 3))
    splits = repeated_splits(study, inputs.frames, asked, known_data(inputs.runs))
    blocks += over_splits(study, splits)
    if verdicts:
        found = findings(study, verdicts, beside, asked, inputs.studies)
        inside = tuple(claim_while_training(f) if inputs.provisional else f for f in found)
        title = _claims(verdicts, provisional=inputs.provisional)
        blocks.append(Section(anchor(study.name, "verdicts"), title, inside, 3, short="Claims"))
    blocks += changed_notice(inputs, study)
    blocks += _folded(study, drawn, table, runs, inputs.paired(study))
    fold = StudyFold(
        anchor=anchor("study", study.name),
        title=headline.title or study.title,
        meta=", ".join(filter(None, (_meta(study, arms), claims_seeds(study, verdicts, asked)))),
        question=headline.question or study.question or study.title,
        answer=short.row.answer,
        blocks=tuple(blocks),
        verdicts=verdict_marks(verdicts),
        on_record=short.row.on_record,
        group=headline.group,
        trials=short.row.trials,
    )
    return StudySection(tuple(verdicts), table, runs, short, fold, splits)


def _more(inputs: ReportInputs, study: Study, headline: Headline) -> Iterable[Block]:
    """What a package says of a study beside its answer; nothing where a number of it is missing."""
    if headline.more is not None:
        with contextlib.suppress(NotMeasured):
            yield Paragraph(headline.more(inputs.measurements), trials=all_trials_anchor(study))


def _meta(study: Study, arms: pd.DataFrame) -> str:
    """Arms, seeds and epochs in a line."""
    epochs = sorted({study.config(a.name).epochs for a in study.arms})
    seeds = arms.groupby("arm")["seed"].nunique()
    said = (counted(len(study.arms), "arm"), *((numbers.counted_range(seeds, "seed"),) if len(seeds) else ()))
    return ", ".join((*said, numbers.counted_range(epochs, "epoch")))


def _claims(verdicts: Sequence[Verdict], *, provisional: bool) -> str:
    """How many claims there are, and what has become of them."""
    if len(verdicts) == 1:
        return "The claim"
    counts = Counter(v.verdict for v in verdicts)
    found = ", ".join(f"{counts[v]} {WORDS[v]}" for v in VERDICTS if counts[v])
    return f"{len(verdicts)} claims" + ("" if provisional else f": {found}")


def _drawn(
    inputs: ReportInputs,
    study: Study,
    asked: Asked,
    changes: pd.DataFrame,
    headline: Headline,
    verdicts: Sequence[Verdict],
    about: Sequence[str],
) -> tuple[tuple[Picture, ...], list[Block]]:
    """The stills of a study, none for a page that follows a run, and the charts of the page itself."""
    knobs = tuple(knob_charts(study, headline, inputs.measurements)) if has_baseline(study) else ()
    stills = (
        knob_figure(f"{study.title}: {c.title}", f"{c.outcome} [{c.unit}]".removesuffix(" []"), study.baseline, levels)
        for c, levels in knobs
    )
    drawn: tuple[Picture, ...] = ()
    if not inputs.live:
        judged = with_claimed(study, verdicts, changes)
        drawn = pictures([*_figures(inputs, study, asked, judged), *stills])
    files = {p.name for p in drawn}
    against = [replace(chart, csv=tuple(c for c in chart.csv if c[0] in files)) for chart, _ in knobs]
    return drawn, list(_charts(inputs, study, asked, changes, against, files, verdicts, about))


def _charts(
    inputs: ReportInputs,
    study: Study,
    asked: Asked,
    changes: pd.DataFrame,
    knobs: Sequence[KnobChart],
    files: Collection[str],
    verdicts: Sequence[Verdict],
    about: Sequence[str],
) -> Iterable[Block]:
    epochs = asked_rows(arm_epochs(inputs.shown, study), asked, study.name)
    chart = curve_chart(study, epochs, [name for end in CURVES if (name := study.name + end) in files], about)
    if chart is not None:
        runs = f" {RUNS_NOTE}" if trials_under_way(inputs, study) else ""
        title = "" if inputs.live else ends_words(chart)
        yield replace(chart, title=title or chart.title, note=chart.note + runs)
    yield from knobs
    if len(study.arms) > 1:
        drawn = forest(study, changes, pairs_so_far(inputs, study), verdicts)
        if drawn is not None:
            yield replace(drawn, csv=tuple(c for c in drawn.csv if c[0] in files))
        elif not inputs.provisional and (said := not_compared(study, changes)):
            yield Paragraph(said, "note")


def pairs_so_far(inputs: ReportInputs, study: Study) -> str:
    """Of how many of their pairs arms are compared with the baseline, where of fewer than were asked for."""
    m = inputs.measurements
    said = {
        arm.name: seeds_so_far(m.asked, m.wanted, [f"{study.name}/{name}" for name in (arm.name, study.baseline)])
        for arm in study.arms
        if arm.name != study.baseline
    }
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{head_of_line(study, arm)}: {so_far}" for arm, so_far in said.items() if so_far)


def _folded(
    study: Study, pictures: Sequence[Picture], table: pd.DataFrame, runs: pd.DataFrame, asked: Asked
) -> Iterable[Block]:
    """What is there for whoever asks: pictures, the overfitting table, every trial."""
    above = {p.name: replace(p, still=True) for p in pictures if _is_drawn(p.name.removeprefix(study.name))}
    yield from above.values()
    files = tuple((p.name, _file_words(study, p)) for p in above.values() if not p.absent)
    others = [block for p in pictures if p.name not in above for block in _with_chart(study, p)]
    if others:
        yield Section(anchor(study.name, "more"), "Distributions", tuple(others), 3, folded=True)
    if len(table):
        sheet = _to_trials(study, overfitting_sheet(table, f"Overfitting, {study.title}"))
        inside = (Table(f"{study.name}-overfitting", sheet),)
        yield Section(anchor(study.name, "gaps"), "Overfitting in all measures", inside, 3, folded=True)
    if len(runs):
        yield _trials(study, runs, asked)
    if files:
        tables_too = (("claims", "Claims of all studies, a row each"),) if study.claims else ()
        yield Section(anchor(study.name, "files"), "Files", (Files(files, tables_too),), 3, folded=True)


def _is_drawn(end: str) -> bool:
    """Whether the page draws itself what a picture shows, by the end of the picture's name."""
    return end in DRAWN_BY_THE_PAGE or end.startswith(KNOB)


def _to_trials(study: Study, sheet: Sheet) -> Sheet:
    """A table of arms whose numbers, from that of seeds on, lead to the trials behind the row."""
    n = sheet.heads.index("n")

    def led(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        place = trials_anchor(study, row[0].text) if row[n].value else ""
        return (*row[:n], *(replace(cell, trials=place) if cell.value is not None else cell for cell in row[n:]))

    return replace(sheet, rows=tuple(map(led, sheet.rows)))


def _file_words(study: Study, picture: Picture) -> str:
    """What is in the file of a picture, without the study's title."""
    return first_up(picture.title.removeprefix(f"{study.title}: ").removeprefix(f"{study.title}, "))


def _with_chart(study: Study, picture: Picture) -> tuple[Block, ...]:
    """A picture, and the chart that stands for it in the page where there is one."""
    chart = tensor_chart(study, picture.figure)
    return (picture,) if chart is None else (replace(picture, still=True), chart)


def _trials(study: Study, runs: pd.DataFrame, asked: Asked) -> Section:
    """All trials; `asked`: the seeds of each arm that numbers rest on, the others stand aside."""
    names = [str(a) for a in runs["arm"]]
    counted_in = set(asked_rows(runs.reset_index(drop=True), asked, study.name).index)
    first = {name: names.index(name) for name in names}
    first |= {names[i]: i for i in sorted(counted_in, reverse=True)}
    places = (trials_anchor(study, a) if first[a] == i else "" for i, a in enumerate(names))
    rows = tuple(zip(names, places, map(str, runs["status"]), strict=True))
    title = f"All {len(runs)} trials" if len(runs) > 1 else "The trial"
    sheet = runs_sheet(runs, f"Trials of {study.title}", of_one_study=True)
    place = anchor("trials", study.name)
    aside = frozenset(range(len(rows))) - counted_in
    block = Trials(all_trials_anchor(study), Table(f"{study.name}-trials", sheet), rows, aside)
    return Section(place, title, (block,), 3, folded=True)


def _figures(inputs: ReportInputs, study: Study, asked: Asked, changes: pd.DataFrame) -> list[NamedFigure]:
    try:
        epochs, tensors = arm_epochs(inputs.frames, study), arm_tensors(inputs.frames, study)
        epochs, tensors = (asked_rows(rows, asked, study.name) for rows in (epochs, tensors))
        return for_study(study, epochs, tensors, changes if len(study.arms) > 1 and has_baseline(study) else None)
    except (ValueError, KeyError, ArithmeticError, TypeError) as error:
        text = f"its records cannot be drawn ({type(error).__name__})"
        return [missing(f"{study.name}-curves", f"{study.title}: curves", text)]


def section_of_search(inputs: ReportInputs, study: Study, headline: Headline = BY_RULE) -> StudySection:
    """A study that searches has no arms to compare: its finalists are a study of their own, under fresh seeds."""
    judged = inputs.studies.get(f"{study.name}.answer")
    said = f'Its finalists are judged in "{judged.title}".' if judged else "It has no finalists yet."
    if not judged and searches.gets_no_finalists(inputs, study):
        said = "It has no finalists."
    facts = (("Knobs", ", ".join(study.knobs) or "those of its space"), ("Epochs at most", str(study.epochs)))
    found = searches.blocks(inputs, study) if study.search else ()
    blocks: list[Block] = [*found[:1]]
    blocks += [reduced_notice(study)] if study.reduced else []
    blocks += scale_notice(inputs, study)
    blocks += [*found[1:], Details("What was searched", (Paragraph(said), Facts(facts)))]
    row = AnswerRow(
        anchor("answer", study.name),
        anchor("study", study.name),
        first_sentence(study.question) or study.title,
        plain_answer(inputs, study) or searches.best_so_far(inputs, study) or _searched(found, said),
        None,
        trials=all_trials_anchor(judged) if judged else "",
    )
    meta = f"search, at most {counted(study.epochs, 'epoch')}"
    asked = study.question or study.title
    fold = StudyFold(
        row.study, study.title, meta, asked, row.answer, tuple(blocks), group=headline.group, trials=row.trials
    )
    return StudySection((), pd.DataFrame(), pd.DataFrame(), StudyInShort(row, headline.group), fold)


def _searched(blocks: Sequence[Block], otherwise: str) -> str:
    """The first sentence of a search's answer."""
    for block in blocks[:1]:
        for inner in block.blocks if isinstance(block, Section) else ():
            if isinstance(inner, Bullets) and inner.items:
                return inner.items[0]
            if isinstance(inner, Notice) and inner.lines:
                said = " ".join(inner.lines)
                return said if inner.title == searches.ALL_DIVERGED else f"{inner.title}. {said}"
    return otherwise
