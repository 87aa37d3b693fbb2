"""The tutorial is done as it is written, from its first command to its last."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.study.app import exported
from trainables.data.sources import load_data_set

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
        if language == "bash" or (language == "python" and not title):
            before = "import study\nresults = study.open('results/width')\n"
            run = ["bash", "-euc", block] if language == "bash" else [sys.executable, "-c", before + block]
            done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
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
    assert len(TABLE) > 5 and all(call in done.stdout for call in TABLE) and "wide" in done.stdout
    assert "narrow" in done.stdout.partition("results.trials")[0], "the summary"


def test_folders_of_images_become_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, kind in enumerate(["cat", "dog"] * 10):
        (tmp_path / "photos" / kind).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40 + number, 30), (255 * (kind == "dog"),) * 3).save(tmp_path / f"photos/{kind}/{number}.png")
    monkeypatch.chdir(tmp_path)
    blocks = {title: block for _, title, block in BLOCK.findall((ROOT / "docs/guides/data.md").read_text())}
    Path("pack.py").write_text(blocks["pack_images.py"])
    runpy.run_path("pack.py")
    data = load_data_set("photos", tmp_path)
    assert data.classes == ("cat", "dog") and data.image_shape == (28, 28) and len(data.val_labels) == 4
    assert [image.max() == 255 for image in data.train_images] == [label == 1 for label in data.train_labels]


class Recorder(types.ModuleType):
    """Stands in for a package that is not installed: every call is taken, kept, and may be entered."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.calls: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*given: object, **more: object) -> object:
            self.calls.append((name, given, more))
            return contextlib.nullcontext(self)

        return call


@pytest.mark.parametrize("package", ["mlflow", "wandb"])
def test_the_lines_for_other_trackers_run(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in: a call an epoch, plain numbers alone."""
    there = Recorder(package)
    monkeypatch.setitem(sys.modules, package, there)
    exported.folder(tmp_path / "results/width")
    monkeypatch.chdir(tmp_path)
    blocks = {title: block for _, title, block in BLOCK.findall((ROOT / "docs/guides/exports.md").read_text())}
    (tmp_path / "lines.py").write_text(blocks[f"to_{package}.py"])
    runpy.run_path("lines.py")
    names = [name for name, _, _ in there.calls]
    runs, logged = ("start_run", "log_metric") if package == "mlflow" else ("init", "log")
    assert names.count(runs) == 9 and names.count(logged) == 2 * 3 * 4 + 2 * 4 + 2, "one diverged after two epochs"
    assert "slow, seed 0" in str(there.calls)
