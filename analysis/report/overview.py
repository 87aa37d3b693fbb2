"""The first screen and what lies over all studies: asked, on what, surprises, answers; every claim, every trial."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis.claims import old_rule
from analysis.claims.promise import guarantees
from analysis.claims.verdicts import Verdict
from analysis.claims.words import WORDS
from analysis.data.arms import seeds_an_arm
from analysis.data.frames import Frames
from analysis.data.protocols import besides_words
from analysis.figures import claims_overview
from analysis.report.extensions import Additions
from analysis.report.headline import StudyInShort, answer_groups
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Files, Notice, Paragraph, Section, StudyFold, Table
from analysis.report.pictures import Picture
from analysis.report.search_answers import fresh_of
from analysis.report.study_section import StudySection
from analysis.report.verdict_section import claim_anchor, claim_trials_anchor
from analysis.searches.proposal_frames import distinct
from analysis.tables.sheets import overfitting_sheet, runs_sheet
from analysis.text.numbers import counted_range, p_value
from analysis.text.sheet import Cell, Sheet
from study.planning.seeds import seeds_named
from study.spec.selection import SELECTED_ON
from study.spec.study import Study
from study.storage.run_records import known_data
from study.storage.search_log import current_parts
from trainables.config.plurals import counted
from trainables.data.sources import data_title

FRAMES = {
    "claims": "Every claim",
    "overfitting": "Overfitting, every arm",
    "runs": "Every trial",
    "splits": "Every arm over its splits",
}
"""What is in the tables beside the page."""
ANSWER = ".answer"
"""Ends the name of the study that answers a search."""
SMALL_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def asked(studies: Sequence[Study]) -> list[Study]:
    """The studies that ask: a search's answer is a part of the search, not one more question."""
    names = {s.name for s in studies}
    return [s for s in studies if not (s.name.endswith(ANSWER) and s.name.removesuffix(ANSWER) in names)]


def title(studies: Sequence[Study]) -> str:
    """What the page is about."""
    studies = asked(studies)
    if len(studies) == 1:
        return studies[0].title
    names = [s.name for s in studies]
    return "Results of " + ", ".join(names[:-1]) + " and " + names[-1] if names else "Results without a study"


def lead(inputs: ReportInputs, studies: Sequence[Study], verdicts: Sequence[Verdict]) -> str:
    """What was asked and how often it was tried."""
    asking = asked(studies)
    question = asking[0].question if len(asking) == 1 else counted(len(asking), "study", "studies") + "."
    trials = inputs.counted_trials
    if len(asking) == 1 and asking[0].search and not (trials.empty and inputs.provisional):
        parts = current_parts(inputs.searches, asking[0])[0]
        tried = sum(p.state != "running" for part in parts for p in distinct(part))
        fresh = fresh_of(inputs, asking[0])
        again = f", the best again under {fresh.words()}" if fresh.there else ""
        return f"{question} {counted(tried, 'configuration')} tried{again}: {counted(len(trials), 'trial')}."
    seeds = seeds_an_arm(inputs.frames, studies, inputs.measurements.wanted) or [trials["seed"].nunique()]
    said = [counted(len(verdicts), "claim")] if verdicts else []
    besides = besides_words(len(inputs.besides))
    if len(trials) or not inputs.provisional:
        over = f" over {counted_range(seeds, 'seed')}" if len(trials) or not besides else ""
        said.append(f"{counted(len(trials), 'trial')}{over}")
    every = "; ".join(filter(None, (", ".join(said), besides)))
    return f"{question} {every}." if every else question


def data_line(inputs: ReportInputs) -> str:
    """Say on which data the trials were trained."""
    names = sorted(map(data_title, set(inputs.frames.trials["data"].astype(str))))
    return "Study report" + (" · " + ", ".join(names) if names else "")


def trained(inputs: ReportInputs, verdicts: Sequence[Verdict]) -> str:
    """How much was trained, and what a verdict is worth."""
    trials = inputs.counted_trials
    epochs = int(inputs.frames.epochs["trial"].isin(trials["trial"]).sum())
    reduced = counted(len(inputs.besides), "trial")
    besides = [f"{reduced} of a reduced run {'is' if len(inputs.besides) == 1 else 'are'} in no number here."]
    besides = besides if inputs.besides else []
    if not epochs:
        return " ".join(besides)
    seeds = sorted(set(trials["seed"]))
    said = f"{counted(epochs, 'epoch')} of training in all; {seeds_named(map(int, seeds))}."
    sizes = _sizes(inputs)
    several = ["Intervals are 95 % intervals of a mean over seeds."] if len(seeds) > 1 else []
    return " ".join((*sizes, said, *besides, *several, *guarantees(verdicts)))


