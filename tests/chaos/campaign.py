"""A campaign: small runs through real Ray, disturbed at random moments, then held against ones that were not.

    python -m tests.chaos.campaign --faults 100 --seed 0 --minutes 40 --out outcome.json

Every third round is a search. Kinds are dealt like cards, so that each comes up before any comes again, in an order
that follows from the seed; every fault is told as it happens, with how many there were. What is counted: injected;
survived (their folder ended equal to the undisturbed one, to the last bit, with nothing twice and nothing left
running); lost (something is not on record in the end); differing; orphans (processes left running).
"""

from __future__ import annotations

import argparse
import contextlib
import json
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
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from tests.chaos import faulty, judge
from tests.chaos.damages import DAMAGE, PATIENCE, DamageCase
from tests.chaos.deck import Deck
from tests.chaos.driver import PATCHES
from tests.chaos.harm import OUTSIDE, Harm
from tests.chaos.processes import children, marked, title
from tests.waiting import ended_within, wait_until
from trainables.config.errors import StudyError

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
SEARCH = """\
name: tiny
title: A small search
question: Does it survive?
knobs: [lr, optimizer]
epochs: {epochs}
base: {{data: tiny, hidden: [16], batch_size: 20}}
search:
  trials: 8
  seeds: 1
  searcher: tpe
  scheduler: {{name: asha, grace: 8, reduction: 2}}
  space:
    lr: {{kind: float, low: 0.0001, high: 0.3, log: true}}
    optimizer: {{kind: choice, values: [sgd, adam]}}
"""
DRIVER = "tests.chaos.driver"
COUNTS = ("rounds", "seconds", "injected", "survived", "lost", "differing", "orphans")
INNER = (*faulty.WORKER, *faulty.START, "raise", "raise", "kill", "kill", "exit", "torn", "clock", faulty.HOG)


