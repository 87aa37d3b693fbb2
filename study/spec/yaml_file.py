"""Reading a user's YAML study file: data only, each key once, and `1e-5` is a number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from trainables.config.errors import BadInput


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


def read_yaml(path: Path) -> Any:
    """The plain data in a YAML file.

    Raises:
        BadInput: it is not YAML, has a key twice, or uses aliases; names the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, made safer
    except yaml.YAMLError as error:
        raise BadInput("study", str(path), "it is not YAML: " + " ".join(str(error).split())) from None
    except RecursionError:
        raise BadInput("study", str(path), "it is nested too deeply") from None
