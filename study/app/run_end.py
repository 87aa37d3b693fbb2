"""The end of a run: the arms' table, the verdicts in a line each, the next command. Values and text; no printing."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from analysis.claims.words import DECIDED, WORDS
from analysis.statistics.looks import FIRST_LOOK_SEEDS
from study.app.board import BROKEN, Board
from study.app.claim_names import claim_names
from study.app.command_words import (
    FILLS_GAP,
    MERGE_FILLS,
    claims_to_decide,
    decide_command,
    full_command,
    more_seeds_command,
    seeds_that_fill,
)
from study.app.live_view import UNICODE, CharacterSet, arms_table
from study.app.other_studies import also_command
from study.app.screen import marks_of
from study.app.table_caption import caption_lines
from study.app.wrapping import wrapped_words
from study.planning.plan import Plan
from study.spec.claims import arms_named
from study.spec.study import Study
from study.storage.checkpoints import saved_epochs
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, known_data, read_runs
from trainables.config.nearest import first_of
from trainables.config.plurals import counted

if TYPE_CHECKING:
    import pandas as pd

    from analysis.claims.verdicts import Verdict
    from analysis.data.frames import Frames
    from analysis.report.inputs import ReportInputs
    from study.app.pace import Pace
    from trainables.data.facts import DataFacts

MAX_VERDICTS_SHOWN = 40
MAX_BROKEN_SHOWN = 4


@dataclass(frozen=True)
class RunEnding:
    """What a run came to."""

    board: Board
    verdicts: tuple[Verdict, ...]
    next: tuple[tuple[str, str], ...]
    """Commands, each with what it does."""
    splits: pd.DataFrame | None = None
    """Of `analysis.tables.repeated_splits`; None where no configuration has several splits."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """By study that is not reduced, its answer in a sentence or two."""


def board_of(plan: Plan, checksum: str, store: ResultsFolder, cores: int, pace: Pace | None = None) -> Board:
    """A plan's trials with what is on record of them; `pace` as for `Board`."""
    board = Board(plan, checksum, cores, pace)
    if any(t.on_record is not None for t in plan.trials):
        fill_from_record([board], store)
    if plan.missing:
        board.go_on_from(saved_epochs(store.folder))
    return board


def fill_from_record(boards: Sequence[Board], store: ResultsFolder, runs: Sequence[RunRecord] | None = None) -> None:
    """What is on record of the trials of some boards; the folder is read once. `runs`: its runs, if read already."""
    from analysis.data.load import load

    there = read_runs(store.folder) if runs is None else runs
    fill_from_frames(boards, load(store).frames, known_data(there))


def fill_from_frames(boards: Sequence[Board], frames: Frames, data: Mapping[str, DataFacts]) -> None:
    """The same from frames: curves, and which arms are possibly broken; `data`: what is known of data sets."""
    from analysis.data.possibly_broken import possibly_broken

    for board in boards:
        known = frames.epochs[frames.epochs["trial"].isin(set(board.trials))]
        columns = (known[c].tolist() for c in ("trial", "epoch", "val_accuracy", "train_accuracy"))
        board.fill(zip(*columns, strict=True))
        if "test_accuracy" in known:
            board.fill_tests(zip(*(known[c].tolist() for c in ("trial", "epoch", "test_accuracy")), strict=True))
        board.seeds_on_record = _most_seeds(frames, board)
        for study in board.plan.studies:
            asked = {f"{study.name}/{a.name}": board.plan.protocol.seeds_of(study.name, a.name) for a in study.arms}
            for arm in possibly_broken(study, frames, data, asked):
                board.broken[f"{study.name}/{arm.arm}"] = arm.reason


def _most_seeds(frames: Frames, board: Board) -> int:
    """The seeds on record of the arm that has most of them, those that were not asked for now included."""
    groups = frames.trials.loc[frames.trials["trial"].isin(set(board.trials)), "group"]
    every = frames.trials[frames.trials["group"].isin(set(groups))]
    return int(every.groupby("group")["seed"].nunique().max()) if len(every) else 0


