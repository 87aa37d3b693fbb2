"""How a Ray of our own is started, and once more without patches; what is refused before."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from study.execution import orphans, ray_session
from study.execution.ray_patches.patching import is_tested
from study.planning.executor import ExecutionSettings
from tests.test_architecture import ROOT
from trainables.config.errors import EngineError
from trainables.data.dataset import DataSet

IMAGES, LABELS = np.zeros((2, 4), np.uint8), np.array([0, 1])
DATA = DataSet("tiny", IMAGES, LABELS, IMAGES, LABELS, ("a", "b"), (2, 2), "c" * 32)

PENDING = "TUNE_MAX_PENDING_TRIALS_PG"


def _session_of_a_process() -> int:
    """The session of what is started now."""
    program = [sys.executable, "-I", "-S", "-c", "import os; print(os.getsid(0))"]
    return int(subprocess.run(program, capture_output=True, check=True).stdout)


class Ray:
    """What is asked of Ray while it starts; it fails to so often, and keeps what each try found."""

    def __init__(self, version: str, failures: int) -> None:
        class Node:
            def start_monitor(self) -> str:
                return "started"

        loader = SimpleNamespace(reset_cache=lambda: None)
        self.__version__, self.failures, self.node = version, failures, Node
        self._private = SimpleNamespace(
            node=SimpleNamespace(Node=Node), ray_constants=SimpleNamespace(ENABLE_RAY_CLUSTER=True)
        )
        self._raylet = SimpleNamespace(
            Config=SimpleNamespace(initialize=lambda _: None),
            AuthenticationTokenLoader=SimpleNamespace(instance=lambda: loader),
        )
        self.job_config = SimpleNamespace(JobConfig=lambda: SimpleNamespace(_py_driver_sys_path=[]))
        self.tries: list[dict[str, Any]] = []

    def init(self, **settings: Any) -> None:
        self.tries.append(
            {
                "servers": self.node().start_monitor(),
                "on network": self._private.ray_constants.ENABLE_RAY_CLUSTER,
                "closed path": settings.get("job_config") is not None,
                "apart": _session_of_a_process() not in (0, os.getsid(0)),
            }
        )
        if len(self.tries) <= self.failures:
            raise RuntimeError("the first sentence of its failure")

    def shutdown(self) -> None:
        """Nothing runs."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and no process that watches or is ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(orphans, "end_processes", lambda *_: None)
    monkeypatch.setenv(orphans.VARIABLE, "mark")
    return tmp_path


def start(ray: Ray) -> None:
    with contextlib.ExitStack() as after:
        outside: Any = SimpleNamespace(while_it_starts=contextlib.nullcontext, tied=contextlib.nullcontext)
        ray_session._start(ray, ExecutionSettings(cpus=1), DATA, 1, after, outside)
        assert is_tested(ray) is (ray.__version__ == "2.60.0" and not ray.failures)


@pytest.mark.usefixtures("place")
def test_the_second_try_replaces_nothing_but_the_address_and_so_it_stays_until_the_run_ends() -> None:
    ray = Ray("2.60.0", failures=1)
    start(ray)
    first = {"servers": None, "on network": False, "closed path": True, "apart": True}
    assert ray.tries == [first, {"servers": "started", "on network": False, "closed path": False, "apart": True}]
    assert is_tested(ray) and ray._private.ray_constants.ENABLE_RAY_CLUSTER, "afterwards it is as it was"


@pytest.mark.usefixtures("place")
def test_a_ray_that_starts_is_started_once() -> None:
    ray = Ray("2.60.0", failures=0)
    start(ray)
    assert len(ray.tries) == 1


@pytest.mark.usefixtures("place")
def test_a_ray_that_does_not_start_twice_says_why_not() -> None:
    with pytest.raises(EngineError, match="Ray did not start on this machine: the first sentence"):
        start(Ray("2.60.0", failures=2))


def test_where_the_working_folder_hides_what_is_installed_nothing_is_tried_without_patches(place: Path) -> None:
    (place / "torch.py").touch()
    tested = Ray("2.60.0", failures=1)
    with pytest.raises(EngineError, match="Ray did not start on this machine: the first sentence"):
        start(tested)
    assert len(tested.tries) == 1
    other = Ray("2.61.0", failures=0)
    with pytest.raises(EngineError, match=rf"Ray 2\.61\.0 would import torch from {place}"):
        start(other)
    with pytest.raises(EngineError, match="would import torch"):
        ray_session._connect(other, ExecutionSettings(address="10.0.0.1:6379"))
    assert other.tries == []


@pytest.mark.usefixtures("place")
def test_a_version_that_was_not_tested_is_started_as_it_starts_itself() -> None:
    """But for sessions of its processes, which no name of Ray's gives; where it does not start so, without them."""
    as_it_is = {"servers": "started", "on network": True, "closed path": False}
    for failures, apart in ((0, [True]), (1, [True, False])):
        ray = Ray("2.61.0", failures)
        start(ray)
        assert ray.tries == [{**as_it_is, "apart": one} for one in apart]


PROGRAM = """
import sys
from study.execution.ray_patches import patching, startup
from study.execution.ray_session import ray_session
from study.planning.executor import ExecutionSettings
from tests.study.execution.test_ray_session import DATA

def fail(ray):
    raise RuntimeError("it does not start so")

if __name__ == "__main__":
    own = startup.few_servers
    patching.TESTED = () if sys.argv[1] == "untested" else patching.TESTED
    startup.few_servers = fail if sys.argv[1] == "second try" else own
    for n in range(2):
        with ray_session(ExecutionSettings(cpus=1), DATA) as ray:
            where = ray.get_runtime_context().gcs_address.partition(":")[0]
            print(ray.get(ray.remote(lambda: n).remote()), where, patching.is_tested(ray), flush=True)
        startup.few_servers = own
"""


@pytest.mark.ray
@pytest.mark.parametrize(("case", "tested"), [("untested", ["False", "False"]), ("second try", ["False", "True"])])
def test_two_runs_of_a_process_start_a_ray_without_patches(case: str, tested: list[str], tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py", case],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{n} 127.0.0.1 {said}" for n, said in enumerate(tested)]


@pytest.mark.parametrize("address", ["a..b:6379", f"{'x' * 64}.org:6379", "127.0.0.1:1"])
def test_an_address_that_nobody_listens_at_or_that_cannot_be_one_is_said_to(address: str) -> None:
    with pytest.raises(EngineError, match=r"there is no Ray at .*; check --address, or leave it out"):
        ray_session.check_address(address)


@pytest.mark.parametrize("address", ["[::1]:{}", "ray://[::1]:{}"])
def test_an_address_of_version_6_is_asked(address: str) -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        ray_session.check_address(address.format(server.getsockname()[1]))
        server.settimeout(20)
        there, caller = server.accept()
        there.close()
    assert caller[0] == "::1"


def test_each_run_of_a_process_tells_ray_tune_its_own_number_of_trials_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Begun(Exception):
        pass

    told = []

    def begin() -> bool:
        told.append(os.environ[PENDING])
        raise Begun

    monkeypatch.delenv(PENDING, raising=False)
    monkeypatch.setattr(ray_session, "_already_there", begin)
    for cpus in (1, 8):
        with pytest.raises(Begun), ray_session.ray_session(ExecutionSettings(cpus=cpus), DATA):
            pass
    assert told == ["1", "8"] and PENDING not in os.environ
    monkeypatch.setenv(PENDING, "50")
    with pytest.raises(Begun), ray_session.ray_session(ExecutionSettings(cpus=1), DATA):
        pass
    assert told[-1] == "50", "as a cluster's head is told, or a user says"
