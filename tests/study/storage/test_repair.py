"""Repair says what it did and leaves a sound folder."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from study.spec.study import Arm, Study
from study.storage import repair as upkeep
from study.storage.results_folder import ResultsFolder
from study.storage.survey import survey
from tests.study.storage.test_results_folder import record


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


HURTS = [
    lambda d: d[:-20],
    lambda d: b"",
    lambda d: d.replace(b'"val_loss"', b'"val_lost"'),
    lambda d: re.sub(rb'("lr": )[^,]+', rb"\1NaN", d, count=1),
    lambda d: re.sub(rb'("lr": )[^,]+', rb"\g<1>1e999", d, count=1),
]


@pytest.mark.parametrize("hurt", HURTS)
def test_a_damaged_loose_record_is_named_put_aside_and_missing(store: ResultsFolder, hurt) -> None:
    store.write(record(0))
    store.write(record(1))
    name = store.trials.loose()[0]
    path = Path(store.folder.path(name))
    path.write_bytes(hurt(path.read_bytes()))
    assert [d.name for d in store.trials.damage()] == [name] and not upkeep.verify(store.folder.where).sound
    said = upkeep.tidy(store)
    assert len(said) == 1 and name in said[0] and name.split("/")[1][:20] in said[0]
    assert len(store.trials.on_record()) == 1 and upkeep.verify(store.folder.where).sound
    assert store.folder.names("quarantine") == ["quarantine/" + name.replace("/", "__")]


def test_what_is_damaged_twice_lies_in_quarantine_twice(store: ResultsFolder) -> None:
    for rubbish in (b"one", b"two"):
        store.write(record(0))
        name = store.trials.loose()[0]
        store.folder.write(name, rubbish)
        upkeep.tidy(store)
    kept = store.folder.names("quarantine")
    assert [store.folder.read(n) for n in kept] == [b"one", b"two"]


def test_repair_says_what_it_did_and_leaves_a_sound_folder(store: ResultsFolder) -> None:
    store.write(record(0))
    store.studies.freeze(Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),)))
    store.save_checkpoint("ab" * 10, 3, b"state")
    for name in ("studies/s/1.json", "checkpoints/" + "ab" * 10 + "/000003.ckpt"):
        Path(store.folder.path(name)).write_bytes(b"\x00rubbish")
    assert len(upkeep.verify(store.folder.where).lines) == 3
    report = upkeep.repair(store.folder.where)
    assert report.sound and sum("quarantine" in line for line in report.lines) == 2
    assert "studies/s/1.json: its copy was put in its place" in report.lines
    assert upkeep.verify(store.folder.where).sound and len(list(store.trials.records())) == 1


def test_notes_that_are_nested_too_deeply_are_damage(store: ResultsFolder) -> None:
    store.folder.write("runs/a.json", b"[" * 100_000)
    assert upkeep.verify(store.folder.where).lines[0] == "runs/a.json is damaged (it is nested too deeply)"


@pytest.mark.parametrize("damage", ["a flipped bit", "emptied", "gone", "a folder", "its copy"])
@pytest.mark.parametrize("mend", ["repair", "run"])
def test_a_damaged_study_is_put_back_as_it_was_frozen(store: ResultsFolder, damage: str, mend: str) -> None:
    study = Study(name="s", title="the title", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
    store.studies.freeze(study)
    path = Path(store.folder.path("studies/s/1.json"))
    before = path.read_bytes()
    if damage == "its copy":
        path.with_suffix(".copy").write_bytes(b"{")
    elif damage in ("gone", "a folder"):
        path.unlink()
        path.mkdir() if damage == "a folder" else None
    else:
        path.write_bytes(before.replace(b"the title", b"the titlf") if damage == "a flipped bit" else b"")
    told = "; ".join(survey(store).problems)
    assert ("its copy takes its place" in told) is (damage not in ("gone", "its copy")), told
    said = upkeep.tidy(store) if mend == "run" else list(upkeep.repair(store.folder.where).lines)
    assert ("studies/s/1.json: its copy was put in its place" in said) is (damage != "its copy"), said
    assert path.read_bytes() == path.with_suffix(".copy").read_bytes() == before
    assert store.studies.versions("s") == [study] and upkeep.verify(store.folder.where).sound


def test_a_study_of_an_older_folder_has_a_copy_from_its_next_run_on(store: ResultsFolder) -> None:
    store.studies.freeze(Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),)))
    copy = Path(store.folder.path("studies/s/1.copy"))
    copy.unlink()
    assert upkeep.tidy(store) == [] and copy.read_bytes() == copy.with_suffix(".json").read_bytes()


def test_a_damaged_study_is_put_aside_before_a_run_and_written_again(store: ResultsFolder) -> None:
    study = Study(name="s", title="the title", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))
    assert store.studies.freeze(study) == store.studies.freeze(study) == 1
    assert store.studies.freeze(dataclasses.replace(study, epochs=2)) == 2
    path = Path(store.folder.path("studies/s/1.json"))
    path.write_bytes(path.read_bytes().replace(b"the title", b"the titlf"))
    path.with_suffix(".copy").unlink()  # a folder of version 0.2.0 or before has none
    problems: list[str] = []
    assert (
        [s.epochs for s in store.studies.versions("s", problems)] == [s.epochs for s in store.studies.latest()] == [2]
    )
    assert len(problems) == 1 and "studies/s/1.json is damaged" in problems[0]
    (said,) = upkeep.tidy(store)
    assert "studies/s/1.json" in said and "quarantine" in said and "the next run of the study writes it again" in said
    assert [s.epochs for s in store.studies.versions("s")] == [2]
    store.studies.freeze(study)
    assert [s.epochs for s in store.studies.versions("s")] == [2, 1], (
        "a new version never takes the place of a kept one"
    )
    assert upkeep.verify(store.folder.where).sound


@pytest.mark.parametrize("mend", [upkeep.tidy, lambda store: upkeep.repair(store.folder.where)])
def test_a_gathered_file_whose_records_are_all_sound_keeps_them(store: ResultsFolder, mend) -> None:
    """Packed again they had the damaged file's name, and went into quarantine in its place."""
    store.trials.write_gathered([record(0), record(1)])
    (name,) = store.trials.gathered()
    path = Path(store.folder.path(name))
    sound = path.read_bytes()
    hurt = sound.replace(b"parquet-cpp-arrow", b"parquet-cpp-arroW")  # who wrote it is no part of a record
    path.write_bytes(hurt)
    assert [d.name for d in store.trials.damage()] == [name]
    mend(store)
    assert len(store.trials.on_record()) == 2 and path.read_bytes() == sound
    assert upkeep.verify(store.folder.where).sound
    (kept,) = store.folder.names("quarantine")
    assert store.folder.read(kept) == hurt, "what was damaged is kept"


