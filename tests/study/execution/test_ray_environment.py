"""A Ray of our own is for nobody else: loopback, certificates, a token, few servers, and nothing left of it."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from study.execution import orphans
from study.execution.certificates import make_certificates
from study.execution.ray_environment import PLACE, _made_once, own_folder, own_network, short_temporary_folder
from study.execution.ray_errors import start_failure
from study.execution.ray_session import ray_session
from study.planning.executor import ExecutionSettings
from trainables.config.errors import EngineError
from trainables.data.dataset import DataSet

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
TLS = ("RAY_USE_TLS", "RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT")
GIVEN = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


@pytest.fixture(autouse=True)
def no_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*GIVEN, *TLS):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(PLACE, str(tmp_path))
    return tmp_path


def test_every_run_has_a_token_and_certificates_of_its_own_and_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, certificates = [], []
    for n in range(2):
        (tmp_path / str(n)).mkdir()
        monkeypatch.setenv(PLACE, str(tmp_path / str(n)))
        with own_network():
            assert os.environ["GRPC_VERBOSITY"] == "NONE"
            assert os.environ["RAY_AUTH_MODE"] == "token" and os.environ["RAY_USE_TLS"] == "1"
            tokens.append(os.environ["RAY_AUTH_TOKEN"])
            files = [Path(os.environ[name]) for name in TLS[1:]]
            assert {f.parent for f in files} == {tmp_path / str(n) / "tls"}
            assert files[0].parent.stat().st_mode & 0o777 == 0o700
            assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
            certificates.append(files[0].read_bytes())
    assert "GRPC_VERBOSITY" not in os.environ
    assert len(set(tokens)) == len(set(certificates)) == 2 and all(len(t) == 64 for t in tokens)
    assert not {*GIVEN, *TLS} & os.environ.keys()


def test_a_ray_that_reads_them_once_a_process_has_the_same_in_all_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.execution.ray_patches.patching.TESTED", ())
    monkeypatch.setattr("study.execution.ray_environment._made_once", functools.cache(_made_once.__wrapped__))
    made = []
    for n in range(2):
        monkeypatch.setenv(PLACE, str(tmp_path / str(n)))
        with own_network():
            made.append({name: os.environ[name] for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", *TLS)})
            assert Path(os.environ[TLS[1]]).parent.stat().st_mode & 0o777 == 0o700
    assert made[0] == made[1] and made[0]["RAY_USE_TLS"] == "1" and len(made[0]["RAY_AUTH_TOKEN"]) == 64
    assert Path(made[0][TLS[1]]).is_file(), "until the process ends"
    shutil.rmtree(Path(made[0][TLS[1]]).parents[1])


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("names", [GIVEN, TLS])
def test_what_the_user_has_set_holds(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in names:
        monkeypatch.setenv(name, "theirs")
        with own_network():
            assert {n: os.environ[n] for n in names if n in os.environ} == {name: "theirs"}
        assert os.environ[name] == "theirs"
        monkeypatch.delenv(name)
        shutil.rmtree(Path(os.environ[PLACE]) / "tls", ignore_errors=True)


@pytest.mark.parametrize("letters", [24, 60, 120])
def test_where_tmpdir_is_too_long_for_sockets_a_short_place_is_taken(
    letters: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / ("t" * letters)
    given.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(given))
    with own_folder():
        folder = Path(os.environ[PLACE])
        assert os.environ["RAY_TMPDIR"] == str(folder) and len(f"{folder}/ray") <= 42
        assert folder.stat().st_mode & 0o777 == 0o700 and not folder.is_relative_to(given)
    assert not folder.exists() and not list(given.iterdir())
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(EngineError, match=rf"TMPDIR is {given} \({len(str(given))} letters\).* at most 23 letters"):
        short_temporary_folder()


def test_a_full_disk_before_ray_starts_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    data = DataSet("tiny", *[np.zeros((1, 1), np.uint8), np.zeros(1, np.uint8)] * 2, ("a",), (1, 1), "c" * 32)
    with pytest.raises(EngineError, match="no space is left where it works"), ray_session(ExecutionSettings(), data):
        pass


def test_a_short_place_is_taken_where_python_knows_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert short_temporary_folder().startswith(("/tmp", "/dev/", "/run/"))  # noqa: S108  # what it may be


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "may not open more files"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space is left"),
        (OSError("validate_socket_filename failed: AF_UNIX path length cannot exceed 107"), "set TMPDIR"),
        (Exception("The current node timed out during startup. This could happen"), "has too much to do"),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates not allowed"), "no path that is not UTF-8"),
        (ValueError("something else"), "this machine: something else"),
    ],
)
def test_each_cause_has_its_own_sentence(error: Exception, says: str) -> None:
    said = str(start_failure(error))
    assert says in said and "busy" not in said and "\n" not in said


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
