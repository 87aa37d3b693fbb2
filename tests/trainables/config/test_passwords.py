"""What is shown and kept of a URL has no password in it."""

from __future__ import annotations

import pytest

from trainables.config.errors import BadInput
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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hid@den@host:9/x",
        "postgresql://me:1234/den@host:9/x",
        "postgresql://:den@host:9/x",
        "mysql://me:hid%40den@host:9/x",
        "postgresql://host:9/x?password=hid#den",
        "postgresql://host:9/x?user=me&sslpassword=hid;den",
        "s3://bucket/x?X-Amz-Signature=hidden",
        "s3://bucket/x?secret_key=hidden&region=eu",
        "abfss://x@y.example/z?sv=1&sig=hidden",
    ],
)
def test_whatever_it_holds_no_error_shows_it(url: str) -> None:
    for shown in (
        *without_passwords([url, f"--dashboard={url}"]),
        str(BadInput("--dashboard", url, "no")),
        str(BadInput("folders", [url, {"at": url}], "no")),
        without_passwords_of(url, f"no answer of {url}: hid@den"),
    ):
        assert "den" not in shown.removesuffix(": hid@den") and "..." in shown


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://host:5432/db?user=me@example.org",
        "ray://10.0.0.1:10001",
        "me@example.org: password",
        "results/a:b@c",
        "sqlite:////home/me/x.db",
    ],
)
def test_what_holds_no_password_stays(text: str) -> None:
    assert without_passwords([text]) == [text] and without_passwords_of(text, text) == text
