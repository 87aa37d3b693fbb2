"""Passwords in URLs: what is shown and kept holds none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, unquote_plus

_BEFORE_HOST = re.compile(r"(://[^:/@]*):(?!\d+(?:/[^@?#]*)?(?:[?#]|$))(.*)@", re.DOTALL)
"""`//USER:PASSWORD@`, whatever the password holds, `@` too; `//HOST:PORT/` is none."""
_IN_A_QUERY = re.compile(
    r"([?&;][\w.-]*(?:passw|pwd|passphrase|token|secret|credential|signature|api_?key|access_?key)[\w.-]*=|[?&;]sig=)"
    r"([^&]*)",
    re.IGNORECASE,
)
"""Where an address has a secret that does not stand before its host; it may hold `#`, `;` and `/`."""


def without_passwords(words: Sequence[str]) -> list[str]:
    """The words of a command, with the passwords of URLs left out.

    >>> without_passwords(["run", "a.yaml", "--dashboard", "postgresql://me:secret@host/db"])
    ['run', 'a.yaml', '--dashboard', 'postgresql://me:...@host/db']
    >>> without_passwords(["postgresql://me:se/cr@t@host/db", "postgresql://host:5432/db?user=me&sslpassword=secret"])
    ['postgresql://me:...@host/db', 'postgresql://host:5432/db?user=me&sslpassword=...']
    """
    return [without_password(word) for word in words]


def without_password(word: str) -> str:
    """One word, likewise; what is no URL stays as it is."""
    if "://" not in word:
        return word
    return _IN_A_QUERY.sub(r"\1...", _BEFORE_HOST.sub(r"\1:...@", word))


def without_passwords_of(url: str, text: str) -> str:
    """A text, such as an error of a library, without the passwords that a URL holds, as they stand there or decoded.

    >>> without_passwords_of("mysql://me:s#1@host/db?ssl_password=s%202", "no s#1, no s 2 at mysql://me:s#1@host/db")
    'no ..., no ... at mysql://me:...@host/db'
    """
    bare = _BEFORE_HOST.sub(r"\1:...@", url)
    found = {m[2] for m in (*_BEFORE_HOST.finditer(url), *_IN_A_QUERY.finditer(bare))}
    for secret in sorted({f(s) for s in found for f in (str, unquote, unquote_plus)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "...")
    return text
