"""Studies as they were frozen: each version says when, and a file that was tampered with is damage."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from study.spec.frozen import read_frozen
from study.spec.study import Arm, Study
from study.storage import integrity
from study.storage import repair as upkeep
from study.storage.frozen_studies import FrozenStudies, with_version
from study.storage.integrity import to_json
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.survey import other_damage, survey
from study.storage.upgrade import upgrade
from trainables.config.errors import StoreError

RESULTS = Path(__file__).parents[3] / "results"
STUDY = Study(name="s", title="t", question="q", knobs=("lr",), epochs=1, arms=(Arm(name="a"),))


def test_each_version_says_when_it_was_frozen(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    assert store.studies.frozen_at("s") == []
    for title in ("t", "t", "u"):
        store.studies.freeze(dataclasses.replace(STUDY, title=title))
    first, second = map(datetime.fromisoformat, store.studies.frozen_at("s"))
    assert first < second and timedelta(0) <= datetime.now(UTC) - second < timedelta(minutes=5)


def test_a_file_that_does_not_say_is_read_and_one_that_was_changed_is_damage(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.studies.freeze(STUDY)
    file = tmp_path / "r/studies/s/1.json"
    values = json.loads(file.read_text())
    file.write_text(json.dumps({k: v for k, v in values.items() if k != "frozen"}))
    assert store.studies.versions("s") == [STUDY] and store.studies.frozen_at("s") == [""]
    odd: object
    for odd in ({**values["frozen"], "at": "2020-01-01T00:00:00+00:00"}, "yesterday", {"at": 3}, []):
        file.write_text(json.dumps({**values, "frozen": odd}))
        with pytest.raises(StoreError, match="when it was frozen does not fit its checksum"):
            store.studies.versions("s")


def test_equal_bytes_are_parsed_once_and_damage_is_told_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.studies.freeze(dataclasses.replace(STUDY, title="parsed once"))
    parser = Mock(side_effect=read_frozen)
    monkeypatch.setattr(integrity, "read_frozen", parser)
    integrity.parse_study.cache_clear()
    first, second = store.studies.versions("s"), store.studies.versions("s")
    assert first == second == [dataclasses.replace(STUDY, title="parsed once")] and parser.call_count == 1
    file = tmp_path / "r/studies/s/1.json"
    file.write_text(file.read_text().replace("parsed once", "parsed twice"))
    for _ in range(2):
        with pytest.raises(StoreError, match="does not fit its checksum"):
            store.studies.versions("s")


def test_a_version_that_is_frozen_while_the_others_are_read_is_in_both_or_in_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To merge the folder of a run that begins was a traceback."""
    store = ResultsFolder(tmp_path / "r", create=True)
    store.studies.freeze(STUDY)
    real = FrozenStudies._files

    def freezing(self: FrozenStudies, name: str) -> list[str]:
        found = real(self, name)
        monkeypatch.setattr(FrozenStudies, "_files", real)
        store.studies.freeze(dataclasses.replace(STUDY, title="u"))
        return found

    monkeypatch.setattr(FrozenStudies, "_files", freezing)
    assert [version for _, version in store.studies.dated("s")] == [STUDY]
    assert [version.title for _, version in store.studies.dated("s")] == ["t", "u"]


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(str(tmp_path / "r"), create=True)


def as_of_version_0_1(store: ResultsFolder) -> Path:
    """A study's file without a checksum, and no copy."""
    store.studies.freeze(STUDY)
    path = Path(store.folder.path("studies/s/1.json"))
    path.with_suffix(".copy").unlink()
    path.write_bytes(to_json(json.loads(path.read_bytes())["study"]))
    return path


def test_what_is_frozen_after_a_clock_was_set_back_is_the_newest(store: ResultsFolder, tmp_path: Path) -> None:
    """A merged folder had the version before as its newest one."""
    store.studies.freeze(STUDY, "2999-01-01T00:00:00+00:00")
    changed = dataclasses.replace(STUDY, question="And now?")
    other = dataclasses.replace(STUDY, name="other")
    for study in (changed, other):
        store.studies.freeze(study)
    times = [*store.studies.frozen_at("s"), *store.studies.frozen_at("other")]
    assert times == sorted(set(times)) and len(times) == 3
    Merge(store.folder.where, str(store.folder.where)).write(str(tmp_path / "m"))
    assert ResultsFolder(tmp_path / "m").studies.versions("s")[-1] == changed
    last = "9999-12-31T23:59:59.999999+00:00"
    store.studies.freeze(dataclasses.replace(STUDY, question="When?"), last)
    store.studies.freeze(dataclasses.replace(STUDY, question="And then?"))
    assert len(store.studies.versions("s")) == 4, "a date that nothing follows keeps nobody from going on"


