"""What is on record of a run comes back, and whatever is wrong with its file is said: verdicts rest on its seeds."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.spec.registry import load_study
from study.storage import repair as upkeep
from study.storage.durable_files import Folder
from study.storage.integrity import checksum_of, to_json
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, new_run_name, parse_run, read_runs, without_checksum, write_run
from study.storage.survey import survey
from study.storage.upgrade import upgrade
from tests.odd_values import changed, must_be_ours, places, some, values
from trainables.config.errors import StoreError
from trainables.data.facts import FASHION_MNIST

RUN = RunRecord(
    studies=("scaling", "depth"),
    seeds=(0, 1, 5),
    asked={"depth/three": (0, 1)},
    reduced=False,
    reduced_studies=(),
    command=("study", "run"),
    began="2026-01-01T00:00:00Z",
    code_version=1,
    python="3.11.7",
    cores=2,
    versions={"torch": "2.14.1"},
    trials_to_train=3,
    data=FASHION_MNIST,
)
OLD = {"studies": ["scaling"], "seeds": [0, 1, 2, 3, 4], "reduced": False, "command": ["study"], "python": "3.11.7"}
RESULTS = Path(__file__).parents[3] / "results"
NAME = "runs/20260101T000000-000000.json"


def test_a_run_comes_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    write_run(folder, "20260101T000000-000000", RUN)
    assert read_runs(folder) == [RUN]


def test_every_flipped_bit_is_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    write_run(folder, "20260101T000000-000000", RUN)
    whole = folder.read(NAME) or b""
    for at in range(len(whole)):
        for bit in range(8):
            data = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
            with contextlib.suppress(StoreError):
                assert parse_run(data, NAME) == RUN, "only spaces between values may change"


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": None},
        {"seeds": [0, True]},
        {"seeds": [0, "x"]},
        {"seeds": [0, 1.5]},
        {"seeds": [0, -1]},
        {"seeds": [0, 10**400]},
        {"seeds": [0, 1, 2, 3, 5]},
        {"seeds": []},
        {"studies": "scaling"},
        {"studies": [1]},
        {"reduced": None},
        {"reduced": 1},
        {"command": 5},
        {"versions": ["x"]},
        {"cores": "two"},
        {"data": "digits"},
        {"data": {"name": "digits"}},
    ],
)
def test_odd_values_in_a_file_of_version_0_1_are_damage_and_not_passed_over(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.folder.write(NAME, json.dumps(OLD).encode())
    assert [r.seeds for r in read_runs(store.folder)] == [(0, 1, 2, 3, 4)] and not survey(store).problems
    assert f"{NAME}: no checksum, for version 0.1 wrote none" in upkeep.verify(store.folder.where).lines[0]
    store.folder.write(NAME, json.dumps({**OLD, **wrong}).encode())
    assert read_runs(store.folder) == []
    (said,) = survey(store).problems
    assert said.startswith(f"{NAME} is damaged (") and "the seeds of that run are lost" in said
    assert next(iter(wrong)) in said or "reduced" in said
    assert not upkeep.verify(store.folder.where).sound
    mended = upkeep.repair(store.folder.where)
    assert mended.sound and "the seeds of that run are lost" in mended.lines[0]
    assert store.folder.names("quarantine") == ["quarantine/" + NAME.replace("/", "__")]


@pytest.mark.parametrize("mend", ["run", "repair", "upgrade"])
def test_a_run_of_version_0_1_gets_a_checksum_in_its_copy(tmp_path: Path, mend: str) -> None:
    """Half of the bits of its studies' names could flip unseen, and each took seeds from verdicts."""
    store, old = ResultsFolder(tmp_path / "r", create=True), json.dumps(OLD).encode()
    store.studies.freeze(load_study("scaling"))
    store.folder.write(NAME, old)
    if mend == "upgrade":
        upgrade(store.folder.where, str(tmp_path / "new"))
        store = ResultsFolder(tmp_path / "new")
    else:
        said = upkeep.tidy(store) if mend == "run" else upkeep.repair(store.folder.where).lines
        assert said[0] == f"{NAME}: had no checksum, as of version 0.1; the copy beside each has one now"
    assert store.folder.read(NAME) == old and not without_checksum(store.folder) and upkeep.tidy(store) == []
    before, copy = read_runs(store.folder), NAME.replace(".json", ".copy")
    assert [r.seeds for r in before] == [(0, 1, 2, 3, 4)]

    store.folder.write(NAME, old.replace(b"scaling", b"scaming"))
    (damaged,) = survey(store).problems
    assert not read_runs(store.folder) and "does not fit the checksum in its copy" in damaged
    assert not upkeep.verify(store.folder.where).sound and "its copy takes its place" in damaged
    assert f"{NAME}: its copy was put in its place" in upkeep.repair(store.folder.where).lines
    assert read_runs(store.folder) == before and upkeep.verify(store.folder.where).sound

    store.folder.write(NAME, old)
    store.folder.write(copy, (store.folder.read(copy) or b"").replace(b"scaling", b"scamming"))
    assert f"{copy}: not equal to the run that it is a copy of" in upkeep.verify(store.folder.where).lines
    assert read_runs(store.folder) == before and upkeep.repair(store.folder.where).sound
    assert not without_checksum(store.folder)


