"""Passwords in URLs: what is shown and kept holds none."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEFORE_HOST = re.compile(r"(://[^:/@]*):(?!\d+/)([^@]*)@")
_IN_A_QUERY = re.compile(r"([?&;](?:\w*password|passwd|pwd|\w*token|\w*secret)=)([^&;#\s]*)", re.IGNORECASE)
"""Where an address has a password that does not stand before its host."""


def without_passwords(words: Sequence[str]) -> list[str]:
    """The words of a command, with the passwords of URLs left out.

    >>> without_passwords(["run", "a.yaml", "--dashboard", "postgresql://me:secret@host/db"])
    ['run', 'a.yaml', '--dashboard', 'postgresql://me:...@host/db']
    >>> without_passwords(["postgresql://me:se/cret@host/db", "postgresql://host:5432/db?user=me&sslpassword=secret"])
    ['postgresql://me:...@host/db', 'postgresql://host:5432/db?user=me&sslpassword=...']
    """
    without = (_BEFORE_HOST.sub(r"\1:...@", word) for word in words)
    return [_IN_A_QUERY.sub(r"\1...", word) for word in without]


def without_passwords_of(url: str, text: str) -> str:
    """A text, such as an error of a library, without the passwords that a URL holds.

    >>> without_passwords_of("mysql://me:s#1@host/db?ssl_password=s2", "no s#1, no s2 at mysql://me:s#1@host/db")
    'no ..., no ... at mysql://me:...@host/db'
    """
    for secret in (m[2] for pattern in (_BEFORE_HOST, _IN_A_QUERY) for m in pattern.finditer(url)):
        text = text.replace(secret, "...") if secret else text
    return text