@pytest.mark.parametrize("mend", ["run", "repair", "upgrade"])
def test_a_study_of_version_0_1_gets_a_checksum_in_its_copy(store: ResultsFolder, tmp_path: Path, mend: str) -> None:
    path = as_of_version_0_1(store)
    before = path.read_bytes()
    report = upkeep.verify(store.folder.where)
    assert report.sound and report.lines[0].startswith("studies/s/1.json: no checksum, for version 0.1 wrote none")
    if mend == "upgrade":
        upgrade(store.folder.where, str(tmp_path / "new"))
        store = ResultsFolder(str(tmp_path / "new"))
        path = Path(store.folder.path("studies/s/1.json"))
    else:
        said = upkeep.tidy(store) if mend == "run" else upkeep.repair(store.folder.where).lines
        assert said[0] == "studies/s/1.json: had no checksum, as of version 0.1; the copy beside each has one now"
    assert path.read_bytes() == before and store.studies.versions("s") == [STUDY]
    assert store.studies.without_checksum() == store.studies.damaged_copies() == [] == upkeep.tidy(store)
    assert len(upkeep.verify(store.folder.where).lines) == 1


def test_a_changed_digit_of_such_a_study_is_seen_and_mended(store: ResultsFolder) -> None:
    path = as_of_version_0_1(store)
    store.studies.add_checksums()
    path.write_bytes(path.read_bytes().replace(b'"epochs": 1', b'"epochs": 2'))
    why = "studies/s/1.json is damaged (its content does not fit the checksum in its copy)"
    assert not upkeep.verify(store.folder.where).sound and why in survey(store).problems[0]
    with pytest.raises(StoreError, match="does not fit the checksum in its copy"):
        store.studies.versions("s")
    assert store.studies.numbered("s") == [] == store.studies.frozen_at("s")
    assert "studies/s/1.json: its copy was put in its place" in upkeep.repair(store.folder.where).lines
    assert store.studies.versions("s") == [STUDY] and upkeep.verify(store.folder.where).sound


def test_a_damaged_copy_of_such_a_study_is_written_anew(store: ResultsFolder) -> None:
    path = as_of_version_0_1(store)
    store.studies.add_checksums()
    copy = path.with_suffix(".copy")
    sound = copy.read_bytes()
    copy.write_bytes(sound.replace(b'"epochs": 1', b'"epochs": 2'))
    assert store.studies.damaged_copies() == ["studies/s/1.copy"] and store.studies.versions("s") == [STUDY]
    assert upkeep.repair(store.folder.where).sound and copy.read_bytes() == sound


@pytest.mark.parametrize("name", ["chapter", "search-sgd-adam"])
def test_every_study_that_is_on_record_here_has_a_checksum(name: str) -> None:
    assert ResultsFolder(str(RESULTS / name)).studies.without_checksum() == []


def test_a_changed_bound_in_the_first_version_of_a_study_of_the_chapter_is_seen(tmp_path: Path) -> None:
    copy = shutil.copytree(RESULTS / "chapter" / "studies", tmp_path / "r" / "studies").parent
    file = copy / "studies" / "scaling" / "1.json"
    (copy / "study-results.json").write_bytes((RESULTS / "chapter" / "study-results.json").read_bytes())
    assert other_damage(ResultsFolder(str(copy))) == []
    file.write_bytes(file.read_bytes().replace(b'"low": 0.6', b'"low": 0.7'))
    assert [d.name for d in other_damage(ResultsFolder(str(copy)))] == ["studies/scaling/1.json"]


def test_a_version_counts_as_frozen_where_the_newest_says_otherwise() -> None:
    other = dataclasses.replace(STUDY, title="another")
    assert with_version([], STUDY) == [STUDY] == with_version([STUDY], STUDY)
    assert with_version([STUDY], other) == [STUDY, other]
    assert with_version([STUDY, other], STUDY) == [STUDY, other, STUDY], "as it was before is another version"
