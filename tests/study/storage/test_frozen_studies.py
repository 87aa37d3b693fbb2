"""Studies as they were frozen: each version says when, and a file that was tampered with is damage."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from study.spec.study import Arm, Study
from study.storage.frozen_studies import FrozenStudies
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError

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
