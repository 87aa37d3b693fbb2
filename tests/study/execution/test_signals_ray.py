"""Signals while Ray starts, and the death of Ray's scheduler: each ends with its own code and one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.study import own
from tests.waiting import wait_until

pytestmark = [pytest.mark.ray, pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")]


def start(
    folder: Path, *more: str, epochs: int = 200, program: tuple[str, ...] = ("-m", "study.cli")
) -> subprocess.Popen[str]:
    if not (folder / "grains.npz").exists():
        own.data(folder, "grains", 300, 60)
        own.study(folder, "mine", "lr", [0.01, 0.1], epochs=epochs, data="grains")
    words = [
        "run",
        "mine.yaml",
        "--data-dir",
        ".",
        "--results",
        "r",
        "--cpus",
        "1",
        "--seeds",
        "20",
        "--executor",
        "ray",
        *more,
    ]
    return subprocess.Popen(
        [sys.executable, "-P", *program, *words],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )


def named(parent: int, name: str) -> int | None:
    """The process of that name among a process's children."""
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                if Path(f"/proc/{child}/comm").read_text().strip() == name:
                    return int(child)
            except OSError:
                continue
    return None


def wait_for(run: subprocess.Popen[str], name: str) -> int:
    wait_until(f"{name} runs", lambda: named(run.pid, name), 120, of=run, every=0.005)
    found = named(run.pid, name)
    assert found is not None
    return found


def as_timeout_does(run: subprocess.Popen[str]) -> None:
    """SIGTERM to the process, and then to its whole group."""
    run.send_signal(signal.SIGTERM)
    os.killpg(run.pid, signal.SIGTERM)


@pytest.mark.parametrize(
    ("process", "seconds"),
    [
        ("gcs_server", 0.0),
        ("raylet", 0.0),
        ("raylet", 0.2),
        ("raylet", 0.4),
        ("raylet", 0.7),
        ("raylet", 0.9),
        ("raylet", 1.2),
    ],
)
def test_sigterm_while_ray_starts_ends_with_130_and_no_stack(tmp_path: Path, process: str, seconds: float) -> None:
    run = start(tmp_path)
    wait_for(run, process)
    time.sleep(seconds)  # no wait: the moment at which the signal comes
    as_timeout_does(run)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 130, err
    assert "the same command goes on from here" in err
    assert "SIGTERM" not in err and "Traceback" not in err and " @ " not in err, err


UNTESTED = """
if __name__ == "__main__":
    from study.execution.ray_patches import patching
    patching.TESTED = ()
    from study.cli.main import entry
    entry()
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("untested", [False, True])
def test_a_signal_to_the_whole_group_saves_what_is_under_way(
    tmp_path: Path, sent: signal.Signals, untested: bool
) -> None:
    """With a Ray that counts as one that was not tested its processes heard it too, and ended under the run."""
    (tmp_path / "untested.py").write_text(UNTESTED)
    run = start(tmp_path, epochs=1000, program=("untested.py",) if untested else ("-m", "study.cli"))
    wait_until("a trial is kept", lambda: any((tmp_path / "r" / "trials").glob("*")), 120, of=run, every=0.05)
    time.sleep(0.5)  # no wait: the moment at which the next one is under way
    os.killpg(run.pid, sent)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 130, (run.returncode, out, err)
    assert "saved" in out + err and "ended at once" not in out + err and "broke down" not in out + err, out + err


WHILE_WORKERS_IMPORT = """
import os, signal, sys, threading
import study.cli.main
from study.app.live_progress import LiveProgress
own = LiveProgress.began
def began(self, label):
    own(self, label)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
LiveProgress.began = began
sys.argv = ["study", *sys.argv[1:]]
study.cli.main.entry()
"""


def test_ctrl_c_while_workers_import_waits_for_nobody(tmp_path: Path) -> None:
    """It took up to eight seconds, and said that trials begin again of which nothing had begun."""
    run = start(tmp_path, program=("-c", WHILE_WORKERS_IMPORT))
    out, err = run.communicate(timeout=120)
    assert run.returncode == 130, (run.returncode, out, err)
    assert "the same command goes on from here" in err and "stopping" in err, err
    assert "saved" not in out + err and "ended" not in err and "saving" not in err, out + err


WHILE_RAY_CONNECTS = """
import os, signal, sys, time
import ray._raylet
import study.cli.main
own, end = ray._raylet.CoreWorker, ray.shutdown
def connect(*args, **settings):
    worker = own(*args, **settings)
    os.kill(os.getpid(), signal.SIGTERM)  # Ray's C++ has put a handler of its own, and sets an alarm of three seconds
    return worker
def shutdown():
    time.sleep(4)  # no wait: an end as slow as on a busy machine
    end()
