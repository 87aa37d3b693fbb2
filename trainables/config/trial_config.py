"""`TrialConfig`: every knob of a training run, flat, frozen and validated; and the identity of a trial.

One knob, one name: the field here is the key in a study file, the search key, the column in a frame and the axis label.
What a knob does lives in `trainables.models` and `trainables.training`; no torch is imported here.
"""

from __future__ import annotations

import dataclasses
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from trainables.config.errors import BadInput
from trainables.config.from_numpy import as_plain, make_plain
from trainables.config.identity import CODE_VERSION, OMITTED_AT_DEFAULT, identities, identity
from trainables.config.idle_knobs import idle_knobs
from trainables.config.nearest import ONE_OF, did_you_mean, with_nearest
from trainables.config.optimizer_table import OPTIMIZER_TABLE

ACTIVATIONS = ("relu", "sigmoid", "tanh", "identity")
OPTIMIZERS = tuple(OPTIMIZER_TABLE)
SCHEDULES = ("constant", "plateau", "step", "cosine")
PRECISIONS = ("fp32", "bf16")
DEVICES = ("cpu", "cuda")

NAME_RULE = "lower-case letters, digits, - and _"
"""Of a data set's name."""
PACKED_FIRST = "a table is packed as one first (docs/guides/own-table.md)"
Check = tuple[Callable[[Any], bool], str]


def _one_of(names: tuple[str, ...]) -> Check:
    return (lambda v: v in names), ONE_OF + ", ".join(names)


def _real(low: float, high: float = math.inf, *, above: bool = False, below: bool = False) -> Check:
    """A finite number in [low, high]; `above` and `below` exclude the ends."""

    def ok(v: Any) -> bool:
        if isinstance(v, bool) or not isinstance(v, int | float) or not abs(v) <= sys.float_info.max:
            return False
        return (v > low if above else v >= low) and (v < high if below else v <= high)

    left = f"> {low:g}" if above else f">= {low:g}"
    right = "" if high == math.inf else (f" and < {high:g}" if below else f" and <= {high:g}")
    return ok, f"expected a number {left}{right}"


def _whole(low: int, high: int = 2**53) -> Check:
    def ok(v: Any) -> bool:
        return isinstance(v, int) and not isinstance(v, bool) and low <= v <= high

    return ok, f"expected a whole number >= {low}" + ("" if high == 2**53 else f" and <= {high}")


def _flag() -> Check:
    return (lambda v: isinstance(v, bool)), "expected true or false"


def _widths() -> Check:
    def ok(v: Any) -> bool:
        return isinstance(v, tuple) and len(v) <= 32 and all(_whole(1, 1_000_000)[0](w) for w in v)

    return ok, "expected a list of layer widths, each a whole number from 1 to 1000000 (empty for no hidden layer)"


def _knob(default: Any, doc: str, check: Check) -> Any:
    return field(default=default, metadata={"doc": doc, "check": check})


