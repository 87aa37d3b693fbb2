"""A command that trains and is refused says last, and once, that nothing was trained."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from trainables.config.errors import StudyError

NOTHING_TRAINED = "Nothing was trained."
UNDER_WAY_CODES = (6, 130)
"""Exit codes of runs that trained, or were about to, and say themselves how far they came."""


@contextlib.contextmanager
def says_nothing_was_trained(began: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Within, an error says it in a note; `began`: whether a trial has begun."""
    try:
        yield
    except StudyError as error:
        if error.exit_code not in UNDER_WAY_CODES and not began() and NOTHING_TRAINED not in notes_of(error):
            error.add_note(NOTHING_TRAINED)
        raise


def notes_of(error: StudyError) -> tuple[str, ...]:
    """What is to be said below an error."""
    return tuple(getattr(error, "__notes__", ()))
