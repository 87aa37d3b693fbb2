"""`study live`: it says where the page is, serves it while a run goes on, and ends by Ctrl-C."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from study.app import live_server
from study.cli import wait_for_run
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study


@pytest.fixture
def nices(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A server that Ctrl-C ends as soon as it serves, in a process that keeps its rank."""

    def serve(server: live_server.LiveServer, poll_interval: float = 0.5) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(live_server.LiveServer, "serve_forever", serve)
    found: list[int] = []
    monkeypatch.setattr(os, "nice", found.append)
    return found


def test_the_address_alone_goes_to_standard_output(
    tmp_path: Path, nices: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    ResultsFolder(tmp_path / "r", create=True)
    assert study("live", str(tmp_path / "r")) == 0
    said = capsys.readouterr()
    (address,) = said.out.splitlines()
    port = address.split("/?")[0].rpartition(":")[2]
    assert address.startswith("http://127.0.0.1:") and "token=" in address
    assert f"This page follows {tmp_path / 'r'}." in said.err and f"ssh -L {port}:127.0.0.1:{port} HOST" in said.err
    assert nices and all(n > 0 for n in nices), "whoever trains goes first"


def test_a_folder_that_is_none_has_no_page(
    tmp_path: Path, nices: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").touch()
    assert study("live", str(tmp_path / "none")) != 0
    said = capsys.readouterr()
    assert said.out == "" and "is not a results folder" in said.err and not nices
    assert study("live", str(tmp_path / "none" / "notes.txt")) != 0, "nor has a file"


def test_a_folder_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, nices: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []

    def begin(seconds: float) -> None:
        waited.append(seconds)
        ResultsFolder(tmp_path / "r", create=True)

    monkeypatch.setattr(wait_for_run, "sleep", begin)
    assert study("live", str(tmp_path / "r")) == 0
    said = capsys.readouterr()
    assert len(waited) == 1 and said.out.startswith("http://127.0.0.1:")
    assert f"there are no results in {tmp_path / 'r'} yet: waiting" in said.err.replace("\n", " ")


def test_who_waits_hears_which_folders_are_there_the_likest_first(
    tmp_path: Path, nices: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It waited without end for a folder whose name was mistyped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("chapter", "widths", "depth"):
        ResultsFolder(f"results/{name}", create=True).folder.write("trials/x", b"")
    monkeypatch.setattr(wait_for_run, "sleep", lambda _: ResultsFolder("results/width", create=True))
    assert study("live", "results/width") == 0
    said = capsys.readouterr().err.replace("\n", " ")
    assert "Ctrl-C ends the waiting. There are results in results/widths, results/depth, results/chapter." in said


def test_a_port_that_is_taken_is_a_wrong_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ended with 5, which is Ray's."""
    ResultsFolder(tmp_path / "r", create=True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert study("live", str(tmp_path / "r"), "--port", str(port)) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err == f"error: --port: got {port}; it is taken; leave --port out for a free one\n"


def test_a_port_that_cannot_be_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("live", str(tmp_path), "--port", "70000") == 2
    assert "--port" in capsys.readouterr().err
