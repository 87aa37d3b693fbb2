"""How Ray's private names are replaced, and put back; with a version that was not tested, nothing is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

TESTED: tuple[str, ...] = ("2.60.",)
"""The beginnings of the versions of Ray that the patches were tested with; with any other, they are left out whole."""


def is_tested(ray: Any) -> bool:
    """Whether this Ray is one of those that the patches were tested with."""
    return str(getattr(ray, "__version__", "")).startswith(TESTED)


def attribute_at(ray: Any, path: str) -> Any:
    """What lies at a dotted path in Ray; a class with nothing in it where a version has no such thing."""
    try:
        return attrgetter(path)(ray)
    except AttributeError:
        return type("Absent", (), {})


@contextlib.contextmanager
def replaced(ray: Any, owner: Any, **others: Any) -> Iterator[None]:
    """A class or module with others of the functions and values that it has; afterwards with its own again.

    With a Ray that was not tested, as it is.
    """
    own = {name: getattr(owner, name) for name in others if hasattr(owner, name)} if is_tested(ray) else {}
    for name in own:
        setattr(owner, name, others[name])
    try:
        yield
    finally:
        for name, value in own.items():
            setattr(owner, name, value)
