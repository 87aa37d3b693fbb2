"""What a storage's error means to a person."""

from __future__ import annotations

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
