"""In which line of a cluster file a value stands, for what is said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml


def lines_of(path: str | Path) -> dict[str, int]:
    """The line of each name in the first document of a file, by its dotted place; lists count as what they hold."""
    lines: dict[str, int] = {}

    def note(node: yaml.Node, at: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, inner in node.value:
                name = f"{at}.{key.value}" if at else str(key.value)
                lines.setdefault(name, key.start_mark.line + 1)
                note(inner, name)
        elif isinstance(node, yaml.SequenceNode):
            for inner in node.value:
                note(inner, at)

    with Path(path).open(encoding="utf-8") as stream:
        node = next(yaml.compose_all(stream, yaml.SafeLoader), None)
    if node is not None:
        note(node, "")
    return lines


def nearest_line(lines: Mapping[str, int], place: str) -> int:
    """The line of a dotted place, or of what it stands in; 1 where the file has neither.

    >>> nearest_line({"a": 2, "a.b": 3}, "a.b.c"), nearest_line({"a": 2, "a.b": 3}, "a[1].b"), nearest_line({}, "x")
    (3, 3, 1)
    """
    parts = re.sub(r"\[\d+\]", "", place).split(".")
    return next((lines[near] for n in range(len(parts), 0, -1) if (near := ".".join(parts[:n])) in lines), 1)
