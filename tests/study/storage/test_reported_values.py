"""What a search was told is held against its trials' records: said everywhere, refused by a run, mended by `repair`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from study.cli.main import app
from study.storage.integrity import to_plain
from study.storage.repair import verify
from study.storage.reported_values import contradicted, refuse_contradicted, trials_of
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import _write_checksummed, search_parts
from study.storage.survey import survey
from tests.test_architecture import ROOT
from trainables.config.errors import StoreError, StudyError

FILE = "000000.json"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    shutil.copytree(ROOT / "tests/fixtures/v0.1/search/results", tmp_path / "results")
    return ResultsFolder(tmp_path / "results")


def tell(store: ResultsFolder, change: Change) -> str:
    """Change one event that reported, with a checksum that fits; returns its file."""
    folder = search_parts(store)[0].folder
    events = to_plain(store.folder.read(f"{folder}/{FILE}") or b"", FILE)
    events = events["events"] if isinstance(events, dict) else events
    change(next(e for e in events if e["kind"] == "reported"))
    _write_checksummed(store, f"{folder}/{FILE}", {"events": events})
    return f"{folder}/{FILE}"


def test_a_search_that_was_never_touched_agrees_with_its_records(store: ResultsFolder) -> None:
    assert list(contradicted(store, search_parts(store))) == [] and verify(store.folder.where).sound
    tell(store, lambda e: e["curves"].update(seconds=[1e6] * len(e["curves"]["seconds"])))
    assert list(contradicted(store, search_parts(store))) == [], "times are measured"


def worse(event: dict[str, Any]) -> None:
    event["curves"]["val_accuracy"][0] += 0.01


WRONG: dict[str, tuple[Change, str]] = {
    "value": (worse, r"configuration 0 val_accuracy 0\.\d+ in epoch 1, and the records of its trials give 0\.\d+"),
    "no number": (lambda e: e["curves"].update(val_loss=[None] * len(e["curves"]["val_loss"])), "val_loss nan in"),
    "diverged": (lambda e: e.update(diverged=True), r"configuration 0 diverged within \d+ epochs?, .* it did not"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_contradiction_is_said_everywhere_and_mended_by_the_command_it_names(
    store: ResultsFolder, wrong: str
) -> None:
    change, says = WRONG[wrong]
    name = tell(store, change)
    where = store.folder.where
    found = survey(store)
    assert len(found.problems) == 1 and name in found.damaged
    with pytest.raises(StoreError, match=f"{says}.*; `study repair {where}` moves these events to quarantine/"):
        refuse_contradicted(store, name.rpartition("/")[0])
    assert not verify(where).sound
    for words in (["verify", where], ["status", where], ["show", "seeking", "--results", where]):
        done = CliRunner().invoke(app, words)
        assert name in done.output and "Traceback" not in done.output, words
        assert done.exception is None or isinstance(done.exception, SystemExit | StudyError)
    assert CliRunner().invoke(app, ["repair", where]).exit_code == 0
    assert survey(store).problems == () and verify(where).sound
    assert store.folder.names("quarantine") and search_parts(store)[0].events == ()


def test_a_trial_that_was_trained_again_on_another_kind_of_machine_is_no_contradiction(store: ResultsFolder) -> None:
    tell(store, worse)
    assert list(contradicted(store, search_parts(store)))
    (trial, *_) = [
        t
        for e in search_parts(store)[0].events
        if e.kind == "reported"
        for t in trials_of(search_parts(store)[0])[e.proposal]
    ]
    records = list(store.trials.records())
    for file in store.trials.gathered():
        store.folder.delete(file)
    moved = [{**r.provenance, "hardware": "another"} if r.id == trial else r.provenance for r in records]
    store.trials.write_gathered(replace(r, provenance=p) for r, p in zip(records, moved, strict=True))
    assert list(contradicted(store, search_parts(store))) == []


def test_a_record_that_is_gone_or_damaged_says_nothing(store: ResultsFolder) -> None:
    name = tell(store, worse)
    for file in store.trials.gathered():
        path = Path(store.folder.path(file))
        path.write_bytes(path.read_bytes()[:-9])
    assert list(contradicted(store, search_parts(store))) == []
    refuse_contradicted(store, name.rpartition("/")[0])
