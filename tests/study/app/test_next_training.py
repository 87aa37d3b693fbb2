"""The command that status names trains what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from study.app import run_end
from study.app.next_training import Waiting
from study.app.status import status_of
from study.cli import status_text
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_status import SMALL


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder in which the commands were typed."""
    monkeypatch.chdir(tmp_path)
    for name in ("small", "other"):
        Path(f"{name}.yaml").touch()


def ran(store: ResultsFolder, day: int, seeds: Sequence[int], *more: str, name: str = "small") -> None:
    command = ("study", "run", f"{name}.yaml", "--results", "r", *more)
    write_run(
        store.folder,
        f"202602{day:02d}T000000-000000",
        RunRecord(command=command, studies=(name,), seeds=tuple(seeds), reduced=False, began=f"2026-02-{day:02d}"),
    )


def test_what_the_last_run_was_not_asked_for_has_its_seeds_named(tmp_path: Path) -> None:
    """An arm was changed and seeds 3 to 5 added: the last command, which was named, trained none of the first."""
    store, where = stores.store_of(tmp_path / "r", [SMALL], range(4)), str(tmp_path / "r")
    ran(store, 1, range(4), "--seeds", "4")
    changed = replace(SMALL, arms=(SMALL.arms[0], Arm(name="b", change={"lr": 0.3})))
    store.studies.freeze(changed)
    ran(store, 2, (3, 4, 5), "--seeds", "3-5", "--threads", "2")
    status = status_of(where)
    stores.fill(store, synthetic.records(changed, (3, 4)))
    assert "changes so far" in " ".join(status_text.status_lines(where)), "the page compares none yet"
    assert status.missing == (8, 12)
    assert status.next_command == "study run small.yaml --results r --threads 2 --seeds 6"
    ran(store, 3, range(6), "--seeds", "6")
    assert status_of(where).next_command == "study run small.yaml --results r --seeds 6", "as it was typed"


def test_a_run_of_another_study_is_not_what_trains_this_one(tmp_path: Path) -> None:
    other = replace(SMALL, name="other", base={"lr": 0.4})
    store, where = stores.store_of(tmp_path / "r", [SMALL, other], (0,)), str(tmp_path / "r")
    ran(store, 1, range(3), "--seeds", "3")
    ran(store, 2, range(1), "--seeds", "1", name="other")
    assert status_of(where).next_command == "study run small.yaml --results r --seeds 3"


def test_seeds_on_record_are_no_gap_though_no_run_asked_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All claims were judged for nothing, which took half of the time that `study status` took."""
    parts = (Level(quantity=Quantity(arm="a", metric="val_accuracy", at="last"), low=0.0),)
    study = replace(SMALL, claims=(Claim(id="c1", statement="S.", parts=parts),))
    store, where = stores.store_of(tmp_path / "r", [study], range(6)), str(tmp_path / "r")
    store.folder.delete("runs/20260101T000000-000000.json")
    ran(store, 1, (0, 1, 2, 5), "--seeds", "0-2,5")
    monkeypatch.setattr(run_end, "folder_verdicts", lambda *_: pytest.fail("there is no gap to judge"))
    assert status_of(where).waiting == ()


def test_seeds_behind_a_gap_have_the_command_that_fills_it(tmp_path: Path) -> None:
    """Only the page was named, for a claim whose seeds wait."""
    parts = (Level(quantity=Quantity(arm="a", metric="val_accuracy", at="last"), low=0.0),)
    study = replace(SMALL, claims=(Claim(id="c1", statement="S.", parts=parts),))
    store, where = stores.store_of(tmp_path / "r", [study], (0, 1, 2, 20, 21)), str(tmp_path / "r")
    store.folder.delete("runs/20260101T000000-000000.json")
    ran(store, 1, range(3), "--seeds", "3")
    assert status_of(where).waiting == ()
    ran(store, 2, (20, 21), "--seeds", "20-21")
    fills = "study run small.yaml --results r --seeds 22"
    status = status_of(where)
    assert status.waiting == (Waiting("seeds 20-21 of small wait for seeds 3-19 (c1)", fills),)
    assert status.next_command == fills
    assert status_text.status_lines(where)[-2:] == [
        "waiting  seeds 20-21 of small wait for seeds 3-19 (c1)",
        f"next     {fills}",
    ]
