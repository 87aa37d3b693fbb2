"""In which line of a cluster file a value stands, for what is said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same values and lines, from libyaml where PyYAML was built with it: ten times as fast."""


def lines_of(path: str | Path) -> dict[str, int]:
    """The line of each name in the first document of a file, by its dotted place, and of each item of a list."""
    lines: dict[str, int] = {}

    def note(node: yaml.Node, at: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, inner in node.value:
                name = f"{at}.{key.value}" if at else str(key.value)
                lines.setdefault(name, key.start_mark.line + 1)
                note(inner, name)
        elif isinstance(node, yaml.SequenceNode):
            for number, inner in enumerate(node.value):
                lines.setdefault(name := f"{at}[{number}]", inner.start_mark.line + 1)
                note(inner, name)

    with Path(path).open(encoding="utf-8") as stream:
        node = next(yaml.compose_all(stream, LOADER), None)
    if node is not None:
        note(node, "")
    return lines


def nearest_line(lines: Mapping[str, int], place: str) -> int:
    """The line of a dotted place, or of what it stands in; 1 where the file has neither.

    >>> lines = {"a": 2, "a.b": 3, "a.b[1]": 5}
    >>> nearest_line(lines, "a.b.c"), nearest_line(lines, "a.b[1].c"), nearest_line(lines, "a.b[2]")
    (3, 5, 3)
    """
    ends = [len(place), *(m.start() for m in reversed(list(re.finditer(r"[.\[]", place))))]
    return next((lines[place[:end]] for end in ends if place[:end] in lines), 1)
