"""Memory of a trial in a worker, and whether the data set is shared and not copied.

    python -m benchmarks.memory

starts a Ray of its own with one worker and prints what the worker saw, as a line of JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import sides
from benchmarks.figures import Figure
from trainables.data.dataset import DataSet

ARRAYS = ("train_images", "train_labels", "val_images", "val_labels")


def memory(repeats: int, part: int) -> list[Figure]:
    """Memory that a trial adds to its worker, and what the worker is without one; data shared, not copied."""
    seen = sides.run("-m", "benchmarks.memory").answer
    shared = seen["mapped"]
    notes = (
        f"arrays in shared memory: {', '.join(k for k, v in shared.items() if v) or 'none'}; "
        f"copied: {', '.join(k for k, v in shared.items() if not v) or 'none'}"
    )

    def one(name: str, value: float, meaning: str, note: str = "") -> Figure:
        return Figure(f"memory/{name}", value, None, None, None, None, 1, None, "MB", meaning, note)

    return [
        one("worker", seen["imported"], "private memory of a worker with Ray and torch imported, before any trial"),
        one("resident", seen["resident"], "resident memory of a worker in a trial, shared libraries and data included"),
        one(
            "trial",
            seen["trial"],
            "private memory that the default trial on 60,000 images adds (Adam, batch 32)",
            notes,
        ),
        one("trial-batch-10000", seen["large"], "the same at batch 10,000, on top of the one before"),
    ]


def main() -> None:
    import ray
    import ray.tune

    from trainables.data.sources import load_data_set

    class Worker:
        def look(self, data: DataSet) -> dict[str, Any]:
            return _look(data)

    worker: Any = ray.remote(num_cpus=1)(Worker)
    ray.init(address="local", num_cpus=1, log_to_driver=False, include_dashboard=False, object_store_memory=200_000_000)
    print(json.dumps(ray.get(worker.remote().look.remote(ray.put(load_data_set("fashion-mnist"))))), flush=True)


def _look(data: DataSet) -> dict[str, Any]:
    from trainables.config.trial_config import TrialConfig
    from trainables.training.device_arrays import Arrays, prepare_process
    from trainables.training.loop import Training

    prepare_process()
    Training(
        TrialConfig(hidden=(8,), train_images=64), (0,), _place(data, Arrays, 64)
    ).epoch()  # kernels load at first use
    before = _private()
    training = Training(TrialConfig(epochs=9), (0,), _place(data, Arrays))
    training.epoch()
    after = _private()
    resident = _memory("Rss")
    large = Training(TrialConfig(epochs=9, batch_size=10_000), (0,), training.arrays)
    large.epoch()
    return {
        "imported": before,
        "trial": after - before,
        "large": _private() - after,
        "resident": resident,
        "mapped": {name: _in_shared_memory(getattr(data, name)) for name in ARRAYS},
    }


def _place(data: DataSet, arrays: Any, images: int | None = None) -> Any:
    import numpy as np

    rows = None if images is None else np.arange(images)
    both = ((data.train_images, data.val_images), (data.train_labels, data.val_labels))
    return arrays.place(*both, len(data.classes), rows=rows)


def _memory(*names: str) -> float:
    """Megabytes of this process, of the kinds named as in /proc/self/smaps_rollup."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return sum(found[n] for n in names) / 1000


def _private() -> float:
    return _memory("Private_Dirty", "Private_Clean")


def _in_shared_memory(array: Any) -> bool:
    """Whether an array's numbers lie in a mapping of the object store."""
    at = array.__array_interface__["data"][0]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, *rest = line.split()
        start, end = (int(x, 16) for x in span.split("-"))
        if start <= at < end:
            return any("shm" in x or "plasma" in x for x in rest)
    return False


if __name__ == "__main__":
    main()
