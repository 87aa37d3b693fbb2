"""The events of a search in the results folder: kept as they happen, read when a search goes on or is reported.

    searches/STUDY/PART-FINGERPRINT/search.json    what is sought, and how
    searches/STUDY/PART-FINGERPRINT/000000.json    events, in order; see `study.adaptive`
    searches/STUDY/answer.json                     which proposals went into the study STUDY.answer, under which seeds

The fingerprint is over all that decides what is proposed and who goes on, but not over the number of proposals: a
search asked for more goes on from what it has.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from study.adaptive import Event, Proposal
from study.search_spec import Search
from study.store import Store
from trainables.config import CODE_VERSION, canonical_json
from trainables.errors import StoreError

CHUNK = 64
"""Events a file; a file is written whole, so that none is ever cut off."""
_PART = re.compile(r"searches/([^/]+)/([^/]+)-([0-9a-f]{12})/search\.json")


class Log:
    """One part's events.

    Args:
        shared: all that decides results besides the search itself: base, epochs, data.
    """

    def __init__(self, store: Store, study: str, label: str, part: Search, shared: Mapping[str, Any]) -> None:
        self.store = store
        values = part.to_dict()
        what = {k: v for k, v in values.items() if k not in ("trials", "parallel", "racing")}
        rest = {**shared, "code": CODE_VERSION}
        mark = hashlib.sha256(canonical_json({"search": what, **rest}).encode()).hexdigest()[:12]
        self.name = f"{study}/{label or 'all'}-{mark}"
        self.folder = f"searches/{self.name}"
        self.past = read_events(self.store, self.folder)
        self.asked_first = _asked_first(self.store, f"{self.folder}/search.json") or part.trials
        """How many proposals it was first asked for; a population's size depends on it."""
        self._chunk = len(self.past) // CHUNK
        self._events = [e.to_dict() for e in self.past[self._chunk * CHUNK :]]
        write(
            self.store,
            f"{self.folder}/search.json",
            {"part": label, "search": values, "asked_first": self.asked_first, **rest},
        )

    def add(self, event: Event) -> None:
        """Keep an event; on return it is on disk."""
        self._events.append(event.to_dict())
        write(self.store, f"{self.folder}/{self._chunk:06d}.json", self._events)
        if len(self._events) == CHUNK:
            self._chunk, self._events = self._chunk + 1, []


def _asked_first(store: Store, name: str) -> int:
    """How many proposals a search on record was first asked for; 0 where it does not say."""
    try:
        values = json.loads(store.folder.read(name) or b"{}")
        return int(values.get("asked_first") or values["search"]["trials"]) if values else 0
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0


def read_events(store: Store, folder: str) -> list[Event]:
    """The events of one part, in order.

    Raises:
        StoreError: a chunk is damaged.
    """
    found: list[Event] = []
    for name in store.folder.names(folder):
        if name.endswith("search.json") or (data := store.folder.read(name)) is None:
            continue
        try:
            found += [Event.from_dict(e) for e in json.loads(data)]
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{name} is damaged ({error}); delete the folder {folder} to search anew from the records"
            ) from None
    return found


def write(store: Store, name: str, value: Any) -> None:
    """Keep plain data as JSON under a name."""
    store.folder.write(name, (json.dumps(value, allow_nan=False) + "\n").encode())


@dataclass(frozen=True)
class Part:
    """One part of a search on record."""

    study: str
    label: str
    search: Search
    base: Mapping[str, Any]
    epochs: int
    proposals: tuple[Proposal, ...]
    events: tuple[Event, ...]


def parts(store: Store) -> list[Part]:
    """All searches of a results folder, part by part.

    Raises:
        StoreError: a file is damaged.
    """
    found = []
    for name in store.folder.names("searches", deep=True):
        if (match := _PART.fullmatch(name)) and (data := store.folder.read(name)) is not None:
            try:
                values = json.loads(data)
                search = Search.from_dict(values["search"])
                label, base, epochs = str(values["part"]), dict(values["base"]), int(values["epochs"])
            except (ValueError, TypeError, KeyError) as error:
                raise StoreError(f"{name} is damaged ({error})") from None
            events = read_events(store, name.removesuffix("/search.json"))
            found.append(
                Part(
                    match[1], label, search, base, epochs, replayed(events, epochs, search.objectives[0]), tuple(events)
                )
            )
    return found


def replayed(events: list[Event], epochs: int, objective: str) -> tuple[Proposal, ...]:
    """Proposals as the events leave them."""
    found: list[Proposal] = []
    for event in events:
        if event.kind == "proposed":
            assert event.point is not None
            found.append(Proposal(event.n, event.point, event.by))
        elif event.kind != "refused":
            found[event.n].change(event, epochs, objective)
    return tuple(found)
