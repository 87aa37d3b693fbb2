"""Beside the number that was selected on the validation part stands that of the test part, which judges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import study
from study.app.live_view import UNICODE, arms_table
from study.app.run_end import board_of
from study.app.snapshot import ArmRow, Measure
from study.app.status import status_of
from study.app.table_caption import caption_lines
from study.cli import status_text
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from tests import synthetic
from tests.analysis import stores
from tests.study import own
from tests.study.app.test_status import SMALL
from tests.study.cli.test_main import study as command

ROW = ArmRow("s", "winner", 5, 5, "done", Measure(99.0, 0.5), selected=True, test=Measure(97.0, 0.4))
NEXT = replace(ROW, arm="runner-up", test=Measure(98.0, 3.0), test_change=Measure(1.0, 2.0), change=Measure(-1.0, 0.5))


def test_numbers_that_were_selected_stand_under_that_name_beside_the_test_part() -> None:
    plain = ArmRow("s", "other", 5, 5, "done", Measure(80.0, 1.0))
    head, *_ = arms_table([ROW], 80, UNICODE, final=True)
    assert head.endswith("seeds  test, %     selected on val, %")
    assert "97.0 ± 0.4" in arms_table([ROW], 40, UNICODE, final=True)[1], "the number that judges stays"
    assert "validation, %" in arms_table([ROW, plain], 100, UNICODE, final=True)[0], "of one it was not selected"
    assert "accuracy, %" in arms_table([plain], 100, UNICODE, final=True)[0]
    same = replace(ROW, arm="again", same_as="s/winner")
    assert arms_table([ROW, same], 100, UNICODE, final=True)[2].split() == ["again", "5", "as", "s/winner"]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_what_is_judged_stays_whatever_room_there_is(width: int, final: bool) -> None:
    """At 80 columns the column of the test part pushed every change out of the window."""
    numbers = {"gap": Measure(-1.6, 2.6), "gap_change": Measure(1.5, 2.5), "training": Measure(98.0, 1.0)}
    rows = [replace(ROW, baseline=True, **numbers), replace(NEXT, **numbers)]  # type: ignore[arg-type]
    head, first, second = arms_table(rows, width, UNICODE, final=final)
    assert "test, %" in head and ("98.0 (95.0 to" in second) and max(map(len, (head, first, second))) <= width
    if width >= 60:
        assert "test change" in head and "+1.0 ± 2.0" in second and "baseline" in first
    if width >= 80 and final:
        assert "selected on val, %" in head
    if width >= 200:
        assert all(name in head for name in ("training, %", "gap, points", "change in accuracy", "change in gap"))


def test_the_caption_says_nothing_of_a_column_that_is_not_there(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], range(3), gather=False)
    plan = plan_trials([SMALL], Protocol((0, 1, 2)), synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
    board = board_of(plan, synthetic.CHECKSUM, store, 1)
    rows = board.rows()
    assert "changes against the baseline" in caption_lines(board, rows, "arm  change", 200, UNICODE)[0]
    (said,) = caption_lines(board, [replace(row, test=row.accuracy) for row in rows], "arm  test, %", 200, UNICODE)
    assert said.startswith("test and validation, after 3 epochs; ±") and "change" not in said
    both = [replace(row, test=row.accuracy, test_change=row.change) for row in rows]
    head = "arm  test, %  test change  selected on val, %"
    (said,) = caption_lines(board, both, head, 200, UNICODE)
    assert said.startswith("test and validation, after 3 epochs; changes against the baseline")
    (said,) = caption_lines(board, both, f"{head}  gap, points  change in accuracy", 250, UNICODE)
    assert said.startswith("test and validation, after 3 epochs; gaps and the other changes are of validation; ")


def test_a_search_ends_with_the_number_that_judges_its_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its table had the validation part's alone, without a word, and the sentence below it spoke of the test part."""
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "mine", 60, 30)
    file = own.search(tmp_path, "looking", {"lr": {"kind": "float", "low": 0.001, "high": 0.1}}, data="mine")
    asked = ("run", str(file), "--seeds", "3", "--data-dir", ".", "--results", "r", "--executor", "inline")
    assert command(*asked) == 0
    said = capsys.readouterr().out
    for lines in (said.splitlines(), status_text.status_lines("r")):
        (head,) = [line for line in lines if line.startswith("arm ")]
        assert "test, %" in head and "selected on val, %" in head
    assert "test and validation, after 2 epochs" in said
    (board,) = [b for b in status_of("r").boards if b.plan.studies[0].name == "looking.answer"]
    shares = study.open("r").curves("test_accuracy").query("epoch == 2").groupby("arm")["value"].mean()
    assert {row.arm: row.test and pytest.approx(row.test.value) for row in board.rows()} == dict(100 * shares)
    apart = {row.arm: row.test_change.value for row in board.rows() if row.test_change}
    assert apart == {"runner-up": pytest.approx(100 * (shares["runner-up"] - shares["winner"]))}
    summary = study.open("r").summary()
    assert dict(zip(summary["arm"], summary["test"], strict=True)) == pytest.approx(dict(100 * shares))
    page = summary._repr_html_()
    assert "test, %" in page and "change in test" in page, "the notebook has what judges, as the terminal"
    assert all("selected on val" in note for note in summary.frame["note"]) and "selected on val, %" in str(summary)
