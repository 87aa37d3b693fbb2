"""Values that nobody means, for every field of every file and every option that we read; and how many are tried.

`make test` tries a few. STUDY_MANY_ODD_VALUES=1 tries so many more that all the places have had all the values.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

MANY = bool(os.environ.get("STUDY_MANY_ODD_VALUES"))
TIMES_AS_MANY = 100

NOT_OUR_WORDS = re.compile(
    r"Traceback|Errno|NoneType|(?<!=)\b(None|True|False)\b|'(str|int|dict|list|float)' object|<class|object at 0x"
    r"|\b(Key|Value|Type|Attribute|Index|Overflow|Recursion|UnicodeDecode)Error\b|__\w+__|codec can't"
)
"""What Python says of a mistake, and we do not."""

YAML_WORDS: list[Any] = [
    "null", "~", "yes", "no", "on", "off", "true", "1e-3", "1e5", "0x10", "010", "1_000", "12:30",
    "2026-01-31", "2026-99-99", "0,01", "90 %", ".inf", "-.inf", ".nan", "1" + "0" * 400, "-1", "0", "1.5", "''",
    '"\\0"', '"\\uD800"', '"a\\nb"', "*x", "!!binary AAAA", "!!set {a}", "[]", "[[]]", "{}", "{a: 1}", "[a, a]", "- a",
    "é", "C:\\data\\x", "~/x", "$HOME", "../x", "a b", "<x>", "%", "@", "`a`", "|", ">", "&a b", "!x y", "? a", "#",
]  # fmt: skip
"""How people, and other programs, write values in a YAML file."""

texts = st.text(max_size=30).filter(lambda text: not NOT_OUR_WORDS.search(text))  # a text is shown as it is
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3), max_leaves=6
)


def some(few: int) -> Callable[[Any], Any]:
    """Settings of a property test: so many examples in `make test`."""
    return settings(
        max_examples=few * (TIMES_AS_MANY if MANY else 1),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every value within plain data."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, v in inner:
        yield from places(v, (*at, key))


def changed(whole: Any, at: tuple[Any, ...], new: Any, *, drop: bool = False) -> Any:
    """Plain data with one value replaced, or left out."""
    whole = inner = copy.deepcopy(whole)
    for step in at[:-1]:
        inner = inner[step]
    if drop:
        del inner[at[-1]]
    else:
        inner[at[-1]] = new
    return whole


def mangled(data: bytes, draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """A file with a bit flipped, its end cut off, or something put in between."""
    at = draw(st.integers(0, max(len(data) - 1, 0)))
    match draw(st.sampled_from(["flip", "cut", "insert", "repeat"])):
        case "flip":
            return data[:at] + bytes([data[at] ^ 1 << draw(st.integers(0, 7))]) + data[at + 1 :]
        case "cut":
            return data[:at]
        case "insert":
            odd = st.sampled_from([b"\t", b"\r", b"\xff", b"\x00", b"\xef\xbb\xbf", b": ", b"- ", b"'", b"{", b"\n"])
            return data[:at] + draw(odd) + data[at:]
    return data[:at] + data[: at // 2] + data[at:]


def must_be_ours(said: str) -> None:
    """Lines that a person can read, in our words."""
    for line in said.split("\n"):
        line.encode()
        assert line.isprintable() and 3 < len(line) < 1500, line
        assert not NOT_OUR_WORDS.search(line), line
