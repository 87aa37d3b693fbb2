"""What became of each arm after its last epoch, as a table: see `study.app.api.Results.summary`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.report.inputs import ReportInputs
from study.app.board import BROKEN, Board
from study.app.live_view import UNICODE, arms_table
from study.app.reduced_trials import reduced_line
from study.app.run_end import broken_lines, fill_from_frames
from study.app.shown_table import ShownTable, SummaryRow
from study.app.snapshot import ArmRow
from study.app.status import board_of_asked
from study.spec.selection import SELECTED_ON
from study.spec.study import Study
from study.storage.run_records import known_data
from study.storage.trials import TrialOnRecord

MEASURES = ("accuracy", "gap", "change", "gap_change", "test", "test_change")


def summary_table(
    inputs: ReportInputs, studies: Mapping[str, Study], own_trials: pd.DataFrame
) -> ShownTable[SummaryRow]:
    """A row an arm; `own_trials`: the trials of these studies, of the seeds that are shown."""
    boards = _boards(inputs, studies, own_trials)
    rows = [row for board in boards for row in board.rows()]
    broken = {name: why for board in boards for name, why in board.broken.items()}
    values = [_values(row, studies[row.study], broken.get(f"{row.study}/{row.arm}", "")) for row in rows]
    numeric = {f"{name}{end}": float for name in MEASURES for end in ("", "_half")}

    def lines(of: Sequence[int]) -> Sequence[str]:
        drawn = arms_table([rows[i] for i in of], 100, UNICODE, final=True, whole=True) if of else ["no trials"]
        drawn += reduced_line(studies[name] for name in dict.fromkeys(rows[i].study for i in of))
        return drawn + (broken_lines(boards, 100) if len(of) == len(rows) else [])

    frame = pd.DataFrame(values, columns=list(SummaryRow._fields)).astype(numeric)
    title = "Arms" if rows else f"Arms: {', '.join(studies)}"
    return ShownTable(title, frame, lines, SummaryRow)


def _values(row: ArmRow, study: Study, why_broken: str) -> dict[str, object]:
    """A row of the frame, by column."""
    found = {name: getattr(row, name) for name in MEASURES}
    numbers = {name: m and m.value for name, m in found.items()} | {f"{n}_half": m and m.half for n, m in found.items()}
    reduced = study.is_reduced(row.arm)
    notes = ("baseline" * row.baseline, "reduced" * reduced, SELECTED_ON * row.selected, *row.note.split(", "))
    note = ", ".join(n for n in notes if n and n != BROKEN)
    told = {"study": row.study, "arm": row.arm, "seeds": row.known, "note": note}
    return {**told, "possibly_broken": why_broken, "reduced": reduced, **numbers}


def _boards(inputs: ReportInputs, studies: Mapping[str, Study], own_trials: pd.DataFrame) -> list[Board]:
    """Of each study the seeds that were asked for; where nobody knows, those on record."""
    trials = inputs.frames.trials
    known = zip(trials["trial"], trials["epochs_done"], trials["status"], strict=True)
    on_record = {trial: TrialOnRecord(int(epochs), status) for trial, epochs, status in known if status != "failed"}
    checksums = sorted(set(trials["data_checksum"]))
    boards = []
    for name, study in studies.items():
        there = own_trials[own_trials["study"] == name].groupby("arm")["seed"]
        asked = inputs.seeds_by_arm(study) or {f"{name}/{arm}": tuple(seeds) for arm, seeds in there}
        board = board_of_asked(study, asked, on_record, checksums) if study.arms else None
        boards += [board] if board else []
    fill_from_frames(boards, inputs.frames, known_data(inputs.runs))
    return boards
