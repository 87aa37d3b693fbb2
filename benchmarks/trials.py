"""Whole trials and whole studies against peers, each side in a process of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import stdev

from benchmarks import sides, work
from benchmarks.figures import Figure, compared
from benchmarks.sides import Taken

PEERS = {
    "ray-loop": "Ray Tune's function API with a DataLoader",
    "ray-lightning": "Ray Tune with Lightning",
    "optuna-loop": "Optuna with its PyTorch example's loop, two jobs",
    "skorch-grid": "skorch under scikit-learn's grid search, two jobs",
}
EMPTY = 500
EMPTY_PEER = 12
"""Empty trials that the peer really runs; its time is taken as start-up plus so much a trial."""


def _module(side: str) -> str:
    return "benchmarks.ours" if side == "ours" else f"benchmarks.peers.{side.replace('-', '_')}"


def _rounds(task: str, names: Sequence[str], repeats: int, part: int) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = {name: [] for name in ("ours", *names)}
    for number in range(repeats):
        for name, taken in found.items():
            taken.append(sides.run("-m", _module(name), task, "--part", str(part), "--seed", str(number)))
            said = ", ".join(f"{k} {v:.4g}" for k, v in taken[-1].answer.items())
            print(f"    {task} {number + 1}/{repeats} {name}: {taken[-1].wall:.1f} s; {said}", flush=True)
    return found


def _accuracy(taken: Sequence[Taken]) -> float:
    return sum(float(t.answer["accuracy"]) for t in taken) / len(taken)


def _noise(taken: Sequence[Taken]) -> float:
    """Standard deviation of the accuracy over the rounds."""
    return stdev(t.answer["accuracy"] for t in taken) if len(taken) > 1 else math.nan


def trial(repeats: int, part: int) -> list[Figure]:
    """One trial of the default network with Adam at batch 32, by processor time of one thread; imports not included."""
    found = _rounds("trial", [*PEERS, "resident"], repeats, part)
    mine = found.pop("ours")
    ours = [t.answer["processor"] for t in mine]
    meanings = {**PEERS, "resident": "a loop by hand with torch.nn, images in memory, fused Adam (no tutorial's way)"}
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
            "training set after each epoch too, which the peer does not",
        )
        for name, taken in found.items()
    ]


def small(repeats: int, part: int) -> list[Figure]:
    """The small study, start-up included, two trials at once."""
    found = _rounds("small", list(PEERS), repeats, part)
    ours = found.pop("ours")
    kinds = {"wall": "seconds", "processor": "processor seconds of all its processes"}
    figures = []
    for name, taken in found.items():
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
