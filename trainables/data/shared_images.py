"""Images of one part that are in another too: an accuracy on them says nothing of new ones."""

from __future__ import annotations

from trainables.data.dataset import Bytes, DataSet

MIN_SHARE = 0.01
"""Of a part, from which on it is said: many data sets have a few equal images, and small tables equal rows."""


def shared_hint(data: DataSet) -> str:
    """How many images of the validation and the test part are training images to the last byte; empty where few are.

    Labels do not count. Each image is looked at once: a quarter of a second for 60,000 of 784 bytes on one core.
    """
    training = {row.tobytes() for row in data.train_images}
    parts = {"validation": data.val_images, "test": data.test_images}
    counts = {name: (_in(training, images), len(images)) for name, images in parts.items() if images is not None}
    said = [f"{_of(n, of)} {name} images" for name, (n, of) in counts.items() if n >= MIN_SHARE * of]
    if not said:
        return ""
    return f"{' and '.join(said)} are training images too, so accuracy on them says nothing of new ones"


def _in(training: set[bytes], images: Bytes) -> int:
    return sum(row.tobytes() in training for row in images)


def _of(n: int, of: int) -> str:
    return f"all {of:,}" if n == of else f"{n:,} of {of:,}"