ray._raylet.CoreWorker, ray.shutdown = connect, shutdown
sys.argv = ["study", *sys.argv[1:]]
study.cli.main.entry()
"""


def test_sigterm_while_ray_connects_aborts_no_slow_end(tmp_path: Path) -> None:
    run = start(tmp_path, program=("-c", WHILE_RAY_CONNECTS))
    _, err = run.communicate(timeout=120)
    assert run.returncode == 130, (run.returncode, err)
    assert "the same command goes on from here" in err and "SIGTERM" not in err and " @ " not in err, err


IN_THE_FIRST_SAVE = """
import os, signal, sys
from ray.tune.execution.tune_controller import TuneController
import study.cli.main
own, seen = TuneController.save_to_dir, []
def save(self):
    if not seen:
        seen.append(1)
        os.killpg(0, signal.SIGINT)  # as a terminal does: to everything that it had started too
    return own(self)
TuneController.save_to_dir = save
sys.argv = ["study", *sys.argv[1:]]
study.cli.main.entry()
"""


def test_ctrl_c_while_tune_saves_for_the_first_time_is_a_line(tmp_path: Path) -> None:
    run = start(tmp_path, program=("-c", IN_THE_FIRST_SAVE))
    out, err = run.communicate(timeout=200)
    assert run.returncode == 130, err
    assert "the same command goes on from here" in err and len((out + err).splitlines()) < 15, out + err
    assert "Traceback" not in err, err


@pytest.mark.parametrize("server", ["raylet", "gcs_server"])
def test_the_death_of_one_of_rays_servers_ends_a_run_with_5_and_a_sentence(tmp_path: Path, server: str) -> None:
    run = start(tmp_path)
    pid = wait_for(run, server)
    wait_until("a trial is kept", lambda: any((tmp_path / "r" / "trials").glob("*")), 120, of=run, every=0.05)
    os.kill(pid, signal.SIGKILL)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 5, (run.returncode, err)  # left alone, Ray ends it after ten seconds and more, with 1
    assert "Ray" in err and "the same command goes on from here" in err and "Traceback" not in err, err


@pytest.mark.parametrize("seconds", [0.2, 0.5, 0.8, 1.1, 1.4])
def test_the_death_of_the_raylet_while_ray_starts_ends_with_5_and_a_sentence(tmp_path: Path, seconds: float) -> None:
    """Or Ray's start is tried again: then the run goes on, and the death of the next one ends it."""
    run = start(tmp_path)
    pid = wait_for(run, "raylet")
    time.sleep(seconds)  # no wait: the moment at which it dies
    os.kill(pid, signal.SIGKILL)
    trials = tmp_path / "r" / "trials"
    wait_until(
        "it has ended, or a trial is kept", lambda: run.poll() is not None or any(trials.glob("*")), 120, every=0.05
    )
    if (again := named(run.pid, "raylet") if run.poll() is None else None) is not None:
        os.kill(again, signal.SIGKILL)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 5, (run.returncode, err)
    assert "Ray broke down" in err and "Traceback" not in err, err


IN_ITS_OWN_CODE = """
import subprocess, sys
import ray._raylet, ray.tune
import study.cli.main
from study.execution.start_watch import child_of
where, after = {where!r}, {after!r}
def dying(own):
    def called(*args, **settings):
        killer = f"sleep {{after}}; kill -9 {{child_of('self', 'raylet')}}"
        subprocess.Popen(["sh", "-c", killer], start_new_session=True)
        return own(*args, **settings)
    return called
if where == "connecting":
    ray._raylet.CoreWorker = dying(ray._raylet.CoreWorker)
else:
    ray.tune.with_parameters = dying(ray.tune.with_parameters)
sys.argv = ["study", *sys.argv[1:]]
study.cli.main.entry()
"""


@pytest.mark.parametrize(
    ("where", "after"),
    [("connecting", 0.05), ("connecting", 0.2), ("taking the data", 0), ("taking the data", 0.02)],
)
def test_the_death_of_the_raylet_in_rays_own_code_ends_with_5_and_a_sentence(
    tmp_path: Path, where: str, after: float
) -> None:
    run = start(tmp_path, program=("-c", IN_ITS_OWN_CODE.format(where=where, after=after)))
    _, err = run.communicate(timeout=120)
    assert run.returncode == 5, (run.returncode, err)
    assert "Ray broke down" in err and "Traceback" not in err, err


ELSEWHERE = """
import sys
sys.path.insert(0, {folder!r})
import study.cli.main, trainables.jobs.ray_trainable as here, only_here
here.StudyTrainable = only_here.Mine
sys.argv = ["study", *sys.argv[1:]]
study.cli.main.entry()
"""


def test_what_workers_cannot_import_ends_a_run_at_the_first_failure(tmp_path: Path) -> None:
    text = "from trainables.jobs.ray_trainable import StudyTrainable\nclass Mine(StudyTrainable): pass\n"
    (tmp_path / "only_here.py").write_text(text)
    run = start(tmp_path, program=("-c", ELSEWHERE.format(folder=str(tmp_path))))
    _, err = run.communicate(timeout=200)
    assert run.returncode == 5, err
    (said,) = (line for line in err.splitlines() if line.startswith("error: "))
    assert "a worker cannot import what it needs (No module named 'only_here')" in said