def folder_verdicts(store: ResultsFolder, studies: Sequence[Study]) -> tuple[Verdict, ...]:
    """The verdicts over the claims of some studies, in their order."""
    if not any(s.claims for s in studies):
        return ()
    from analysis.report.inputs import read_inputs

    return tuple(v for of in judged(read_inputs(store), studies).values() for v in of)


def judged(inputs: ReportInputs, studies: Sequence[Study]) -> dict[str, list[Verdict]]:
    """The verdicts over the claims of each of these studies that the folder has, by name."""
    from analysis.claims.verdicts import judge

    names = [s.name for s in studies if s.name in inputs.studies]
    return {n: judge(inputs.studies[n], inputs.frames, inputs.studies, inputs.grounds(n)) for n in names}


def verdicts_and_answers(
    store: ResultsFolder, studies: Sequence[Study]
) -> tuple[tuple[Verdict, ...], Mapping[str, str]]:
    """The same, and by study that is not reduced, its answer; of a reduced study nothing that was found in full."""
    if not any(s.arms for s in studies):
        return (), {}
    from analysis.report.inputs import read_inputs
    from analysis.report.judge_folder import answers_of

    inputs = read_inputs(store, reduced=[s.name for s in studies if s.reduced])
    found = judged(inputs, studies)
    whole = {n: of for n, of in found.items() if not inputs.studies[n].reduced}
    answers = answers_of(inputs, whole, without_claims=True)
    return tuple(v for of in found.values() for v in of), answers


JUDGED_WORDS = ("supported", "refuted", "open", "mechanism", "not-enough-seeds", "no-place", "not-judged", "reduced")


def needed_elsewhere(studies: Sequence[Study], verdicts: Sequence[Verdict] = ()) -> dict[str, tuple[str, ...]]:
    """Studies that claims read and that are not among these, each with the claims that need it.

    `verdicts`: claims that have one need nothing. A claim called as one of another of these studies is STUDY/CLAIM.
    """
    return needed_besides(studies, {(v.study, v.id) for v in verdicts if v.verdict in JUDGED_WORDS})