@dataclass(frozen=True, kw_only=True)
class TrialConfig:
    """One training run, whole: equal configurations give equal results on one kind of CPU, to the last bit.

    Raises:
        BadInput: a value, or a pair of values, that makes no sense; the message names the knob.
    """

    data: str = _knob(
        "fashion-mnist",
        "data set: fashion-mnist, or NAME for NAME.npz in the data folder",
        (
            lambda v: isinstance(v, str) and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", v) is not None,
            f"expected a name of {NAME_RULE}, of a file NAME.npz; {PACKED_FIRST}",
        ),
    )
    train_images: int | None = _knob(
        None,
        "number of training images, always the same random ones; null for all",
        (lambda v: v is None or _whole(1)[0](v), "expected a whole number >= 1, or null for all"),
    )
    held_out: float = _knob(
        0.0,
        "share of the training images that is held out for validation; the data's own validation part is then the test "
        "part, on which nothing selects",
        _real(0.0, 0.5),
    )
    split_seed: int = _knob(0, "decides which images are held out (held_out only)", _whole(0, 2**31 - 1))
    fold: int = _knob(
        0, "which share of that size is held out: held_out 0.2 makes folds 0 to 4 (held_out only)", _whole(0, 10_000)
    )
    input_divisor: float = _knob(255.0, "pixel values are divided by this", _real(0.0, above=True))
    invert: bool = _knob(False, "pixel values become 255 - x before they are divided", _flag())
    hidden: tuple[int, ...] = _knob((1000,), "widths of the hidden layers", _widths())
    activation: str = _knob("relu", "nonlinearity after each hidden layer", _one_of(ACTIVATIONS))
    bias: bool = _knob(True, "biases in the hidden linear layers", _flag())
    batch_norm: bool = _knob(False, "batch normalisation between each hidden linear layer and its activation", _flag())
    dropout_input: float = _knob(0.0, "probability that an input value is dropped", _real(0.0, 1.0, below=True))
    dropout_hidden: float = _knob(0.0, "probability that a hidden activation is dropped", _real(0.0, 1.0, below=True))
    optimizer: str = _knob(
        "adam", "optimiser, with PyTorch's defaults for what is not a knob here", _one_of(OPTIMIZERS)
    )
    lr: float = _knob(0.001, "learning rate at the start", _real(0.0, above=True))
    momentum: float = _knob(0.0, "momentum (sgd only)", _real(0.0, 1.0, below=True))
    weight_decay: float = _knob(0.0, "the optimiser's own weight decay (decoupled under adamw)", _real(0.0))
    lbfgs_max_iter: int = _knob(4, "inner iterations a batch (lbfgs only)", _whole(1, 1000))
    lbfgs_history: int = _knob(10, "update pairs that are kept (lbfgs only)", _whole(1, 1000))
    schedule: str = _knob("constant", "learning-rate schedule, stepped once an epoch", _one_of(SCHEDULES))
    plateau_factor: float = _knob(
        0.1, "lr is multiplied by this (plateau only)", _real(0.0, 1.0, above=True, below=True)
    )
    plateau_patience: int = _knob(
        10,
        "epochs in a row without improvement that cost nothing (plateau only); one more lowers the next epoch's lr",
        _whole(0),
    )
    plateau_threshold: float = _knob(1e-4, "the least change that is an improvement (plateau only)", _real(0.0))
    plateau_threshold_mode: str = _knob("rel", "threshold relative or absolute (plateau only)", _one_of(("rel", "abs")))
    plateau_cooldown: int = _knob(0, "epochs to wait after a reduction (plateau only)", _whole(0))
    plateau_min_lr: float = _knob(0.0, "lower bound of the learning rate (plateau only)", _real(0.0))
    step_size: int = _knob(30, "epochs between reductions (step only): the one after has less", _whole(1))
    step_gamma: float = _knob(0.1, "lr is multiplied by this (step only)", _real(0.0, 1.0, above=True))
    cosine_min_lr: float = _knob(
        0.0,
        "what the rate falls towards (cosine only): an epoch after the last would have it, and a single one has lr",
        _real(0.0),
    )
    l1: float = _knob(0.0, "loss + l1 x sum over tensors of the 1-norm, biases included", _real(0.0))
    l2_norm: float = _knob(0.0, "loss + l2_norm x sum over tensors of the 2-norm, not squared", _real(0.0))
    l2_squared: float = _knob(0.0, "loss + l2_squared x sum of squares of all parameters", _real(0.0))
    batch_size: int = _knob(32, "images an update; the last batch of an epoch may be smaller", _whole(1))
    epochs: int = _knob(10, "passes over the training images", _whole(1, 1_000_000))
    seed: int = _knob(
        0, "decides initialisation, order of the data and dropout, and nothing else does", _whole(0, 2**31 - 1)
    )
    precision: str = _knob("fp32", "fp32, or bf16 for the matrix products", _one_of(PRECISIONS))
    device: str = _knob("cpu", "where the training runs", _one_of(DEVICES))

    def __post_init__(self) -> None:
        make_plain(self)
        if isinstance(self.hidden, list):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for name, knob in KNOBS.items():
            value = getattr(self, name)
            if value is knob.default:  # most are, and thousands of configurations are made from a folder's records
                continue
            accepts, expected = knob.metadata["check"]
            if not accepts(value):
                raise BadInput(name, value, with_nearest(expected, value))
            if name in _FLOATS:
                object.__setattr__(self, name, float(value))
        for name, why in idle_knobs(self).items():
            if getattr(self, name) != KNOBS[name].default:
                raise BadInput(name, getattr(self, name), why)
        if self.fold and self.fold >= self.folds:
            made = f"held_out {self.held_out:g} makes {self.folds} folds, 0 to {self.folds - 1}"
            raise BadInput("fold", self.fold, made)
        self._check_pairs()

    def _check_pairs(self) -> None:
        if self.batch_norm and self.batch_size == 1:
            raise BadInput("batch_size", 1, "batch_norm needs at least 2 images a batch")
        if self.train_images is not None:
            self._check_last_batch(self.train_images)
        for name in ("plateau_min_lr", "cosine_min_lr"):
            if getattr(self, name) > self.lr:
                raise BadInput(name, getattr(self, name), f"expected at most lr ({self.lr:g})")
        for name, why in (OPTIMIZER_TABLE[self.optimizer].refuses or {}).items():
            if getattr(self, name):
                raise BadInput(name, getattr(self, name), why)

    def _check_last_batch(self, images: int) -> None:
        size = self.batch_size
        if self.batch_norm and images % size == 1:
            near = (
                next((n for n in ns if images % n != 1), 0)
                for ns in (range(size - 1, 1, -1), range(size + 1, images + 1))
            )
            fits = " or ".join(str(n) for n in near if n) or "more images"
            raise BadInput(
                "batch_size",
                size,
                f"batch_norm needs at least 2 images a batch, and the last of {images} images has 1; use {fits}",
            )

    @property
    def folds(self) -> int:
        """How many shares of the size that is held out there are without overlap; 0 where nothing is.

        >>> [TrialConfig(held_out=share).folds for share in (0.0, 0.1, 1 / 3, 0.3, 0.5)]
        [0, 10, 3, 3, 2]
        """
        return int(1 / max(self.held_out, 1e-9) + 1e-6) if self.held_out else 0

    def places_held_out(self, images: int) -> tuple[int, int]:
        """From which place of all training images, in the order of the split, up to which they are held out.

        >>> TrialConfig(held_out=0.25, fold=3).places_held_out(10), TrialConfig(held_out=0.25).places_held_out(10)
        ((8, 10), (0, 3))
        """
        first, end = (int(self.held_out * fold * images + 0.5) for fold in (self.fold, self.fold + 1))
        return first, min(end, images)

    def images_held_out(self, images: int) -> int:
        """How many of all training images are held out for validation.

        >>> TrialConfig(held_out=0.1).images_held_out(60_000)
        6000
        """
        first, end = self.places_held_out(images)
        return end - first

    def check_images(self, images: int) -> None:
        """Refuse what cannot be trained on a data set of so many training images.

        Raises:
            BadInput: `train_images` or `batch_size` is above what there is, or batch norm's last batch has one image.
        """
        if self.train_images is not None and self.train_images > images:
            left = " that held_out leaves" if self.held_out else ""
            why = f"expected at most {images}, the data's training images{left}"
            raise BadInput("train_images", self.train_images, why)
        used = self.train_images or images
        if self.batch_size > used:
            if used < 2:
                raise BadInput("train_images", used, "1 training image is too few, expected at least 2")
            raise BadInput("batch_size", self.batch_size, f"expected at most {used}, the training images")
        self._check_last_batch(used)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrialConfig:
        """Make a configuration from plain data, such as JSON gives.

        >>> TrialConfig.from_dict({"hidden": [64], "lr": 0.1}).hidden
        (64,)
        """
        refuse_unknown_knobs(values)
        plain: dict[str, Any] = dict(values)
        return cls(**plain)

    def to_dict(self) -> dict[str, Any]:
        """Give the knobs as plain data, in the order of the fields, but for `OMITTED_AT_DEFAULT` at its default."""
        values = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {n: v for n, v in values.items() if n not in OMITTED_AT_DEFAULT or v != OMITTED_AT_DEFAULT[n]}

    def replace(self, **changes: Any) -> TrialConfig:
        """The same configuration with some knobs changed.

        >>> TrialConfig().replace(lr=0.5).lr
        0.5
        """
        refuse_unknown_knobs(changes)
        return self._seeded(changes["seed"]) if changes.keys() == {"seed"} else dataclasses.replace(self, **changes)

    def _seeded(self, seed: int) -> TrialConfig:
        """The same under another seed: all else was checked when it was made, and nothing depends on the seed."""
        plain = as_plain(seed)
        accepts, expected = KNOBS["seed"].metadata["check"]
        if not accepts(plain):
            raise BadInput("seed", plain, expected)
        made = object.__new__(TrialConfig)
        made.__dict__.update(self.__dict__, seed=plain)
        return made

    def differing(self, other: TrialConfig) -> tuple[str, ...]:
        """The names of the knobs in which two configurations differ."""
        return tuple(name for name in KNOBS if getattr(self, name) != getattr(other, name))

    def updates_per_epoch(self, images: int) -> int:
        """Number of updates in an epoch over `images` training images.

        >>> [TrialConfig(batch_size=n).updates_per_epoch(60_000) for n in (32, 10_000)]
        [1875, 6]
        """
        return -(-min(images, self.train_images or images) // self.batch_size)

    def identity(self, data_checksum: str, code_version: int = CODE_VERSION) -> str:
        """The trial's name: 20 hexadecimal digits over everything that decides its numbers, without `epochs`.

        Where a schedule depends on the total number of epochs, the total is part of the identity.
        """
        return identity(self.to_dict(), data_checksum, code_version)

    def identities(self, data_checksum: str, seeds: Sequence[int]) -> list[str]:
        """The names of this configuration's trials under some seeds, for the price of one.

        >>> TrialConfig().identities("5" * 64, [3]) == [TrialConfig(seed=3).identity("5" * 64)]
        True
        """
        return identities(self, data_checksum, seeds)

    def group(self, data_checksum: str) -> str:
        """The name that all replicates (other seeds) of this configuration share."""
        return self.replace(seed=0).identity(data_checksum)


KNOBS: dict[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(TrialConfig)}
"""Every knob by name; `.default` is its default, `.metadata["doc"]` its line of documentation."""


_FLOATS = frozenset(name for name, kind in get_type_hints(TrialConfig).items() if kind is float)


def refuse_unknown_knobs(names: Iterable[str]) -> None:
    """Refuse what is not a knob.

    Raises:
        BadInput: names the unknown knob and the nearest known one.
    """
    for name in names:
        if name not in KNOBS:
            raise BadInput("knob", name, no_such_knob(name))


def no_such_knob(name: object) -> str:
    """What to say of a name that is no knob: the one that was meant, else where all are listed."""
    if name == "seeds":
        return "there is no such knob; seeds come from --seeds, and every arm has the same"
    return f"there is no such knob{did_you_mean(str(name), KNOBS)} (`study show --knobs` lists them)"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
