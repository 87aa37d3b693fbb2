"""What a search on record says of how it began, from its `search.json`: what a search that goes on must not lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from study.spec.search import Search
from study.storage import told_points
from study.storage.told_points import ToldPoints


@dataclass(frozen=True)
class SearchStart:
    """How a search began."""

    asked_first: int
    """How many proposals it was first asked for; a population's size depends on it."""
    hyperband_keeps: int
    """One in how many goes on under HyperBand; 0 under others."""
    told: ToldPoints | None
    """What its searcher was told of first; None where that was not kept."""


def read_start(begun: object, part: Search, *, any_event: bool) -> SearchStart:
    """How a search began, by what is on record of it.

    Args:
        begun: what its file says; empty where there is none.
        part: it as it stands.
        any_event: whether anything has happened in it.
    """
    given: dict[str, Any] = begun if isinstance(begun, dict) else {}
    return SearchStart(_asked_first(given) or part.trials, _hyperband_keeps(given, part, any_event), _told(given))


def _asked_first(given: dict[str, Any]) -> int:
    try:
        return int(given.get("asked_first") or given["search"]["trials"]) if given else 0
    except (ValueError, TypeError, KeyError):
        return 0


def _hyperband_keeps(given: dict[str, Any], part: Search, any_event: bool) -> int:
    """A search that was begun before this was said kept one in three."""
    if part.scheduler.name != "hyperband":
        return 0
    if not any_event:
        return part.scheduler.reduction
    try:
        return int(given.get("hyperband_keeps", 3))
    except (ValueError, TypeError):
        return 3


def _told(given: dict[str, Any]) -> ToldPoints | None:
    try:
        return told_points.from_json(given["told"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
