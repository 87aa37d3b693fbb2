"""The events of a search in the results folder: kept as they happen, read when a search goes on or is reported.

    searches/STUDY/PART-FINGERPRINT/search.json    what is sought and how, and what it was told of first
    searches/STUDY/PART-FINGERPRINT/000000.json    events, in order; see `study.search.controller`
    searches/STUDY/answer.json                     which proposals went into the study STUDY.answer, under which seeds
    searches/STUDY/answer-reduced.json             the same of a reduced search (`--quick`)

Each file holds a checksum over the rest of it; those that were written before there was one are read all the same. The
fingerprint is over all that decides what is proposed and who goes on, but not over the number of proposals: a
search asked for more goes on from what it has.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.spec.frozen import search_as_accepted
from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from study.spec.study import Study
from study.storage import integrity, search_answer, told_points
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import SearchAnswer
from study.storage.search_events import Event, Proposal, proposals_after
from study.storage.search_start import read_start
from study.storage.told_points import ToldPoints
from trainables.config.errors import BadInput, StoreError, StudyError
from trainables.config.identity import CODE_VERSION, canonical_json

CHANGEABLE_SETTINGS = ("trials", "parallel", "racing", "beat")
"""What may change of a search without its being another one."""
EVENTS_PER_FILE = 64
"""Events a file; a file is written whole, so that none is ever cut off."""
_CHUNK = re.compile(r"/\d{6}\.json\Z")
_BEFORE_CHECKSUMS = frozenset(
    {"part", "search", "asked_first", "base", "epochs", "data", "code", "began", "events"}
    | {"study", "seeds", "arms", "raced"}
)
"""The fields of the files that were written before there was a checksum."""
_PART = re.compile(r"searches/([^/]+)/([^/]+)-([0-9a-f]{12})/search\.json")


class SearchLog:
    """Keeps the events of one part.

    Args:
        shared, data: all that decides results besides the search itself; `data` is the checksum of it.
    """

    def __init__(
        self, store: ResultsFolder, study: str, label: str, part: Search, shared: SharedKnobs, data: str
    ) -> None:
        self.store = store
        values = part.to_dict()
        what = _sought(part)
        rest = {"base": dict(shared.base), "epochs": shared.epochs, "data": data, "code": CODE_VERSION}
        mark = hashlib.sha256(canonical_json({"search": what, **rest}).encode()).hexdigest()[:12]
        self.name = f"{study}/{label or 'all'}-{mark}"
        self.folder = f"searches/{self.name}"
        self.past = read_events(self.store, self.folder)
        begun = _read_or_nothing(self.store, f"{self.folder}/search.json")
        start = read_start(begun, part, any_event=bool(self.past))
        self.asked_first = start.asked_first
        """How many proposals it was first asked for; a population's size depends on it."""
        self.hyperband_keeps = start.hyperband_keeps
        """One in how many goes on under HyperBand; 0 under others."""
        self.told = start.told
        """What the searcher was told of before the search began; None where that was not kept."""
        self._chunk = len(self.past) // EVENTS_PER_FILE
        self._events = [e.to_dict() for e in self.past[self._chunk * EVENTS_PER_FILE :]]
        kept = {"hyperband_keeps": self.hyperband_keeps} if self.hyperband_keeps else {}
        self._head = {"part": label, "search": values, "asked_first": self.asked_first, **kept, **rest}
        self._objectives = part.objectives
        self._write_head()

    def tell(self, points: ToldPoints) -> None:
        """Keep what the searcher is told of before the search begins."""
        self.told = points
        self._write_head()

    def _write_head(self) -> None:
        told = {} if self.told is None else {"told": told_points.to_json(self.told, self._objectives)}
        _write_checksummed(self.store, f"{self.folder}/search.json", {**self._head, **told})

    def add(self, event: Event) -> None:
        """Keep an event; on return it is on disk."""
        self._events.append(event.to_dict())
        _write_checksummed(self.store, f"{self.folder}/{self._chunk:06d}.json", {"events": self._events})
        if len(self._events) == EVENTS_PER_FILE:
            self._chunk, self._events = self._chunk + 1, []


def _read_or_nothing(store: ResultsFolder, name: str) -> dict[str, Any]:
    try:
        return _read(store, name)
    except StudyError:
        return {}


def _read(store: ResultsFolder, name: str) -> dict[str, Any]:
    """A file of a search without its checksum, which fits; empty where there is no file."""
    data = store.folder.read(name)
    return {} if data is None else _sound(integrity.to_plain(data, name), name)


