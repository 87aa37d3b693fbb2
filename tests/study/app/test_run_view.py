"""The end of a run: what a claim needs of another study is said with the command and its price."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.app import run_events, run_view
from study.app.board import Board
from study.app.live_progress import SEARCH_IS_OVER, LiveProgress
from study.app.needed_studies import needed_studies
from study.app.pace import Pace
from study.app.run_end import RunEnding
from study.app.run_view import RunView
from study.planning.executor import StopRequest
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_live_view import plan_of, trained


@pytest.mark.parametrize("pace", [None, Pace(1.0)], ids=["unknown", "known"])
def test_what_a_claim_needs_of_another_study_has_its_price(
    pace: Pace | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dropout = registry.load_study("dropout")
    where = str(tmp_path / "r")
    stores.store_of(tmp_path / "r", [dropout], (0,))
    store = ResultsFolder(where)
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
    RunView(names=("dropout",), pace=lambda _: pace).ended(plan, synthetic.CHECKSUM, store, "all done")
    said = " ".join(capsys.readouterr().out.split())
    assert "dropout" in said.split("in pairs by seed")[1].split("dropout-1")[0].lower(), "an answer before the verdicts"
    assert f"study run dropout annealing --results {where} --seeds 1" in said
    price = "what overfit-1 needs: 2 trials, "
    assert price + "about " in said if pace else price in said and " to " in said.split(price)[1]


def test_the_start_says_what_a_claim_needs_of_another_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command as it was typed, the folder of the data in it, and the price."""
    dropout = registry.load_study("dropout")
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, {}, synthetic.FASHION)
    needs = needed_studies(plan, synthetic.CHECKSUM, {}, None)
    typed = "study run dropout --seeds 1 --data-dir mine"
    RunView(names=("dropout",), command=typed).announce(plan, needs, "results/dropout")
    said = " ".join(capsys.readouterr().out.split())
    assert "overfit-1 also needs annealing: 2 trials, " in said
    assert "study run dropout annealing --seeds 1 --data-dir mine --results results/dropout" in said


def test_who_stops_while_claims_are_judged_gets_the_command_that_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said "the same command goes on from here" and named none."""
    dropout = registry.load_study("dropout")
    store = stores.store_of(tmp_path / "r", [dropout], (0,))
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
    view = RunView(names=("dropout",), command="study run dropout")
    assert view.interrupted() == "interrupted; the same command goes on from here\nnext  study run dropout"

    def judging(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_view, "verdicts_and_answers", judging)
    with pytest.raises(KeyboardInterrupt):
        view.ended(plan, synthetic.CHECKSUM, store, "all done")
    said = f"interrupted while claims were judged; all trials are on record\nnext  study claims {tmp_path / 'r'}"
    assert view.interrupted() == said


def test_a_search_ends_with_its_best_under_fresh_seeds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It named the command that shows them."""
    where = str(shutil.copytree(Path(__file__).parents[3] / "results" / "search-sgd-adam", tmp_path / "r"))
    store = ResultsFolder(where)
    kept = {s.name: s for s in store.studies.latest()}
    search, answer = kept["search-sgd-adam"], kept["search-sgd-adam.answer"]
    (checksum,) = store.trials.data_checksums()
    data = checksum, synthetic.FASHION
    RunView(names=(search.name,)).search_answered(search, answer, store, data, 5, search.name)
    said = capsys.readouterr().out
    assert "  sgd: lr 0.37277, " in said and re.search(r"^adam +5 +86\.0 ± 0\.2 ", said, re.MULTILINE)
    assert "supported" in said and f"next  study report {where}" in said
    RunView(names=(search.name,), as_json=True).search_answered(
        search, answer, store, (checksum, synthetic.FASHION), 5, search.name
    )
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert events == ["said", "said", "arm", "arm", "answer", "verdict"]
    RunView(quiet=True).search_answered(search, answer, store, data, 5, search.name)
    assert capsys.readouterr().out == ""


