"""Whoever has no certificate of this run is refused at every port."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.execution import orphans
from study.execution.certificates import make_certificates
from study.execution.ray_session import ray_session
from study.planning.executor import ExecutionSettings
from tests.study.execution.test_ray_environment import GIVEN, TLS
from trainables.data.dataset import DataSet


@pytest.fixture(autouse=True)
def no_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*GIVEN, *TLS):
        monkeypatch.delenv(name, raising=False)


STRANGER = """
import sys
from ray._raylet import GcsClient
try:
    print("nodes:", len(GcsClient(address=sys.argv[1]).get_all_node_info(timeout=20)))
except Exception as error:
    print(type(error).__name__)
"""


EVERYBODY = """
import importlib, pkgutil, sys
import grpc
import ray.core.generated as generated

methods = []
for module in pkgutil.iter_modules(generated.__path__):
    if module.name.endswith("_pb2"):
        descriptor = importlib.import_module(f"ray.core.generated.{module.name}").DESCRIPTOR
        for service in descriptor.services_by_name.values():
            methods += [(f"/{service.full_name}/{m.name}", m.client_streaming) for m in service.methods]
assert len(methods) > 100, methods
methods.append(("/ray.rpc.syncer.RaySyncer/StartSync", True))  # known to its servers, and not to Python
authority, certificate, key = (open(path, "rb").read() for path in sys.argv[1:4])
ways = {
    "plain": None,
    "without a certificate": grpc.ssl_channel_credentials(authority),
    "with another certificate": grpc.ssl_channel_credentials(authority, key, certificate),
}
answered = set()
for port in sys.argv[4:]:
    for way, credentials in ways.items():
        address = f"127.0.0.1:{port}"
        with (grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)) as channel:
            for method, streaming in methods:
                try:
                    if streaming:
                        list(channel.stream_stream(method)(iter([b""]), timeout=20))
                    else:
                        channel.unary_unary(method)(b"", timeout=20)
                    answered.add((method, port, way, "OK"))
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.UNAVAILABLE:
                        answered.add((method, port, way, error.code().name))
print(len(methods), sorted(answered))
"""


def ask(address: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STRANGER, address],
        env={**os.environ, "RAY_gcs_rpc_server_connect_timeout_s": "5", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def listeners(processes: set[int]) -> dict[int, set[str]]:
    """Ports that some processes listen at, each with its addresses as /proc has them."""
    sockets: dict[str, tuple[str, int]] = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A":
                address, _, port = parts[1].partition(":")
                sockets[f"socket:[{parts[9]}]"] = address, int(port, 16)
    found: dict[int, set[str]] = {}
    for pid in processes:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if (target := str(handle.readlink())) in sockets:
                    address, number = sockets[target]
                    found.setdefault(number, set()).add(address)
    return found


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
"""127.0.0.1, and the same as an address of version 6."""


def commands(processes: set[int]) -> list[list[str]]:
    """The words of some processes' command lines."""
    return [Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0") for pid in processes]


@pytest.mark.ray
@pytest.mark.skipif(sys.platform != "linux", reason="ports are read from /proc")
def test_nobody_else_reaches_any_service_at_any_port_and_the_run_survives_who_tries(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    images, labels = np.zeros((2, 4), np.uint8), np.array([0, 1])
    data = DataSet("tiny", images, labels, images, labels, ("a", "b"), (2, 2), "c" * 32)
    strange = make_certificates(tmp_path / "strange")
    own_before = set(listeners({os.getpid()}))
    with ray_session(ExecutionSettings(cpus=1), data) as ray:
        task = ray.remote(lambda: os.getpid())
        worker = ray.get(task.remote())
        address = ray.get_runtime_context().gcs_address
        assert address.startswith("127.0.0.1:")
        processes = orphans.marked_processes(os.environ[orphans.VARIABLE])
        ports = listeners({*processes, os.getpid()})
        ports = {port: where for port, where in ports.items() if port not in own_before}
        assert len(ports) >= 4 and set().union(*ports.values()) <= LOOPBACK
        names = {Path(word).name for words in commands(processes) for word in words}
        assert not {"monitor.py", "log_monitor.py", "dashboard.py"} & names and "idle_agent.py" in names
        assert not [w for w in commands(processes) if w[0].startswith("ray::") and "Agent" in " ".join(w)]
        without = {name: value for name, value in os.environ.items() if name not in (*GIVEN, *TLS)}
        files = [os.environ["RAY_TLS_CA_CERT"], strange["RAY_TLS_SERVER_CERT"], strange["RAY_TLS_SERVER_KEY"]]
        tried = subprocess.run(
            [sys.executable, "-c", EVERYBODY, *files, *map(str, ports)],
            env=without,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert tried.returncode == 0 and tried.stdout.split(" ", 1)[1] == "[]\n", tried.stdout + tried.stderr
        asked = {
            "friend": ask(address),
            "another token": ask(address, RAY_AUTH_TOKEN="0" * 64),
            "no token": ask(address, RAY_AUTH_MODE="disabled"),
            "no certificate": ask(address, RAY_USE_TLS="0"),
            "another authority": ask(address, **strange),
        }
        answers = {name: process.communicate(timeout=120)[0].strip() for name, process in asked.items()}
        assert ray.get(task.remote()) == worker, "the run goes on"
        assert orphans.marked_processes(os.environ[orphans.VARIABLE]) >= processes - {worker}
    assert "handshake" not in capfd.readouterr().err.lower(), "the run's terminal stays its own"
    assert answers.pop("friend") == "nodes: 1"
    assert answers["another token"] == answers["no token"] == "AuthenticationError"
    assert not any("nodes" in said for said in answers.values()) and len(answers) == 4, answers
    assert not {*GIVEN, *TLS} & os.environ.keys()