def _sound(values: Any, name: str) -> dict[str, Any]:
    if isinstance(values, list) and _CHUNK.search(name):  # events, as they were written before there was a checksum
        values = {"events": values}
    if not isinstance(values, dict):
        raise StoreError(f"{name} is damaged (it is not an object)")
    plain = {k: v for k, v in values.items() if k != "checksum"}
    if "checksum" in values and values["checksum"] != integrity.checksum_of(plain):
        raise StoreError(f"{name} is damaged (its content does not fit its checksum)")
    if "checksum" not in values and (odd := set(plain) - _BEFORE_CHECKSUMS):
        raise StoreError(f"{name} is damaged (it has no checksum, and a field {min(odd)!r})")
    return plain


def read_events(store: ResultsFolder, folder: str) -> list[Event]:
    """The events of one part, in order.

    Raises:
        StoreError: a file of them is damaged, or missing between others.
    """
    found: list[Event] = []
    for name in _chunks(store, folder):
        found += _chunk(store, name, found)
    return found


def _chunks(store: ResultsFolder, folder: str) -> list[str]:
    return [n for n in store.folder.names(folder) if _CHUNK.search(n)]


def _chunk(store: ResultsFolder, name: str, before: Sequence[Event]) -> list[Event]:
    """The events of a file, which go on from those before it."""
    if len(before) != EVENTS_PER_FILE * int(name[-11:-5]):
        raise integrity.damaged(store.folder, name, "what came before it is missing")
    try:
        return parse_events(_read(store, name).get("events"), before, name)
    except StoreError as error:
        raise StoreError(f"{error}; {integrity.repair_command(store.folder)} moves it to quarantine/") from None


def parse_events(given: Any, before: Sequence[Event], name: str) -> list[Event]:
    """Events from plain data, which go on from those before them.

    Raises:
        StoreError: one is not what it should be; names the file.
    """
    proposed = sum(e.kind == "proposed" for e in before)
    found: list[Event] = []
    try:
        for values in given:
            found.append(Event.from_dict(values))
            found[-1].check(proposed)
            proposed += found[-1].kind == "proposed"
    except (BadInput, ValueError, TypeError, RecursionError) as error:
        raise StoreError(f"{name} is damaged ({integrity.first_line(error)})") from None
    return found


def damage(store: ResultsFolder) -> Iterator[integrity.Damage]:
    """Every file of a search that fails its check, and all events after one that does."""
    names = store.folder.names("searches", deep=True)
    for name in names:
        if not _CHUNK.search(name) and (reason := _fault(store, name)):
            yield integrity.Damage(name, reason)
    for folder in sorted({n.rpartition("/")[0] for n in names if _CHUNK.search(n)}):
        before: list[Event] = []
        reason = ""
        for name in _chunks(store, folder):
            try:
                before += [] if reason else _chunk(store, name, before)
            except StudyError as error:
                reason = integrity.why_within(error)
                yield integrity.Damage(name, reason)
                continue
            if reason:
                yield integrity.Damage(name, "it goes on from events that are damaged")


def merge_searches(source: ResultsFolder, target: ResultsFolder) -> None:
    """Put the searches of a folder into another; of one that both have, whichever has gone further.

    Two runs of one search may have tried different configurations, so their events cannot be put together; the records
    can, and a search that goes on finds them.
    """
    names = source.folder.names("searches", deep=True)
    taken = set[str]()
    for name in names:
        if not (match := _PART.fullmatch(name)):
            continue
        folder = name.removesuffix("/search.json")
        events, there = read_events(source, folder), read_events(target, folder)
        if len(events) > len(there) or target.folder.read(name) is None:
            if events[: len(there)] != there:
                for old in reversed(_chunks(target, folder)):
                    target.folder.delete(old)
            for file in (name, *_chunks(source, folder)):
                target.folder.write(file, source.folder.read(file) or b"")
            taken.add(match[1])
    for name in names:
        if search_answer.FILE.fullmatch(name) and (name.split("/")[1] in taken or target.folder.read(name) is None):
            target.folder.write(name, source.folder.read(name) or b"")


def _fault(store: ResultsFolder, name: str) -> str:
    """Why a `search.json` or an answer is not sound; empty if it is."""
    try:
        values = _read(store, name)
        if _PART.fullmatch(name):
            Search.from_dict(search_as_accepted(values["search"]))
            told_points.from_json(values.get("told", ()))
        elif search_answer.FILE.fullmatch(name):
            SearchAnswer.from_json(values)
    except (StudyError, ValueError, TypeError, KeyError, AttributeError) as error:
        return integrity.first_line(error)
    return ""


