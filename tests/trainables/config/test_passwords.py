"""What is shown and kept of a URL has no password in it."""

from __future__ import annotations

import pytest

from trainables.config.passwords import without_passwords, without_passwords_of


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hidden@host/db",
        "postgresql://me:hid/den@host/db",
        "postgresql://me:hid#den@host/db",
        "postgresql://me:hid?den@host/db",
        "mysql://host:3306/db?user=me&password=hidden",
        "mysql://host/db?ssl_password=hidden&x=1",
        "s3://bucket/a?token=hidden",
    ],
)
def test_it_is_left_out_wherever_it_stands(url: str) -> None:
    (shown,) = without_passwords([url])
    assert "hid" not in shown and "den" not in shown and "..." in shown
    secret = next(s for s in ("hidden", "hid/den", "hid#den", "hid?den") if s in url)
    said = without_passwords_of(url, f"no answer of {url}: {secret} is wrong")
    assert secret not in said and said.endswith(": ... is wrong")


def test_what_is_no_password_stays() -> None:
    words = ["run", "a.yaml", "s3://bucket/a", "http://127.0.0.1:8265/x", "--seeds", "5"]
    assert without_passwords(words) == words
