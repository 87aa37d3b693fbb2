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
