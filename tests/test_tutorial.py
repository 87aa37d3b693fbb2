"""The tutorial is done as it is written, from its first command to its last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.ray
def test_its_files_and_commands_work_in_an_empty_folder(tmp_path: Path) -> None:
    said = ""
    bin_folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]])}
    for language, title, block in BLOCK.findall((ROOT / "docs/tutorial.md").read_text()):
        if title:
            (tmp_path / title).write_text(block)
        if language == "bash":
            done = subprocess.run(
                ["bash", "-euc", block], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, block + done.stdout + done.stderr
            said += done.stdout
    assert "width-1" in said and "width-2" in said
    assert list((tmp_path / "page").glob("*.html"))


GUIDE = (ROOT / "docs/guides/python.md").read_text()
TABLE = re.findall(r"^\| `(results\.[^`]+)` \|", GUIDE, re.MULTILINE)


@pytest.mark.e2e
def test_the_lines_of_the_guide_to_python_run(tmp_path: Path) -> None:
    """In the tutorial's folder, with its file and data; then each line of the table."""
    for _, title, block in BLOCK.findall((ROOT / "docs/tutorial.md").read_text()):
        if title:
            (tmp_path / title).write_text(block)
    lines = [block for language, _, block in BLOCK.findall(GUIDE) if language == "python"]
    asked = [f"print({call!r}, {call})" for call in TABLE]
    script = "\n".join(["import digits", *lines, *asked])
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(TABLE) == 8 and "results.plot" in done.stdout and "wide" in done.stdout
    assert "narrow" in done.stdout.partition("results.trials")[0], "the summary"
