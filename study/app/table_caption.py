"""What stands below the arms' table at the end of a run: of which part and epoch its numbers are."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

from study.app.board import Board
from study.app.live_view import IN_FULL, TEST_CHANGE, CharacterSet
from study.app.snapshot import ArmRow
from study.spec.selection import SELECTED_ON, selecting_arms
from trainables.config.plurals import counted


def caption_lines(board: Board, rows: Sequence[ArmRow], head: str, width: int, letters: CharacterSet) -> list[str]:
    """The caption of a table of a board's rows; `head`: the heads of the columns that the window has room for."""
    epochs = {a.epochs for a in board.arms}
    after = _after(epochs)
    tested, by_test = any(row.test for row in rows), TEST_CHANGE in head
    others = head.replace(TEST_CHANGE, "")
    of_gap, changed = "gap" in others, any(row.change for row in rows) and "change" in others
    caption = "reduced: " * any(s.reduced for s in board.plan.studies)
    caption += f"{'test and validation' if tested else 'validation'}, {after}"
    if tested and (of_gap or changed):
        named = ["gaps"] * of_gap + [f"{'the other ' * by_test}changes"] * changed
        caption += f"; {' and '.join(named)} are of validation"
    if changed or by_test:
        caption += "; changes against the baseline, in pairs by seed"
    if any(m and m.half is not None for row in rows for m in (row.accuracy, row.full_accuracy)):
        caption += f"; {letters.plus_minus}: 95 % interval".replace(": 95 % ", ":\u00a095\u00a0%\u00a0")
    if IN_FULL in head:
        full = {board.in_full[name].epochs for row in rows if (name := f"{row.study}/{row.arm}") in board.in_full}
        caption += f"; in full: on record, {_after(full)}"
        caption += "; arms that share their trials here have the same numbers" * any(row.same_as for row in rows)
    selecting = [name for s in board.plan.studies for name in selecting_arms(s)]
    caption += f"; {SELECTED_ON}: {', '.join(selecting)}" * bool(selecting)
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(caption, width)]


def _after(epochs: Collection[int]) -> str:
    """After which epoch numbers are, where arms have so many."""
    return f"after {counted(next(iter(epochs)), 'epoch')}" if len(epochs) == 1 else "after each arm's last epoch"
