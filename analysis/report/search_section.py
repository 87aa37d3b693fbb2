"""A search's part of the page: the answer first, then how it went, which knobs mattered, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from analysis.data.frames import Frames
from analysis.figures import search_figures as figures
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Bullets, Details, Notice, Paragraph, Pictures, Section, Table, anchor
from analysis.report.pictures import pictures
from analysis.report.repeats_section import over_repeats
from analysis.report.search_answers import answering_study, lost_of, missing_of, retrained_in, retrained_of
from analysis.report.searched_trials import objective_head, searched_anchor, searched_trials
from analysis.report.trial_places import trials_anchor
from analysis.searches import answer_sentences as words
from analysis.searches import sentences as went
from analysis.searches.best_so_far import best_so_far as best_of
from analysis.searches.findings import SearchFindings, findings_of_part
from analysis.searches.repeats import RepeatedSearch, repeated_search, repeats_of
from analysis.searches.retrained import Retrained, TestResult, raced_means
from analysis.statistics.estimates import Estimate
from analysis.statistics.evidence import Interval
from analysis.text.arm_names import by_name
from analysis.text.numbers import knob_texts, written
from analysis.text.sheet import Cell, Sheet
from study.search import finalists
from study.spec.search import Search
from study.spec.study import Study
from study.storage.run_records import known_data
from study.storage.search_log import SearchPart, current_parts
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS

WHILE_RUNNING = ("history", "rungs", "parallel")
"""Figures of a search that goes on."""
ALL_DIVERGED = "Every configuration diverged"
"""Stands above why a search, or a part of one, has no answer and gets none."""
Raced = Mapping[int, tuple[int, tuple[float, ...]]]
"""By proposal, see `analysis.searches.retrained.raced_means`."""
NOBODY_RACED: Raced = {}
ROWS_SHOWN = 10
"""Rows of the table of the best; all of them are in the CSV beside the figure of slices."""


def blocks(inputs: ReportInputs, study: Study) -> tuple[Block, ...]:
    """What a page says of a study's search; a notice where it has not begun or has no answer yet."""
    parts, others = current_parts(inputs.searches, study)
    found = [findings_of_part(p, data=known_data(inputs.runs)) for p in parts]
    made: list[Block] = [_answer(inputs, study, found)]
    warned = [] if inputs.live else [line for f in found for line in went.edges(f)]  # it may yet go elsewhere
    if warned:
        made.append(Notice("On the edge of the space", tuple(warned)))
    if others:
        count = sum(len(p.proposals) for p in others)
        of = counted(count, "configuration")
        made.append(Paragraph(f"Not shown: {of} of earlier versions of this search.", "note"))
    made += over_repeats(study, inputs.studies, partial(retrained_of, inputs))
    listed = inputs.answers.get(study.name)
    raced = [raced_means(f.part, listed, inputs.frames) for f in found]
    return (
        *made,
        *(_part(f, r, inputs.frames, WHILE_RUNNING if inputs.live else ()) for f, r in zip(found, raced, strict=True)),
    )


def repeated_searches(inputs: ReportInputs) -> tuple[RepeatedSearch, ...]:
    """Of each search that has repeats, what they say together."""
    first = {repeats_of(s, inputs.studies)[0].name: s for s in inputs.studies.values() if s.search}
    found = (repeated_search(s, inputs.studies, partial(retrained_of, inputs)) for s in first.values())
    return tuple(one for one in found if one is not None)


def gets_no_finalists(inputs: ReportInputs, study: Study) -> bool:
    """Whether every part of a search is over and has nobody to retrain."""
    parts = current_parts(inputs.searches, study)[0]
    return study.search is not None and len(_nobody(parts)) == len(study.search.parts())


def _nobody(parts: Sequence[SearchPart]) -> list[str]:
    """Why a part has nobody to retrain, a sentence for each that is over and has none."""
    return [line for p in parts if (line := finalists.why_no_finalist(p.search, p.label, p.proposals))]


def best_so_far(inputs: ReportInputs, study: Study) -> str:
    """The best of a search that goes on, a sentence a part; empty of one that has ended or not begun."""
    parts = current_parts(inputs.searches, study)[0] if inputs.provisional else ()
    if not parts:
        return ""
    said = [line for p in parts if (line := best_of(findings_of_part(p)))]
    return " ".join(said) or "No configuration has a number yet."


