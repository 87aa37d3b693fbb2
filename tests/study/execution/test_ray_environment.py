"""A Ray of our own is for nobody else: loopback, certificates, a token, few servers, and nothing left of it."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from study.execution.ray_environment import (
    PLACE,
    _made_once,
    check_reads_certificates,
    is_open_to_others,
    own_folder,
    own_network,
    short_temporary_folder,
    temporary_folder,
)
from study.execution.ray_errors import ray_failure, start_failure
from study.execution.ray_session import ray_session
from study.planning.executor import ExecutionSettings
from tests.waiting import wait_until
from trainables.config.errors import EngineError
from trainables.data.dataset import DataSet

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


def test_an_untested_ray_that_was_imported_before_it_could_know_the_certificates_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_once = functools.cache(_made_once.__wrapped__)
    monkeypatch.setattr("study.execution.ray_environment._made_once", made_once)
    theirs = SimpleNamespace(__version__="9.9")
    check_reads_certificates(theirs)
    monkeypatch.setattr("study.execution.ray_patches.patching.TESTED", ())
    check_reads_certificates(None)
    with pytest.raises(EngineError, match=r"Ray 9\.9 was imported before this run, .* leave that import out"):
        check_reads_certificates(theirs)
    monkeypatch.setenv("RAY_USE_TLS", "1")
    check_reads_certificates(theirs)
    monkeypatch.delenv("RAY_USE_TLS")
    shutil.rmtree(Path(made_once().certificates["RAY_TLS_CA_CERT"]).parents[1])
    check_reads_certificates(theirs)


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)", "os._exit(1)", "raise SystemExit(3)"])
def test_what_an_untested_ray_keeps_for_the_whole_process_goes_with_it_however_that_ends(end: str) -> None:
    code = "import os, signal\nfrom study.execution.ray_environment import _made_once\n"
    code += "print(_made_once().certificates['RAY_TLS_CA_CERT'], os.path.exists(_made_once()[1]['RAY_TLS_CA_CERT']))\n"
    done = subprocess.run([sys.executable, "-uc", code + end], capture_output=True, text=True, timeout=120, check=False)
    certificate, _, there = done.stdout.strip().partition(" ")
    assert there == "True", done.stderr
    folder = Path(certificate).parents[1]
    wait_until("its folder is gone", lambda: not folder.exists(), 20, every=0.1)


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
    with own_folder():
        full = str(ray_failure(OSError(errno.ENOSPC, "No space left on device")))
        assert f"no space left in {os.environ[PLACE]}, where Ray works" in full, "not in TMPDIR"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(EngineError, match=rf"TMPDIR is {given} \({len(str(given))} letters\).* at most 23 letters"):
        short_temporary_folder()


def test_where_python_finds_no_temporary_folder_a_place_that_it_does_not_know_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that can be written in /dev/shm alone."""
    short = tempfile.mkdtemp(prefix="shm", dir="/tmp")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [os.environ.get("TMPDIR", str(tmp_path / "no"))])
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    own = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: place == "/dev/shm" and own(short, mode))  # noqa: S108

    def made(prefix: str, **_: object) -> str:
        (Path(short) / prefix).mkdir()
        return f"{short}/{prefix}"

    monkeypatch.setattr(tempfile, "mkdtemp", made)
    with own_folder():
        assert tempfile.gettempdir() == os.environ["TMPDIR"] == os.environ[PLACE]
    assert temporary_folder() is None and os.environ["TMPDIR"] == str(tmp_path / "none")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(EngineError, match=rf"TMPDIR is {tmp_path / 'none'} .* Set TMPDIR to a folder of at most 23"):
        short_temporary_folder()


def test_a_full_disk_before_ray_starts_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    x, y = np.zeros((1, 1), np.uint8), np.zeros(1, np.uint8)
    data = DataSet("tiny", x, y, x, y, ("a",), (1, 1), "c" * 32)
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
        (OSError("validate_socket_filename failed: AF_UNIX path length cannot exceed 107"), "Set TMPDIR"),
        (Exception("The current node timed out during startup. This could happen"), "has too much to do"),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates not allowed"), "no path that is not UTF-8"),
        (ValueError("something else"), "this machine: something else"),
    ],
)
def test_each_cause_has_its_own_sentence(error: Exception, says: str) -> None:
    said = str(start_failure(error))
    assert says in said and "busy" not in said and "\n" not in said


@pytest.mark.skipif(is_open_to_others("/tmp"), reason="/tmp itself is open here")  # noqa: S108
def test_where_others_may_rename_what_lies_in_tmpdir_another_place_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """They could put a folder of theirs in the place of ours, which has the run's certificates."""
    with tempfile.TemporaryDirectory(prefix="o", dir="/tmp") as given:  # a short name
        monkeypatch.setattr(tempfile, "tempdir", given)
        for mode, open_to_others in ((0o700, False), (0o755, False), (0o1777, False), (0o777, True)):
            Path(given).chmod(mode)
            assert is_open_to_others(given) is open_to_others
            assert short_temporary_folder() == ("/tmp" if open_to_others else given)  # noqa: S108
        Path(given, "own").mkdir(mode=0o700)
        assert is_open_to_others(f"{given}/own"), "nor is a folder below it safe"
        own = os.access
        monkeypatch.setattr(os, "access", lambda place, mode: place != "/tmp" and own(place, mode))  # noqa: S108
        assert short_temporary_folder() == given, "no other can be written"