@dataclass
class Place:
    """Where a campaign works, and what it has counted."""

    root: Path
    epochs: int = 60
    seed: int = 0
    executor: str = "ray"
    patches: bool = True
    """Whether what reaches into Ray's private names is used (`study.execution.ray_patches`)."""
    wanted: int = 0
    """Faults that are asked for; to be told beside how many there were."""
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        decks = {"inner": INNER, "driver": faulty.DRIVER, "outside": OUTSIDE, "damage": DAMAGE}
        self.decks = {name: Deck(kinds, random.Random(chance.random())) for name, kinds in decks.items()}

    @property
    def mark(self) -> str:
        """What tells this campaign's processes from others'."""
        return f"{faulty.FAULTS}={self.root / 'faults'}"

    @property
    def missing(self) -> list[str]:
        """Kinds that have not been injected yet."""
        return sorted({k for deck in self.decks.values() for k in deck.kinds} - self.kinds.keys())

    def prepare(self) -> None:
        """A small data set, a study file and a search."""
        rng = np.random.default_rng(0)
        labels = rng.integers(0, 4, 260)
        images = (rng.integers(0, 60, (260, 4, 4)) + labels[:, None, None] * 40).astype(np.uint8)
        train, val = (images[:180], labels[:180]), (images[180:], labels[180:])
        pairs = {"train_images": train[0], "train_labels": train[1], "val_images": val[0], "val_labels": val[1]}
        with (self.root / "tiny.npz").open("wb") as stream:
            np.savez(stream, **pairs)  # type: ignore[arg-type]
        for name, text in (("study", STUDY), ("search", SEARCH)):
            (self.root / name).mkdir()
            (self.root / name / "tiny.yaml").write_text(text.format(epochs=self.epochs))
        for name in ("faults", "t"):
            (self.root / name).mkdir()

    def start(self, results: str, *more: str, what: str = "study") -> subprocess.Popen[str]:
        """A run; its output goes to a file beside the results."""
        return self._started(self.run_words(results, *more, what=what), self.log(results))

    def run_words(self, results: str, *more: str, what: str = "study") -> list[str]:
        """The command of a run."""
        options = ["--results", str(self.root / results), "--seeds", "2", "--cpus", "2"]
        options += ["--checkpoint-seconds", "0.3", "--stall-seconds", "10", "--executor", self.executor, *more]
        return ["run", str(self.root / what / "tiny.yaml"), *options]

    def log(self, results: str) -> Path:
        """What the commands on a folder print."""
        return self.root / f"{results}.log"

    def command(self, word: str, results: str, *more: str) -> subprocess.Popen[str]:
        """Another command on a folder, such as the report."""
        return self._started([word, str(self.root / results), *more], self.log(results))

    def environment(self) -> dict[str, str]:
        """What a command finds there."""
        name, _, value = self.mark.partition("=")
        own = {
            "OMP_NUM_THREADS": "1",
            "STUDY_RETRIES": os.environ.get("STUDY_RETRIES", "25"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            faulty.PAUSE: "0.02" if self.executor == "ray" else "0.004",
        }
        own |= {name: value, "STUDY_DATA_DIR": str(self.root), "TMPDIR": str(self.root / "t"), **self._memory()}
        own |= {} if self.patches else {PATCHES: "off"}
        return {**os.environ, **own}

    def _started(self, words: list[str], output: Path) -> subprocess.Popen[str]:
        with output.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", DRIVER, *words],
                env=self.environment(),
                cwd=self.root,  # workers import nothing from the working folder, and need `tests`
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def _memory(self) -> dict[str, str]:
        """Where a fault will eat memory: Ray's monitor steps in soon, and not when the whole machine is full.

        2.5 GB more than is in use now: all else on the machine may take some, or give some back, meanwhile.
        """
        if not any((self.root / "faults").glob(f"{faulty.HOG}@*")):
            return {}
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        sizes = {parts[0]: float(parts[1]) for parts in lines}
        used = 1 - sizes["MemAvailable:"] / sizes["MemTotal:"]
        return {"RAY_memory_usage_threshold": f"{used + 2.5e6 / sizes['MemTotal:']:.3f}"}

    def injected(self, kind: str) -> None:
        """Count one, and tell it."""
        self.counts["injected"] += 1
        self.kinds[kind] += 1
        of = f" of at least {self.wanted}" if self.wanted else ""
        self.say(f"  fault {self.counts['injected']}{of}, after {time.monotonic() - self.began:.0f} s: {kind}")

    def look(self) -> None:
        """Count what processes took since the last look."""
        for path in sorted((self.root / "taken").glob("*")):
            self.injected(path.name.partition("@")[0])
            path.unlink()

    def wrong(self, what: str) -> None:
        """Something that must not be."""
        self.counts["differing"] += 1
        self.say(f"WRONG: {what}")

    def say(self, line: str) -> None:
        """Tell the reader."""
        self.said.append(line)
        print(line, flush=True)


def wait_or_disturb(
    place: Place, run: subprocess.Popen[str], harm: Harm, kinds: list[str], chance: random.Random
) -> int:
    """Wait for a run's end, disturbing it at random moments; its exit code. Takes from `kinds` what it did."""
    began = time.monotonic()
    early = chance.random() < 0.2
    until: float | None = began + chance.uniform(0.0, 10.0) if early else None
    while not ended_within(run, 0.1):
        place.look()
        if kinds and until is None and any("ray::" in t and "Trainable" in t for _, t in children(run.pid)):
            until = time.monotonic() + chance.uniform(0.0, 4.0)
        if kinds and until is not None and time.monotonic() > until and harm.folder.is_dir():
            until = None
            if harm.disturb(kinds[-1], run, chance):
                place.injected(kinds.pop())
        if time.monotonic() - began > PATIENCE:
            place.wrong(f"run of {harm.folder.name} did not end")
            run.kill()
    place.look()
    return run.wait()


def verdict_of(place: Place, folder: Path, what: str) -> judge.Judgement:
    """Whether a folder came out as the undisturbed one did."""
    try:
        return judge.of_search(folder, place.root) if what == "search" else judge.of_study(folder, place.root / "ref")
    except StudyError as error:
        return judge.Judgement(differing=[str(error)])


def round_of(place: Place, number: int, chance: random.Random, inner: int, outer: int, damages: int) -> int:
    """One folder, disturbed and gone on with until it is whole; returns how many faults it suffered."""
    what, results = ("study", "search")[number % 3 == 2], f"r{number}"
    before, folder, faults = place.counts["injected"], place.root / results, place.root / "faults"

    def again(*more: str) -> subprocess.Popen[str]:
        return place.start(results, *more, what=what)

    def report(page: Path) -> subprocess.Popen[str]:
        return place.command("report", results, "--out", str(page))

    harm = Harm(folder, place.mark, again, place.wrong, report)
    damage = DamageCase(folder, again, place.wrong, report, lambda: place.command("repair", results))
    shutil.rmtree(place.root / "taken", ignore_errors=True)
    for n in range(inner):
        kind = place.decks["inner" if n else "driver"].deal()
        at = 0 if kind in (*faulty.DRIVER, *faulty.START) else chance.randrange(place.epochs - 5)
        (faults / f"{kind}@{at:04d}-{n}").write_text("")
    kinds = [place.decks["outside"].deal() for _ in range(outer)]
    codes = []
    for _ in range(25):
        codes.append(wait_or_disturb(place, place.start(results, what=what), harm, kinds, chance))
        wait_for_orphans(place, number)
        if codes[-1] == 0 and damages <= 0:
            break
        for _ in range(min(damages, 2)):
            damages -= 1
            if kind := place.decks["damage"].deal_first(lambda kind: damage.do(kind, chance)):
                place.injected(kind)
    for kind in kinds:
        place.decks["outside"].back(kind)
    place.look()
    for path in faults.iterdir():
        place.decks["driver" if path.name.startswith("driver") else "inner"].back(path.name.partition("@")[0])
        path.unlink()
    suffered = place.counts["injected"] - before
    verdict = verdict_of(place, folder, what)
    place.counts["lost"] += len(verdict.lost)
    place.counts["differing"] += len(verdict.differing)
    good = verdict.good and codes[-1] == 0
    place.counts["survived"] += suffered if good else 0
    place.say(f"round {number}, a {what}: {suffered} faults, exit codes {codes}: {'equal' if good else 'NOT EQUAL'}")
    for line in (*verdict.lost, *verdict.differing):
        place.say(f"  {line}")
    shutil.rmtree(folder)
    return suffered


def wait_for_orphans(place: Place, number: int) -> None:
    """Nothing that a run started may outlive it by more than a minute."""
    with contextlib.suppress(AssertionError):
        wait_until("nothing is left", lambda: not marked(place.mark), 60)
        return
    titles = [f"{pid} {title(pid)}" for pid in marked(place.mark)]
    place.say(f"WRONG: left running in round {number}: {'; '.join(titles)}")
    place.counts["orphans"] += 1


def campaign(
    root: Path,
    faults: int,
    seed: int,
    minutes: float,
    *,
    patches: bool = True,
    inner: int = 16,
    outer: int = 4,
    damages: int = 5,
) -> Place:
    """As many rounds as it takes to inject so many faults and every kind, or until time is up."""
    place = Place(root, seed=seed, patches=patches, wanted=faults)
    place.prepare()
    reference = place.start("ref").wait(PATIENCE)
    assert reference == 0, f"{(root / 'ref.log').read_text()}exit code {reference}"
    number = 0
    while (place.counts["injected"] < faults or place.missing) and time.monotonic() - place.began < 60 * minutes:
        number += 1
        round_of(place, number, random.Random(f"{seed} {number}"), inner, outer, damages)
    place.counts.update({"rounds": number, "seconds": round(time.monotonic() - place.began)})
    place.say(", ".join(f"{name} {place.counts[name]}" for name in COUNTS))
    place.say("by kind: " + ", ".join(f"{k} {n}" for k, n in sorted(place.kinds.items())))
    if place.missing:
        place.say("never: " + ", ".join(place.missing))
    return place


def outcome(place: Place) -> dict[str, object]:
    """What a campaign came to, as plain data."""
    counts = {name: place.counts[name] for name in COUNTS}
    kinds = dict(sorted(place.kinds.items()))
    day = datetime.now(UTC).date().isoformat()
    return {"day": day, "cores": os.cpu_count(), "seed": place.seed, **counts, "kinds": kinds, "never": place.missing}


def main() -> None:
    """Run a campaign; exit code 1 if anything was lost or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=110)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--no-patches", action="store_true", help="leave out what reaches into Ray's private names")
    parser.add_argument("--out", type=Path, help="write the counts as JSON")
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind "&", and what it starts would ignore it
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        place = campaign(Path(folder), given.faults, given.seed, given.minutes, patches=not given.no_patches)
    if given.out:
        given.out.write_text(json.dumps(outcome(place), indent=1) + "\n")
    counts = place.counts
    sys.exit(1 if counts["lost"] or counts["differing"] or counts["orphans"] else 0)


if __name__ == "__main__":
    main()
