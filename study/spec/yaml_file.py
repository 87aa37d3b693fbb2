"""Reading a user's YAML study file: data only, each key once, `1e-5` is a number; and where each value stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from study.spec.faults import BadValues, Fault, Place, fault_line, file_error
from study.spec.yaml_faults import not_yaml


@dataclass(frozen=True)
class WrittenValue:
    """Where a value stands in its file, and how it is written there."""

    line: int
    text: str


@dataclass(frozen=True)
class YamlFile:
    """Plain data, and where each of its values stands."""

    path: Path
    values: Any
    places: Mapping[Place, WrittenValue]

    def bad(self, faults: Sequence[Fault]) -> BadValues:
        """The error that says some mistakes, each in a line with file and line number."""
        return BadValues(faults, [self.line(f) for f in sorted(faults, key=lambda f: self._written(f.at).line)])

    def line(self, fault: Fault) -> str:
        """A mistake with file and line number."""
        found = self.places.get(fault.at)
        text, line = found.text if found else "", self._written(fault.at).line
        before = f"; the first one is in line {self._written(fault.first).line}" if fault.first else ""
        return f"{self.path}, line {line}: {fault_line(fault, self.values, text)}{before}"

    def _written(self, at: Place) -> WrittenValue:
        """The nearest place that the file has."""
        while at not in self.places and at:
            at = at[:-1]
        return self.places.get(at, WrittenValue(1, ""))


class _Refused(Exception):
    """What is not read here, and in which line."""

    def __init__(self, mark: yaml.Mark | None, value: object, why: str) -> None:
        self.line, self.value, self.why = (mark.line + 1 if mark else 1), value, why
        super().__init__(why)


_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """Safe YAML without two traps: `1e-5` would be text, and the second of two equal keys would win in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if (first := seen.get(str(key.value))) is not None:
                line = key.start_mark.line + 1
                where = "in this line too" if line == first else f"in line {first} too"
                why = f"the key stands twice: {key.value}; it stands {where}, leave one of them out"
                raise _Refused(key.start_mark, key.value, why)
            seen[str(key.value)] = key.start_mark.line + 1
        return super().construct_mapping(node, deep=deep)

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise _Refused(mark, "*alias", "YAML aliases are not read here; write the value out")
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    """Without the sign of -0.0, which makes another identity of an equal configuration."""
    value: float = loader.construct_yaml_float(node)
    return value + 0.0


_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def read_yaml(path: Path) -> YamlFile:
    """The plain data in a YAML file.

    Raises:
        BadInput: it is not YAML, has a key twice, or uses aliases; names the line.
    """
    data = path.read_bytes()
    try:
        loader = _Loader(decoded(path, data))
        node = loader.get_single_node()
        places: dict[Place, WrittenValue] = {}
        values = None
        if node is not None:
            _mark(loader, node, (), places)
            values = loader.construct_document(node)
    except _Refused as error:
        raise file_error(path, error.line, error.value, error.why) from None
    except yaml.YAMLError as error:
        raise file_error(path, *not_yaml(error, data)) from None
    except RecursionError:
        raise file_error(path, 1, "", "it is nested too deeply") from None
    return YamlFile(path, values, places)


def decoded(path: Path, data: bytes) -> str:
    """The text of a file.

    Raises:
        BadInput: it is not UTF-8; names the line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        why = "it is UTF-16" if wide else f"the byte 0x{data[error.start]:02x} is no UTF-8"
        raise file_error(path, data[: error.start].count(b"\n") + 1, "", f"{why}; save the file as UTF-8") from None


_FLAG = "tag:yaml.org,2002:bool"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_IN_EIGHTS, _IN_SIXTIES = re.compile(r"[-+]?0[0-7_]+"), re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
"""Numbers that YAML 1.1 takes for others than people read: 010 for 8, 1:30 for 90."""


NO_VALUE = (ValueError, OverflowError, AttributeError, KeyError, IndexError)
"""What PyYAML raises for a value that cannot be what it looks like, or what its tag says."""


def no_value(node: yaml.Node) -> str:
    """Words for such a value."""
    is_none = "is neither true nor false" if node.tag == _FLAG else "is no date or number that can be"
    return f"{str(node.value)[:80] or 'nothing'} {is_none}; write text in quotes"


def _check_scalar(loader: _Loader, node: yaml.Node) -> None:
    """Refuse what looks like a date or a number and is none, and a number that would be taken for another."""
    try:
        value = loader.construct_object(node)
        if node.tag in _NUMBERS and any(p.fullmatch(node.value) for p in (_IN_EIGHTS, _IN_SIXTIES)):
            why = f"YAML takes {node.value} for {value:g}; write the number that you mean"
            raise _Refused(node.start_mark, node.value, f"{why}, without a leading 0 or a colon, or text in quotes")
    except NO_VALUE:
        raise _Refused(node.start_mark, node.value, no_value(node)) from None


def _mark(loader: _Loader, node: yaml.Node, at: Place, places: dict[Place, WrittenValue]) -> None:
    """Note where each value stands; a key counts as where its value begins."""
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(loader, node)
    places.setdefault(at, WrittenValue(node.start_mark.line + 1, text))
    if isinstance(node, yaml.SequenceNode):
        for i, inner in enumerate(node.value):
            _mark(loader, inner, (*at, i), places)
    elif isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused(key.start_mark, "?", "a name is a word, not a list or a mapping")
            if key.tag == _MERGE:
                continue
            _check_scalar(loader, key)
            name: Any = loader.construct_object(key)
            if not isinstance(name, str):
                why = f'a name is text; write it in quotes: "{key.value}"'
                raise _Refused(key.start_mark, name, why)
            text = str(inner.value) if isinstance(inner, yaml.ScalarNode) else ""
            places[(*at, name)] = WrittenValue(key.start_mark.line + 1, text)
            _mark(loader, inner, (*at, name), places)
