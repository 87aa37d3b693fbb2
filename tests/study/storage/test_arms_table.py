"""`arms.parquet` says which trials belong to which arms. It is made again at will, and nothing rests on it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analysis.report.judge_folder import verdicts
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm, Study
from study.storage.arms_table import arms_table
from study.storage.gathering import gather
from study.storage.merge import Merge
from study.storage.repair import repair, verify
from study.storage.results_folder import ARMS, ResultsFolder
from study.storage.upgrade import upgrade
from tests import synthetic
from tests.analysis import stores

CLAIM = Claim(id="x", statement="It is so.", parts=(Level(quantity=Quantity(arm="a", metric="val_accuracy"), low=0.1),))
ONE = Study(
    name="one",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.2})),
    claims=(CLAIM,),
)
TWO = replace(
    ONE, name="two", arms=(Arm(name="same", epochs=2), Arm(name="c", change={"lr": 0.3})), claims=(), baseline="same"
)


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    made = stores.store_of(tmp_path / "r", [ONE, TWO], range(5), gather=False)
    gather(made)
    return made


def rows(store: ResultsFolder) -> list[tuple[object, ...]]:
    """What the file says."""
    found = pq.read_table(io.BytesIO(store.folder.read(ARMS) or b"")).to_pylist()
    return [tuple(row[n] for n in ("study", "version", "arm", "seed", "epochs")) for row in found]


def test_a_trial_may_belong_to_arms_of_many_studies_cut_at_their_epochs(store: ResultsFolder) -> None:
    said = rows(store)
    assert len(said) == 4 * 5
    assert ("one", 1, "a", 2, 3) in said and ("two", 1, "same", 2, 2) in said and ("two", 1, "c", 4, 3) in said
    found = arms_table(store).to_pylist()
    of = {(r["arm"], r["seed"]): r["trial"] for r in found}
    assert of["a", 3] == of["same", 3] == ONE.config("a", seed=3).identity(synthetic.CHECKSUM)


def test_each_version_of_a_study_has_its_rows(store: ResultsFolder) -> None:
    store.studies.freeze(replace(ONE, arms=(*ONE.arms, Arm(name="d", change={"lr": 0.3}))))
    gather(store)
    assert ("one", 2, "d", 0, 3) in rows(store) and ("one", 1, "d", 0, 3) not in rows(store)


@pytest.mark.parametrize("harm", ["deleted", "damaged", "stale", "a link"])
def test_nothing_rests_on_it_and_what_gathers_mends_it(store: ResultsFolder, harm: str, tmp_path: Path) -> None:
    where, right = store.folder.where, rows(store)
    before, file = verdicts(where, []), Path(where) / ARMS
    file.unlink()
    if harm == "damaged":
        file.write_bytes(b"PAR1 and nothing")
    elif harm == "stale":
        pq.write_table(arms_table(store).slice(0, 3), file)
    elif harm == "a link":
        (tmp_path / "theirs").write_bytes(b"theirs")
        file.symlink_to(tmp_path / "theirs")
    assert verdicts(where, []) == before and verify(where).sound
    if harm == "a link":
        gather(store)
        assert (tmp_path / "theirs").read_bytes() == b"theirs"
        return
    repair(where)
    assert rows(store) == right


def test_merge_and_upgrade_write_it(store: ResultsFolder, tmp_path: Path) -> None:
    more = stores.store_of(tmp_path / "more", [ONE], (7,))
    Merge(store.folder.where, more.folder.where).write(str(tmp_path / "both"))
    assert len(rows(ResultsFolder(tmp_path / "both"))) == 4 * 5 + 2 + 1
    upgrade(store.folder.where, str(tmp_path / "up"))
    assert rows(ResultsFolder(tmp_path / "up")) == rows(store)
