"""Which validation examples a trial had right, as bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MAX_EXAMPLES = 100_000
"""Of more validation examples than these, as many are kept, evenly spaced over all."""


def kept_examples(examples: int) -> np.ndarray:
    """The rows of the validation examples whose bits are kept, the same for every trial.

    >>> kept_examples(3).tolist(), len(kept_examples(250_000)), int(kept_examples(250_000)[-1])
    ([0, 1, 2], 100000, 249997)
    """
    import numpy as np  # here and below, for what only reads MAX_EXAMPLES

    kept = min(examples, MAX_EXAMPLES)
    return np.arange(kept, dtype=np.int64) * examples // max(kept, 1)


def packed(right: np.ndarray) -> bytes:
    """Flags as bits, eight a byte, the first in the highest bit of the first byte.

    >>> import numpy as np
    >>> packed(np.array([True, False, False, True])).hex()
    '90'
    """
    import numpy as np

    return np.packbits(right.astype(bool)).tobytes()


def unpacked(bits: bytes, count: int) -> np.ndarray:
    """The inverse of `packed`, for so many flags.

    >>> unpacked(bytes([0x90]), 4).tolist()
    [True, False, False, True]
    """
    import numpy as np

    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=count).astype(bool)


@dataclass(frozen=True, slots=True)
class CorrectExamples:
    """Which of the validation examples were right after the last epoch, and after the best one.

    The best is the first epoch with the highest validation accuracy.
    """

    count: int
    """How many examples there are bits of, see `kept_examples`."""
    last: bytes
    best: bytes

    def __post_init__(self) -> None:
        if any(len(bits) != -(-self.count // 8) for bits in (self.last, self.best)):
            raise ValueError(f"bits of {self.count} examples take {-(-self.count // 8)} bytes")
