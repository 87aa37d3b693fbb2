"""What is missing of a folder is counted an arm: more seeds of one are not asked of the others."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Notice
from analysis.report.study_section import section_of_arms
from study.app import run_end, screen
from study.app.api import Results
from study.app.next_training import after_reduced
from study.app.run_events import end_events
from study.app.snapshot import ArmRow
from study.app.status import status_of
from study.cli import status_text
from study.planning.wanted_metrics import wanted_metrics
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_signs_of_life import elsewhere
from trainables.config.errors import BadInput, StoreError
from trainables.data.facts import FASHION_MNIST
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test

SMALL = Study(
    name="small",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.2})),
)


def test_more_seeds_of_one_arm_are_not_missing_of_another(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], (0, 1))
    more = RunRecord(studies=("small",), seeds=(2, 3, 5), asked={"small/b": (2, 3, 5)}, reduced=False)
    write_run(store.folder, "20260102T000000-000000", more)
    stores.fill(store, synthetic.records(SMALL, (2, 3), skip=[("a", 2), ("a", 3)]))
    status = status_of(str(tmp_path / "r"))
    assert status.missing == (1, 7), "seed 5 of b alone"
    assert [(row.arm, row.done, row.seeds) for row in status.boards[0].rows()] == [("a", 2, 2), ("b", 4, 5)]
    stores.fill(store, synthetic.records(SMALL, (5,), skip=[("a", 5)]))
    assert status_of(str(tmp_path / "r")).missing == (0, 7)


def test_a_folder_that_is_whole_in_full_is_so_after_a_reduced_run(tmp_path: Path) -> None:
    """It counted the seeds of the full runs as missing of the reduced ones, and showed these numbers unmarked."""
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0, 1, 2, 3)), str(tmp_path / "r")
    small = replace(SMALL, epochs=2, reduced=("*",))
    stores.fill(store, synthetic.records(replace(small, base={"train_images": 60}), (0, 1)))
    store.studies.freeze(replace(small, base={"train_images": 60}))
    quick = replace(
        stores.run([small], (0, 1)), reduced=True, reduced_studies=("small",), command=("study", "run", "s", "--quick")
    )
    write_run(store.folder, "20260102T000000-000000", quick)
    assert status_of(where).missing == (0, 8) and status_of(where).next_command == f"study report {where}"
    typed, studies = after_reduced(where, ["run", "small", "--quick"], [small])
    assert (typed, [bool(s.reduced) for s in studies]) == (["run", "small"], [False]), "no reduced run was offered"
    stores.store_of(tmp_path / "q", [small], (0, 1, 2)).folder.delete("runs/20260101T000000-000000.json")
    write_run(ResultsFolder(tmp_path / "q").folder, "20260102T000000-000000", quick)
    assert status_of(str(tmp_path / "q")).missing == (0, 4)
    assert "small, reduced" in status_text.status_lines(str(tmp_path / "q"))
    assert after_reduced(str(tmp_path / "q"), ["run", "--quick"], [small]) == (["run", "--quick"], [small])


def test_a_checkpoint_beyond_what_is_on_record_is_where_a_longer_trial_goes_on(tmp_path: Path) -> None:
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    name = SMALL.config("b", seed=0).identity(synthetic.CHECKSUM)
    store.save_checkpoint(name, 3, b"kept")
    assert status_of(where).resumable == {}, "it is on record whole, and its state was kept"
    store.save_checkpoint(name, 5, b"more")
    assert status_of(where).resumable == {name: 5}


def test_a_record_that_lacks_a_metric_that_is_asked_for_is_missing(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], (0,), gather=False)
    other = {**sources(), "penalty": "0" * 16}
    stores.fill(store, [replace(r, format=2, measured_by=other) for r in synthetic.records(SMALL, (1,))])
    write_run(store.folder, "20260102T000000-000000", stores.run([SMALL], (0, 1)))
    where = str(tmp_path / "r")
    assert status_of(where).missing == (0, 4) and status_of(where, metrics=("penalty",)).missing == (2, 4)
    assert json.loads(status_text.as_json(where, ("penalty",)))["missing"] == 2
    assert any("missing  2 of 4 trials" in line for line in status_text.status_lines(where, ("penalty",)))
    with pytest.raises(BadInput, match=r"metrics: got 'penalti'.*did you mean penalty"):
        status_of(where, metrics=("penalti",))


def test_a_record_that_lacks_a_metric_of_the_test_part_that_is_asked_for_is_missing(tmp_path: Path) -> None:
    """It counted every trial as there, where `study plan --metrics test_accuracy` counts it as missing."""
    store = stores.store_of(tmp_path / "r", [SMALL], (0,), gather=False)
    tested = {**sources(), **sources_of_test("a part")}
    nothing, numbers = (math.nan, math.nan), {"test_accuracy": 0.7, "test_loss": 0.9}
    for r in synthetic.records(SMALL, (1,)):
        columns = {name: (*nothing, value) for name, value in numbers.items()}
        stores.fill(store, [replace(r, format=2, measured_by=tested, epochs=r.epochs.replace(**columns))])
    write_run(store.folder, "20260102T000000-000000", stores.run([SMALL], (0, 1)))
    where = str(tmp_path / "r")
    assert status_of(where).missing == (0, 4) and status_of(where, metrics=("test_accuracy",)).missing == (2, 4)


def test_a_metric_that_no_trial_here_can_have_is_refused_as_by_plan(tmp_path: Path) -> None:
    """Every trial was missing, with a command that trains none."""
    data = replace(FASHION_MNIST, name="digits", checksum=synthetic.CHECKSUM, mean_pixels=(60.0, 61.0))
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    write_run(store.folder, "20260102T000000-000000", replace(stores.run([SMALL], (0, 1)), data=data))
    with pytest.raises(BadInput, match=r"metrics: got 'test_accuracy'; digits has no test part: write held_out"):
        status_of(where, metrics=("test_accuracy",))
    assert status_of(where).missing == (2, 4)


def test_the_next_command_asks_for_the_metrics_that_were_asked_for(tmp_path: Path) -> None:
    """It named the last run's command, after which the metric was as missing as before."""
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0,)), str(tmp_path / "r")
    store.folder.delete("runs/20260101T000000-000000.json")
    typed = ("study", "run", "small", "--results", where)
    write_run(store.folder, "20260102T000000-000000", replace(stores.run([SMALL], (0,)), command=typed))
    old = [replace(r, format=2, measured_by={**sources(), "penalty": "0" * 16}) for r in synthetic.records(SMALL, (1,))]
    stores.fill(store, old)
    write_run(store.folder, "20260103T000000-000000", replace(stores.run([SMALL], (1,)), command=typed))
    assert status_of(where).next_command == f"study report {where}"
    named = status_of(where, metrics=("penalty",)).next_command
    assert named.startswith("study run small --results") and named.endswith("--metrics penalty")


