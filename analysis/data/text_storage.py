"""How pandas keeps text while verdicts and pages are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd


@contextmanager
def text_as_objects() -> Iterator[None]:
    """While it lasts, also as a decorator, pandas keeps new columns of text as Python's strings, not as Arrow's.

    Arrow's are made for many rows. Ours are few, and asked for one by one: the chapter's page takes a quarter less
    processor time so. Values, missing ones and the dtype `str` are the same.
    """
    with pd.option_context("mode.string_storage", "python"):
        yield
