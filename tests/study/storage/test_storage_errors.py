"""What a storage's error means to a person."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from study.storage.storage_errors import store_error
from trainables.config.errors import StorageRefused


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("AWS Error NO_SUCH_BUCKET during PutObject operation: x", "make it first"),
        ("AWS Error INVALID_ACCESS_KEY_ID during PutObject operation: x", "log in"),
        ("AWS Error ACCESS_DENIED during PutObject operation: x", "allow listing"),
        ("AWS Error UNKNOWN (HTTP status 403) during HeadObject operation: No response body.", "allow listing"),
        ("google::cloud::Status(PERMISSION_DENIED: x)", "allow listing"),
    ],
)
def test_what_no_second_try_changes_says_what_to_do(said: str, right: str) -> None:
    error = store_error("write", "s3://b/403-forbidden/x", OSError(f"When uploading 'x' in bucket 'b': {said}"))
    assert isinstance(error, StorageRefused), "the whole run ends, not one trial after the other"
    assert right in str(error)


def test_a_name_is_not_an_answer() -> None:
    error = OSError("When uploading 'credential/403-forbidden': AWS Error INTERNAL_FAILURE during PutObject: try again")
    assert not isinstance(store_error("write", "s3://b/credential/403-forbidden", error), StorageRefused)


@pytest.mark.parametrize(
    ("files", "blocks", "says"), [(0, 9, "no more files"), (9, 0, "no space left"), (0, 0, "no space left")]
)
def test_a_disk_that_is_full_of_files_is_not_said_to_lack_space(
    files: int, blocks: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SimpleNamespace(f_files=10, f_favail=files, f_bavail=blocks)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    said = str(store_error("write", f"{tmp_path}/trials/a.json", OSError(errno.ENOSPC, "No space left on device"), 9))
    assert says in said and said.endswith("nothing is lost")
