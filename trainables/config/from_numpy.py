"""NumPy's numbers, flags and arrays as Python's own: people compute the values of a study with NumPy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

_OWN = frozenset({int, float, bool, str, type(None)})


def as_plain(value: Any) -> Any:
    """The very value, to the last bit, in plain types; within lists, tuples and mappings too.

    What plain types do not hold exactly (a long double, say) stays as it is, to be refused where it is checked.

    >>> import numpy as np
    >>> as_plain((np.int64(8), np.float32(0.1), np.bool_(True), {"hidden": np.arange(2)}))
    (8, 0.10000000149011612, True, {'hidden': [0, 1]})
    """
    if type(value) in _OWN:
        return value
    numpy = sys.modules.get("numpy")  # where nobody has imported it, nothing is of it
    if numpy is not None and isinstance(value, numpy.generic | numpy.ndarray):
        return value.tolist()
    if type(value) in (list, tuple):
        return type(value)(as_plain(v) for v in value)
    if isinstance(value, Mapping):
        return {as_plain(k): as_plain(v) for k, v in value.items()}
    return value


def make_plain(given: Any) -> None:
    """Give every field of a frozen dataclass its plain value; to be called first when one is made."""
    for name, value in list(vars(given).items()):
        plain = as_plain(value)
        if plain is not value:
            object.__setattr__(given, name, plain)
