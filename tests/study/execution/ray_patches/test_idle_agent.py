"""An agent that stands idle in the place of Ray's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from study.execution import orphans
from study.execution.ray_patches import idle_agent, startup
from tests.waiting import wait_until


@pytest.mark.parametrize("agent", startup.AGENTS)
def test_an_idle_agent_tells_its_ports_and_ends_with_its_scheduler(agent: str, tmp_path: Path) -> None:
    told = startup.AGENTS[agent]
    rays = ["/ray/agent.py", f"--session-dir={tmp_path}", "--node-id=abc", "--minimal", "--x=a=b"]
    scheduler = f"""
import subprocess, sys, time
program = [sys.executable, "-I", "-S", {idle_agent.__file__!r}, {told!r}, *{rays!r}]
agent = subprocess.Popen(program, stdin=subprocess.PIPE)
time.sleep(60)
"""
    mark = uuid.uuid4().hex
    with subprocess.Popen([sys.executable, "-c", scheduler], env={**os.environ, orphans.VARIABLE: mark}) as running:
        names = {f"{name}_abc" for name in told.split(",")}
        wait_until("its ports are told", lambda: {p.name for p in tmp_path.iterdir()} == names, 20)
        assert {p.read_text() for p in tmp_path.iterdir()} == {"-1"}
        assert len(orphans.marked_processes(mark)) == 2
        running.kill()
    wait_until("it ends", lambda: not orphans.marked_processes(mark), 20)


def test_an_idle_agent_writes_through_no_link_that_was_put_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("somebody's")
    session = tmp_path / "session"
    session.mkdir()
    for name in ("port_abc", "port_abc.part"):
        (session / name).symlink_to(outside)
    monkeypatch.setattr("os.getppid", iter([1, 2]).__next__)
    monkeypatch.setattr("os.dup2", lambda *handles: None)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    idle_agent.main("port", f"--session-dir={session}", "--node-id=abc")
    assert outside.read_text() == "somebody's"
    assert (session / "port_abc").read_text() == "-1" and not (session / "port_abc").is_symlink()
