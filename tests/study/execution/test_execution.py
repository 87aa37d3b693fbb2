"""What every executor owes: the same bits, nothing lost by signals and faults, and a run that goes on.

The same tests on each executor; `tests.chaos.faulty` holds the faults, which hit the trial that they find.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from study.storage.diff import diff
from study.storage.results_folder import ResultsFolder
from tests import forked
from tests.chaos.campaign import DRIVER, Place
from tests.forked import Program
from tests.waiting import wait_until

EXECUTORS = ["inline", pytest.param("ray", marks=pytest.mark.ray)]
LIMIT = 300


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with an undisturbed study, `ref`, and search, `ref-search`, trained in the command's own process.

    The study's is a program from its start, so that a fork is held against one; the search's is a fork.
    """
    place = Place(tmp_path_factory.mktemp("x"), epochs=24, executor="inline")
    place.prepare()
    ended(place, place.start("ref"), "ref", 0)
    ended(place, start(place, "ref-search", what="search"), "ref-search", 0)
    return place


@pytest.fixture
def place(reference: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    """The same place for one executor, without faults."""
    reference.executor = request.getfixturevalue("executor")
    yield reference
    for left in (*(reference.root / "faults").iterdir(), *reference.root.glob("forked/*")):
        left.unlink()


def start(place: Place, results: str, *more: str, what: str = "study") -> Program:
    """A run; one in the command's own process is a fork."""
    if place.executor == "ray":
        return place.start(results, *more, what=what)
    words = place.run_words(results, *more, what=what)
    return forked.start(DRIVER, words, place.environment(), place.root, place.log(results))


def ended(place: Place, run: Program, results: str, code: int) -> str:
    """What a run has said by its end."""
    run.wait(LIMIT)
    said = place.log(results).read_text()
    assert run.returncode == code, said
    assert "Traceback" not in said, said
    return said


def whole(place: Place, results: str, what: str = "study") -> None:
    """The same command goes on, to the same bits as the undisturbed run."""
    ended(place, start(place, results, what=what), results, 0)
    same = "ref" if what == "study" else f"ref-{what}"
    assert diff(str(place.root / same), str(place.root / results)) == []


def wait(run: Program, so: Callable[[], object]) -> None:
    wait_until("the run is that far", so, LIMIT, of=run, every=0.02)


def checkpoints(place: Place, results: str) -> list[object]:
    return list((place.root / results).glob("checkpoints/*/*.ckpt"))


def fault(place: Place, kind: str, epoch: int = 5) -> None:
    (place.root / "faults" / f"{kind}@{epoch}-{kind}").touch()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_run_gives_the_same_bits_and_one_that_diverges_is_a_result(place: Place, executor: str) -> None:
    results = f"{executor}-plain"
    whole(place, results)
    records = list(ResultsFolder(place.root / results).trials.records())
    assert sorted(r.status for r in records) == ["diverged"] * 2 + ["finished"] * 6


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_interrupted_run_saves_what_is_under_way_and_goes_on(place: Place, executor: str) -> None:
    results = f"{executor}-interrupted"
    fault(place, "slow")
    run = start(place, results, "--checkpoint-seconds", "1000")
    wait(run, lambda: not list((place.root / "faults").iterdir()))
    run.send_signal(signal.SIGINT)
    assert "the same command goes on from here" in ended(place, run, results, 130)
    assert checkpoints(place, results), "what was under way is saved"
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_killed_run_goes_on(place: Place, executor: str) -> None:
    results = f"{executor}-killed"
    run = start(place, results, "--checkpoint-seconds", "0")
    wait(run, lambda: checkpoints(place, results))
    run.kill()
    run.wait()
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_raises_is_tried_again_and_one_that_always_does_has_failed(
    place: Place, executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = f"{executor}-raises"
    monkeypatch.setenv("STUDY_RETRIES", "0")
    fault(place, "raise")
    said = ended(place, start(place, results), results, 6)
    assert "RuntimeError: an injected error" in said and "1 trial is not on record" in said
    assert len(list(ResultsFolder(place.root / results).trials.records())) == 7, "the others are on record"
    monkeypatch.setenv("STUDY_RETRIES", "2")
    fault(place, "raise")
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_exits_costs_a_worker_or_this_process_and_nothing_on_record(place: Place, executor: str) -> None:
    results = f"{executor}-exits"
    fault(place, "exit")
    if executor == "inline":
        ended(place, start(place, results), results, 3)
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_gets_no_memory_is_tried_again(
    place: Place, executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses it; what Ray's memory monitor kills is `test_a_trial_that_takes_all_memory`."""
    results = f"{executor}-starved"
    monkeypatch.setenv("STUDY_RETRIES", "0")
    fault(place, "starved")
    assert "MemoryError" in ended(place, start(place, results), results, 6)
    monkeypatch.setenv("STUDY_RETRIES", "2")
    fault(place, "starved")
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_takes_all_memory_costs_a_worker(place: Place, executor: str) -> None:
    if executor == "inline":
        pytest.skip("the kernel ends this process, which is SIGKILL: test_a_killed_run_goes_on")
    fault(place, "memory")
    whole(place, f"{executor}-memory")


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_forks_neither_keeps_the_run_nor_the_folder(place: Place, executor: str) -> None:
    """The forked process lives on until this test is over; the run ends before, and the next one gets the lock."""
    results = f"{executor}-forks"
    fault(place, "fork")
    ended(place, start(place, results), results, 0)
    (forked,) = (place.root / "forked").iterdir()
    assert executor == "ray" or Path(f"/proc/{forked.name}").exists() or sys.platform != "linux"
    whole(place, results)
    run = start(place, f"{results}-killed", "--checkpoint-seconds", "0")
    fault(place, "fork", epoch=0)
    wait(run, lambda: not list((place.root / "faults").iterdir()))
    run.kill()
    run.wait()
    whole(place, f"{results}-killed")


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_trial_that_hangs_is_ended_or_it_is_said_that_it_cannot_be(place: Place, executor: str) -> None:
    results = f"{executor}-hangs"
    fault(place, "hang")
    run = start(place, results, "--stall-seconds", "2")
    if executor == "inline":
        wait(run, lambda: "cannot be ended" in place.log(results).read_text())
        run.send_signal(signal.SIGINT)
        ended(place, run, results, 130)
    else:
        ended(place, run, results, 0)
    whole(place, results)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_killed_search_goes_on_to_the_same_answer(place: Place, executor: str) -> None:
    if executor == "ray":
        pytest.skip("held by test_search_driver_ray.py, with one trial at a time")
    results = f"{executor}-search"
    run = start(place, results, "--checkpoint-seconds", "0", what="search")
    wait(run, lambda: checkpoints(place, results))
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    whole(place, results, "search")


def test_this_process_has_its_threads_and_numbers_again() -> None:
    import torch

    from trainables.training.device_arrays import training_process

    torch.set_num_threads(2)
    try:
        for flush in (False, True):
            torch.set_flush_denormal(flush)
            with training_process():
                assert torch.get_num_threads() == 1 and sys.float_info.min / 2 == 0
            assert torch.get_num_threads() == 2 and (sys.float_info.min / 2 == 0) is flush
    finally:
        torch.set_num_threads(1)
        torch.set_flush_denormal(False)
