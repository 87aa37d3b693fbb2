"""How much of a GPU's memory a job takes, by counting its tensors; and so what share of a GPU it asks for. No torch.

The count follows `loop`, `update`, `optimizers` and `fully_connected` tensor by tensor; a test holds it against what an
allocator saw. What CUDA itself takes for each process (its context, kernels, the products' workspace) is
`CUDA_PROCESS_BYTES`, on top.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

from trainables.config.errors import BadInput
from trainables.config.optimizer_table import OPTIMIZER_TABLE
from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import layout
from trainables.records.correct_examples import MAX_EXAMPLES

CUDA_PROCESS_BYTES = 700_000_000
"""Bytes that a process takes on a GPU before its first tensor, and for products; taken from above, not measured."""

ALLOCATOR_FACTOR = 1.15
"""An allocator keeps more than is in use."""

MAX_JOBS_PER_GPU = 8
"""Jobs on one GPU at most: memory would often allow more, but they share its time, and each needs a core."""

EVAL_ROWS = 10_000
"""Rows of an evaluation batch on a GPU."""

PROBE_IMAGES = 1000
"""The first validation images, on which hidden values are summarised."""


@dataclass(frozen=True)
class DataSize:
    """The size of a data set."""

    train: int
    val: int
    features: int
    classes: int

    def seen_by(self, config: TrialConfig) -> DataSize:
        """Return the size as a configuration sees it: what it holds out of the training images is its validation part.

        >>> DataSize(60_000, 10_000, 784, 10).seen_by(TrialConfig(held_out=0.1))
        DataSize(train=54000, val=6000, features=784, classes=10)
        """
        held_out = config.images_held_out(self.train)
        return replace(self, train=self.train - held_out, val=held_out) if held_out else self


def job_bytes(config: TrialConfig, replicates: int, data: DataSize) -> int:
    """Bytes of tensors at the highest moment of a job whose replicates are stacked, on a GPU.

    >>> job_bytes(TrialConfig(), 5, DataSize(60_000, 10_000, 784, 10)) // 1_000_000
    640
    """
    data = data.seen_by(config)
    images = min(data.train, config.train_images or data.train)
    total_bytes = _data(images, data) + _network(config, replicates, data)
    total_bytes += sum(_step(config, replicates, data, rows) for rows in _sizes(images, config.batch_size))
    checks = {*_sizes(images, EVAL_ROWS), *_sizes(data.val, EVAL_ROWS), min(PROBE_IMAGES, data.val)}
    total_bytes += sum(4 * rows * data.features for rows in checks)
    rows = checks | set(_sizes(images, config.batch_size))
    total_bytes += sum(_activations(config, replicates, data, n) for n in rows)
    # Which examples are right: now, last, at best.
    total_bytes += replicates * (data.val + 2 * min(data.val, MAX_EXAMPLES))
    return total_bytes + max(_for_a_moment(config, replicates, data, images))


def gpu_fraction(tensors: int, gpu: int) -> float:
    """The share of a GPU of so many bytes for a job of so many bytes of tensors: 1 / n, n as many as fit, 8 at most.

    >>> gpu_fraction(400_000_000, 16_000_000_000), gpu_fraction(9_000_000_000, 24_000_000_000)
    (0.125, 0.5)

    Raises:
        BadInput: not even one fits.
    """
    all_in_all = process_bytes(tensors)
    if all_in_all > gpu:
        raise BadInput(
            "device",
            "cuda",
            f"a job needs {all_in_all / 1e9:.1f} GB of memory, and the smallest GPU has {gpu / 1e9:.1f}",
        )
    return math.floor(10_000 / min(MAX_JOBS_PER_GPU, int(gpu / all_in_all))) / 10_000


def process_bytes(tensors: int) -> float:
    """Bytes that a process with so many bytes of tensors takes on a GPU."""
    return tensors * ALLOCATOR_FACTOR + CUDA_PROCESS_BYTES


def _sizes(images: int, batch: int) -> tuple[int, ...]:
    """The different sizes of the batches of a pass.

    >>> _sizes(70, 32), _sizes(64, 32), _sizes(10, 32)
    ((32, 6), (32,), (10,))
    """
    return tuple(n for n in (min(batch, images), images % batch if images > batch else 0) if n)


def _data(images: int, data: DataSize) -> int:
    """Images as bytes, labels as 8-byte numbers, and the one-hot training labels."""
    return (images + data.val) * (data.features + 8) + 4 * images * data.classes


def _network(config: TrialConfig, replicates: int, data: DataSize) -> int:
    """Parameters, gradient, the optimiser's memory, batch norm's running values."""
    size = layout(config, data.features, data.classes)[1]
    facts = OPTIMIZER_TABLE[config.optimizer]
    vectors = 2 + facts.vectors + (2 * config.lbfgs_history if facts.inner else bool(config.momentum))
    return 4 * replicates * (vectors * size + 2 * sum(config.hidden) * config.batch_norm)


def _step(config: TrialConfig, replicates: int, data: DataSize, rows: int) -> int:
    """A `update.Update`: indices, bytes, inputs, targets, and the numbers for dropout."""
    width = 4 * (data.features + data.classes) + data.features + 8
    width += 4 * data.features * (config.dropout_input > 0) + 4 * sum(config.hidden) * (config.dropout_hidden > 0)
    return replicates * rows * width


def _activations(config: TrialConfig, replicates: int, data: DataSize, rows: int) -> int:
    """The network's buffers: values and deltas of each layer, and batch norm's copy."""
    return 4 * replicates * rows * ((2 + config.batch_norm) * sum(config.hidden) + data.classes)


def _for_a_moment(config: TrialConfig, replicates: int, data: DataSize, images: int) -> tuple[int, ...]:
    """What exists at once besides, in each part of an epoch that could be its highest moment."""
    slots, size = layout(config, data.features, data.classes)
    largest = max(math.prod(s.shape) for s in slots)
    batch, wide = min(config.batch_size, images), max((data.features, *config.hidden))
    order = replicates * (8 * images + 4 * -(-images // batch))
    moved = OPTIMIZER_TABLE[config.optimizer].temporary
    update = 4 * replicates * size * max(moved, config.l1 > 0)
    backward = 8 * replicates * batch * data.classes
    backward += 4 * replicates * batch * sum(config.hidden) * (config.dropout_hidden > 0)
    backward += 8 * replicates * batch * max((0, *config.hidden)) * config.batch_norm
    halves = 2 * replicates * (2 * batch * wide + largest) if config.precision == "bf16" else 0
    check = replicates * min(EVAL_ROWS, max(images, data.val)) * (12 * data.classes + 24)
    checked = 2 * replicates * (2 * min(EVAL_ROWS, images) * wide + largest) if config.precision == "bf16" else 0
    price = 16 * replicates * largest if config.l1 or config.l2_norm or config.l2_squared else 0
    probe = min(PROBE_IMAGES, data.val)
    widths, half = (data.features, *config.hidden, data.classes), config.precision == "bf16"
    watched = max(
        8 * replicates * probe * sum(config.hidden[:i]) + 2 * half * replicates * (probe * (a + b) + a * b)
        for i, (a, b) in enumerate(itertools.pairwise(widths))
    )
    return order + update, order + backward + halves, check + checked, price, watched
