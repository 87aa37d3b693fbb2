"""Images and labels on the device that trains, and the settings of such a process."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainables.training.torch_defaults import own_defaults, pin_defaults


def prepare_process() -> None:
    """Settings of a process that trains: one thread, denormal numbers count as zero (`training.loop` says why), and
    torch's own defaults.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    pin_defaults()


@contextlib.contextmanager
def training_process() -> Iterator[None]:
    """Within, this process may train; afterwards it has its own threads, denormal numbers and defaults again."""
    threads, kept = torch.get_num_threads(), sys.float_info.min / 2 > 0
    with own_defaults():
        prepare_process()
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_flush_denormal(not kept)


@dataclass(frozen=True)
class Arrays:
    """Images and labels where the training runs; images as bytes [n, features], labels as integers [n]."""

    train_x: Tensor
    train_y: Tensor
    val_x: Tensor
    val_y: Tensor
    classes: int

    @classmethod
    def place(
        cls,
        images: tuple[np.ndarray, np.ndarray],
        labels: tuple[np.ndarray, np.ndarray],
        classes: int,
        *,
        rows: np.ndarray | None = None,
        device: str = "cpu",
    ) -> Arrays:
        """Put (training, validation) images and labels on a device; on the CPU without a copy, but for a subset's
        `rows`.
        """
        train_x, train_y = images[0], labels[0]
        if rows is not None:
            train_x, train_y = train_x[rows], train_y[rows]
        return cls(*placed(train_x, train_y, device), *placed(images[1], labels[1], device), classes)


def placed(images: np.ndarray, labels: np.ndarray, device: str) -> tuple[Tensor, Tensor]:
    """Images as bytes [n, features] and labels [n] on a device; on the CPU without a copy of the images."""
    return _tensor(images.reshape(len(images), -1)).to(device), _tensor(labels).long().to(device)


def _tensor(array: np.ndarray) -> Tensor:
    """A tensor over the array's own memory; it is never written to, though NumPy may have marked it read-only."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)
