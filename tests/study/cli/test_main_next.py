"""Every command that is printed works when it is pasted into a shell, however the folders are called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ODD = "-it's a$HOME ~ \"ü☃;*"
"""A folder's name with all that a shell would take for something else."""
STUDY = """name: rates
title: The learning rate
question: Does a higher rate learn faster?
knobs: [lr]
epochs: 2
base: {optimizer: adam, hidden: [4], data: tiny}
arms: [{name: slow, change: {lr: 0.001}}, {name: fast, change: {lr: 0.1}}]
baseline: slow
claims:
  - id: rates-1
    statement: A higher rate ends higher.
    parts:
      - form: contrast
        a: {arm: fast, metric: val_accuracy, at: last}
        b: {arm: slow, metric: val_accuracy, at: last}
        low: 0.0
"""
SEARCH = """name: find
title: A search
question: Which rate?
knobs: [lr]
epochs: 2
base: {hidden: [4], data: tiny}
search: {trials: 2, seeds: 1, searcher: random, scheduler: none, space: {lr: {kind: float, low: 0.001, high: 0.1}}}
"""


def commands_in(said: str) -> list[str]:
    """The commands below `next`, without what is said of each."""
    after = re.search(r"^next +(study .*\n(?: {6,}.*\n?)*)", said, re.MULTILINE)
    lines = [line.strip() for line in (after[1] if after else "").splitlines()]
    return [re.split(r" {4,}", line)[0] for line in lines if line.startswith("study ")]


@pytest.fixture
def pasted(tmp_path: Path) -> Callable[[str], str]:
    """Runs a line in a shell, in a folder that has one of an odd name with two studies and their data."""
    place = tmp_path / ODD
    place.mkdir()
    images = np.random.default_rng(0).integers(0, 255, (60, 4, 4), dtype=np.uint8)
    labels = (images.mean((1, 2)) > 127).astype(np.uint8)
    np.savez(place / "tiny.npz", train_images=images, train_labels=labels, val_images=images, val_labels=labels)
    (place / f"s {ODD}.yaml").write_text(STUDY)
    (place / f"f {ODD}.yaml").write_text(SEARCH)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "study").write_text(f'#!/bin/sh\nexec {sys.executable} -m study.cli "$@"\n')
    (tools / "study").chmod(0o700)
    state = tmp_path / "state"
    known = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "ODD": ODD, "XDG_STATE_HOME": str(state)}

    def run_line(line: str) -> str:
        # in the parent, so that folders are named; and as a person's shell, with nothing set
        run = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=known, capture_output=True, text=True, check=False)
        assert run.returncode in (0, 7), (line, run.stdout[-800:], run.stderr[-800:])
        return run.stdout

    return run_line


DATA = '--data-dir "$(dirname "./$ODD/tiny.npz")" --executor inline'


@pytest.mark.e2e
def test_each_printed_command_works_when_pasted(tmp_path: Path, pasted: Callable[[str], str]) -> None:
    data = DATA
    own, search = '"./$ODD/s $ODD.yaml"', '"./$ODD/f $ODD.yaml"'
    said = [
        pasted(f'study run {own} {data} --quick --seeds 2 "--results=./$ODD/$ODD q"'),
        pasted(f'study decide {own} {data} --max-seeds 5 "--results=./$ODD/$ODD"'),
        pasted(f'study run {search} {data} --seeds 2 "--results=./$ODD/find"'),
        *(pasted(f'study {command} "./$ODD/$ODD"') for command in ("claims", "status")),
    ]
    printed = {command for text in said for command in commands_in(text)}
    assert {command.split()[1] for command in printed} >= {"report", "run", "show", "claims"}
    for command in sorted(printed):
        pasted(command)
    assert not (tmp_path / "results").exists() and not Path(tmp_path, "~").exists(), "what was named was used"
    shutil.rmtree(tmp_path / ODD)


def files(folder: Path) -> dict[str, bytes]:
    """All that lies in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.e2e
def test_each_printed_command_acts_on_the_folder_that_was_asked_about(
    tmp_path: Path, pasted: Callable[[str], str]
) -> None:
    """Of a copy, and of two folders united, `status` named a command that trained into another one."""
    own = '"./$ODD/s $ODD.yaml"'
    for name, seeds in (("a", "0-1"), ("b", "2-3")):
        pasted(f'study run {own} {DATA} --seeds {seeds} "--results=./$ODD/{name}"')
    place = tmp_path / ODD
    pasted('study merge "./$ODD/a" "./$ODD/b" --into "./$ODD/both $ODD"')
    shutil.copytree(place / "a", place / "copy")
    shutil.copytree(place / "b", place / "waits")
    shutil.rmtree(place / "copy" / "trials")
    shutil.rmtree(place / f"both {ODD}" / "trials")
    others = {name: files(place / name) for name in ("a", "b")}
    for name in ("copy", f"both {ODD}", "waits"):
        where = f'"./$ODD/{name.replace(ODD, "$ODD")}"'
        before = files(place / name)
        (command,) = re.findall(r"^next +(study run .*)", pasted(f"study status {where}"), re.MULTILINE)
        pasted(command)
        assert files(place / name) != before, command
        assert not re.search(r"^(missing|waiting)", pasted(f"study status {where}"), re.MULTILINE), command
    assert {name: files(place / name) for name in others} == others
    assert not (tmp_path / "results").exists()
