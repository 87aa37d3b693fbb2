"""The loop on a GPU: trial epochs a second eager, stacked, replayed from CUDA graphs, and by several processes at once.

Where PyTorch finds no GPU, each figure says that it was not measured.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.figures import Figure, by_turns, compared

SEEDS = 5
WAYS = {"stacked": (True, False), "graphs": (False, True), "stacked-graphs": (True, True)}
"""Name to (replicates stacked, updates replayed)."""
BATCHES = {32: 12_288, 1024: 61_440, 10_000: 60_000}
"""Batch size to training images, cut to what there is."""
PROCESSES = (2, 4, 8)
_MEANING = "an epoch of five seeds of the default network, seconds a seed: one by one, eager / {}"


def gpu(repeats: int, part: int) -> list[Figure]:
    """Trial epochs a second on a GPU: eager, stacked, from CUDA graphs, and several processes on one GPU."""
    import torch

    if not torch.cuda.is_available():
        names = [f"{way}-batch-{b}" for b in BATCHES for way in WAYS] + [f"shared-by-{n}" for n in PROCESSES]
        return [_not_measured(name) for name in names]
    figures = []
    for batch, images in BATCHES.items():
        figures += _ways(batch, min(images, 60_000) // part, repeats)
    return [*figures, *_shared(repeats, 12_288 // part)]


def _not_measured(name: str) -> Figure:
    meaning = _MEANING.format(name.rpartition("-batch")[0] or "several processes on one GPU")
    return Figure(f"gpu/{name}", None, None, None, None, None, 0, None, "s", meaning, "not measured: no GPU")


def _trainings(batch: int, images: int, *, stacked: bool, graphs: bool) -> list[Any]:
    from trainables.config.trial_config import TrialConfig
    from trainables.data.dataset import load_data_set, subset
    from trainables.training.cuda_graph import CudaGraphRecorder
    from trainables.training.device_arrays import Arrays, prepare_process
    from trainables.training.loop import Training

    prepare_process()
    data = load_data_set("fashion-mnist")
    both = (data.train_images, data.val_images), (data.train_labels, data.val_labels)
    arrays = Arrays.place(*both, len(data.classes), rows=subset(data, images), device="cuda")
    config = TrialConfig(batch_size=batch, train_images=images, epochs=1_000_000, device="cuda")
    groups = [tuple(range(SEEDS))] if stacked else [(s,) for s in range(SEEDS)]
    return [Training(config, seeds, arrays, CudaGraphRecorder() if graphs else None) for seeds in groups]


def _took(trainings: list[Any]) -> float:
    """Seconds a seed's epoch, the work on the GPU waited for (each epoch ends with its numbers fetched)."""
    began = time.perf_counter()
    for training in trainings:
        training.epoch()
    return (time.perf_counter() - began) / SEEDS


def _ways(batch: int, images: int, repeats: int) -> list[Figure]:
    ways = {"eager": (False, False), **WAYS}
    made = {name: _trainings(batch, images, stacked=s, graphs=g) for name, (s, g) in ways.items()}
    sides: dict[str, Callable[[], float]] = {name: partial(_took, t) for name, t in made.items()}
    found = by_turns(sides, repeats + 1)  # the first round warms up
    rates = ", ".join(f"{name} {1 / sorted(v[1:])[len(v[1:]) // 2]:.3g}" for name, v in found.items())
    return [
        compared(
            f"gpu/{way}-batch-{batch}",
            found[way][1:],
            found["eager"][1:],
            unit="s",
            meaning=_MEANING.format(way),
            note=f"{images} images; trial epochs a second: {rates}",
        )
        for way in WAYS
    ]


def _shared(repeats: int, images: int) -> list[Figure]:
    """So many processes at once, each with its own stack, against one alone."""
    figures = []
    for count in PROCESSES:
        sides = {"alone": partial(_at_once, 1, images), "shared": partial(_at_once, count, images)}
        found = by_turns(sides, max(2, repeats // 2))
        figures.append(
            compared(
                f"gpu/shared-by-{count}",
                found["shared"],
                found["alone"],
                unit="s",
                meaning=f"seconds a seed's epoch, stacks of five: one process / {count} processes on one GPU",
                note=f"batch 32, {images} images, start-up left out",
            )
        )
    return figures


def _at_once(count: int, images: int) -> float:
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(count)
    with context.Pool(count, initializer=_give, initargs=(ready,)) as pool:
        spans = pool.map(_worker, [images] * count, chunksize=1)
    return (max(e for _, e in spans) - min(s for s, _ in spans)) / (count * 3 * SEEDS)


def _give(ready: Any) -> None:
    global _ready
    _ready = ready


_ready: Any = None


def _worker(images: int) -> tuple[float, float]:
    trainings = _trainings(32, images, stacked=True, graphs=False)
    _took(trainings)
    _ready.wait()
    began = time.time()
    for _ in range(3):
        _took(trainings)
    return began, time.time()