def write_answer(store: ResultsFolder, name: str, answer: SearchAnswer) -> None:
    """Keep what a search came to, under a name."""
    _write_checksummed(store, name, answer.to_json())


def _write_checksummed(store: ResultsFolder, name: str, value: Mapping[str, Any]) -> None:
    """Keep plain data as JSON under a name, with its checksum."""
    plain = json.loads(canonical_json(value))
    store.folder.write(name, (json.dumps({"checksum": integrity.checksum_of(plain), **plain}) + "\n").encode())


@dataclass(frozen=True)
class SearchPart:
    """One part of a search on record."""

    study: str
    label: str
    search: Search
    shared: SharedKnobs
    proposals: tuple[Proposal, ...]
    events: tuple[Event, ...]
    folder: str = ""
    """Where it lies."""
    data: str = ""
    """The checksum of its data."""

    def files(self, event: int = 0) -> list[str]:
        """The file that holds an event, by its place among them, and those after it."""
        last = max(len(self.events) - 1, 0) // EVENTS_PER_FILE
        return [f"{self.folder}/{number:06d}.json" for number in range(event // EVENTS_PER_FILE, last + 1)]

    @property
    def epochs(self) -> int:
        """How many epochs a whole trial has."""
        return self.shared.epochs


def search_parts(store: ResultsFolder, problems: list[str] | None = None) -> list[SearchPart]:
    """Read all searches of a results folder, part by part; with `problems`, what is damaged is left out and said there.

    Raises:
        StoreError: a file is damaged.
    """
    found = []
    for name in store.folder.names("searches", deep=True):
        if match := _PART.fullmatch(name):
            try:
                found += _part(store, name, match[1])
            except StudyError as error:
                if problems is None:
                    raise
                problems.append(f"a search of {match[1]} is left out: {error}")
    return found


def _part(store: ResultsFolder, name: str, study: str) -> list[SearchPart]:
    try:
        if not (values := _read(store, name)):
            return []
        search = Search.from_dict(search_as_accepted(values["search"]))
        label, shared = (
            str(values["part"]),
            SharedKnobs.of(int(values["epochs"]), Point.from_json(dict(values["base"]))),
        )
        folder = name.removesuffix("/search.json")
        events = read_events(store, folder)
        proposals = proposals_after(events, shared.epochs, search.objectives[0])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, BadInput) as error:
        raise StoreError(f"{name} or its events are damaged ({error})") from None
    return [SearchPart(study, label, search, shared, proposals, tuple(events), folder, str(values["data"]))]


def answer_name(study: str, *, reduced: bool = False) -> str:
    """The file that says what went into a study's answer."""
    return f"searches/{study}/answer{'-reduced' if reduced else ''}.json"


def answer_of(
    store: ResultsFolder, study: str, problems: list[str] | None = None, *, reduced: bool = False
) -> SearchAnswer | None:
    """What is on record of how a study's answer was chosen; None where nothing is.

    Raises:
        StoreError: it is damaged, and `problems` is not given.
    """
    name = answer_name(study, reduced=reduced)
    if reduced and store.folder.read(name) is None:  # version 0.1 had one name for both
        name = answer_name(study)
    try:
        values = _read(store, name)
        return SearchAnswer.from_json(values) if values else None
    except (StudyError, ValueError, TypeError, AttributeError) as error:
        if problems is None:
            raise StoreError(f"{name} is damaged ({error})") from None
        problems.append(f"{name} is damaged: how its arms did in the search is lost")
        return None


def current_parts(found: Sequence[SearchPart], study: Study) -> tuple[list[SearchPart], list[SearchPart]]:
    """The parts of a study's search as it stands, in its order, and those of what it was before a change."""
    own_parts = [p for p in found if p.study == study.name]
    if study.search is None:
        return [], own_parts
    kept: list[SearchPart] = []
    for label, search in study.search.parts().items():
        wanted = _sought(search), study.shared_knobs
        same = [p for p in own_parts if p.label == label and (_sought(p.search), p.shared) == wanted]
        kept += sorted(same, key=lambda p: -len(p.events))[:1]
    return kept, [p for p in own_parts if not any(p is k for k in kept)]


def _sought(search: Search) -> dict[str, Any]:
    """All that decides what is proposed and who goes on."""
    return {k: v for k, v in search.to_dict().items() if k not in CHANGEABLE_SETTINGS}
