"""The commands of README and guides run as they are written, line by line, in a folder that has what they speak of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_tutorial import BLOCK

ROOT = Path(__file__).parent.parent
GUIDES = (
    "README.md",
    "docs/index.md",
    "docs/gallery.md",
    "docs/guides/deciding.md",
    "docs/guides/exports.md",
    "docs/guides/faults.md",
    "docs/guides/own-study.md",
    "docs/guides/own-table.md",
    "docs/guides/reading-the-report.md",
    "docs/guides/resuming.md",
)
ELSEWHERE = re.compile(r"make |pip install|source |tensorboard|optuna-dashboard|study (live|submit)|study run chapter")
"""Installation and long runs; servers that go on, which have tests of their own."""
SHORTER = (
    (r"(study run (?:dropout|activation\.yaml)) --seeds 5", r"\1 --seeds 1 --quick"),
    (r"--hours \d+", "--dry-run"),
    (r"study show --data fashion-mnist --fetch", "study show --data fashion-mnist"),
)
"""What would train for minutes, or fetch, and what is run in its place."""


def commands(document: str) -> Iterator[str]:
    """The lines of a document's shell blocks that are run here."""
    for language, _, block in BLOCK.findall((ROOT / document).read_text()):
        if language == "bash":
            for line in block.replace("\\\n", " ").splitlines():
                if line and not line.startswith("#") and not ELSEWHERE.match(line):
                    for long, short in SHORTER:
                        line = re.sub(long, short, line)
                    yield line


def done(line: str, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    command = ["bash", "-euc", line]
    end = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert end.returncode == 0, f"{line}\n{end.stdout}{end.stderr}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial's files and results, the demo's, and the committed results."""
    there = tmp_path_factory.mktemp("guides")
    for document in ("docs/tutorial.md", "docs/guides/own-study.md", "docs/guides/own-table.md"):
        blocks = BLOCK.findall((ROOT / document).read_text())
        for language, title, block in blocks:
            if title or language == "yaml":
                (there / (title or f"{block.partition('name: ')[2].split()[0]}.yaml")).write_text(block)
    for name in ("chapter", "search-sgd-adam", "curves"):
        shutil.copytree(ROOT / "results" / name, there / "results" / name)
    done("python digits.py", there)
    done("study run width.yaml --seeds 5 --data-dir . --results results/width --quiet", there)
    for name in ("a", "b"):
        shutil.copytree(there / "results/width", there / "results" / name)
    return there


@pytest.mark.ray
@pytest.mark.e2e
@pytest.mark.parametrize("document", GUIDES)
def test_its_commands_run(document: str, folder: Path) -> None:
    lines = list(commands(document))
    assert lines, "nothing to run"
    for line in lines:
        done(line, folder)
