"""Whose a folder is that the system refuses, and what would help, wherever a refusal is told."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

import pytest

from analysis.report.output_folder import OutputFolder
from study.spec.study_file import read
from study.storage.storage_errors import store_error
from trainables.config.errors import StudyError
from trainables.config.owners import owner_words, refused_words
from trainables.data.sources import load_data_set

REFUSED = PermissionError(errno.EACCES, "Permission denied")


def test_the_nearest_thing_on_the_way_is_told_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, beyond = tmp_path / "mine", tmp_path / "mine" / "not" / "there"
    mine.mkdir()
    assert owner_words(beyond) == f"{mine} is yours: `chmod u+rwX {mine}` allows it"
    monkeypatch.setattr(os, "geteuid", lambda: mine.stat().st_uid + 1)
    assert owner_words(beyond) == f"{mine} belongs to {pwd.getpwuid(mine.stat().st_uid).pw_name}"
    assert refused_words(REFUSED, mine) == f"permission denied; {owner_words(mine)}"
    assert refused_words(OSError(errno.EIO, ""), mine) == "input/output error"
    names: dict[int, str] = {}
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: names[uid])
    assert owner_words(mine) == f"{mine} belongs to user {mine.stat().st_uid}"


def test_every_refusal_for_want_of_permission_names_the_owner_and_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They said "no permission" alone, or nothing but that no data set was there."""

    def refuse(*_: object, **__: object) -> bool:
        raise REFUSED

    whose = f"{tmp_path} is yours: `chmod u\\+rwX {tmp_path}` allows it"
    assert f"(permission denied; {whose})".replace("\\", "") in str(store_error("write", str(tmp_path), REFUSED))
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(StudyError, match=rf"no permission to read it \({whose}\); allow it, or name another folder"):
        load_data_set("x", tmp_path)
    with pytest.raises(StudyError, match=rf"no permission to write in {tmp_path} \({whose}\); name another folder by"):
        OutputFolder("r", tmp_path, "report")
    (tmp_path / "a.yaml").write_text("name: a")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StudyError, match=r"the file cannot be read: permission denied; .*a\.yaml is yours"):
        read(tmp_path / "a.yaml")
