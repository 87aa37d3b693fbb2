"""Whole trials and whole studies against peers, each side in a process of its own."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import stdev
from typing import Any

from benchmarks import sides, work
from benchmarks.figures import HERE, Figure, compared, machine, moment, write
from benchmarks.sides import Taken

PEERS = {
    "ray-loop": "Ray Tune's function API with a DataLoader",
    "ray-lightning": "Ray Tune with Lightning",
    "optuna-loop": "Optuna with its PyTorch example's loop, two jobs",
    "skorch-grid": "skorch under scikit-learn's grid search, two jobs",
}
ROUNDS = HERE / "rounds.json"
"""Every round of the small study, for going on with a measurement."""
EMPTY = 500
EMPTY_PEER = 12
"""Empty trials that the peer really runs; its time is taken as start-up plus so much a trial."""


def _module(side: str) -> str:
    return "benchmarks.ours" if side == "ours" else f"benchmarks.peers.{side.replace('-', '_')}"


Round = dict[str, Taken]
"""What each side took in one round; a round that was broken off lacks its last sides."""


def _rounds(task: str, names: Sequence[str], repeats: int, part: int, kept: Path | None = None) -> list[Round]:
    """Each side so often, by turns; rounds on record in `kept` count, and each side is put there as it ends.

    A round that was broken off is not completed later, for its two sides would be of two sittings: a peer has its
    own number of rounds.
    """
    rounds = _kept(kept, task, part) if kept else []
    while any(sum(name in r for r in rounds) < repeats for name in names):
        rounds.append({})
        short = [name for name in names if sum(name in r for r in rounds) < repeats]
        for name in ("ours", *short):
            taken = sides.run("-m", _module(name), task, "--part", str(part), "--seed", str(len(rounds) - 1))
            said = ", ".join(f"{k} {v:.4g}" for k, v in taken.answer.items())
            print(f"    {task} {len(rounds)} {name}: {taken.wall:.1f} s; {said}", flush=True)
            rounds[-1][name] = taken
            if kept:
                _keep(kept, task, part, rounds[-1])
    return rounds


def _kept(path: Path, task: str, part: int) -> list[Round]:
    """The rounds on record of a task, of this very machine and these versions."""
    if not path.exists():
        return []
    known = json.loads(path.read_text(encoding="utf-8"))
    mine = [r for r in known if (r["task"], r["part"], r["machine"]) == (task, part, machine())]
    return [{name: Taken(**values) for name, values in r["sides"].items()} for r in mine]


def _keep(path: Path, task: str, part: int, taken: Round) -> None:
    known: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    if len(taken) > 1:
        known.pop()
    load, when = moment()
    about = {"task": task, "part": part, "machine": machine(), "load": load, "when": when}
    values = {name: {**dataclasses.asdict(t), "wall": round(t.wall, 2)} for name, t in taken.items()}
    known.append({**about, "sides": values})
    write(path, json.dumps(known, indent=1) + "\n")


def _accuracy(taken: Sequence[Taken]) -> float:
    return sum(float(t.answer["accuracy"]) for t in taken) / len(taken)


def _noise(taken: Sequence[Taken]) -> float:
    """Standard deviation of the accuracy over the rounds."""
    return stdev(t.answer["accuracy"] for t in taken) if len(taken) > 1 else math.nan


def trial(repeats: int, part: int) -> list[Figure]:
    """One trial of the default network with Adam at batch 32, by processor time of one thread; imports not included."""
    rounds = _rounds("trial", [*PEERS, "resident"], repeats, part)
    mine = [r["ours"] for r in rounds]
    peers = {name: [r[name] for r in rounds] for name in (*PEERS, "resident")}
    ours = [t.answer["processor"] for t in mine]
    meanings = {
        **PEERS,
        "resident": "a loop by hand (no tutorial): torch.nn, images in memory, fused Adam, measuring what ours does",
    }
    return [
        compared(
            f"trial/{name}",
            ours,
            [t.answer["processor"] for t in taken],
            unit="s",
            aim=None if name == "resident" else 1.5,
            meaning=f"one trial, processor seconds of its one thread: {meanings[name]} / ours",
            note=f"{work.work('trial', part)}; validation accuracy over the rounds' seeds {_accuracy(mine):.4f} "
            f"+- {_noise(mine):.4f} (ours), {_accuracy(taken):.4f} +- {_noise(taken):.4f} (peer); ours measures the "
            "training set after each epoch too" + ("" if name == "resident" else ", which the peer does not"),
        )
        for name, taken in peers.items()
    ]


def small(repeats: int, part: int, *, go_on: bool = False, peers: Sequence[str] = ()) -> list[Figure]:
    """The small study, start-up included, two trials at once; a round with all peers may take an hour.

    With `peers`, only those run; a peer of which no round is on record gives no figure.
    """
    if not go_on:
        ROUNDS.unlink(missing_ok=True)
    rounds = _rounds("small", list(peers or PEERS), repeats, part, ROUNDS)
    kinds = {"wall": "seconds", "processor": "processor seconds of all its processes"}
    figures = []
    for name in (n for n in PEERS if any(n in r for r in rounds)):
        ours = [r["ours"] for r in rounds if name in r]
        taken = [r[name] for r in rounds if name in r]
        note = (
            f"{work.work('small', part)}; mean last validation accuracy {_accuracy(ours):.4f} (ours) and "
            f"{_accuracy(taken):.4f} (peer)"
        )
        for kind, aim in (("wall", 4.0 if name == "ray-loop" else 1.8), ("processor", None)):
            figures.append(
                compared(
                    f"small/{name}" + ("" if kind == "wall" else "/processor"),
                    [getattr(t, kind) for t in ours],
                    [getattr(t, kind) for t in taken],
                    unit="s",
                    aim=aim,
                    meaning=f"the small study with start-up, {kinds[kind]}: {PEERS[name]} / ours",
                    note=note,
                )
            )
    return figures


def empty(repeats: int, part: int) -> list[Figure]:
    """500 trials of no work, five epochs each: ours with records and all; Ray's function API from a few trials."""
    count = EMPTY // part
    ours: list[Taken] = []
    peer: list[float] = []
    used: list[float] = []
    for number in range(repeats):
        ours.append(sides.run("-m", "benchmarks.ours", "empty", "--trials", str(count)))
        taken = sides.run("-m", "benchmarks.peers.ray_loop", "empty", "--trials", str(EMPTY_PEER))
        per_trial = taken.answer["fit"] / EMPTY_PEER
        peer.append(taken.wall - taken.answer["fit"] + count * per_trial)
        used.append(taken.processor / EMPTY_PEER * count)
        print(
            f"    empty {number + 1}/{repeats}: ours {ours[-1].wall:.1f} s, peer {per_trial:.2f} s a trial", flush=True
        )
    note = (
        f"{count} trials; the peer ran {EMPTY_PEER}, and its time is its start-up plus {count} times its time a trial"
    )
    return [
        compared(
            "empty/ray-loop",
            [t.wall for t in ours],
            peer,
            unit="s",
            aim=50.0,
            meaning="trials of no work that report five times, start-up included: Ray Tune's function API / ours",
            note=note,
        ),
        compared(
            "empty/ray-loop/processor",
            [t.processor for t in ours],
            used,
            unit="s",
            meaning="the same in processor seconds of all processes, the peer's start-up spread over its few trials",
            note=note,
        ),
    ]
