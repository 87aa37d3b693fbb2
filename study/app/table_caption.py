"""What stands below the arms' table at the end of a run: of which part and epoch its numbers are."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from study.app.board import Board
from study.app.live_view import TEST_CHANGE, CharacterSet
from study.app.snapshot import ArmRow
from study.spec.selection import SELECTED_ON, selecting_arms
from trainables.config.plurals import counted


def caption_lines(board: Board, rows: Sequence[ArmRow], head: str, width: int, letters: CharacterSet) -> list[str]:
    """The caption of a table of a board's rows; `head`: the heads of the columns that the window has room for."""
    epochs = {a.epochs for a in board.arms}
    after = f"after {counted(next(iter(epochs)), 'epoch')}" if len(epochs) == 1 else "after each arm's last epoch"
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
    if any(row.accuracy and row.accuracy.half is not None for row in rows):
        caption += f"; {letters.plus_minus}: 95 % interval".replace(": 95 % ", ":\u00a095\u00a0%\u00a0")
    selecting = [name for s in board.plan.studies for name in selecting_arms(s)]
    caption += f"; {SELECTED_ON}: {', '.join(selecting)}" * bool(selecting)
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(caption, width)]
