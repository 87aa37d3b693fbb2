"""What is done to a run or to its folder from outside: signals, killed processes, a second run, damaged files."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROCESSES = {"worker": "ray::", "raylet": "raylet/raylet", "gcs": "gcs/gcs_server"}
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
FILES = {
    "record": "trials/*.json",
    "gathered": "trials/*.parquet",
    "checkpoint": "checkpoints/*/*.ckpt",
    "study": "studies/*/*.json",
    "search": "searches/*/*/*.json",
    "run": "runs/*.json",
    "link": "trials/*.json",
    "truncate": "trials/*",
}
DAMAGE = (*FILES, "record", "checkpoint", "leftover", "newer", "report-killed")
PATIENCE = 900.0


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
    report: Callable[[Path], subprocess.Popen[str]] | None = None

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
        if self.report is None:
            return False
        page = self.folder.with_name("page-meanwhile")
        code = self.report(page).wait(PATIENCE)
        if code not in (0, 4) or (code == 0 and not whole(page)):
            self.wrong(f"a report during a run ended with {code}")
        shutil.rmtree(page, ignore_errors=True)
        return code == 0

    def _report_killed(self, chance: random.Random) -> bool:
        """The making of a page is killed; the next one is whole, and what the first had started is gone."""
        if self.report is None:
            return False
        page = self.folder.with_name("page-killed")
        first = self.report(page)
        time.sleep(chance.uniform(0.5, 8.0))
        early = first.poll() is None
        kill(first.pid)
        first.wait()
        if (code := self.report(page).wait(PATIENCE)) != 0 or not whole(page):
            self.wrong(f"a report after one that was killed ended with {code}")
        shutil.rmtree(page, ignore_errors=True)
        return early

    def _stranger(self, run: subprocess.Popen[str]) -> bool:
        """Somebody without certificate and token calls what ends Ray's servers, at every port of the run."""
        ours = [run.pid, *(p for p, _ in children(run.pid))]
        servers = [p for p, name in children(run.pid) if any(PROCESSES[k] in name for k in ("raylet", "gcs"))]
        if not servers:
            return False
        for port in listening(ours):
            call(port)
        time.sleep(1)
        gone = [p for p in servers if not title(p)]
        if gone and run.poll() is None:
            self.wrong(f"a stranger's call ended {len(gone)} of Ray's servers")
        return True

    def _second_run(self, kind: str, run: subprocess.Popen[str], chance: random.Random) -> None:
        if kind == "second-run":
            code = self.second().wait(PATIENCE)
            if code != 4 and run.poll() is None:
                self.wrong(f"a second run ended with {code}")
            return
        waiting = self.second("--wait")
        time.sleep(chance.uniform(1.0, 4.0))
        if waiting.poll() is not None and run.poll() is None:
            self.wrong(f"a run that was to wait ended with {waiting.returncode}")
        waiting.send_signal(signal.SIGINT)
        waiting.wait(PATIENCE)

    def damage(self, kind: str, chance: random.Random) -> bool:
        """Damage a file of a folder in which nothing runs; whether there was one."""
        head = self.folder / "study-results.json"
        if not head.exists():
            return False
        if kind == "leftover":
            (self.folder / "trials").mkdir(exist_ok=True)
            (self.folder / "trials" / ".x.json.0123abcd.tmp").write_bytes(b"half a rec")
            return True
        if kind == "newer":
            old = head.read_bytes()
            head.write_bytes(re.sub(rb'"version": \d+', b'"version": 99', old))
            if (code := self.second().wait(PATIENCE)) != 4:
                self.wrong(f"a newer folder was not refused: {code}")
            head.write_bytes(old)
            return True
        if kind == "report-killed":
            return self._report_killed(chance)
        files = sorted(self.folder.glob(FILES[kind]))
        if files and kind == "link":  # as a stranger's folder may have them: what it means is not to be touched
            file = chance.choice(files)
            outside = self.folder.with_name(f"outside-{file.name}")
            file.rename(outside)
            file.symlink_to(outside)
        elif files:
            spoil(chance.choice(files), kind == "truncate", chance)
        return bool(files)


def spoil(path: Path, cut: bool, chance: random.Random) -> None:
    """Half of a file is lost, or one bit of it turns."""
    data = bytearray(path.read_bytes())
    if cut or not data:
        path.write_bytes(bytes(data[: len(data) // 2]))
        return
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def whole(page: Path) -> bool:
    """Whether a page is there from beginning to end."""
    file = page / "index.html"
    return file.is_file() and file.read_text(errors="replace").rstrip().endswith("</html>")


def call(port: int) -> None:
    """Open the stream that makes Ray 2.60's servers abort, plainly and with TLS of one's own; whatever they say."""
    import grpc

    address, method = f"127.0.0.1:{port}", "/ray.rpc.syncer.RaySyncer/StartSync"
    for channel in (grpc.insecure_channel(address), grpc.secure_channel(address, grpc.ssl_channel_credentials())):
        with channel, contextlib.suppress(grpc.RpcError):
            list(channel.stream_stream(method)(iter([b""]), timeout=5))


# ---------------------------------------------------------------------------------------------------------- processes


def listening(pids: list[int]) -> list[int]:
    """TCP ports that any of these processes listens on."""
    sockets = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    sockets.add(os.readlink(handle))  # noqa: PTH115  # `pipe:[1]` is no path
    lines = [x.split() for f in ("tcp", "tcp6") for x in Path(f"/proc/net/{f}").read_text().splitlines()[1:]]
    return sorted({int(x[1].rpartition(":")[2], 16) for x in lines if x[3] == "0A" and f"socket:[{x[9]}]" in sockets})


def kill(pid: int) -> None:
    """End a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[tuple[int, str]]:
    """Everything that a process started, with its command line."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        for child in parents.get(waiting.pop(), ()):
            waiting.append(child)
            if name := title(child):
                found.append((child, name))
    return found


def title(pid: int) -> str:
    """A process's command line; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def marked(mark: str) -> list[int]:
    """Processes with NAME=VALUE in their environment, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            if mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return [p for p in found if p != os.getpid()]
