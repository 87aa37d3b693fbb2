"""The results folder: what is written comes back to the last bit, damage is seen, nothing stands there twice."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import math
import re
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.planning.executor import StopRequest
from study.spec.study import Arm, Study
from study.storage import repair as upkeep
from study.storage.gathering import gathering
from study.storage.integrity import HEADER_FILE, Damage
from study.storage.results_folder import ResultsFolder, refuse_among_records
from study.storage.trials import RecordedTrials, TrialOnRecord
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


def test_records_come_back_to_the_last_bit_loose_and_gathered(store: ResultsFolder) -> None:
    written = [record(0), record(1, status="diverged", done=2), record(2, status="stopped", done=1)]
    written.append(synthetic.changed(record(3), 0, val_loss=math.inf, penalty=-0.0, train_loss=5e-324))
    ends = [(math.nan, 1.0), (-math.inf, math.inf), (-1e308, 1e308), (1e308, 1e308), (-0.0, 5e-324)]
    strange = [
        dataclasses.replace(t, quantiles=(low, *t.quantiles[1:-1], high), histogram=())
        for t, (low, high) in zip(written[0].tensors, ends, strict=False)
    ]
    assert len(strange) == len(ends)
    written.append(dataclasses.replace(record(4), tensors=(*strange, *written[0].tensors[len(ends) :])))
    for one in written:
        store.write(one)
    loose = {r.id: r for r in store.trials.records()}
    assert store.trials.gather() == 5 and store.trials.loose() == []
    gathered = {r.id: r for r in store.trials.records()}
    for one in written:
        assert repr(loose[one.id]) == repr(gathered[one.id])
        assert loose[one.id].result_digest() == gathered[one.id].result_digest() == one.result_digest()
        assert loose[one.id].provenance == dict(one.provenance) and loose[one.id].message == one.message
    assert store.trials.on_record() == {r.id: TrialOnRecord(r.epochs_done, r.status) for r in written}


def test_a_tensor_may_be_called_like_a_number(store: ResultsFolder) -> None:
    made = record()
    odd = dataclasses.replace(made, tensors=tuple(dataclasses.replace(t, name="nan") for t in made.tensors))
    store.write(odd)
    assert made.tensors and store.trials.gather() == 1
    assert [r.result_digest() for r in store.trials.records()] == [odd.result_digest()]


def test_a_longer_record_outranks_a_shorter_and_failures_do_not_count(store: ResultsFolder) -> None:
    long = synthetic.record(CONFIG.replace(epochs=5))
    store.write(record())
    store.write(long)
    store.write(dataclasses.replace(record(7), status="failed", epochs=EpochColumns(), tensors=(), message="it broke"))
    assert store.trials.on_record() == {long.id: TrialOnRecord(5, "finished")}
    assert [r.epochs_done for r in store.trials.records()] == [5] and len(list(store.trials.all_records())) == 2
    assert [r.message for r in store.trials.failures()] == ["it broke"]


def test_the_same_result_again_is_no_change_and_another_is_refused(store: ResultsFolder) -> None:
    one = record()
    store.write(one)
    timed = dataclasses.replace(one, epochs=one.epochs.replace(seconds=(9.0,) * len(one.epochs)))
    store.write(dataclasses.replace(timed, provenance={"host": "another"}))
    assert next(store.trials.records()).provenance == dict(one.provenance)
    other = synthetic.changed(one, 0, val_loss=0.1)
    with pytest.raises(StoreError, match="gave another result"):
        store.write(other)


def test_gathering_cut_short_leaves_nothing_twice(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        store.write(record(seed))
    with monkeypatch.context() as patch:
        patch.setattr(type(store.folder), "delete", lambda self, name: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.trials.gather()
    assert len(store.trials.loose()) == 3 and len(store.trials.gathered()) == 1
    assert store.trials.gather() == 0 and store.trials.loose() == []
    assert len(list(store.trials.all_records())) == 3


def test_gathering_refuses_a_contradiction_and_keeps_both(store: ResultsFolder) -> None:
    one = record()
    store.write(one)
    store.trials.gather()
    store.write(synthetic.changed(one, 0, lr=1.0))
    with pytest.raises(StoreError, match="another result"):
        store.trials.gather()
    assert len(store.trials.loose()) == 1
    report = upkeep.verify(store.folder.where)
    assert not report.sound and "contradicts" in report.lines[0]


def test_long_runs_gather_on_the_way(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(5):
        store.write(record(seed))
    stop, done, gather = StopRequest(), threading.Event(), RecordedTrials.gather

    def and_say_so(trials: RecordedTrials) -> int:
        count = gather(trials)
        done.set()
        return count

    monkeypatch.setattr(RecordedTrials, "gather", and_say_so)
    with gathering(store, stop.because, many=5, interval=0.01):
        assert done.wait(60)
    assert store.trials.loose() == [] and len(list(store.trials.records())) == 5 and not stop.asked


HURTS = [
    lambda d: d[:-20],
    lambda d: b"",
    lambda d: d.replace(b'"val_loss"', b'"val_lost"'),
    lambda d: re.sub(rb'("lr": )[^,]+', rb"\1NaN", d, count=1),
    lambda d: re.sub(rb'("lr": )[^,]+', rb"\g<1>1e999", d, count=1),
]


@pytest.mark.parametrize("hurt", HURTS)
def test_a_damaged_loose_record_is_named_put_aside_and_missing(store: ResultsFolder, hurt) -> None:
    store.write(record(0))
    store.write(record(1))
    name = store.trials.loose()[0]
    path = Path(store.folder.path(name))
    path.write_bytes(hurt(path.read_bytes()))
    assert [d.name for d in store.trials.damage()] == [name] and not upkeep.verify(store.folder.where).sound
    said = upkeep.tidy(store)
    assert len(said) == 1 and name in said[0] and name.split("/")[1][:20] in said[0]
    assert len(store.trials.on_record()) == 1 and upkeep.verify(store.folder.where).sound
    assert store.folder.names("quarantine") == ["quarantine/" + name.replace("/", "__")]


def test_what_is_damaged_twice_lies_in_quarantine_twice(store: ResultsFolder) -> None:
    for rubbish in (b"one", b"two"):
        store.write(record(0))
        name = store.trials.loose()[0]
        store.folder.write(name, rubbish)
        upkeep.tidy(store)
    kept = store.folder.names("quarantine")
    assert [store.folder.read(n) for n in kept] == [b"one", b"two"]


def test_a_record_under_another_trials_name_is_damage(store: ResultsFolder) -> None:
    store.write(record(0))
    name = store.trials.loose()[0]
    store.folder.move(name, "trials/" + "0" * 20 + name[27:])
    assert "does not fit" in store.trials.damage()[0].reason


def test_what_is_sound_in_a_damaged_gathered_file_is_saved(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.storage.parquet.TRIALS_PER_ROW_GROUP", 5)
    for seed in range(20):
        store.write(record(seed))
    store.trials.gather()
    (name,) = store.trials.gathered()
    path = Path(store.folder.path(name))
    data = bytearray(path.read_bytes())
    at = len(data) // 3
    data[at : at + 40] = bytes(b ^ 0xFF for b in data[at : at + 40])
    path.write_bytes(bytes(data))
    said = upkeep.tidy(store)
    assert len(said) == 1 and "sound records in it were saved" in said[0]
    left = list(store.trials.records())
    assert 10 <= len(left) < 20 and all(r.result_digest() == record(r.config.seed).result_digest() for r in left)


def test_repair_says_what_it_did_and_leaves_a_sound_folder(store: ResultsFolder) -> None:
    store.write(record(0))
    store.studies.freeze(Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),)))
    store.save_checkpoint("ab" * 10, 3, b"state")
    for name in ("studies/s/1.json", "checkpoints/" + "ab" * 10 + "/000003.ckpt"):
        Path(store.folder.path(name)).write_bytes(b"\x00rubbish")
    assert len(upkeep.verify(store.folder.where).lines) == 3
    report = upkeep.repair(store.folder.where)
    assert report.sound and sum("quarantine" in line for line in report.lines) == 2
    assert upkeep.verify(store.folder.where).sound and len(list(store.trials.records())) == 1


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


def test_notes_that_are_nested_too_deeply_are_damage(store: ResultsFolder) -> None:
    store.folder.write("runs/a.json", b"[" * 100_000)
    assert upkeep.verify(store.folder.where).lines[0] == "runs/a.json: runs/a.json is damaged (it is nested too deeply)"


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


def test_a_damaged_study_is_put_aside_before_a_run_and_written_again(store: ResultsFolder) -> None:
    study = Study(name="s", title="the title", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
    assert store.studies.freeze(study) == store.studies.freeze(study) == 1
    assert store.studies.freeze(dataclasses.replace(study, epochs=2)) == 2
    path = Path(store.folder.path("studies/s/1.json"))
    path.write_bytes(path.read_bytes().replace(b"the title", b"the titlf"))
    problems: list[str] = []
    assert (
        [s.epochs for s in store.studies.versions("s", problems)] == [s.epochs for s in store.studies.latest()] == [2]
    )
    assert len(problems) == 1 and "studies/s/1.json is damaged" in problems[0]
    (said,) = upkeep.tidy(store)
    assert "studies/s/1.json" in said and "quarantine" in said
    assert [s.epochs for s in store.studies.versions("s")] == [2]
    store.studies.freeze(study)
    assert [s.epochs for s in store.studies.versions("s")] == [2, 1], (
        "a new version never takes the place of a kept one"
    )
    assert upkeep.verify(store.folder.where).sound


def test_a_study_of_which_nothing_sound_is_left_is_named_and_not_forgotten(store: ResultsFolder) -> None:
    study = Study(name="s", title="the title", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
    store.studies.freeze(study)
    store.folder.write("studies/s/1.json", b"{")
    for read in (lambda: store.studies.versions("s"), store.studies.latest):
        with pytest.raises(
            StoreError, match=r"studies/s/1.json is damaged .*moves it to quarantine/ and writes it again"
        ):
            read()


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


@pytest.mark.parametrize("columns", [{"x": [1]}, {"id": [1], "epochs_done": ["a"], "status": [None]}])
def test_a_gathered_file_of_other_columns_is_damage_and_never_held(
    store: ResultsFolder, columns: dict[str, list[Any]]
) -> None:
    store.write(record(0))
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    name = f"trials/gathered-{hashlib.sha256(stream.getvalue()).hexdigest()}.parquet"
    store.folder.write(name, stream.getvalue())
    for read in (store.trials.on_record, store.trials.gather, lambda: list(store.trials.records())):
        with pytest.raises(StoreError, match="is damaged"):
            read()
    assert any(name in line for line in upkeep.repair(store.folder.where).lines)
    assert list(store.trials.on_record()) == [record(0).id]
