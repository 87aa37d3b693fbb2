"""In which line of a cluster file a value stands, for what is said of it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from study.spec.yaml_file import NO_VALUE, no_value

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same values and lines, from libyaml where PyYAML was built with it: ten times as fast."""

PLAN = "study/plan"
"""The annotation: YAML within YAML."""


def lines_of(path: str | Path) -> dict[str, int]:
    """The line of each name and of each item of a list, by their dotted places, in a file's first document.

    What our annotation of a RayJob holds as text counts as well.
    """
    lines: dict[str, int] = {}
    with Path(path).open(encoding="utf-8") as stream:
        _note(lines, next(yaml.compose_all(stream, LOADER), None), "", 1)
    return lines


def _note(lines: dict[str, int], node: yaml.Node | None, at: str, first: int) -> None:
    """Note the lines within a node, of a text whose first line has a number."""
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            name = f"{at}.{key.value}" if at else str(key.value)
            lines.setdefault(name, first + key.start_mark.line)
            _note(lines, inner, name, first)
    elif isinstance(node, yaml.SequenceNode):
        for number, inner in enumerate(node.value):
            lines.setdefault(name := f"{at}[{number}]", first + inner.start_mark.line)
            _note(lines, inner, name, first)
    elif isinstance(node, yaml.ScalarNode) and node.style == "|" and at.endswith(PLAN):
        with contextlib.suppress(yaml.YAMLError):
            _note(lines, yaml.compose(node.value, LOADER), at, first + node.start_mark.line + 1)


def nearest_line(lines: Mapping[str, int], place: str) -> int:
    """The line of a dotted place, or of what it stands in; 1 where the file has neither.

    >>> lines = {"a": 2, "a.b": 3, "a.b[1]": 5}
    >>> nearest_line(lines, "a.b.c"), nearest_line(lines, "a.b[1].c"), nearest_line(lines, "a.b[2]")
    (3, 5, 3)
    """
    ends = [len(place), *(m.start() for m in reversed(list(re.finditer(r"[.\[]", place))))]
    return next((lines[place[:end]] for end in ends if place[:end] in lines), 1)


def odd_scalar(text: str) -> tuple[int, str, str]:
    r"""Line, text and words of the first value that is not what it looks like, a date say; line 1 where all are.

    >>> odd_scalar("a: 1\nb: [2026-13-45]\n")
    (2, '2026-13-45', '2026-13-45 is no date or number that can be; write text in quotes')
    """
    loader, seen = LOADER(""), set[int]()
    open_nodes = [*reversed(list(yaml.compose_all(text, LOADER)))]
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in seen:  # by an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            try:
                loader.construct_object(node)
            except yaml.YAMLError:
                continue
            except NO_VALUE:
                return node.start_mark.line + 1, node.value, no_value(node)
        elif isinstance(node, yaml.MappingNode):
            open_nodes += [inner for pair in reversed(node.value) for inner in reversed(pair)]
        elif isinstance(node, yaml.SequenceNode):
            open_nodes += reversed(node.value)
    return 1, "", "a value in it can be none"


def yaml_within(text: str) -> Any:
    """What a text within a file holds as YAML; None where that is nothing, or no YAML.

    >>> yaml_within("a: 1"), yaml_within("a: !!bool x"), yaml_within("a")
    ({'a': 1}, None, 'a')
    """
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, *NO_VALUE):
        return None
