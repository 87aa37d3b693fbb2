"""A Ray of our own is for nobody else: a token, loopback where Ray lets it be, few servers, and nothing left of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.execution import orphans as reaper
from study.execution.ray_environment import own_network
from study.execution.ray_session import ray_session
from study.planning.executor import ExecutionSettings
from trainables.data.dataset import DataSet

STRANGER = """
import sys
from ray._raylet import GcsClient
try:
    print("nodes:", len(GcsClient(address=sys.argv[1]).get_all_node_info(timeout=20)))
except Exception as error:
    print(type(error).__name__)
"""
GIVEN = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


@pytest.fixture(autouse=True)
def no_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)


def test_every_run_has_a_token_of_its_own_and_leaves_none_behind() -> None:
    tokens = []
    for _ in range(2):
        with own_network():
            assert os.environ["RAY_AUTH_MODE"] == "token"
            tokens.append(os.environ["RAY_AUTH_TOKEN"])
    assert len(set(tokens)) == 2 and all(len(t) == 64 for t in tokens)
    assert not set(GIVEN) & os.environ.keys()


@pytest.mark.parametrize("name", GIVEN)
def test_what_the_user_has_set_holds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "theirs")
    with own_network():
        assert {n: os.environ[n] for n in GIVEN if n in os.environ} == {name: "theirs"}
    assert os.environ[name] == "theirs"


def ask(address: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STRANGER, address],
        env={**os.environ, "RAY_gcs_rpc_server_connect_timeout_s": "5", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def listeners(marks: set[int]) -> list[tuple[str, str]]:
    """Local address and owner's name of every port that some processes listen at, by /proc."""
    sockets: dict[str, str] = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A":
                sockets[f"socket:[{parts[9]}]"] = parts[1].split(":")[0]
    found = []
    for pid in marks:
        owner = Path(f"/proc/{pid}/comm").read_text().strip()
        targets = [str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()]
        found += [(sockets[t], owner) for t in targets if t in sockets]
    return found


def commands(processes: set[int]) -> list[list[str]]:
    """The words of some processes' command lines."""
    return [Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0") for pid in processes]


@pytest.mark.ray
def test_a_stranger_is_refused_and_only_ports_with_a_token_are_open() -> None:
    images, labels = np.zeros((2, 4), np.uint8), np.array([0, 1])
    data = DataSet("tiny", images, labels, images, labels, ("a", "b"), (2, 2), "c" * 32)
    with ray_session(ExecutionSettings(cpus=1), data) as ray:
        address = ray.get_runtime_context().gcs_address
        asked: dict[str, Any] = {
            "friend": ask(address),
            "another token": ask(address, RAY_AUTH_TOKEN="0" * 64),
            "none": ask(address, RAY_AUTH_MODE="disabled"),
        }
        answers = {name: process.communicate(timeout=120)[0].strip() for name, process in asked.items()}
        if sys.platform == "linux":
            assert address.startswith("127.0.0.2:")
            open_to_all = [
                who for where, who in listeners(reaper.marked(os.environ[reaper.VARIABLE])) if int(where, 16) == 0
            ]
            grpc = ("gcs_server", "raylet", "ray::")
            assert [who for who in open_to_all if not who.startswith(grpc)] == []
            running = commands(reaper.marked(os.environ[reaper.VARIABLE]))
            names = {Path(word).name for words in running for word in words}
            assert not {"monitor.py", "log_monitor.py", "dashboard.py"} & names
            assert "idle_agent.py" in names
            assert not [words for words in running if words[0].startswith("ray::") and "Agent" in " ".join(words)]
    assert answers == {
        "friend": "nodes: 1",
        "another token": "AuthenticationError",
        "none": "AuthenticationError",
    }
    assert not set(GIVEN) & os.environ.keys()