def _sizes(inputs: ReportInputs) -> list[str]:
    """How many examples were trained and judged on, where it is known and the same for all."""
    there = {str(c) for c in inputs.counted_trials["data_checksum"]}
    known = [facts for checksum, facts in known_data(inputs.runs).items() if checksum in there]
    if len(known) != 1 or len(there) != 1:
        return []
    made = [(c.held_out, c.train_images) for s in inputs.studies.values() for c in (s.config(a.name) for a in s.arms)]
    made += [(s.base.get("held_out"), s.base.get("train_images")) for s in inputs.studies.values()]  # of a search all
    if any(held_out or images is not None for held_out, images in made):
        return []
    return [f"{known[0].train_images:,} training and {known[0].val_images:,} validation examples."]


def notices(inputs: ReportInputs) -> tuple[Notice, ...]:
    """What must not be overlooked."""
    found = []
    if inputs.problems:
        found.append(Notice("Could not be read, and is left out", inputs.problems))
    if inputs.notes:
        found.append(Notice("About these records", inputs.notes))
    if not inputs.studies and inputs.frames.trials.empty and not inputs.notes:
        found.append(Notice("Empty", ("There is no study in this folder: `study run` puts one there.",)))
    return tuple(found)


def answers(added: Sequence[Additions], parts: Sequence[StudySection], *, live: bool = False) -> Iterable[Section]:
    """A row a question; beside them the file of `answers_frame`, which a live page has not."""
    if not parts:
        return
    rows = _rows(parts)
    n = len(rows)
    word = SMALL_NUMBERS[n] if n < len(SMALL_NUMBERS) else str(n)
    heading = "The answer" if n == 1 else f"{word.capitalize()} questions, {word} answers"
    notes = [Paragraph(note, "note") for one in added for note in one.notes]
    files = () if live else (Files((), (("answers", "These rows with all digits"),)),)
    yield Section("answers", heading, (*answer_groups(rows), *notes, *files))


def answers_frame(parts: Sequence[StudySection]) -> pd.DataFrame:
    """Make the table behind the answers: one row a question, its main effect in the unit that the page shows."""
    columns = ("question", "answer", "verdict", "claimed", "effect", "unit", "estimate", "low", "high", "n")
    rows = []
    for one in _rows(parts) if parts else ():
        said = (one.row.question, one.row.answer, one.row.verdict, one.row.claimed)
        if one.measured is None:
            rows.append((*said, "", "", math.nan, math.nan, math.nan, 0))
            continue
        e, m = one.measured.found.estimate, one.measured
        rows.append((*said, m.effect.what, m.unit.word, e.value, e.low, e.high, e.n))
    return pd.DataFrame(rows, columns=list(columns))


def _rows(parts: Sequence[StudySection]) -> list[StudyInShort]:
    """A row a study; of a search its question and answer, beside the number and the verdict of its answer's study."""
    by_place = {p.short.row.study: p.short for p in parts}
    rows = []
    for part in parts:
        short, found = part.short, by_place.get(part.short.row.study + ANSWER)
        if short.row.study.removesuffix(ANSWER) in by_place and short.row.study.endswith(ANSWER):
            continue
        if found is not None:
            mine = short.row
            row = replace(found.row, anchor=mine.anchor, study=mine.study, question=mine.question, answer=mine.answer)
            short = replace(found, row=row, group=short.group)
        rows.append(short)
    return rows


def studies(parts: Sequence[StudySection]) -> Iterable[Section]:
    """Each study as a fold; the only one is open."""
    order = list(dict.fromkeys(p.fold.group for p in parts))
    by_place = {p.fold.anchor: p.fold for p in parts}
    folds = tuple(sorted((_judged(p.fold, by_place) for p in parts), key=lambda fold: order.index(fold.group)))
    if len(_rows(parts)) == 1:
        folds = (replace(folds[0], open=True, question="", answer=""), *folds[1:])  # the page has just said both
    if folds:
        yield Section("studies", "The study" if len(folds) == 1 else "The studies", folds)


