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
    *PROCESSES,
    "machine",
    "second-run",
    "second-waits",
    "vanish",
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
DAMAGE = (*FILES, "record", "checkpoint", "leftover", "newer")
PATIENCE = 900.0


@dataclass(frozen=True)
class Harm:
    """What harm is done to.

    Args:
        folder: the results.
        mark: NAME=VALUE in the environment of all that this campaign started.
        second: starts another run on the same folder, with more options.
        wrong: told what should not have been.
    """

    folder: Path
    mark: str
    second: Callable[..., subprocess.Popen[str]]
    wrong: Callable[[str], None]

    def disturb(self, kind: str, run: subprocess.Popen[str], chance: random.Random) -> bool:
        """Do one thing to a run; whether it could be done."""
        if kind.startswith("sig"):
            number = {"sigkill": signal.SIGKILL, "sigterm": signal.SIGTERM}.get(kind, signal.SIGINT)
            run.send_signal(number)
            if kind == "sigint-twice":
                time.sleep(chance.uniform(0.1, 1.0))
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


# ---------------------------------------------------------------------------------------------------------- processes


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