@pytest.mark.parametrize("name", ["chapter", "search-sgd-adam"])
def test_every_run_that_is_on_record_here_has_a_checksum(name: str) -> None:
    assert without_checksum(ResultsFolder(RESULTS / name).folder) == []


@pytest.mark.parametrize("name", ["studies", "seeds"])
def test_a_run_that_does_not_say_what_it_asked_for_is_damage(name: str) -> None:
    values = {k: v for k, v in OLD.items() if k != name}
    with pytest.raises(StoreError, match=f"it has no {name}"):
        parse_run(json.dumps(values).encode(), NAME)


def test_what_is_not_known_of_the_data_is_not_written(tmp_path: Path) -> None:
    old = dataclasses.replace(FASHION_MNIST, typical_range=None, mean_pixels=())
    store = ResultsFolder(tmp_path / "r", create=True)
    write_run(store.folder, "20260101T000000-000000", dataclasses.replace(RUN, data=old))
    written = json.loads(store.folder.read(NAME) or b"")
    assert written["data"].keys() == vars(old).keys() - {"typical_range", "mean_pixels"}
    assert [run.data for run in read_runs(store.folder)] == [old]


@some(60)
@given(data=st.data())
def test_any_odd_value_in_a_sound_file_is_damage_or_comes_back(data: st.DataObject) -> None:
    """With a checksum that fits: another program, or a later one of ours, may have written it."""
    plain = json.loads(json.dumps(RUN.to_dict()))
    odd = changed(
        plain, data.draw(st.sampled_from(list(places(plain)))), data.draw(values), drop=data.draw(st.booleans())
    )
    try:
        whole = to_json({"checksum": checksum_of(odd), **odd})
    except (ValueError, TypeError):
        return  # no JSON at all
    try:
        run = parse_run(whole, NAME)
    except StoreError as error:
        must_be_ours(str(error))
        return
    assert RunRecord.from_dict(json.loads(json.dumps(run.to_dict()))) == run


@pytest.mark.parametrize(
    "there", [[], ["20990101T000000"], ["20260101T000000", "20991231T235959"], ["99991231T235959"]]
)
def test_a_run_comes_after_those_before_it_though_a_clock_was_wrong(there: list[str], tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path, create=True).folder
    for stamp in there:
        write_run(folder, f"{stamp}-abcdef", RUN)
    made = []
    for seeds in ((7,), (8,)):
        name = new_run_name(folder)
        write_run(folder, name, dataclasses.replace(RUN, seeds=seeds))
        made.append(name)
    assert made == sorted(made) and all(len(name) == 22 for name in made)
    if "99991231T235959" not in there:  # nothing comes after it
        assert [run.seeds for run in read_runs(folder)][-2:] == [(7,), (8,)]
