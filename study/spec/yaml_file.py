"""Reading a user's YAML study file: data only, each key once, `1e-5` is a number; and where each value stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from study.spec.faults import BadValues, Fault, Place, line
from trainables.config.errors import BadInput


@dataclass(frozen=True)
class Written:
    """Where a value stands in its file, and how it is written there."""

    line: int
    text: str


@dataclass(frozen=True)
class YamlFile:
    """Plain data, and where each of its values stands."""

    path: Path
    values: Any
    places: Mapping[Place, Written]

    def bad(self, faults: list[Fault]) -> BadValues:
        """The error that says some mistakes, each in a line with file and line number."""
        return BadValues(faults, [self._line(f) for f in sorted(faults, key=lambda f: self._written(f.at).line)])

    def _line(self, fault: Fault) -> str:
        found = self.places.get(fault.at)
        text = found.text if found else ""
        return f"{self.path}, line {self._written(fault.at).line}: {line(fault, self.values, text)}"

    def _written(self, at: Place) -> Written:
        """The nearest place that the file has."""
        while at not in self.places and at:
            at = at[:-1]
        return self.places.get(at, Written(1, ""))


_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """Safe YAML without two traps: `1e-5` would be text, and the second of two equal keys would win in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise BadInput("study", str(key.value), f"the key stands twice (line {key.start_mark.line + 1})")
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise BadInput("study", "*alias", "YAML aliases are not read here; write the value out")
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def read_yaml(path: Path) -> YamlFile:
    """The plain data in a YAML file.

    Raises:
        BadInput: it is not YAML, has a key twice, or uses aliases; names the line.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        places: dict[Place, Written] = {}
        values = None
        if node is not None:
            _mark(loader, node, (), places)
            values = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise BadInput("study", str(path), "it is not YAML: " + " ".join(str(error).split())) from None
    except RecursionError:
        raise BadInput("study", str(path), "it is nested too deeply") from None
    return YamlFile(path, values, places)


_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_IN_EIGHTS, _IN_SIXTIES = re.compile(r"[-+]?0[0-7_]+"), re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
"""Numbers that YAML 1.1 takes for others than people read: 010 for 8, 1:30 for 90."""


def _check_scalar(loader: _Loader, node: yaml.Node) -> None:
    """Refuse what looks like a date or a number and is none, and a number that would be taken for another."""
    try:
        value = loader.construct_object(node)
        if node.tag in _NUMBERS and any(p.fullmatch(node.value) for p in (_IN_EIGHTS, _IN_SIXTIES)):
            why = f"YAML takes it for {value:g} (line {node.start_mark.line + 1}); write the number that you mean"
            raise BadInput("study", node.value, f"{why}, without a leading 0 or a colon, or text in quotes")
    except (ValueError, OverflowError):
        why = f"it is no date or number that can be (line {node.start_mark.line + 1}); write text in quotes"
        raise BadInput("study", str(node.value), why) from None


def _mark(loader: _Loader, node: yaml.Node, at: Place, places: dict[Place, Written]) -> None:
    """Note where each value stands; a key counts as where its value begins."""
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    if text:
        _check_scalar(loader, node)
    places.setdefault(at, Written(node.start_mark.line + 1, text))
    if isinstance(node, yaml.SequenceNode):
        for i, inner in enumerate(node.value):
            _mark(loader, inner, (*at, i), places)
    elif isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BadInput("study", "?", f"a name is a word (line {key.start_mark.line + 1})")
            name: Any = None if key.tag == _MERGE else loader.construct_object(key)
            if name is None and key.tag == _MERGE:
                continue
            if not isinstance(name, str):
                why = f'a name is text; write it in quotes: "{key.value}" (line {key.start_mark.line + 1})'
                raise BadInput("study", name, why)
            text = str(inner.value) if isinstance(inner, yaml.ScalarNode) else ""
            places[(*at, name)] = Written(key.start_mark.line + 1, text)
            _mark(loader, inner, (*at, name), places)