def needed_besides(studies: Sequence[Study], over: Collection[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The same but for some claims, each named by its study and its id."""
    shown, names = {s.name for s in studies}, claim_names((s.name, claim.id) for s in studies for claim in s.claims)
    found: dict[str, list[str]] = {}
    for study in studies:
        for claim in study.claims:
            if (study.name, claim.id) in over:
                continue
            for arm in arms_named(claim):
                other = arm.partition("/")[0]
                if "/" in arm and other not in shown:
                    found.setdefault(other, []).append(names[study.name, claim.id])
    return {name: tuple(dict.fromkeys(ids)) for name, ids in found.items()}


FINDING_COLUMNS = 30
"""Columns that a finding needs beside its claim's name, or it stands below."""
RECORDED_COLUMNS = 60
"""Likewise where what is on record in full comes last, which must not be cut off."""
INDENT_COLUMNS = 6
"""Columns by which it is then set in."""


def ending_lines(ending: RunEnding, width: int, letters: CharacterSet = UNICODE) -> list[str]:
    """The end as text."""
    rows = ending.board.rows()
    said = arms_table(rows, width, letters, final=True) if rows else []
    if rows:
        said += caption_lines(ending.board, rows, said[0], width, letters)
        asked = max(row.seeds for row in rows)
        of_search = any(s.name.endswith(".answer") for s in ending.board.plan.studies)  # judged by the fresh ones alone
        if ending.board.seeds_on_record > asked and (ending.answers or ending.verdicts) and not of_search:
            few = f"the {asked} seeds that were" if asked > 1 else "the 1 seed that was"
            more = f"The table is of {few} asked for. What follows is of all on record, up to "
            said += textwrap.wrap(f"{more}{ending.board.seeds_on_record} an arm.", width)
        said += broken_lines([ending.board], width)
    if ending.splits is not None:
        from study.app.splits_text import splits_lines

        said += ["", *splits_lines(ending.splits, width, letters)]
    if ending.answers:
        said += ["", *map(letters.minus, answer_lines(ending.answers, width))]
    if ending.verdicts:
        said += ["", *verdict_lines(ending.verdicts, width, letters)]
    if ending.next:
        said += ["", *commands_with_purposes(ending.next, width)]
    return said


def answer_lines(answers: Mapping[str, str], width: int) -> list[str]:
    """What came out, in a sentence or two a study.

    >>> answer_lines({"dropout": "Dropout cuts the gap."}, 80), answer_lines({"a": "Yes.", "bc": "No."}, 80)
    (['Dropout cuts the gap.'], ['a   Yes.', 'bc  No.'])
    """
    wide = max(map(len, answers)) + 2 if len(answers) > 1 else 0
    found = []
    for study, answer in answers.items():
        head = f"{study:{wide}s}" if wide else ""
        found += wrapped_words(answer, max(width, wide + 20), (head, " " * wide))
    return found


def broken_lines(boards: Sequence[Board], width: int) -> list[str]:
    """Which arms are possibly broken, and why, after an empty line; nothing where none is."""
    one_study = len({s.name for board in boards for s in board.plan.studies}) == 1
    said = [why for board in boards for why in board.broken_lines(short=one_study)]
    if len(said) > MAX_BROKEN_SHOWN:
        names = [line.partition(f" is {BROKEN}")[0] for line in said]
        said = [
            f"{counted(len(said), 'arm')} are {BROKEN} (the loss stands still, or accuracy is not clearly better than "
            f"guessing): {first_of(names, MAX_BROKEN_SHOWN)}; the page says why"
        ]
    found = [line for why in said for line in wrapped_words(why, width)]
    return ["", *found] if found else []


def verdict_lines(
    verdicts: Sequence[Verdict], width: int, letters: CharacterSet, among: Sequence[Verdict] = ()
) -> list[str]:
    """Some lines each: mark, word, id, finding; `among`: all that are spoken of, where these are some of them."""
    marks = marks_of(letters)
    called = claim_names((v.study, v.id) for v in (*verdicts, *among))
    names = [called[v.study, v.id] for v in verdicts]
    wide, word = max(map(len, names)), max(len(WORDS[v.verdict]) for v in verdicts)
    said = []
    for v, name in list(zip(verdicts, names, strict=True))[:MAX_VERDICTS_SHOWN]:
        head = f"{marks[v.verdict]} {WORDS[v.verdict]:{word}s}  {name:{wide}s}  "
        below = width - len(head) < (RECORDED_COLUMNS if v.recorded else FINDING_COLUMNS) < width
        hang = INDENT_COLUMNS if below else len(head)
        found = wrapped_words(finding_line(v), max(20, width - hang)) or [""]
        lines = [head, *(" " * hang + line for line in found)]
        said += lines if below else [head + found[0], *lines[2:]]
    if len(verdicts) > MAX_VERDICTS_SHOWN:
        said.append(f"and {len(verdicts) - MAX_VERDICTS_SHOWN} more: study claims")
    return [letters.minus(line.rstrip()) for line in said]


def finding_line(verdict: Verdict) -> str:
    """What was found of a claim, as a line."""
    return " ".join("".join(c if c.isprintable() else " " for c in verdict.short).split())


def failure_lines(failed: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each reason that trials failed of.

    >>> failure_lines([("width/wide, seed 0", "its node went away"), ("width/wide, seed 1", "its node went away")])
    ['failed: width/wide, seed 0, and 1 more: its node went away']
    """
    labels: dict[str, list[str]] = {}
    for label, reason in failed:
        labels.setdefault(reason, []).append(label)
    return [
        f"failed: {first}" + (f", and {len(more):,} more" if more else "") + f": {reason}"
        for reason, (first, *more) in labels.items()
    ]


def commands_with_purposes(commands: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Show at most two commands, each with what it does."""
    most = max(len(c) for c, _ in commands)
    said = []
    for i, (command, what) in enumerate(commands[:2]):
        head = "next  " if i == 0 else "      "
        line = f"{head}{command:{most}s}    {what}".rstrip()
        below = wrapped_words(what, max(width, 40), (" " * 8, " " * 8))
        said += [line] if len(line) <= width or not what else [head + command, *below]
    return said


def next_commands(
    asked: tuple[Sequence[str], Sequence[str], str, tuple[int, ...]],
    studies: Sequence[Study],
    verdicts: Sequence[Verdict],
    prices: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[str, str], ...]:
    """The report, and what claims need of other studies, else the seeds that a verdict takes or that may decide one.

    Args:
        asked: the words that were typed after `study`, the studies as they were given, the results folder, the seeds.
        studies: these studies.
        verdicts: over their claims.
        prices: by a study that claims need and that the command finds, what it takes, in words; may be empty.
    """
    typed, given, results, seeds = asked
    found = [(shlex.join(["study", "report", results]), "the page with curves and every trial")]
    elsewhere = needed_elsewhere(studies, verdicts)
    for name in (n for n in elsewhere if n in prices):
        claims, price = elsewhere[name], f": {prices[name]}" if prices[name] else ""
        found.append(
            (
                also_command(typed, given, name, results, seeds),
                f"what {', '.join(claims)} {'needs' if len(claims) == 1 else 'need'}{price}",
            )
        )
        break
    if len(found) == 1 and typed[:1] == ["run"]:
        if any(s.reduced for s in studies):
            found.append((full_command(typed), "in full: a reduced run judges nothing"))
        elif gap := seeds_that_fill(verdicts):
            second = any(v.fills and not v.path for v in verdicts)
            found.append((more_seeds_command(typed, gap), FILLS_GAP + MERGE_FILLS * second))
        elif lacking := lacking_seeds(studies, verdicts, seeds):
            first = min(lacking)
            said = f", of seeds from {first} on" if first else ""
            found.append((more_seeds_command(typed, lacking), f"a verdict takes {FIRST_LOOK_SEEDS} seeds{said}"))
        elif claims := claims_to_decide(verdicts):
            which = claims[0] if len(claims) == 1 else f"one of {len(claims)} open claims"
            found.append((decide_command(typed), f"more seeds, where they decide {which}"))
    return tuple(found)


def lacking_seeds(studies: Sequence[Study], verdicts: Sequence[Verdict], asked: tuple[int, ...]) -> tuple[int, ...]:
    """The seeds that give a first verdict to claims that have too few; none where all of these were asked for."""
    few = {(v.study, v.id) for v in verdicts if v.verdict == "not-enough-seeds"}
    firsts = {c.from_seed for s in studies for c in s.claims if (s.name, c.id) in few}
    wanted = {first: set(range(first, first + FIRST_LOOK_SEEDS)) for first in firsts}
    return tuple(sorted({seed for of in wanted.values() if not of <= set(asked) for seed in of}))


def kept_lines(was: Mapping[tuple[str, str], str], now: Sequence[Verdict]) -> Iterator[str]:
    """How many claims that were decided before are as they were, and which are not: a failed trial may have gone well
    now.
    """
    before = [v for v in now if was[v.study, v.id] in DECIDED]
    kept = sum(v.verdict == was[v.study, v.id] for v in before)
    if kept:
        yield f"{counted(kept, 'claim')} decided before {'is as it was' if kept == 1 else 'are as they were'}."
    for v in before:
        if v.verdict != was[v.study, v.id]:
            yield f"{v.study}/{v.id} was {was[v.study, v.id]} and is {WORDS[v.verdict]} now."
