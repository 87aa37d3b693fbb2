"""Options that several commands share: what they take, where else a value may come from, and what their help says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
import typer
from typer.models import OptionInfo
from typer.testing import CliRunner

from study.cli import options
from trainables.config.errors import BadInput

SHARED = {name: get_args(kind) for name, kind in vars(options).items() if get_origin(kind) is Annotated}


def taken(kind: Any, *words: str, env: dict[str, str] | None = None, default: Any = None) -> Any:
    """What a command gets that has one option, or why it is refused."""
    found: list[Any] = []
    app = typer.Typer()

    def command(value: Any = default) -> None:
        found.append(value)

    command.__annotations__["value"] = kind
    app.command()(command)
    done = CliRunner().invoke(app, list(words), env=env)
    return found[0] if found else done.exception


def test_numbers_below_what_makes_sense_are_refused() -> None:
    assert taken(options.Cpus, "--cpus", "2") == 2 and isinstance(taken(options.Cpus, "--cpus", "0"), SystemExit)
    assert taken(options.StallSeconds, "--stall-seconds", "1") == 1.0
    assert isinstance(taken(options.StallSeconds, "--stall-seconds", "0.5"), BadInput)
    assert taken(options.CheckpointSeconds, "--checkpoint-seconds", "0") == 0.0


def test_the_environment_speaks_where_the_command_does_not() -> None:
    env = {"STUDY_DATA_DIR": "/somewhere", "STUDY_EXECUTOR": "inline"}
    assert taken(options.DataDir, env=env) == Path("/somewhere")
    assert taken(options.DataDir, "--data-dir", "/here", env=env) == Path("/here")
    assert taken(options.ExecutorName, env=env, default="auto") == "inline"


@pytest.mark.parametrize("kind", [options.DataDir, options.Results])
def test_an_empty_folder_is_none(kind: Any) -> None:
    flag = "--data-dir" if kind is options.DataDir else "--results"
    assert isinstance(taken(kind, flag, ""), BadInput | SystemExit)


@pytest.mark.parametrize("name", SHARED)
def test_its_help_is_sentences_and_says_what_leaving_it_out_means(name: str) -> None:
    kind, info = SHARED[name]
    text = info.help or ""
    assert text.endswith((".", ").")) and text[0].isupper(), text
    optional = isinstance(info, OptionInfo) and type(None) in get_args(kind) and kind is not bool
    if optional and not info.envvar:
        assert re.search(r"Left out|\(\d+\)|again|With --decide", text), "a value that may be left out has a default"


def test_every_shared_option_is_used() -> None:
    folder = Path(inspect.getfile(options)).parent
    code = "\n".join(p.read_text() for p in folder.glob("*.py") if p.name != "options.py")
    assert [name for name in SHARED if not re.search(rf": {name}\b", code)] == []
