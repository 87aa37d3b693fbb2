"""How Ray's private names are replaced, and put back; with a version that was not tested, nothing is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from importlib.metadata import version
from operator import attrgetter
from typing import Any

TESTED: tuple[str, ...] = ("2.60.",)
"""The beginnings of the versions of Ray that the patches were tested with; with any other, they are left out whole."""


_LEFT_OUT = ContextVar("left_out", default=False)


def is_tested(ray: Any) -> bool:
    """Whether this Ray is one of those that the patches were tested with, and they are not left out for now."""
    return not _LEFT_OUT.get() and str(getattr(ray, "__version__", "")).startswith(TESTED)


def is_installed_tested() -> bool:
    """The same of the Ray that is installed, which need not be imported yet."""
    return version("ray").startswith(TESTED)


@contextlib.contextmanager
def left_out() -> Iterator[None]:
    """Within, every Ray counts as one that was not tested: nothing of it is replaced."""
    before = _LEFT_OUT.set(True)
    try:
        yield
    finally:
        _LEFT_OUT.reset(before)


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
