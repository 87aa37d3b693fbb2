"""Mistakes that several checks find, told in one go: what one of them finds keeps no other from asking."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from study.spec.faults import together
from trainables.config.errors import StudyError


class GatheredFaults:
    """What is wrong so far."""

    def __init__(self) -> None:
        self.found: list[StudyError] = []

    @contextlib.contextmanager
    def put_aside(self) -> Iterator[None]:
        """Within, what is wrong is put aside: what comes after asks without it."""
        try:
            yield
        except StudyError as error:
            self.found.append(error)


@contextlib.contextmanager
def told_together() -> Iterator[GatheredFaults]:
    """Within, mistakes are gathered; afterwards, or where one keeps all others from being found, they are raised.

    Raises:
        StudyError: the only mistake as it is; of several a line each.
    """
    faults = GatheredFaults()
    with faults.put_aside():
        yield faults
    if faults.found:
        raise together(faults.found) from None
