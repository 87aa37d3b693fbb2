"""How long a search still takes: at its own pace, with the parts and the answer to come. No clock here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from study.app.plan_clock import WORKERS_SECONDS
from study.search.search_cost import finalists, trained_share
from study.spec.search import Search
from study.storage.search_events import Proposal

MIN_ENDED = 2
"""Configurations that have come to a rung or an end before anything is said of the time."""


@dataclass(frozen=True)
class AfterPart:
    """What follows a part of a search: epochs of one seed, and how often new workers start."""

    epochs: float = 0.0
    starts: int = 0

    @classmethod
    def of(cls, search: Search, part: Search, epochs: int, fresh_seeds: int) -> AfterPart:
        """What follows `part` of `search`, whose whole trials have `epochs`: the parts after it, and the answer."""
        parts = list(search.parts().values())
        later = parts[parts.index(part) + 1 :] if part in parts else []
        answer = len(parts) * sum(finalists(search)) / 2 * fresh_seeds * epochs
        return cls(answer + sum(p.seeds * expected_epochs(p, epochs) for p in later), len(later) + 1)


@dataclass(frozen=True)
class Earlier:
    """What is behind a search that goes on: configurations that ended, and epochs, counted once for all seeds."""

    ended: int = 0
    epochs: int = 0

    @classmethod
    def of(cls, proposals: Sequence[Proposal]) -> Earlier:
        """Of the proposals that an earlier run made."""
        return cls(sum(p.state != "running" for p in proposals), sum(p.epochs for p in proposals))


def expected_epochs(part: Search, epochs: int) -> float:
    """Epochs that the configurations of a part have in all, each counted once for all of its seeds."""
    return part.tries() * epochs * sum(trained_share(part, epochs)) / 2


def search_time_left(
    part: Search,
    epochs: int,
    proposals: Sequence[Proposal],
    under_way: Mapping[int, int],
    spent: float,
    after: AfterPart | None = None,
    *,
    same_process: bool = False,
    earlier: Earlier | None = None,
) -> float | None:
    """Seconds until a search and its answer are over; None before some of its configurations are.

    Args:
        part: that is searched.
        epochs: of a whole trial.
        proposals: made so far.
        under_way: by number, the epochs that one that is trained has behind it.
        spent: seconds since the first epoch began.
        after: what follows the part.
        same_process: whether no new workers start.
        earlier: what an earlier run did, which took none of this time.
    """
    before = earlier or Earlier()
    if sum(p.state != "running" for p in proposals) - before.ended < MIN_ENDED:
        return None
    done = sum(max(p.epochs, under_way.get(p.number, 0)) for p in proposals)
    first_rung = min(p.until for p in proposals)
    at_least = sum(p.until - max(p.epochs, under_way.get(p.number, 0)) for p in proposals if p.state == "running")
    at_least += (part.tries() - len(proposals)) * first_rung
    later = after or AfterPart()
    to_train = max(expected_epochs(part, epochs) - done, at_least) + later.epochs / part.seeds
    return spent / max(done - before.epochs, 1) * to_train + (0.0 if same_process else later.starts * WORKERS_SECONDS)
