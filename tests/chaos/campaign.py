"""A campaign: small runs through real Ray, disturbed at random moments, then held against one that was not.

    python -m tests.chaos.campaign --faults 100 --seed 0 --minutes 20

What is counted: injected; survived (their run ended equal to the undisturbed one, to the last bit, with nothing twice
and nothing left running); lost (a trial is not on record in the end); differing.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from study import compare, upkeep
from study.store import Store
from tests.chaos import faulty

ROOT = Path(__file__).resolve().parents[2]
STUDY = """\
name: tiny
title: A small study
question: Does it survive?
knobs: [lr, optimizer, dropout_hidden]
epochs: {epochs}
base: {{data: tiny, hidden: [16], batch_size: 20}}
arms:
  - {{name: adam}}
  - {{name: sgd, change: {{optimizer: sgd, lr: 0.1}}}}
  - {{name: dropout, change: {{dropout_hidden: 0.25}}}}
  - {{name: diverges, change: {{optimizer: sgd, lr: 1.0e+30}}}}
"""
OUTSIDE = ("sigkill", "sigterm", "sigint", "sigint-twice", "worker", "raylet", "second-run", "vanish", "gcs")
DAMAGE = ("record", "gathered", "checkpoint", "leftover", "study", "newer", "truncate")
PATIENCE = 900.0


@dataclass
class Place:
    """Where a campaign works."""

    root: Path
    epochs: int = 60
    counts: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Of every run."""
        given = {"STUDY_DATA_DIR": self.root, "STUDY_FAULTS": self.root / "faults", "TMPDIR": tempfile.gettempdir()}
        own = {"OMP_NUM_THREADS": "1", "STUDY_RETRIES": "25", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **own, **{k: str(v) for k, v in given.items()}}

    def prepare(self) -> None:
        """A small data set and a study file."""
        rng = np.random.default_rng(0)
        labels = rng.integers(0, 4, 260)
        images = (rng.integers(0, 60, (260, 4, 4)) + labels[:, None, None] * 40).astype(np.uint8)
        train, val = (images[:180], labels[:180]), (images[180:], labels[180:])
        pairs = {"train_images": train[0], "train_labels": train[1], "val_images": val[0], "val_labels": val[1]}
        with (self.root / "tiny.npz").open("wb") as stream:
            np.savez(stream, **pairs)  # type: ignore[arg-type]
        (self.root / "tiny.yaml").write_text(STUDY.format(epochs=self.epochs))

    def start(self, results: str, *more: str, seeds: int = 2) -> subprocess.Popen[str]:
        """A run; its output goes to a file beside the results."""
        program = [sys.executable, "-m", "tests.chaos.driver", "run", str(self.root / "tiny.yaml")]
        options = ["--results", str(self.root / results), "--seeds", str(seeds), "--cpus", "2"]
        options += ["--checkpoint-seconds", "0.3", "--stall-seconds", "20", *more]
        log = (self.root / f"{results}.log").open("a")
        return subprocess.Popen(
            program + options,
            env=self.environment,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def say(self, line: str) -> None:
        """Tell the reader."""
        self.said.append(line)
        print(line, flush=True)


def children(pid: int) -> list[tuple[int, str]]:
    """Everything that a process started, with its title."""
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
            try:
                title = (
                    (Path("/proc") / str(child) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
            except OSError:
                continue
            found.append((child, title))
    return found


def left_running(place: Place) -> list[int]:
    """Processes that still have this campaign's environment."""
    wanted = f"STUDY_FAULTS={place.root}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                if any(x.startswith(wanted) for x in (entry / "environ").read_bytes().split(b"\0")):
                    found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return [p for p in found if p != os.getpid()]


def disturb(place: Place, kind: str, run: subprocess.Popen[str], results: str, chance: random.Random) -> bool:
    """Do one thing to a run from outside; whether it could be done."""
    folder = place.root / results
    if kind in ("sigkill", "sigterm", "sigint", "sigint-twice"):
        number = {"sigkill": signal.SIGKILL, "sigterm": signal.SIGTERM}.get(kind, signal.SIGINT)
        run.send_signal(number)
        if kind == "sigint-twice":
            time.sleep(chance.uniform(0.1, 1.0))
            run.send_signal(number)
        return True
    if kind in ("worker", "raylet", "gcs"):
        sign = {"worker": "ray::", "raylet": "raylet/raylet", "gcs": "gcs/gcs_server"}[kind]
        known = [p for p, title in children(run.pid) if sign in title and "Agent" not in title]
        if known:
            os.kill(chance.choice(known), signal.SIGKILL)
        return bool(known)
    if kind == "vanish":
        folder.rename(place.root / "elsewhere")
        time.sleep(chance.uniform(0.5, 2.0))
        if folder.exists():
            place.say("WRONG: the vanished folder was made anew")
            place.counts["differing"] += 1
            shutil.rmtree(folder)
        (place.root / "elsewhere").rename(folder)
        return True
    before = (folder / "study-results.json").read_bytes()
    second = place.start(results)
    code = second.wait(PATIENCE)
    if code != 4 or (folder / "study-results.json").read_bytes() != before:
        place.say(f"WRONG: a second run ended with {code}")
        place.counts["differing"] += 1
    return True


def damage(place: Place, kind: str, results: str, chance: random.Random) -> bool:
    """Damage a file of a folder in which nothing runs; whether there was one."""
    folder = place.root / results
    patterns = {"record": "trials/*.json", "gathered": "trials/*.parquet", "checkpoint": "checkpoints/*/*.ckpt"}
    patterns |= {"study": "studies/*/*.json", "truncate": "trials/*"}
    if kind == "leftover":
        (folder / "trials").mkdir(exist_ok=True)
        (folder / "trials" / ".x.json.0123abcd.tmp").write_bytes(b"half a rec")
        return True
    if kind == "newer":
        head = folder / "study-results.json"
        old = head.read_bytes()
        head.write_bytes(old.replace(b'"version": 1', b'"version": 99'))
        code = place.start(results).wait(PATIENCE)
        head.write_bytes(old)
        if code != 4:
            place.say(f"WRONG: a newer folder was not refused: {code}")
            place.counts["differing"] += 1
        return True
    files = sorted(folder.glob(patterns[kind]))
    if not files:
        return False
    path = chance.choice(files)
    data = bytearray(path.read_bytes())
    if kind == "truncate" or not data:
        path.write_bytes(bytes(data[: len(data) // 2]))
    else:
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(data))
    return True


def wait_or_disturb(
    place: Place, run: subprocess.Popen[str], results: str, kinds: list[str], chance: random.Random
) -> int:
    """Wait for a run's end, disturbing it at random moments; its exit code."""
    began = time.monotonic()
    until = None
    while run.poll() is None:
        time.sleep(0.1)
        log = (place.root / f"{results}.log").read_text()
        under_way = (place.root / results / "checkpoints").is_dir() or chance.random() < 0.003
        if kinds and until is None and "trials" in log and under_way:
            until = time.monotonic() + chance.uniform(0.0, 3.0)
        if kinds and until is not None and time.monotonic() > until:
            kind, until = kinds.pop(), None
            if run.poll() is None and disturb(place, kind, run, results, chance):
                place.counts["injected"] += 1
                place.counts[f"kind {kind}"] += 1
        if time.monotonic() - began > PATIENCE:
            place.say(f"WRONG: run of {results} did not end")
            place.counts["differing"] += 1
            run.kill()
    return run.wait()


def round_of(place: Place, number: int, chance: random.Random, inner: int, outer: int, damages: int) -> int:
    """One folder, disturbed and gone on with until it is whole; returns how many faults it suffered."""
    results = f"r{number}"
    before = place.counts["injected"]
    faults = place.root / "faults"
    faults.mkdir(exist_ok=True)
    shutil.rmtree(place.root / "taken", ignore_errors=True)
    for n in range(inner):
        kind = chance.choice([*faulty.WORKER, "raise", "kill", "torn", "exit"] if n else faulty.DRIVER)
        at = 0 if kind in faulty.DRIVER else chance.randrange(place.epochs - 5)
        (faults / f"{kind}@{at:04d}-{n}").write_text("")
    kinds = [chance.choice(OUTSIDE) for _ in range(outer)]
    codes = []
    for _ in range(20):
        run = place.start(results)
        codes.append(wait_or_disturb(place, run, results, kinds, chance))
        for _ in range(60):
            if not left_running(place):
                break
            time.sleep(1)
        else:
            place.say(f"WRONG: left running after round {number}: {left_running(place)}")
            place.counts["orphans"] += 1
        if codes[-1] == 0 and damages <= 0:
            break
        for _ in range(min(damages, 2)):
            kind = chance.choice(DAMAGE)
            damages -= 1
            if (place.root / results / "study-results.json").exists() and damage(place, kind, results, chance):
                place.counts["injected"] += 1
                place.counts[f"kind {kind}"] += 1
    taken = (
        [p.name.partition("@")[0] for p in (place.root / "taken").glob("*")] if (place.root / "taken").exists() else []
    )
    place.counts["injected"] += len(taken)
    place.counts.update(f"kind {k}" for k in taken)
    shutil.rmtree(faults)
    suffered = place.counts["injected"] - before
    judge(place, number, suffered, codes)
    return suffered


def judge(place: Place, number: int, suffered: int, codes: list[int]) -> None:
    """Hold a folder against the undisturbed one."""
    mine, reference = str(place.root / f"r{number}"), str(place.root / "reference")
    differences = compare.diff(reference, mine)
    lost = [d for d in differences if "only in" in d.what]
    sound = upkeep.verify(mine)
    records = list(Store(mine).all_records())
    twice = len(records) - len({(r.id, r.epochs_done) for r in records})
    place.counts["lost"] += len(lost)
    place.counts["differing"] += len(differences) - len(lost) + twice + (not sound.sound)
    good = not differences and sound.sound and not twice
    place.counts["survived"] += suffered if good else 0
    place.say(f"round {number}: {suffered} faults, exit codes {codes}: " + ("equal" if good else "NOT EQUAL"))
    for difference in differences:
        place.say("  " + difference.what)
    if not sound.sound:
        place.say("  " + "; ".join(sound.lines))
    shutil.rmtree(mine, ignore_errors=True)


def campaign(
    root: Path, faults: int, seed: int, minutes: float, *, inner: int = 16, outer: int = 3, damages: int = 5
) -> Place:
    """As many rounds as it takes to inject so many faults, or until time is up."""
    place = Place(root)
    place.prepare()
    began = time.monotonic()
    reference = place.start("reference").wait(PATIENCE)
    assert reference == 0, (root / "reference.log").read_text()
    number = 0
    while place.counts["injected"] < faults and time.monotonic() - began < 60 * minutes:
        number += 1
        round_of(place, number, random.Random(f"{seed} {number}"), inner, outer, damages)
    counts = ", ".join(
        f"{name} {place.counts[name]}" for name in ("injected", "survived", "lost", "differing", "orphans")
    )
    kinds = ", ".join(f"{k[5:]} {n}" for k, n in sorted(place.counts.items()) if k.startswith("kind "))
    place.say(f"{number} rounds in {(time.monotonic() - began) / 60:.1f} min: {counts}\n({kinds})")
    return place


def main() -> None:
    """Run a campaign; exit code 1 if anything was lost or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=110)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        counts = campaign(Path(folder), given.faults, given.seed, given.minutes).counts
    sys.exit(1 if counts["lost"] or counts["differing"] or counts["orphans"] else 0)


if __name__ == "__main__":
    main()
