"""Checkpoint files that were flipped or cut: never read, said in one line, and the one before is gone on from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.storage.checkpoints import saved_epochs
from study.storage.repair import repair, verify
from study.storage.results_folder import ResultsFolder
from tests.study.storage.test_search_log_fuzz import DAMAGE, Damaging
from tests.trainables.small import SMALL
from tests.trainables.training.test_checkpoint import data
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner

TRIAL = "a" * 20
STATES = (b"first state " * 40, b"second state " * 60)


def damaged_files_are_never_read(damage: Damaging, which: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        store = ResultsFolder(Path(place, "r"), create=True)
        for epochs, content in enumerate(STATES, start=1):
            store.save_checkpoint(TRIAL, epochs, content)
        name = f"checkpoints/{TRIAL}/{which + 1:06d}.ckpt"
        path = Path(store.folder.path(name))
        before = path.read_bytes()
        path.write_bytes(damage(before))
        assert path.read_bytes() != before
        assert list(store.checkpoints(TRIAL)) == [STATES[1 - which]]
        checked = verify(store.folder.where)
        assert not checked.sound and checked.lines[0] == f"{name}: its content does not fit its checksum"
        assert repair(store.folder.where).sound and list(store.checkpoints(TRIAL)) == [STATES[1 - which]]


@settings(deadline=None, max_examples=10)
@given(damage=DAMAGE, which=st.integers(0, 1))
def test_a_damaged_checkpoint_is_never_read_and_has_one_line(damage: Damaging, which: int) -> None:
    damaged_files_are_never_read(damage, which)


@pytest.mark.e2e
@settings(deadline=None, max_examples=1000)
@given(damage=DAMAGE, which=st.integers(0, 1))
def test_a_damaged_checkpoint_is_never_read_and_has_one_line_at_length(damage: Damaging, which: int) -> None:
    damaged_files_are_never_read(damage, which)


def test_a_run_goes_on_from_the_sound_one_before_to_the_same_numbers(tmp_path: Path) -> None:
    """Also where a file of another trial, or of a later epoch, lies under the name: each says what it is of."""
    job, options = Job(SMALL, (0,)), JobOptions(checkpoint_seconds=0)
    whole, broken = ResultsFolder(tmp_path / "whole", create=True), ResultsFolder(tmp_path / "broken", create=True)
    straight = JobRunner(job, data(), whole, options)
    while not straight.over:
        straight.epoch()
    first = JobRunner(job, data(), broken, options)
    first.epoch()
    first.epoch()
    trial = SMALL.replace(seed=0).identity(data().checksum)
    names = broken.folder.names(f"checkpoints/{trial}")
    latest = Path(broken.folder.path(names[-1]))
    latest.write_bytes(latest.read_bytes()[:-3] + b"xyz")
    foreign = Path(broken.folder.path(f"checkpoints/{trial}/000003.ckpt"))
    other = ResultsFolder(tmp_path / "other", create=True)
    JobRunner(Job(SMALL, (1,)), data(), other, options).epoch()
    foreign.write_bytes(next(Path(other.folder.where).rglob("*.ckpt")).read_bytes())
    again = JobRunner(job, data(), broken, options)
    assert again.resumed_from == 1
    while not again.over:
        again.epoch()
    (one,), (two,) = whole.trials.records(), broken.trials.records()
    assert one.result_digest() == two.result_digest()


def test_what_is_no_checkpoint_of_ours_is_passed_over(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    names = ("notes.ckpt", "7.ckpt", "a/3.ckpt", "a/5.ckpt", "a/9", "a/\u00b2.ckpt", "a/b/8.ckpt", "c/x.ckpt")
    for name in names:
        path = tmp_path / "r" / "checkpoints" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert saved_epochs(store.folder) == {"a": 5}
