"""A small made-up data set and a small network for tests of the loop: a run takes milliseconds."""

from __future__ import annotations

import numpy as np

from trainables.config.trial_config import TrialConfig
from trainables.training.device_arrays import Arrays
from trainables.training.loop import Training

IMAGES, FEATURES, CLASSES = 96, 20, 4
SMALL = TrialConfig(hidden=(16,), batch_size=32, epochs=3, lr=0.01)


def arrays(images: int = IMAGES, seed: int = 0) -> Arrays:
    """Bytes whose class shows in which quarter of the features is bright; learnable, not trivial."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, images + 40)
    bright = (np.arange(FEATURES) // (FEATURES // CLASSES))[None, :] == labels[:, None]
    x = np.clip(rng.normal(90, 50, (images + 40, FEATURES)) + 60 * bright, 0, 255).astype(np.uint8)
    return Arrays.place((x[:images], x[images:]), (labels[:images], labels[images:]), CLASSES)


def train(config: TrialConfig, seeds: tuple[int, ...] = (0,), data: Arrays | None = None) -> Training:
    """Train to the end."""
    training = Training(config, seeds, data or arrays())
    while not training.over:
        training.epoch()
    return training


KNOB_CHANGES: dict[str, dict[str, object]] = {
    "input_divisor": {"input_divisor": 1.0},
    "invert": {"invert": True},
    "hidden-none": {"hidden": ()},
    "hidden-two": {"hidden": (16, 12)},
    "sigmoid": {"activation": "sigmoid"},
    "tanh": {"activation": "tanh"},
    "identity": {"activation": "identity"},
    "batch_norm": {"batch_norm": True},
    "bias": {"bias": False},
    "dropout_input": {"dropout_input": 0.25},
    "dropout_hidden": {"dropout_hidden": 0.25},
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1},
    "adagrad": {"optimizer": "adagrad"},
    "adadelta": {"optimizer": "adadelta"},
    "rmsprop": {"optimizer": "rmsprop"},
    "lbfgs": {"optimizer": "lbfgs"},
    "lbfgs_max_iter": {"optimizer": "lbfgs", "lbfgs_max_iter": 2},
    "lbfgs_history": {"optimizer": "lbfgs", "lbfgs_history": 1},
    "lr": {"lr": 0.02},
    "weight_decay": {"weight_decay": 0.1},
    "plateau": {
        "schedule": "plateau",
        "plateau_patience": 0,
        "plateau_threshold": 1.0,
        "plateau_threshold_mode": "abs",
    },
    "step": {"schedule": "step", "step_size": 1},
    "cosine": {"schedule": "cosine"},
    "l1": {"l1": 1e-2},
    "l2_norm": {"l2_norm": 1e-2},
    "l2_squared": {"l2_squared": 1e-2},
    "batch_size": {"batch_size": 20},
    "precision": {"precision": "bf16"},
}
"""One change a row; every one must change the numbers."""
