"""A damaged or lost header is written anew by `study repair`, where what lies in the folder shows that it is ours."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from study.spec.study import Arm, Study
from study.storage import repair as upkeep
from study.storage.header_repair import folder_to_repair
from study.storage.integrity import FORMAT, HEADER_FILE
from study.storage.results_folder import ResultsFolder
from tests.study.cli.test_main import study
from tests.study.storage.test_results_folder import record
from trainables.config.errors import StoreError

STUDY = Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
HEADS = [b"", b"{", b"[]", b"\xff\x00", b'{"format": "hyperparameter-studz results", "version": 2}',
         json.dumps({"format": FORMAT, "version": "2"}).encode(), None]  # fmt: skip


def spoil(store: ResultsFolder, head: bytes | None) -> Path:
    path = Path(store.folder.path(HEADER_FILE))
    path.unlink() if head is None else path.write_bytes(head)
    return path


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("held", ["loose", "gathered", "study"])
def test_the_command_that_is_named_mends_it_and_nothing_is_lost(
    tmp_path: Path, head: bytes | None, held: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ResultsFolder(tmp_path / "my results", create=True)
    if held == "study":
        store.studies.freeze(STUDY)
    else:
        store.write(record(0))
        if held == "gathered":
            store.trials.gather()
    spoil(store, head)
    with pytest.raises(StoreError, match="is not a results folder") as caught:
        ResultsFolder(store.folder.where)
    (command,) = re.findall(r"`(study repair .*?)` writes study-results.json anew", str(caught.value))
    assert study(*shlex.split(command)[1:]) == 0
    said = capsys.readouterr().out
    assert "written anew" in said and said.endswith("every trial that was on record still is: none is trained again\n")
    assert len(ResultsFolder(store.folder.where).trials.on_record()) == (held != "study")
    kept = store.folder.names("quarantine")
    assert [store.folder.read(n) for n in kept] == ([] if head is None else [head])
    assert upkeep.repair(store.folder.where).lines[-1] == "nothing to repair"


@pytest.mark.parametrize("head", HEADS)
def test_without_a_sound_file_nothing_is_changed_and_no_command_is_advised(tmp_path: Path, head: bytes | None) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.write(record(0))
    Path(store.folder.path(store.trials.loose()[0])).write_bytes(b"damaged")
    spoil(store, head)
    before = {p: p.read_bytes() for p in (tmp_path / "r").rglob("*") if p.is_file()}
    for call in (folder_to_repair, upkeep.repair):
        with pytest.raises(StoreError) as caught:
            call(store.folder.where)
    with pytest.raises(StoreError, match="so nothing was changed") as caught:
        folder_to_repair(store.folder.where)
    assert "study repair" not in str(caught.value)
    assert {p: p.read_bytes() for p in (tmp_path / "r").rglob("*") if p.is_file()} == before


def test_a_header_of_a_newer_version_stays(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.write(record(0))
    path = spoil(store, json.dumps({"format": FORMAT, "version": 3}).encode())
    for call in (folder_to_repair, upkeep.repair):
        with pytest.raises(StoreError, match="newer version"):
            call(store.folder.where)
    assert json.loads(path.read_bytes())["version"] == 3
