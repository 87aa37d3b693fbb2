"""Ready for a GPU: with PyTorch and NumPy alone, from a packed tree, all that runs there runs on the CPU here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu.pack import copy_images, pack
from trainables.config.errors import DataError

ROOT = Path(__file__).resolve().parents[3]
KNOWS_RAY = "trainables.jobs.ray_trainable"
"""The one module of `trainables` that may need more."""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python that has PyTorch and NumPy, and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copyfile(Path(__file__).with_name("blocked.py"), folder / "sitecustomize.py")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(folder),
        "REFUSED_PATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `--pack` gives; without Fashion-MNIST on this machine there is nothing to pack."""
    target = tmp_path_factory.mktemp("packed") / "tree"
    try:
        size = pack(target, None)
    except DataError as error:
        pytest.skip(str(error))
    assert size < 64_000_000
    return target


def modules(package: Path) -> list[str]:
    paths = (p.relative_to(ROOT).with_suffix("") for p in sorted(package.rglob("*.py")))
    return [".".join(p.parts).removesuffix(".__init__") for p in paths]


def run(code: str, where: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


def code_alone(target: Path) -> Path:
    """A copy of the code, away from the checkout."""
    for name in ("trainables", "benchmarks/gpu", "tests/trainables"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "benchmarks/__init__.py", target / "benchmarks/__init__.py")
    return target


@pytest.mark.e2e
def test_trainables_need_pytorch_and_numpy_alone(alone: dict[str, str], tmp_path: Path) -> None:
    names = [n for n in modules(ROOT / "trainables") if n != KNOWS_RAY]
    assert len(names) > 15
    assert KNOWS_RAY in modules(ROOT / "trainables")
    names += [n for n in modules(ROOT / "benchmarks" / "gpu") if not n.endswith("__main__")]
    where = code_alone(tmp_path / "code")
    done = run(f"import {', '.join(names)}; print(trainables.__file__)", where, alone)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(str(where))


REFUSED = ("ray", "pandas", "pydantic", "torchvision", "filelock", "study", KNOWS_RAY)
TRY_EACH = """
import os, sys
import torch
for name in sys.argv[1:]:
    if os.fork() == 0:  # each beside torch alone: one that was tried must not serve the next
        try:
            exec(f"import {name}")
        except Exception as error:
            print(name, type(error).__name__, error, flush=True)
        os._exit(0)
    os.wait()
"""


def test_nothing_else_is_there(alone: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", TRY_EACH, *REFUSED]
    done = subprocess.run(
        command, cwd=code_alone(tmp_path / "code"), env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" No module")[0] for line in lines] == [f"{n} ModuleNotFoundError" for n in REFUSED]


@pytest.mark.e2e
def test_a_rehearsal_runs_all_of_it(tree: Path, alone: dict[str, str]) -> None:
    command = [sys.executable, "-m", "benchmarks.gpu", "--device", "cpu", "--tiny", "--out", str(tree / "out")]
    done = subprocess.run(command, cwd=tree, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (tree / "out").iterdir()
    assert path.name.startswith("rehearsal-")
    found = json.loads(path.read_text())
    assert found["card"] and found["card"] == found["machine"]["card"]
    assert found["tiny"] and found["device"] == "cpu"
    assert {p["name"]: p["state"] for p in found["parts"]} == dict.fromkeys(
        ("checks", "rates", "memory", "processes"), "done"
    )
    findings = {f["name"]: f for p in found["parts"] for f in p["findings"]}
    assert all(f["passed"] and f["value"] is not None for f in findings.values())
    for side in ("plain", "eager-seeds-1", "graphed-seeds-1", "eager-seeds-5", "eager-seeds-32", "graphed-seeds-32"):
        assert findings[f"batch-32/{side}"]["unit"] == "trial epochs a second"
        assert {f"batch-32/{side}/against-plain", f"batch-32/{side}/of-memory-limit"} <= findings.keys()
    assert {"processes-2/eager/against-one", "processes-2/graphed", "seeds-32", "copy-bandwidth"} <= findings.keys()
    assert {"two-jobs-share-the-device", "memory-within-count/replayed"} <= findings.keys()


@pytest.mark.e2e
def test_without_a_gpu_it_says_so_in_one_line(alone: dict[str, str], tmp_path: Path) -> None:
    hidden = {**alone, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "benchmarks.gpu", "--data-dir", str(tmp_path), "--out", str(tmp_path)]
    done = subprocess.run(
        command, cwd=code_alone(tmp_path / "code"), env=hidden, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("there is no GPU: PyTorch ")
    assert not list(tmp_path.glob("*.json"))


def test_a_folder_that_holds_something_is_not_packed_into(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(DataError, match="is not an empty folder"):
        pack(tmp_path, None)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_without_images_there_is_nothing_to_pack(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fashion-mnist is not on this machine"):
        copy_images(tmp_path / "tree", tmp_path / "nothing")
    assert not (tmp_path / "tree").exists()