def test_repair_ends_with_training_only_where_a_trial_is_lost(store: ResultsFolder) -> None:
    store.write(record(0))
    store.write(record(1))
    store.save_checkpoint("ab" * 10, 3, b"state")
    path = Path(store.folder.path(f"checkpoints/{'ab' * 10}/000003.ckpt"))
    path.write_bytes(path.read_bytes()[:-1])
    *told, last = upkeep.repair(store.folder.where).lines
    assert "checkpoints/" in told[0] and last == upkeep.NOTHING_LOST
    first = Path(store.folder.path(store.trials.loose()[0]))
    first.write_bytes(b"")
    trains = f"`study status {store.folder.where}` names the command that trains again"
    assert upkeep.repair(store.folder.where).lines[-1].startswith(trains)
    store.trials.gather()
    whole = Path(store.folder.path(store.trials.gathered()[0]))
    whole.write_bytes(whole.read_bytes()[:40])
    assert upkeep.repair(store.folder.where).lines[-1].startswith(trains), "nobody knows what it held"


def test_a_damaged_file_is_named_once_in_a_line(store: ResultsFolder) -> None:
    store.studies.freeze(Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),)))
    for name in ("studies/s/1.json", "studies/s/1.copy"):
        path = Path(store.folder.path(name))
        path.write_bytes(path.read_bytes().replace(b'"q"', b'"p"'))
    checked = upkeep.verify(store.folder.where).lines
    mended = upkeep.repair(store.folder.where).lines
    assert all(line.count("studies/s/1.json") == 1 for line in (checked[0], mended[0]))


def test_a_damaged_copy_of_a_study_is_named_and_written_anew(store: ResultsFolder) -> None:
    store.studies.freeze(Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),)))
    copy, sound = "studies/s/1.copy", store.folder.read("studies/s/1.json")
    assert upkeep.verify(store.folder.where).sound
    store.folder.write(copy, b"x")
    found = upkeep.verify(store.folder.where)
    assert not found.sound and f"{copy}: not equal to the study that it is a copy of" in found.lines
    assert f"{copy}: not equal to its study; written anew" in upkeep.repair(store.folder.where).lines
    assert store.folder.read(copy) == sound and upkeep.verify(store.folder.where).sound
