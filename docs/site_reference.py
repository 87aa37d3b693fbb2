"""The reference as Markdown, from what it tells of: the command, knobs, what a study file may say, and Python."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import typer
from pydantic import TypeAdapter

import study
from study.cli import help_page
from study.cli import main as cli
from study.spec import Study
from trainables.config.trial_config import KNOBS


def command_line() -> str:
    """Every command with its arguments and options, as it says them itself, in the order of its page of help."""
    group: Any = typer.main.get_command(cli.app)
    parts = ["# The command", inspect.cleandoc(group.help or "")]
    known = [name for of in help_page.GROUPS.values() for name in of if name in group.commands]
    for name in [*known, *sorted(set(group.commands) - set(known))]:
        command = group.commands[name]
        if not command.hidden:
            parts += [f"## study {name}", inspect.cleandoc(command.help or ""), _parameters(command)]
    return "\n\n".join(parts) + "\n"


def _parameters(command: Any) -> str:
    rows = []
    for parameter in command.params:
        option = parameter.param_type_name == "option"
        word = (parameter.metavar or "").replace("|", "/")  # a table's cells end at a bar
        value = f" {word}" if word else ""
        names = ", ".join(f"`{o}{value}`" for o in (*parameter.opts, *parameter.secondary_opts))
        plain = parameter.default if isinstance(parameter.default, str | int | float) else None
        silent = plain in (None, False, "") or parameter.show_default is False
        default = "required" if parameter.required else "" if silent else f"`{plain}`"
        rows.append((names if option else f"`{word or parameter.name.upper()}`", parameter.help, default))
    return _table(("argument or option", "what it is", "default"), rows)


def knobs() -> str:
    """Every knob with its default and what it does."""
    rows = [(f"`{name}`", knob.metadata["doc"], f"`{knob.default}`") for name, knob in KNOBS.items()]
    return f"# Knobs\n\nWhat an arm may change.\n\n{_table(('knob', 'what it does', 'default'), rows)}\n"


def study_file() -> str:
    """Every value of a study file with its fields, from the values that read it."""
    schema = TypeAdapter(Study).json_schema()
    values = {"Study": schema, **schema["$defs"]}
    parts = [
        "# What a study file may say",
        "A study file is a `Study`. [A study of your own](../guides/own-study.md) shows one.",
    ]
    for name, value in values.items():
        kind = _value_class(name)
        told = inspect.cleandoc(kind.__doc__ or "").partition("\n\nRaises:")[0]
        docs, required = _field_docs(kind), value.get("required", ())
        rows = [
            (f"`{field}`", _kind(said), _default(said, field in required), docs.get(field, ""))
            for field, said in value["properties"].items()
        ]
        parts += [f"## {name}", told, _table(("field", "kind", "default", "what it is"), rows)]
    return "\n\n".join(parts) + "\n"


def _value_class(name: str) -> type:
    for module in ("study", "claims", "search", "domains", "constraints"):
        found = getattr(importlib.import_module(f"study.spec.{module}"), name, None)
        if dataclasses.is_dataclass(found) and isinstance(found, type):
            return found
    raise LookupError(f"no value {name} in study.spec")


def _field_docs(kind: type) -> dict[str, str]:
    """The text below each field, as the source has it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    docs: dict[str, str] = {}
    last = ""
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            docs[last] = inspect.cleandoc(str(node.value.value))
        last = node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""
    return docs


def _kind(said: dict[str, Any]) -> str:
    if "$ref" in said:
        name = said["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := said.get("anyOf") or said.get("oneOf"):
        return " or ".join(dict.fromkeys(k for o in options if (k := _kind(o)) != "null"))
    if "enum" in said or "const" in said:
        return ", ".join(f"`{word}`" for word in said.get("enum", [said.get("const")]))
    if said.get("type") == "array":
        return f"list of {_kind(said['items'])}" if said.get("items") else "list"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping"}
    return words.get(str(said.get("type")), str(said.get("type", "any")))


def _default(said: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    return "" if said.get("default") in (None, "", [], {}) else f"`{said['default']}`"


MEMBERS_SHOWN = {"Results": "results", "StudyPlan": "plan"}
"""Values that are shown with all that they give, and how they are called there."""


def python() -> str:
    """What `import study` gives, from its docstrings."""
    parts = ["# From Python", "What `import study` gives. [Python and notebooks](../guides/python.md) shows it in use."]
    for name in study.__all__:
        thing = getattr(study, name)
        parts += [f"## study.{name}", _told(thing, f"study.{name}" if inspect.isfunction(thing) else "")]
        if called := MEMBERS_SHOWN.get(name):
            for member, value in vars(thing).items():
                if not member.startswith("_"):
                    plain = getattr(value, "fget", None) or getattr(value, "func", value)
                    call = f"{called}.{member}" if plain is value else ""
                    parts += [f"### {called}.{member}", _told(plain, call)]
    return "\n\n".join(parts) + "\n"


def _told(thing: Any, called: str) -> str:
    """A signature where there is one to call, and the docstring; what it raises and takes as it is."""
    doc = inspect.cleandoc(thing.__doc__ or "")
    head, _, rest = doc.partition("\n\n")
    text = f"{head}\n\n```text\n{rest}\n```" if rest else head
    if not called:
        return text
    signature = (
        re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(thing)))
        .replace("(self, ", "(")
        .replace("(self)", "()")
    )
    return f"```python\n{called}{signature}\n```\n\n{text}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join((cell or "").split()).replace("|", "\\|") for cell in line) + " |" for line in lines
    )
