"""A look at a folder whose files move meanwhile, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.spec import registry
from study.storage.storage_errors import ChangesTooFast
from study.storage.survey import survey
from study.storage.trials import RecordedTrials
from tests.analysis.stores import store_of


def test_a_folder_that_changes_at_each_look_is_not_told_as_it_was_last_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it held was incomplete, and nothing said so."""
    store = store_of(tmp_path / "g", [registry.load_study("scaling")], gather=False)
    real = RecordedTrials.look

    def moving(self: RecordedTrials, name: str) -> object:
        found = real(self, name)
        stem, _, number = name.removesuffix(".json").partition("-finished")
        self.folder.move(name, f"{stem}-finished-{int(number.lstrip('-') or 1) + 1}.json")
        return found

    monkeypatch.setattr(RecordedTrials, "look", moving)
    with pytest.raises(ChangesTooFast, match="changes faster than it can be read; try again when the run has ended"):
        survey(store)
