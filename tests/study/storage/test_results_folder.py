"""The results folder: what is written comes back to the last bit, damage is seen, nothing stands there twice."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from study.spec.study import Arm, Study
from study.storage import repair as upkeep
from study.storage.integrity import HEADER_FILE, Damage
from study.storage.results_folder import ResultsFolder, refuse_among_records
from tests import synthetic
from trainables.config.errors import BadInput, StoreError
from trainables.config.trial_config import TrialConfig
from trainables.records.epoch_columns import EpochColumns
from trainables.records.trial_record import TrialRecord

CONFIG = TrialConfig(epochs=3, hidden=(8,))


def record(seed: int = 0, **given: object) -> TrialRecord:
    return synthetic.record(CONFIG.replace(seed=seed), **given)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def test_checkpoints_keep_two_and_fall_back(store: ResultsFolder) -> None:
    trial = "0123456789" * 2
    for epochs in (1, 2, 3):
        store.save_checkpoint(trial, epochs, b"state %d" % epochs)
    assert list(store.checkpoints(trial)) == [b"state 3", b"state 2"]
    Path(store.folder.path(f"checkpoints/{trial}/000003.ckpt")).write_bytes(b"torn")
    assert list(store.checkpoints(trial)) == [b"state 2"]
    store.save_checkpoint(trial, 2, b"state 2 again")  # gone on from before the damage, which is passed over
    assert list(store.checkpoints(trial)) == [b"state 2 again"]
    store.drop_checkpoints(trial)
    store.drop_checkpoints(trial)
    assert list(store.checkpoints(trial)) == []


@pytest.mark.parametrize("trial", ["../../x", "0" * 19, "0" * 19 + "/", "Z" * 20, "0" * 20 + "\n"])
def test_no_checkpoint_leaves_its_place(store: ResultsFolder, trial: str) -> None:
    with pytest.raises(BadInput):
        store.save_checkpoint(trial, 1, b"")


@pytest.mark.parametrize("name", ["../../x", "a/b", "", ".hidden", "a\0"])
def test_no_study_leaves_its_place(store: ResultsFolder, name: str) -> None:
    with pytest.raises(BadInput):
        Study(name=name, title="t", question="q", knobs=(), epochs=1, arms=(Arm(name="a"),))
    with pytest.raises(BadInput):
        store.studies.versions(name)


@pytest.mark.parametrize(
    "head",
    [b'{"format": "another", "version": 1}', b"{", b"[]", b'{"format": "hyperparameter-study results", "version": 3}'],
)
def test_folders_that_are_not_ours_are_left_alone(tmp_path: Path, head: bytes) -> None:
    (tmp_path / HEADER_FILE).write_bytes(head)
    with pytest.raises(StoreError, match=r"not a results folder|newer version"):
        ResultsFolder(tmp_path, create=True)
    assert [p.name for p in tmp_path.iterdir()] == [HEADER_FILE] and (tmp_path / HEADER_FILE).read_bytes() == head


def test_a_file_in_the_way_of_a_folder_is_said_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for name in ("file", "file/below/it"):
        for create in (False, True):
            with pytest.raises(
                StoreError, match=rf"cannot be a results folder: {tmp_path}/file is a file; choose another"
            ):
                ResultsFolder(tmp_path / name, create=create)


def test_a_folder_called_like_a_record_is_named_and_put_aside(store: ResultsFolder) -> None:
    """As a tool leaves one that unpacks a file into a folder of its name: what it held is missed by nobody else."""
    store.write(record())
    for name in ("trials/gathered-" + "0" * 64 + ".parquet", "runs/a.json"):
        Path(store.folder.path(name)).mkdir(parents=True)
        assert [d.name for d in store.irregular()] == [name] and not upkeep.verify(store.folder.where).sound
        assert upkeep.repair(store.folder.where).sound and store.irregular() == []
    link = Path(store.folder.path("trials/gathered-" + "1" * 64 + ".parquet"))
    link.symlink_to(Path(store.folder.where).parent / "outside.parquet")
    assert upkeep.repair(store.folder.where).sound and not link.is_symlink()
    assert len(list(store.trials.records())) == 1


def test_pages_are_not_written_among_records(store: ResultsFolder, tmp_path: Path) -> None:
    where = Path(store.folder.where)
    (tmp_path / "link").symlink_to(where / "trials")
    for out in (where / "trials", where / "runs/page", tmp_path / "link", where / "report/../studies"):
        with pytest.raises(BadInput, match=f"--out: .* {where} keeps its own files in"):
            refuse_among_records(out)
    for out in (where / "report", where / "pages/trials", tmp_path / "trials", where):
        refuse_among_records(out)


def test_quarantine_of_what_is_gone_is_no_error(store: ResultsFolder) -> None:
    assert store.trials.quarantine(Damage("trials/" + "0" * 20 + "-000001-finished.json", "gone")) == (0, ["0" * 20])


def test_a_study_of_which_nothing_sound_is_left_is_named_and_not_forgotten(store: ResultsFolder) -> None:
    study = Study(name="s", title="the title", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
    store.studies.freeze(study)
    store.folder.write("studies/s/1.json", b"{")
    for read in (lambda: store.studies.versions("s"), store.studies.latest):
        with pytest.raises(
            StoreError, match=r"studies/s/1.json is damaged .*moves it to quarantine/ and puts its copy in its place"
        ):
            read()
    store.folder.delete("studies/s/1.copy")
    with pytest.raises(StoreError, match=r"writes it again, once its claims have the `from_seed` that it names"):
        store.studies.latest()


def test_one_damaged_note_of_a_failure_costs_no_other(store: ResultsFolder) -> None:
    bare: dict[str, object] = {"status": "failed", "epochs": EpochColumns(), "tensors": ()}
    made = [dataclasses.replace(record(i), message=f"reason {i}", **bare) for i in range(3)]  # type: ignore[arg-type]
    for one in made:
        store.write(one)
    store.folder.write("failures/" + "0" * 20 + "-00000000.json", b'{"record": 3}')
    assert sorted(r.message for r in store.trials.failures()) == sorted(r.message for r in made)
    assert any("failures/" in line for line in upkeep.verify(store.folder.where).lines)


def test_strange_files_beside_studies_are_no_studies(store: ResultsFolder) -> None:
    store.folder.write("studies/x/notes.json", b"{}")
    store.folder.write("studies/.y/1.json", b"{}")
    store.folder.write("studies/z.json", b"{}")
    assert store.studies.latest() == []


@pytest.mark.parametrize("where", ["", "  "])
def test_an_empty_name_is_no_folder(where: str) -> None:
    with pytest.raises(BadInput, match="it is empty"):
        ResultsFolder(where)


def test_a_folder_of_results_folders_names_them(tmp_path: Path) -> None:
    """It said that it holds `digits` but no study-results.json."""
    (tmp_path / "papers").mkdir()
    ResultsFolder(tmp_path / "digits", create=True)
    one = f"it holds 1 results folder, {tmp_path / 'digits'}; name that one"
    with pytest.raises(StoreError, match=re.escape(one)):
        ResultsFolder(tmp_path)
    for name in ("a", "b", "c", "d"):
        ResultsFolder(tmp_path / name, create=True)
    names = ", ".join(str(tmp_path / name) for name in "abcd")
    with pytest.raises(
        StoreError, match=re.escape(f"it holds 5 results folders, {names} and 1 more; name one of them")
    ):
        ResultsFolder(tmp_path, create=True)
    assert not (tmp_path / HEADER_FILE).exists()
