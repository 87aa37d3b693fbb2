"""What is done to a run while it goes on: signals, killed processes, a second run, a page made meanwhile."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.damages import PATIENCE, whole
from tests.chaos.processes import children, kill, listening, marked, title
from tests.waiting import ended_within

PROCESSES = {"worker": "ray::", "raylet": "raylet/raylet", "gcs": "gcs/gcs_server", "reaper": "execution/orphans.py"}
OUTSIDE = (
    "sigkill",
    "sigterm",
    "sigint",
    "sigint-twice",
    "sigterm-repeated",
    *PROCESSES,
    "machine",
    "second-run",
    "second-waits",
    "vanish",
    "report-meanwhile",
    "stranger",
)


@dataclass(frozen=True)
class Harm:
    """What harm is done to.

    Args:
        folder: the results.
        mark: NAME=VALUE in the environment of all that this campaign started.
        second: starts another run on the same folder, with more options.
        wrong: told what should not have been.
        report: starts making the page of the folder, in another one.
    """

    folder: Path
    mark: str
    second: Callable[..., subprocess.Popen[str]]
    wrong: Callable[[str], None]
    report: Callable[[Path], subprocess.Popen[str]]

    def disturb(self, kind: str, run: subprocess.Popen[str], chance: random.Random) -> bool:
        """Do one thing to a run; whether it could be done."""
        if kind.startswith("sig"):
            number = {"sigkill": signal.SIGKILL, "sigint": signal.SIGINT, "sigint-twice": signal.SIGINT}.get(
                kind, signal.SIGTERM
            )
            run.send_signal(number)
            if kind == "sigint-twice":
                time.sleep(chance.uniform(0.1, 1.0))
                run.send_signal(number)
            if kind == "sigterm-repeated":  # as `timeout` sends it, to the process and to its group: one wish
                time.sleep(chance.uniform(0.0, 0.2))
                run.send_signal(number)
        elif kind in PROCESSES:
            known = [p for p, title in children(run.pid) if PROCESSES[kind] in title and "Agent" not in title]
            if not known:
                return False
            kill(chance.choice(known))
        elif kind == "machine":  # the power goes: nobody is left to tidy up
            for pid in marked(self.mark):
                kill(pid)
        elif kind == "vanish":
            self._vanish(chance)
        elif kind == "report-meanwhile":
            return self._report_meanwhile()
        elif kind == "stranger":
            return self._stranger(run)
        else:
            self._second_run(kind, run, chance)
        return True

    def _vanish(self, chance: random.Random) -> None:
        elsewhere = self.folder.with_name("elsewhere")
        self.folder.rename(elsewhere)
        time.sleep(chance.uniform(0.5, 2.0))
        if self.folder.exists():
            self.wrong("the vanished folder was made anew")
            shutil.rmtree(self.folder)
        elsewhere.rename(self.folder)

    def _report_meanwhile(self) -> bool:
        """A page is made while records come and are gathered: whole, or a line that there is nothing yet."""
        page = self.folder.with_name("page-meanwhile")
        code = self.report(page).wait(PATIENCE)
        if code not in (0, 4) or (code == 0 and not whole(page)):
            self.wrong(f"a report during a run ended with {code}")
        shutil.rmtree(page, ignore_errors=True)
        return code == 0

    def _stranger(self, run: subprocess.Popen[str]) -> bool:
        """Somebody without certificate and token calls what ends Ray's servers, at every port of the run."""
        ours = [run.pid, *(p for p, _ in children(run.pid))]
        servers = [p for p, name in children(run.pid) if any(PROCESSES[k] in name for k in ("raylet", "gcs"))]
        if not servers:
            return False
        for port in listening(ours):
            call(port)
        ended = ended_within(run, 1)
        gone = [p for p in servers if not title(p)]
        if gone and not ended:
            self.wrong(f"a stranger's call ended {len(gone)} of Ray's servers")
        return True

    def _second_run(self, kind: str, run: subprocess.Popen[str], chance: random.Random) -> None:
        if kind == "second-run":
            code = self.second().wait(PATIENCE)
            if code != 4 and run.poll() is None:
                self.wrong(f"a second run ended with {code}")
            return
        waiting = self.second("--wait")
        if ended_within(waiting, chance.uniform(1.0, 4.0)) and run.poll() is None:
            self.wrong(f"a run that was to wait ended with {waiting.returncode}")
        waiting.send_signal(signal.SIGINT)
        waiting.wait(PATIENCE)


def call(port: int) -> None:
    """Open the stream that makes Ray 2.60's servers abort, plainly and with TLS of one's own; whatever they say."""
    import grpc

    address, method = f"127.0.0.1:{port}", "/ray.rpc.syncer.RaySyncer/StartSync"
    for channel in (grpc.insecure_channel(address), grpc.secure_channel(address, grpc.ssl_channel_credentials())):
        with channel, contextlib.suppress(grpc.RpcError):
            list(channel.stream_stream(method)(iter([b""]), timeout=5))
