"""Workers and the command import what is installed, whatever the working folder holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml

from study.execution.ray_environment import own_folder
from study.execution.ray_patches.patching import TESTED
from study.execution.ray_patches.startup import job_without_code_folders, own_interpreter
from study.planning import imports
from study.storage.results_folder import ResultsFolder

NOISE = "raise SystemExit('this file lies in the working folder')\n"
SCRIPT = "import sys\nfrom study.cli.main import entry\nsys.exit(entry())\n"
STUDY = """
from study.spec import Arm, Study
study = Study(name="tiny", title="t", question="q", knobs=("lr",), epochs=2,
    base={"data": "tiny", "hidden": (4,)}, arms=(Arm(name="fast", change={"lr": 0.01}),))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose files are called like what is installed."""
    place = tmp_path / "work"
    (place / "trainables").mkdir(parents=True)
    for name in ("torch.py", "numpy.py", "json.py", "yaml.py", "typer.py", "trainables/__init__.py"):
        (place / name).write_text(NOISE)
    monkeypatch.chdir(place)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return place


@pytest.mark.parametrize("module", ["study", pytest.param("study.cli", marks=pytest.mark.e2e)])
def test_python_m_imports_nothing_of_the_working_folder(module: str, folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", module, "show", "optimizer"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "lbfgs" in run.stdout


@pytest.mark.parametrize(
    "first",
    [
        "from study import run",
        pytest.param("from study.spec import Study", marks=pytest.mark.e2e),
        pytest.param("import study.planning.imports", marks=pytest.mark.e2e),
    ],
)
def test_a_script_beside_another_checkout_has_all_packages_from_one_place(first: str, folder: Path) -> None:
    (folder / "script.py").write_text(
        f"{first}\nimport trainables, analysis\nprint(*trainables.__path__, *analysis.__path__)"
    )
    (folder / "json.py").unlink()
    run = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert run.stdout.split() == [str(imports.ROOT / "trainables"), str(imports.ROOT / "analysis")], run.stderr


def test_half_of_another_checkout_is_refused_in_one_line(folder: Path) -> None:
    (folder / "trainables/__init__.py").write_text("")
    (folder / "script.py").write_text("import trainables\nfrom study import run\n")
    run = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    said = run.stderr.splitlines()[-1]
    assert said.startswith(f"ImportError: trainables was imported from {folder / 'trainables'}, ")
    assert str(imports.ROOT / "study") in said and "import study first" in said


def test_the_working_folder_leaves_the_path_in_every_spelling(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lib").mkdir()
    link = folder.parent / "link"
    link.symlink_to(folder)
    monkeypatch.setattr(sys, "path", ["", ".", str(folder), str(link), "../work", str(folder / "lib"), "/installed"])
    imports.working_folder_last()
    assert sys.path == [str(folder / "lib"), "/installed"]


def test_the_project_itself_becomes_the_last_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(imports.ROOT)
    monkeypatch.setattr(sys, "path", ["", "/installed"])
    imports.working_folder_last()
    assert sys.path == ["/installed", str(imports.ROOT)]


def test_workers_have_the_packages_of_the_driver_and_what_it_was_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = folder.parent / "given"
    given.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), str(given), *sys.path])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([".", "", str(folder), str(given), "/nowhere"]))
    made = imports.worker_environment(folder.parent / "packages")
    links, *others = made["PYTHONPATH"].split(os.pathsep)
    assert others == [str(given)]
    assert sorted(p.name for p in Path(links).iterdir()) == sorted(imports.PACKAGES)
    program = "import trainables, study, sys; print(trainables.__path__[0], study.__path__[0], '' in sys.path)"
    told = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program], env={**os.environ, **made}, capture_output=True, text=True
    )
    assert told.stdout.split() == [f"{links}/trainables", f"{links}/study", "False"]


def test_a_ray_of_our_own_works_in_a_folder_that_is_open_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("PYTHONPATH")
    with own_folder():
        folder = Path(os.environ["RAY_TMPDIR"])
        assert folder.stat().st_mode & 0o777 == 0o700
        assert os.environ["PYTHONPATH"].startswith(str(folder / "packages"))
    assert os.environ.get("PYTHONPATH") == before and "RAY_TMPDIR" not in os.environ
    assert not folder.exists() and (imports.ROOT / "study/planning/imports.py").exists()


def test_ray_is_given_no_folder_to_import_from() -> None:
    import ray.job_config

    job = job_without_code_folders(ray)
    job._py_driver_sys_path.extend(["/script", "/working"])  # as `ray.init` does
    assert list(job._get_proto_job_config().py_driver_sys_path) == []


@pytest.mark.parametrize("asked", ["", "RAY_RUNTIME_ENV_HOOK", "RAY_ENABLE_UV_RUN_RUNTIME_ENV"])
def test_uv_run_copies_no_working_folder_unless_it_was_asked_for(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_RUNTIME_ENV_HOOK", "RAY_ENABLE_UV_RUN_RUNTIME_ENV"):
        monkeypatch.delenv(name, raising=False)
    if asked:
        monkeypatch.setenv(asked, "1")
    constants = SimpleNamespace(RAY_ENABLE_UV_RUN_RUNTIME_ENV=True)
    ray = SimpleNamespace(__version__=f"{TESTED[0]}0", _private=SimpleNamespace(ray_constants=constants))
    with own_interpreter(ray):
        assert constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV is bool(asked)
    assert constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV is True


# ------------------------------------------------------------------------------------------------------- the same code


class Trainable:
    """What Ray calls of one."""

    def setup(self, config: dict[str, Any], **shared: Any) -> None:
        self.config = config, shared

    def step(self) -> dict[str, Any]:
        return {"epochs": 1}


def test_a_worker_with_the_same_code_trains_and_another_says_why_not() -> None:
    same = imports.with_source_check(Trainable, imports.source_digest())()
    same.setup({"job": 1}, data="data")
    assert (same.config, same.step()) == (({"job": 1}, {"data": "data"}), {"epochs": 1})
    other = imports.with_source_check(Trainable, "0" * 12)()
    other.setup({"job": 1})
    result = other.step()
    assert result["done"] and "\n" not in result["foreign"]
    assert str(imports.ROOT / "trainables") in result["foreign"]


def test_a_worker_of_another_checkout_has_the_check_too(tmp_path: Path) -> None:
    from ray import cloudpickle

    for name in ("trainables", "study"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "sent").write_bytes(cloudpickle.dumps(imports.with_source_check(object, imports.source_digest())))
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import pickle; "
        f"it = pickle.load(open({str(tmp_path / 'sent')!r}, 'rb'))(); it.setup({{}}); print(it.step()['foreign'])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"other code than this command ({tmp_path}/trainables, {tmp_path}/study)" in told.stdout, told.stderr


def test_the_digest_sees_every_edit_and_no_other_place(tmp_path: Path) -> None:
    for name in imports.TRAINING:
        shutil.copytree(imports.ROOT / name, tmp_path / name)
    read = imports.source_digest.__wrapped__
    assert read(tmp_path) == imports.source_digest()
    with (tmp_path / "trainables/training/lr_schedules.py").open("a") as file:
        file.write("# edited\n")
    assert read(tmp_path) != imports.source_digest()


# ---------------------------------------------------------------------------------------------------------- whole runs


def make(*places: Path) -> None:
    """Put a tiny study and its data into folders."""
    chance = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for part, n in (("train", 60), ("val", 30)):
        arrays |= {f"{part}_images": chance.integers(0, 256, (n, 3, 3), np.uint8), f"{part}_labels": np.arange(n) % 3}
    study = {"name": "tiny", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 2}
    study |= {"base": {"data": "tiny", "hidden": [4]}, "arms": [{"name": "fast", "change": {"lr": 0.01}}]}
    for place in places:
        np.savez(place / "tiny.npz", **arrays)
        (place / "tiny.yaml").write_text(yaml.safe_dump(study))


def run(place: Path, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the study of a folder, within the folder."""
    file = "study.py" if (place / "study.py").exists() else "tiny.yaml"
    options = ["--seeds", "1", "--data-dir", ".", "--results", "r", "--cpus", "1", "--executor", "ray"]
    return subprocess.run(
        [sys.executable, str(script), "run", file, *options],
        cwd=place,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def trained(place: Path, script: Path, **environment: str) -> dict[str, str]:
    """What a run in a folder gives: digests of results by trial."""
    done = run(place, script, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return {r.id: r.result_digest() for r in ResultsFolder(place / "r").trials.all_records()}


@pytest.mark.ray
def test_runs_are_equal_to_the_bit_whatever_lies_in_the_working_folder(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "bin/study"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (folder / "study.py").write_text(STUDY)
    clean, checkout = tmp_path / "clean", tmp_path / "checkout"
    shutil.copytree(imports.ROOT / "trainables", checkout / "trainables")
    schedule = checkout / "trainables/training/lr_schedules.py"
    source = schedule.read_text()
    schedule.write_text(source.replace("return config.lr\n", "return config.lr * 10\n"))
    assert schedule.read_text() != source
    (checkout / "torch.py").write_text(NOISE)
    clean.mkdir()
    make(clean, checkout, folder)
    expected = trained(clean, script)
    assert len(expected) == 1
    assert trained(folder, script) == expected
    assert trained(checkout, script, PYTHONPATH=".") == expected


@pytest.mark.ray
def test_a_run_whose_workers_have_other_code_ends_with_one_line_and_nothing_on_record(tmp_path: Path) -> None:
    script = tmp_path / "bin/study"
    script.parent.mkdir()
    script.write_text("from study.planning import imports\nimports.source_digest = lambda: 'other'\n" + SCRIPT)
    make(tmp_path)
    done = run(tmp_path, script)
    assert done.returncode == 5
    assert "error: the worker on " in done.stderr and "has other code than this command" in done.stderr
    assert "Traceback" not in done.stderr and not ResultsFolder(tmp_path / "r").trials.on_record()


def test_a_notebook_has_the_installed_libraries_whatever_its_folder_holds(folder: Path) -> None:
    (folder / "json.py").unlink()
    (folder / "ray.py").write_text(NOISE)
    (folder / "script.py").write_text(
        "import study\nimport torch, numpy, yaml\n"
        "imports = study.planning.imports\nimports.load_hidden_libraries(('ray',))\nimport ray\n"
        "print(*(m.__file__ for m in (torch, numpy, yaml, ray)), sep='\\n')"
    )
    run = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == 4
    assert str(folder) not in run.stdout


def test_a_file_that_was_imported_in_place_of_a_library_is_named(folder: Path) -> None:
    (folder / "json.py").unlink()
    (folder / "torch.py").write_text("")
    (folder / "script.py").write_text("import torch\nimport study")
    run = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        f"ImportError: {folder / 'torch.py'} was imported as torch, and is not that library: rename it, and begin anew"
    )


def test_every_library_that_the_project_requires_is_known() -> None:
    required = tomllib.loads((imports.ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    spelling = {"pillow": "PIL", "pyyaml": "yaml", "scikit-image": "skimage", "scikit-learn": "sklearn"}
    named = [re.split(r"[\[<>=]", line)[0] for line in required]
    known = {name.lower() for name in (*imports.LIBRARIES, "ray")}
    assert {spelling.get(n, n).lower() for n in named} == known
