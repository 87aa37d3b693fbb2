"""Files of a search that were flipped or cut: every reader says so in one line, or reads what is sound."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_log import SearchLog, _write_checksummed, answer_name, answer_of, search_parts
from study.storage.survey import survey
from trainables.config.errors import StudyError

SEARCH = Search.from_dict(
    {"trials": 2, "searcher": "random", "space": {"lr": {"kind": "float", "low": 0.1, "high": 1}}}
)
EVENTS = (
    Event(kind="proposed", proposal=0, point=Point((("lr", 0.5),)), by="random"),
    Event(kind="sent", proposal=0, until=1),
    Event(kind="reported", proposal=0, curves={"val_accuracy": [0.5]}),
    Event(kind="tested", proposal=0, seeds=(1000, 1001), by="a0fc5c4171655e92", until=1),
)
FILES = ("search.json", "000000.json", "answer.json")
Damaging = Callable[[bytes], bytes]


def flipped(at: int, bit: int) -> Damaging:
    return lambda data: data[: at % len(data)] + bytes([data[at % len(data)] ^ (1 << bit)]) + data[at % len(data) + 1 :]


def cut(at: int) -> Damaging:
    return lambda data: data[: at % len(data)]


DAMAGE = st.builds(flipped, st.integers(0, 5000), st.integers(0, 7)) | st.builds(cut, st.integers(0, 5000))


def folder(where: str) -> tuple[ResultsFolder, dict[str, str]]:
    """A results folder with a search, and its files by their last name."""
    store = ResultsFolder(where, create=True)
    log = SearchLog(store, "s", "", SEARCH, SharedKnobs.of(1), "x")
    for event in EVENTS:
        log.add(event)
    _write_checksummed(
        store, answer_name("s"), {"study": "s.answer", "seeds": [1000], "arms": [{"arm": "a", "proposal": 0}]}
    )
    return store, {n.rpartition("/")[2]: n for n in store.folder.names("searches", deep=True)}


def damaged_files_are_one_line(which: str, damage: Damaging) -> None:
    with tempfile.TemporaryDirectory() as place:
        store, names = folder(place)
        assert [e.seeds for e in search_parts(store)[0].events] == [(), (), (), (1000, 1001)]
        path = Path(store.folder.path(names[which]))
        before = path.read_bytes()
        after = damage(before)
        assume(after != before.rstrip())  # the last line's end alone is no damage
        path.write_bytes(after)
        said: list[str] = []
        search_parts(store, said)
        answer_of(store, "s", said)
        said += survey(store).problems
        for read in (lambda: search_parts(store), lambda: answer_of(store, "s")):
            try:
                read()
            except StudyError as error:
                said.append(str(error))
        assert said and all(line.isprintable() and len(line) < 1000 for line in said), said


@settings(deadline=None, max_examples=15)
@given(which=st.sampled_from(FILES), damage=DAMAGE)
def test_a_damaged_file_of_a_search_is_one_line(which: str, damage: Damaging) -> None:
    damaged_files_are_one_line(which, damage)


@pytest.mark.e2e
@settings(deadline=None, max_examples=1000)
@given(which=st.sampled_from(FILES), damage=DAMAGE)
def test_a_damaged_file_of_a_search_is_one_line_at_length(which: str, damage: Damaging) -> None:
    damaged_files_are_one_line(which, damage)