def test_the_answer_of_a_search_goes_on_with_the_clock_of_the_command(tmp_path: Path) -> None:
    """Its clock began anew: "running for 2 s" after 25 s; and nothing said that the search was over."""
    where = str(shutil.copytree(Path(__file__).parents[3] / "results" / "search-sgd-adam", tmp_path / "r"))
    store = ResultsFolder(where)
    answer = next(s for s in store.studies.latest() if s.name == "search-sgd-adam.answer")
    plan = plan_trials([answer], Protocol((1000,)), synthetic.CHECKSUM, {}, synthetic.FASHION)
    view = RunView(quiet=True, _searched=True)
    parts = [view.progress(plan, synthetic.CHECKSUM, store, StopRequest(), 2) for _ in range(2)]
    first, second = (part for part in parts if isinstance(part, LiveProgress))
    assert first._screen.earlier == 0 < second._screen.earlier, "of the second part the first one's time counts"
    assert second.snapshot().phase == SEARCH_IS_OVER in second.snapshot().found


class Unread:
    """A pipe that nobody reads any more."""

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError

    def isatty(self) -> bool:
        return False


def test_a_program_hears_the_end_of_a_quiet_run_and_one_that_left_spoils_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--json -q` had the plan alone; behind `head` a run that had trained all ended with 1."""
    dropout = registry.load_study("dropout")
    store = stores.store_of(tmp_path / "r", [dropout], (0,))
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
    RunView(names=("dropout",), quiet=True, as_json=True).ended(plan, synthetic.CHECKSUM, store, "all done")
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = [event["event"] for event in said]
    assert {"arm", "verdict"} <= set(events) <= {"arm", "answer", "verdict"}
    undecided = [event for event in said if event["event"] == "verdict"]
    assert all(event["why"] for event in undecided), "one seed decides nothing, and each says why"
    monkeypatch.setattr(sys, "stdout", Unread())
    for as_json in (False, True):
        RunView(names=("dropout",), as_json=as_json).ended(plan, synthetic.CHECKSUM, store, "all done")


def test_an_event_says_of_how_many_seeds_a_mean_is_and_how_many_diverged() -> None:
    """It said "seeds": 5 beside the mean of one."""
    board = Board(plan_of(), "c" * 32, 2)
    for seed in range(4):
        trained(board, "none", seed, [0.5, 0.6, 0.7 + 0.01 * seed])
        trained(board, "dropout", seed, [0.5], over=False)
        lost = next(t for t in board.trials.values() if t.label == f"s/dropout, seed {seed}")
        board.end(lost, "diverged", 11.0)
    none, dropout = (json.loads(line) for line in run_events.end_events(RunEnding(board, (), ())))
    assert (none["seeds"], none["mean_of"], none["diverged"]) == (4, 4, 0) and "accuracy" in none
    assert (dropout["seeds"], dropout["mean_of"], dropout["diverged"]) == (4, 0, 4) and "accuracy" not in dropout


def test_whoever_looks_on_sees_that_a_run_is_reduced(tmp_path: Path) -> None:
    """Nothing in the view of `study status` told a reduced run from one in full."""
    store, whole = ResultsFolder(tmp_path / "r", create=True), registry.load_study("dropout")
    titles = []
    for study in (whole, Protocol((0,), quick=True).study(whole)):
        plan = plan_trials([study], Protocol((0,)), synthetic.CHECKSUM, {}, synthetic.FASHION)
        shown = RunView(quiet=True).progress(plan, synthetic.CHECKSUM, store, StopRequest(), 2)
        assert isinstance(shown, LiveProgress)
        titles.append(shown.snapshot().title)
    assert titles == ["dropout", "dropout (reduced)"]


def test_a_line_says_that_the_end_is_judged_and_a_program_sees_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The screen was empty from the last epoch until all was judged: seconds in a large folder."""
    dropout = registry.load_study("dropout")
    store = stores.store_of(tmp_path / "r", [dropout], (0,))
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, store.trials.on_record(), synthetic.FASHION)
    said: list[str] = []

    @contextlib.contextmanager
    def doing(what: str) -> Iterator[None]:
        said.append(what)
        yield
        said.append(capsys.readouterr().out)

    monkeypatch.setattr(run_view, "doing", doing)
    for as_json in (False, True):
        RunView(names=("dropout",), as_json=as_json).ended(plan, synthetic.CHECKSUM, store, "all done")
    assert said == ["judging the results", ""], "it has gone before the end is printed"
