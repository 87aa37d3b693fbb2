"""What every scheduler of trials answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class TrialScheduler(Protocol):
    """Decides who goes on.

    Proposals are known by their numbers. One begins with `sent`, up to the epoch that `start` says; each segment ends
    with `report`, the values of all epochs so far, or with `lost`. In between `ready` says who should go on.
    """

    def start(self, proposal: int) -> int:
        """Say to which epoch a new proposal is trained first."""

    def sent(self, proposal: int, until: int) -> None:
        """A proposal has been sent to train until an epoch."""

    def report(self, proposal: int, curve: Sequence[float]) -> None:
        """A segment has ended."""

    def lost(self, proposal: int) -> None:
        """A proposal has diverged or failed; it is not sent again, but for one that failed, by a later run."""

    def ready(self, all_reported: bool) -> tuple[int, int] | None:
        """Say who goes on and to which epoch; `all_reported`: nobody runs, and there will be no new proposal.

        Asking changes nothing; `sent` does.
        """

    def dropped(self, trials: int) -> set[int]:
        """Return all who wait and will not go on, where so many are proposed in all.

        But for two exceptions: too few reach the end (`MIN_WHOLE_PROPOSALS`), or the search is asked for more
        proposals.
        """