def test_what_programs_count_is_what_the_text_counts(tmp_path: Path) -> None:
    """Of an interrupted run of one study they counted the trials that another one lacks."""
    other = replace(SMALL, name="other", base={"lr": 0.4})
    store, where = stores.store_of(tmp_path / "r", [SMALL, other], (0,)), str(tmp_path / "r")
    write_run(store.folder, "20260102T000000-000000", stores.run([SMALL, other], (0, 1)))
    rows = (ArmRow("small", "a", 2, 1, ""), ArmRow("small", "b", 2, 1, ""))
    screen.write_snapshot(store.folder, replace(elsewhere(0.0), state="interrupted", rows=rows))
    told = json.loads(status_text.as_json(where))
    assert any(line.startswith("missing  2 of 4 trials: 2 not begun") for line in status_text.status_lines(where))
    assert (told["missing"], told["wanted"]) == (2, 4)
    assert [row["epoch"] for row in told["run"]["rows"]] == [None, None], "it was `next` beside `not running`"
    assert told["studies"] == [
        {"study": name, "reduced": False, "wanted": 4, "missing": 2} for name in ("small", "other")
    ]


def test_an_arm_that_stands_still_and_input_of_no_fitting_scale_are_named(tmp_path: Path) -> None:
    store, where = stores.store_of(tmp_path / "r", [SMALL], (0, 1), gather=False), str(tmp_path / "r")
    still = [replace(r, epochs=r.epochs.replace(val_loss=(2.0, 2.0, 2.0))) for r in synthetic.records(SMALL, (2,))]
    stores.fill(store, still[1:])
    digits = replace(FASHION_MNIST, name="digits", checksum=synthetic.CHECKSUM, highest_pixel=16)
    write_run(store.folder, "20260102T000000-000000", replace(stores.run([SMALL], (0, 1, 2)), data=digits))
    said = "\n".join(status_text.status_lines(where))
    why = "the loss is the same to the last bit from epoch 1 on in seed 2"
    assert f"b is possibly broken: {why}" in said and "a is" not in said
    assert "data digits: no pixel is above 16" in said and "write `input_divisor: 16`" in said
    (board,) = status_of(where).boards
    assert [(row.arm, row.note) for row in board.rows()] == [("a", ""), ("b", "possibly broken")]
    assert f"b is possibly broken: {why}" in run_end.ending_lines(run_end.RunEnding(board, (), ()), 100)
    assert [json.loads(e).get("possibly_broken") for e in end_events(run_end.RunEnding(board, (), ()))] == [None, why]
    values = json.loads(status_text.as_json(where))
    assert values["possibly_broken"] == {"small/b": why} and "input_divisor: 16" in values["warnings"][0]
    summary = Results(where).summary()
    assert f"b is possibly broken: {why}" in str(summary)
    assert summary.frame["possibly_broken"].tolist() == ["", why] and why in summary._repr_html_()
    page = section_of_arms(read_inputs(ResultsFolder(where)), SMALL).fold.blocks
    assert [(n.title, n.lines[0].split(",")[0]) for n in page if isinstance(n, Notice)][-2:] == [
        ("Possibly broken", f"b: {why}"),
        ("The scale of the input", "data digits: no pixel is above 16"),
    ]


@pytest.mark.parametrize("what", ["study-results.json", "trials", "runs"])
def test_a_folder_that_is_emptied_late_is_no_answer(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], (0,))
    write_run(store.folder, "20260102T000000-000000", stores.run([SMALL], (0, 1)))

    def late(studies: Iterable[Study], asked: Sequence[str] = ()) -> frozenset[str]:
        (tmp_path / "r" / what).rename(tmp_path / "away")
        return wanted_metrics(studies, asked)

    monkeypatch.setattr("study.app.status.wanted_metrics", late)
    with pytest.raises(StoreError, match="the results folder is gone; bring it back"):
        status_of(str(tmp_path / "r"))
