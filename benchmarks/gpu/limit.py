"""What the card's memory allows: bytes that an epoch must move, at the speed of a copy."""

from __future__ import annotations

import torch

from benchmarks.gpu.setting import PartSetting, seconds
from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import layout
from trainables.training import gpu_memory as memory
from trainables.training.device_arrays import Arrays

ADAM_STREAMS = 7
"""Times that an update goes over memory as large as the parameters: p, g, m, v are read, p, m, v written."""

COPIES = 10


def copy_bandwidth(setting: PartSetting) -> float:
    """Bytes a second, read and written, of a copy on the device; the best of three rounds."""
    source = torch.zeros(setting.sizes.copy_bytes, dtype=torch.uint8, device=setting.device)
    target = torch.empty_like(source)

    def copies() -> None:
        for _ in range(COPIES):
            target.copy_(source)

    copies()
    return 2 * COPIES * len(source) / min(seconds(setting.device, copies)[0] for _ in range(3))


def epoch_bytes(config: TrialConfig, seeds: int, arrays: Arrays) -> int:
    """Bytes that an epoch of so many seeds moves at least under Adam, where no cache keeps parameters between updates.

    Counted are the parameters (once by the products forward, all but the first layer's backward, the gradient written,
    the optimiser's passes), the images of each batch as bytes, and both evaluations. Activations may stay in caches.
    """
    images, features = arrays.train_x.shape
    slots, size = layout(config, features, arrays.classes)
    first = next(s.stop - s.start for s in slots if s.name == "W1")
    update = 4 * (size + (size - first) + size + ADAM_STREAMS * size)
    training = seeds * (config.updates_per_epoch(images) * update + images * features)
    checked = (images, len(arrays.val_x))
    batches = sum(-(-n // memory.EVAL_ROWS) for n in checked)
    return training + seeds * batches * 4 * size + sum(checked) * features