def _judged(fold: StudyFold, by_place: Mapping[str, StudyFold]) -> StudyFold:
    """A fold with its verdicts; that of a search has those of its answer."""
    answer = by_place.get(fold.anchor + ANSWER)
    return fold if answer is None or fold.verdicts.items else replace(fold, verdicts=answer.verdicts)


def tables(inputs: ReportInputs, verdicts: Sequence[Verdict], frames: Mapping[str, pd.DataFrame]) -> Iterable[Section]:
    """The tables over all studies."""
    blocks: list[Block] = []
    if anew := old_rule.notice(verdicts, inputs.runs):
        blocks.append(Notice(old_rule.TITLE, anew))
    if verdicts:
        links = {label: claim_anchor(v) for label, v in zip(claim_labels(verdicts), verdicts, strict=True)}
        blocks.append(Table("claims", claims_sheet(verdicts), links))
        if not inputs.live:
            blocks.append(Picture(claims_overview(frames["claims"]), still=True))
    if len(frames["overfitting"]):
        sheet = overfitting_sheet(frames["overfitting"], "Overfitting, all studies", with_study=True)
        sheet = replace(sheet, notes=(*sheet.notes, *unlike_data(inputs.frames, frames["runs"])))
        blocks.append(Table("overfitting", sheet, files_only=True))
    if len(frames["runs"]):  # a search has no arm that its trials serve
        runs = runs_sheet(frames["runs"], "Every trial, under each arm that it serves")
        runs = replace(runs, notes=(*runs.notes, *unlike_data(inputs.frames, frames["runs"])))
        blocks.append(Table("runs", runs, files_only=True))
    files = tuple((name, said) for name, said in FRAMES.items() if len(frames.get(name, ())))
    if files and not inputs.live:
        drawn = (("claims", "Every claim, as it is drawn"),) if verdicts else ()
        blocks.append(Files(drawn, files))
    if verdicts:
        yield Section("verdicts", "Every claim and its verdict", tuple(blocks), folded=True)
    elif blocks:
        yield Section("tables", "Tables as files", tuple(blocks), folded=True)


def unlike_data(frames: Frames, runs: pd.DataFrame) -> list[str]:
    """A sentence for each data set whose name had several contents: which studies are of another one than others.

    Args:
        frames: of the folder.
        runs: a row an arm and trial, with its study.
    """
    known = frames.trials.set_index("trial")[["data", "data_checksum"]]
    rows = runs[["study", "trial"]].join(known, on="trial").drop_duplicates(["study", "data", "data_checksum"])
    said = []
    for data, of in rows.groupby("data"):
        if of["data_checksum"].nunique() > 1:
            alike = [", ".join(part["study"]) for _, part in of.groupby("data_checksum", sort=False)]
            said.append(
                f"Rows of {' and rows of '.join(alike)} are of different data called {data}: do not compare them."
            )
    return said


def claim_labels(verdicts: Sequence[Verdict]) -> list[str]:
    """How a table over all studies names each claim: by its id; with the study, where another one has that id too."""
    times = Counter(v.id for v in verdicts)
    return [v.id if times[v.id] == 1 else f"{v.study}/{v.id}" for v in verdicts]


def claims_sheet(verdicts: Sequence[Verdict]) -> Sheet:
    """One row a claim, short enough for a page."""
    rows = []
    for label, v in zip(claim_labels(verdicts), verdicts, strict=True):
        n = Cell(str(v.n), v.n, claim_trials_anchor(v)) if v.n else Cell("-")
        plain = v.part.plain
        chosen = f", {SELECTED_ON}" if v.part.selected else ""
        what = f"{plain.text('interval')}{chosen}." if plain else v.part.finding
        claimed = plain.claimed if plain else v.part.claimed
        verdict = WORDS[v.verdict] + (f"; on record: {v.recorded.word}" if v.recorded else "")
        p = Cell("-") if v.p != v.p else Cell(p_value(v.p), v.p)
        rows.append((Cell(label), Cell(verdict), Cell(v.statement), Cell(what), Cell(claimed), n, p))
    heads = ("Id", "Verdict", "Claim", "What settled it", "Claimed", "Seeds", "p, against 5 %")
    note = "What settled it: the part that refutes, else the weakest. Intervals are 95 %. A wider one decides."
    return Sheet("Every claim and its verdict", heads, tuple(rows), (note, *guarantees(verdicts)))
