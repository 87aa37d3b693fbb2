"""What is missing of a folder is counted an arm: more seeds of one are not asked of the others."""

from __future__ import annotations

from pathlib import Path

from study.app.status import status_of
from study.spec.study import Arm, Study
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from tests.analysis import stores

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
