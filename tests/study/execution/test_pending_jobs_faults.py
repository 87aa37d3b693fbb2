"""What goes wrong while a run goes on: memory, signals, disks; and, through real Ray, a short campaign of faults."""

from __future__ import annotations

import errno
import io
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from study.execution import orphans
from study.execution.pending_jobs import PendingJobs, record_failure
from study.execution.progress import Progress
from study.execution.ray_errors import caused_by, ray_failure
from study.execution.ray_executor import _fitted
from study.planning.executor import ExecutionSettings, RunContext
from study.planning.plan import PlannedTrial
from study.planning.planned_jobs import plan_jobs
from study.storage.results_folder import ResultsFolder
from tests.chaos.campaign import Place, round_of
from tests.waiting import wait_until
from trainables.config.errors import EngineError, StorageRefused
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet


class OutOfMemoryError(Exception):
    """Named as Ray names its own."""


def work(seeds: int) -> PendingJobs:
    configs = [TrialConfig(seed=s, epochs=2) for s in range(seeds)]
    trials = tuple(PlannedTrial(c.identity("c" * 32), c, ("s/a",), None, 1.0) for c in configs)
    return PendingJobs(plan_jobs(trials), Progress(seeds, 1.0, io.StringIO()))


def test_when_memory_runs_out_the_jobs_that_ran_go_alone_and_one_that_ran_alone_has_failed() -> None:
    w = work(4)
    w.progress.start()
    for job in (0, 1):
        w.began(job)
    w.out_of_memory()
    assert w.alone == [0, 1] and w.left == [0, 1, 2, 3] and not w.failed
    w.began(0)
    w.out_of_memory()
    assert w.alone == [1] and w.left == [1, 2, 3] and "out of memory" in w.failed[0]
    w.out_of_memory()
    assert w.failed.keys() == {0, 1}, "even where nobody is known to have been under way, it comes to an end"
    assert w.alone == [] and w.left == [2, 3]


def test_what_ray_raises_is_told_apart() -> None:
    try:
        try:
            raise OutOfMemoryError("killed")
        except OutOfMemoryError as error:
            raise RuntimeError("Caught unexpected exception") from error
    except RuntimeError as error:
        chain = error
    assert caused_by(chain, lambda e: type(e).__name__ == "OutOfMemoryError")
    assert isinstance(ray_failure(chain), EngineError) and "\n" not in str(ray_failure(chain))
    full = ray_failure(OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(full, StorageRefused) and "free some" in str(full)


def test_a_disk_that_is_full_before_the_first_trial_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray.tune

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file")  # what pyarrow says of Ray Tune's first save

    monkeypatch.setattr(ray.tune, "Tuner", full)
    monkeypatch.setenv("RAY_TMPDIR", "/scratch/study-x")
    watch: Any = SimpleNamespace(running={})
    pending: Any = SimpleNamespace(at_once=1)
    with pytest.raises(StorageRefused, match="no space left in /scratch/study-x, where Ray works"):
        _fitted(ray, object(), pending, (1,), watch, ExecutionSettings(), list)


def test_a_job_that_failed_for_good_is_on_record_with_its_reason_and_is_tried_again(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path, create=True)
    job = work(1).jobs[0]
    images, labels = np.zeros((4, 4), np.uint8), np.zeros(4, np.uint8)
    data = DataSet("tiny", images, labels, images, labels, ("a",), (2, 2), "c" * 32)
    run = RunContext(store, data, ExecutionSettings(), "r")
    record_failure(run, job, "it hung: no epoch ended within 60 s")
    (failure,) = store.trials.failures()
    assert (failure.status, failure.epochs_done, failure.message) == (
        "failed",
        0,
        "it hung: no epoch ended within 60 s",
    )
    assert store.trials.on_record() == {}


SLEEP = "import time; time.sleep(600)"
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"
WRITER = f"import sys; log = open(sys.argv[1] + '/log', 'w'); print('open', flush=True); {SLEEP}"
PARENT = f"""
import os, subprocess, sys, time
from study.execution import orphans
own = open(sys.argv[1] + "/own", "w")
with orphans.ended_with_driver(sys.argv[1]):
    pass  # the driver itself is not ended, though it writes there
os.mkdir(sys.argv[1])
with orphans.ended_with_driver(sys.argv[1]):
    subprocess.Popen([sys.executable, "-c", {CHILD!r}], start_new_session=True)
    program = [sys.executable, "-c", {WRITER!r}, sys.argv[1]]
    writer = subprocess.Popen(program, start_new_session=True, env={{}}, stdout=subprocess.PIPE)
    writer.stdout.readline()
    print(writer.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_what_a_killed_driver_had_started_ends_and_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    bystander = subprocess.Popen([sys.executable, "-c", SLEEP])
    driver = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, text=True)
    assert driver.stdout is not None
    without_mark = int(driver.stdout.readline())  # as one that overwrote its environment with a title
    reader = subprocess.Popen([sys.executable, "-c", f"log = open({str(folder / 'log')!r}); {SLEEP}"])
    environment = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
    marks = {
        x.decode().split("=", 1)[1]
        for pid in environment
        for x in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        if x.startswith(orphans.VARIABLE.encode() + b"=")
    }
    (mark,) = marks - {os.environ.get(orphans.VARIABLE)}
    driver.kill()
    driver.wait()
    wait_until("all of it is gone", lambda: not orphans.marked_processes(mark) and not folder.exists(), 60, every=0.1)
    assert not Path(f"/proc/{without_mark}/exe").exists()
    for other in (bystander, reader):
        assert other.poll() is None
        other.kill()
        other.wait()


@pytest.mark.ray
def test_a_short_campaign_ends_equal_to_the_undisturbed_run() -> None:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        campaign = Place(Path(folder), epochs=20)
        campaign.prepare()
        assert campaign.start("ref").wait(600) == 0, (Path(folder) / "ref.log").read_text()
        suffered = round_of(campaign, 1, random.Random(3), inner=3, outer=1, damages=1)
        assert suffered >= 2
        assert campaign.counts["survived"] == campaign.counts["injected"] == suffered, "\n".join(campaign.said)
        assert not campaign.counts["orphans"]
