"""The reference as Markdown, from what it tells of: the command, knobs, and what a study file may say."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from typing import Any

import typer
import yaml

from study.cli import help_page
from study.cli import main as cli
from study.cli.catalog_text import knob_words
from study.spec.claims import Quantity
from study.spec.schema import ELSEWHERE, VALUES, study_schema
from study.spec.study import Study
from trainables.config.trial_config import KNOBS
from trainables.records.metrics import METRICS

READING = """\
`NAME` is a study of `study list`, `chapter` for its first 12, or a study file. `DIR` is a results folder; left out, it
is that of the last run from here. Exit codes are [in a table](../guides/faults.md#exit-codes).
`study --install-completion` completes commands and options in bash, zsh and fish. `NO_COLOR` turns colours off."""
KNOBS_TOLD = """\
What an arm may change, as a study file says it. `epochs` stands beside `base`, or beside `change` for one arm. `seed`
comes from `--seeds`."""


def command_line() -> str:
    """Every command with its arguments and options, as it says them itself, in the order of its page of help."""
    group: Any = typer.main.get_command(cli.app)
    parts = ["# The command", inspect.cleandoc(group.help or ""), READING]
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
        variable = f" Also by `{parameter.envvar}`." if option and parameter.envvar else ""
        rows.append(
            (names if option else f"`{word or parameter.name.upper()}`", f"{parameter.help}{variable}", default)
        )
    return _table(("argument or option", "what it is", "default"), rows)


def knobs() -> str:
    """Every knob with its default and what it does."""
    settable = {name: knob for name, knob in KNOBS.items() if name not in ELSEWHERE}
    rows = [(f"`{name}`", knob_words(name), f"`{_as_written(knob.default)}`") for name, knob in settable.items()]
    return f"# Knobs\n\n{KNOBS_TOLD}\n\n{_table(('knob', 'what it does', 'default'), rows)}\n"


def study_file() -> str:
    """Every value of a study file with its fields, from the schema that editors check with."""
    schema = json.loads(study_schema())
    parts = [
        "# What a study file may say",
        "A study file is a `Study`. [A study of your own](../guides/own-study.md) shows one. "
        "`study show --schema > study.schema.json` writes this page for an editor.",
    ]
    for kind in VALUES:
        fields = schema if kind is Study else schema["$defs"][kind.__name__]
        rows = [
            (
                f"`{field}`",
                _kind(said),
                _default(said, field in fields.get("required", ())),
                said.get("description", ""),
            )
            for field, said in fields["properties"].items()
        ]
        told = inspect.cleandoc(kind.__doc__ or "").partition("\n\nRaises:")[0]
        parts += [f"## {kind.__name__}", told, _table(("field", "kind", "default", "what it is"), rows)]
        parts += _metrics() if kind is Quantity else []
    return "\n\n".join(parts) + "\n"


def _metrics() -> list[str]:
    """The metrics of an epoch, below the value that names one."""
    units = {"%": "a share of 1", "points": "a share of 1", "s": "seconds"}
    rows = [(f"`{m.name}`", m.label, units.get(m.unit, m.unit)) for m in METRICS.values()]
    return ["### Metrics", "What each epoch reports.", _table(("metric", "what it is", "in"), rows)]


def _kind(said: dict[str, Any]) -> str:
    if "additionalProperties" in said and "properties" in said:
        return "[knobs](knobs.md)"
    if "$ref" in said:
        name = said["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := said.get("anyOf") or said.get("oneOf"):
        return " or ".join(dict.fromkeys(k for o in options if (k := _kind(o)) != "null"))
    if "enum" in said or "const" in said:
        return ", ".join(f"`{word}`" for word in said.get("enum", [said.get("const")]))
    if said.get("type") == "array":
        of_knobs = set(said.get("items", {}).get("enum", ())) >= {"lr", "hidden"}
        return (
            "list of [knobs](knobs.md)"
            if of_knobs
            else f"list of {_kind(said['items'])}"
            if said.get("items")
            else "list"
        )
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping"}
    return words.get(str(said.get("type")), str(said.get("type", "any")))


def _default(said: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    return "" if said.get("default") in (None, "", [], {}) else f"`{_as_written(said['default'])}`"


def _as_written(value: Any) -> str:
    """A value as a study file has it."""
    return str(yaml.safe_dump(list(value) if isinstance(value, tuple) else value, default_flow_style=True)).split("\n")[
        0
    ]


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join((cell or "").split()).replace("|", "\\|") for cell in line) + " |" for line in lines
    )
