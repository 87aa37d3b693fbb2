"""Paths as people write them: `~` means the home folder, wherever a path is read."""

from __future__ import annotations

from pathlib import Path

from trainables.config.errors import BadInput

MAX_NAME_BYTES, MAX_PATH_BYTES = 255, 4095
"""What Linux takes, and every disk that we know."""


def expanded(field: str, text: str, scheme: str = "") -> str:
    """A path whose `~` is written out; any other as it is.

    Args:
        field: what it is of, for the error.
        text: the path.
        scheme: what stood before it, for the error.

    >>> expanded("--out", "a/~/b"), expanded("--out", "./~")
    ('a/~/b', './~')

    Raises:
        BadInput: there is no such user, or this one has no home; no path can be so long.
    """
    if "://" not in text:
        long = max(len(part.encode(errors="surrogatepass")) for part in text.split("/"))
        if long > MAX_NAME_BYTES:
            why = f"a name in it has {long} letters; no file may have more than {MAX_NAME_BYTES}"
            raise BadInput(field, f"{scheme}{text}", why)
        if len(text.encode(errors="surrogatepass")) > MAX_PATH_BYTES:
            raise BadInput(field, f"{scheme}{text}", f"it is longer than a path may be, {MAX_PATH_BYTES} letters")
    if not text.startswith("~"):
        return text
    try:
        return str(Path(text).expanduser())
    except RuntimeError:
        who = "this user has no home folder: set HOME" if text.partition("/")[0] == "~" else "no such user"
        raise BadInput(field, f"{scheme}{text}", f"{who}; a folder of that name is {scheme}./{text}") from None


def home() -> Path:
    """The home folder of whoever runs this; `/`, as in containers, where neither HOME nor the system says one."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")