def _answer(inputs: ReportInputs, study: Study, found: Sequence[SearchFindings]) -> Section:
    """What came of it, under fresh seeds."""
    assert study.search is not None
    objectives, listed = study.search.objectives, inputs.answers.get(study.name)
    parts = [f.part for f in found]
    retrained, lost = retrained_in(inputs, study, parts), lost_of(inputs, study)
    nobody = _nobody(parts)
    inside: list[Block] = []
    if not found:
        inside.append(Notice("Not searched yet", ("No configuration was tried yet: `study run` tries some.",)))
    elif nobody and not retrained:
        inside.append(Notice(ALL_DIVERGED, tuple(nobody)))
    elif lost and not retrained:
        inside.append(Notice("No answer", tuple(lost)))
    elif not retrained:
        goes_on = "The search goes on. Then the best are trained again under fresh seeds, which give the answer."
        if listed is not None:
            goes_on = "The search is over. The best are trained again under fresh seeds now, which give the answer."
        again = "The best are not trained under fresh seeds yet: run the study again."
        text = goes_on if inputs.provisional else again
        inside.append(Notice("No answer yet", (text,)))
    else:
        lead = "Trained again under seeds that the search never saw: it chose these for being best, so expect less."
        inside.append(Paragraph(f"{lead} {words.lead(retrained)}." if any(r.tested for r in retrained) else lead))
        if len(objectives) > 1:
            inside.append(Bullets(tuple(words.answer_sentences(retrained, objectives))))
        inside.append(Table(f"{study.name}-answer", _to_trials(inputs, study, answer_sheet(study, retrained))))
    if retrained and (missing := missing_of(inputs, study)):
        more = "" if inputs.provisional else " Run the study again: it trains the rest."
        inside.append(Notice("Not all fresh seeds yet", (missing + more,)))
    if lost and retrained:
        inside.append(Notice("Diverged under fresh seeds", tuple(lost)))
    if nobody and retrained:
        inside.append(Notice("No answer from a part", tuple(nobody)))
    if listed is not None and listed.raced:
        most = max(r.seeds for r in listed.raced)
        text = (
            f"{len(listed.raced)} were too close to the best to call, and got more seeds in the search, up to {most}."
        )
        inside.append(Paragraph(text, "note"))
    return Section(anchor(study.name, "answer"), "The answer", tuple(inside), 3)


