"""How a results folder goes on where claims lack records: its searches that are not over, and the command."""

from __future__ import annotations

from study.app.status import status_of


def goes_on(where: str) -> tuple[tuple[str, ...], str]:
    """What is not over of a folder's searches, a sentence each, and the command that `study status` names.

    Returns:
        No sentence where every search is over; no command where no run goes on and nothing is missing.

    Raises:
        StoreError: it is no results folder.
    """
    status = status_of(where, check=False)
    ends = "Its claims are judged on fresh seeds, at its end."
    said = tuple(f"The search {s.study} is not over: {s.tried_words()}. {ends}" for s in status.searching)
    left = status.left.lost or status.searching or (status.alive and status.run is not None)
    return said, status.next_command if left else ""