def _to_trials(inputs: ReportInputs, study: Study, sheet: Sheet) -> Sheet:
    """The table of those that were retrained, whose numbers under fresh seeds lead to their trials."""
    answer = answering_study(inputs, study)
    arms = {a.name for a in answer.arms} if answer is not None else ()
    searched = {i for i, head in enumerate(sheet.heads) if head.startswith(IN_THE_SEARCH)}

    def led(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        if answer is None or row[0].text not in arms:
            return row
        place = trials_anchor(answer, row[0].text)
        return tuple(
            replace(cell, trials=place) if cell.value is not None and i not in searched else cell
            for i, cell in enumerate(row)
        )

    return replace(sheet, rows=tuple(map(led, sheet.rows)))


def answer_sheet(study: Study, retrained: Sequence[Retrained]) -> Sheet:
    """A row each that was retrained."""
    assert study.search is not None
    objectives = study.search.objectives
    heads = ["Arm"]
    for o in objectives:
        heads += [f"{objective_head(o)}{words.selected_on(o)}", f"{IN_THE_SEARCH}{words.selected_on(o)}"]
    test, new = next((r.tested for r in retrained if r.tested), None), any(r.new_images for r in retrained)
    heads += ["On new examples"] if new else []
    if test:
        heads += [f"{objective_head(test.metric)}, evaluated {words.times_words(test.evaluations)}", "On new examples"]
    heads += ["Fresh seeds", *([_against(retrained, objectives[0])] if len(objectives) == 1 else []), "Knobs"]
    rows = []
    columns = [
        words.cells(c, o)
        for c, o in zip(zip(*((r.estimate, r.second) for r in retrained), strict=True), objectives, strict=False)
    ]
    there = [r.tested.behind if r.tested and _is_of_test(retrained) else r.behind for r in retrained]
    changes = words.cells((_change(e) if isinstance(e, Estimate) else None for e in there), objectives[0])
    for r, change, *fresh in zip(retrained, changes, *columns, strict=True):
        cells = [Cell(r.arm)]
        for i, (o, cell) in enumerate(zip(objectives, fresh, strict=True)):
            column = [other.searched[i] for other in retrained if other.searched]
            cells += [cell, _number(r.searched[i], o, column) if r.searched else Cell("-")]
        cells += [_new_images(r.new_images)] if new else []
        if test:
            cells.append(Cell(_amount(r.tested), r.tested.estimate.value) if r.tested else Cell("-"))
            cells.append(_new_images(r.tested.new_images if r.tested else None))
        cells.append(Cell(str(r.estimate.n), r.estimate.n))
        cells += [change] if len(objectives) == 1 else []
        rows.append((*cells, Cell(r.knobs)))
    notes = ["Mean over fresh seeds, 95 % interval.", *([NEW_IMAGES] if new else []), *([TEST_PART] if test else [])]
    return Sheet("The best, trained again under fresh seeds", tuple(heads), tuple(rows), tuple(notes))


NEW_IMAGES = "On new examples: where new examples of the same kind would put the mean, 95 % interval over examples."
IN_THE_SEARCH = "In the search"
TEST_PART = "The test examples chose nothing; they were looked at when all was decided."


def _new_images(found: Interval | None) -> Cell:
    return Cell("-") if found is None else Cell(f"{100 * found.low:z.2f} to {100 * found.high:z.2f}")


def _amount(found: TestResult) -> str:
    return f"{words.units(found.metric)[0] * found.estimate.value:z.2f}"


def _is_of_test(retrained: Sequence[Retrained]) -> bool:
    """Whether the column of changes is of the test part: each that was compared was compared there too."""
    others = [r.tested for r in retrained[1:] if isinstance(r.behind, Estimate)]
    return bool(others) and all(t is not None and isinstance(t.behind, Estimate) for t in others)


def _against(retrained: Sequence[Retrained], objective: str) -> str:
    """The head of the column of changes, which says of what they are where another part stands beside it."""
    test = next((r.tested for r in retrained if r.tested), None)
    metric = test.metric if test and _is_of_test(retrained) else objective
    of = f" in {words.quantity(metric)}" if test else ""
    return f"Change against {retrained[0].arm}{of}, {words.units(metric)[2].strip()}{words.selected_on(metric)}"


def _change(behind: Estimate) -> Estimate:
    """The change against the first, from the first minus another."""
    return replace(behind, value=-behind.value, low=-behind.high, high=-behind.low)


def _number(value: float, objective: str, column: Sequence[float] = ()) -> Cell:
    """A number with the decimals of its column."""
    places = words.places(objective, max(column or (value,), key=abs))
    return Cell(written(words.units(objective)[0] * value, places), value)


def _part(found: SearchFindings, raced: Raced, frames: Frames, only: Sequence[str]) -> Section:
    """One part of it: in words, the best as a table, the figures."""
    drawn = Pictures(pictures(figures.figures(found, only)))
    shown = drawn if only else Details("Its figures: history, where it stopped, knobs", (drawn,))
    title = "How the search went" + (f": {by_name(found.part.label)}" if found.part.label else "")
    inside = (Bullets(tuple(went.sentences(found))), *_best(found, frames, raced), shown)
    return Section(anchor(found.name, "search"), title, inside, 3)


def _best(found: SearchFindings, frames: Frames, raced: Raced = NOBODY_RACED) -> tuple[Block, ...]:
    """The best that were trained to the end; with two objectives, the front. Those that a race kept longest lead."""
    search, frame = found.part.search, found.proposals
    whole = _over_all_seeds(frame[frame["state"] == "whole"], search, raced)
    if found.pareto_front:
        whole = whole[whole["n"].isin(found.pareto_front)]
    if whole.empty:
        return ()
    columns = ["value", "second"][: len(search.objectives)]
    shown, rows = whole.head(ROWS_SHOWN), []
    several = shown["seeds"].nunique() > 1
    for row in shown.to_dict("records"):
        point = knob_texts(found.part.proposals[row["n"]].point.knobs)
        there = searched_anchor(found, row["n"])
        numbers = [
            replace(_number(float(row[c]), o, list(shown[c])), trials=there)
            for c, o in zip(columns, search.objectives, strict=True)
        ]
        seeds = (Cell(str(row["seeds"]), row["seeds"]),) if several else ()
        rows.append((Cell(str(row["n"]), float(row["n"])), *numbers, *seeds, Cell(str(row["by"])), Cell(point)))
    what = "Beaten by no other in both" if found.pareto_front else "The best that were trained to the end"
    what += f": {by_name(found.part.label)}" if found.part.label else ""
    note = f"Means over {counted(int(shown['seeds'].iloc[0]), 'seed')}: those that chose them, so expect less."
    if several:
        note = (
            "Means over the seeds that chose them, so expect less. Those that a race gave more seeds lead, because "
            "the race chose the best by all of them."
        )
    numbers_of = (f"{objective_head(o)}{words.selected_on(o)}" for o in search.objectives)
    heads = ("Number", *numbers_of, *(("Seeds",) if several else ()), "Tried by", "Configuration")
    behind = searched_trials(found, dict(zip(shown["n"], shown["seeds"], strict=True)), frames)
    table = Table(f"{anchor(found.name)}-best", Sheet(what, heads, tuple(rows), (note,)))
    return (table,) if behind is None else (table, behind)


def _over_all_seeds(whole: pd.DataFrame, search: Search, raced: Raced) -> pd.DataFrame:
    """Those trained to the end, each over all seeds that chose it, most seeds first, then the best."""
    rows = whole.assign(seeds=search.seeds)
    for n, (seeds, means) in raced.items():
        if means:
            rows.loc[rows["n"] == n, ["seeds", "value"]] = seeds, means[0]
    rows = rows.astype({"seeds": int})
    lower = METRICS[search.objectives[0]].direction == "lower"
    return rows.sort_values(["seeds", "value", "n"], ascending=[False, lower, True])
