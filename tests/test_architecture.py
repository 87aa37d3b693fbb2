"""The shape of the code checks itself: who imports whom, and which rooms there are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parent.parent
PACKAGES = ("trainables", "study", "analysis")


def modules(*packages: str) -> list[str]:
    """The dotted names of all modules, read off the files."""
    paths = [path for name in packages for path in sorted((ROOT / name).rglob("*.py"))]
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return [name for name in names if not name.endswith("__main__")]


def test_import_contracts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    code = cli.lint_imports(no_cache=True)
    out = capsys.readouterr().out
    assert code == cli.EXIT_STATUS_SUCCESS, out
    assert " 0 broken" in out


def loaded_by(name: str, *watched: str) -> set[str]:
    """Which of the watched libraries importing a module really loads, in a process of its own."""
    code = f"import sys, {name}; print(*(set({watched!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "name",
    [
        "trainables.config.trial_config",
        "trainables.records.trial_record",
        "trainables.config.errors",
        "trainables.data.dataset",
    ],
)
def test_plain_values_load_nothing_heavy(name: str) -> None:
    assert loaded_by(name, "torch", "torchvision", "ray", "optuna", "pandas") == set()


def test_analysis_loads_neither_torch_nor_ray() -> None:
    assert loaded_by(", ".join(modules("analysis")), "torch", "torchvision", "ray") == set()


def test_the_command_starts_light() -> None:
    heavy = ("torch", "torchvision", "ray", "optuna", "pandas", "matplotlib", "scipy")
    assert loaded_by("study.cli.main", *heavy) == set()


HEAVY = ("torch", "torchvision", "ray", "optuna", "pandas", "matplotlib", "scipy", "sklearn", "pyarrow.compute")


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (["--help"], ("pydantic", "rich", "numpy", "pyarrow", "ssl", "yaml", "study.spec")),
        (["list", "--json"], ("rich", "numpy", "pyarrow", "ssl", "yaml", "study.search", "study.storage.trials")),
        (["list"], ("rich", "numpy", "pyarrow", "ssl", "yaml", "study.search", "study.storage.trials")),
    ],
)
def test_a_look_at_what_there_is_imports_what_it_shows(words: list[str], also: tuple[str, ...], tmp_path: Path) -> None:
    """`study --help` in 0.3 s and `study list` in 0.5: nothing that they do not need."""
    assert loaded_by_command(words, tmp_path, *HEAVY, *also) == set()


def test_a_list_with_what_is_on_record_reads_columns_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results/chapter").symlink_to(ROOT / "results/chapter")
    found = loaded_by_command(
        ["list"], tmp_path, *HEAVY, "rich", "yaml", "study.search", "study.execution.ray_tune", "pyarrow"
    )
    assert found == {"pyarrow"}, "records were read, which pyarrow does, with NumPy"


def loaded_by_command(words: list[str], place: Path, *watched: str) -> set[str]:
    """Which of the watched modules a command loads that is called from a working folder."""
    code = (
        "import sys\nfrom study.cli.main import main\n"
        f"sys.argv[1:] = {words!r}\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print(*(set({watched!r}) & sys.modules.keys()), file=sys.stderr)"
    )
    own = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(place), "HOME": str(place), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=place, env=own, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_every_room_is_named_in_the_layers() -> None:
    """The contract cannot be exhaustive over three packages; this is."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    named = [room.strip() for layer in layers for room in layer.split("|")]
    rooms = {f"{name}.{f.name}" for name in PACKAGES for f in (ROOT / name).iterdir() if (f / "__init__.py").is_file()}
    assert sorted(named) == sorted(rooms)
    assert not any("ignore_imports" in contract for contract in contracts), "no arrow is hidden"


def test_every_folder_of_a_package_is_one() -> None:
    """A folder without __init__.py would be left out of the installed project."""
    folders = {path.parent for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_what_lies_beside_the_code_is_installed_with_it() -> None:
    """`pip install .` takes what the patterns find from each package on; a folder of pictures or styles is none."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    rooms = [path.parent for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")]
    taken = {path for room in rooms for pattern in patterns for path in room.glob(pattern)}
    beside = {p for n in PACKAGES for p in (ROOT / n).rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")}
    assert {p.relative_to(ROOT).as_posix() for p in beside - taken} == set()
    assert ROOT / "analysis/report/assets/page.html" in beside


FORBIDDEN = {
    r"\bos\.(fork|forkpty|posix_spawn)\b|multiprocessing|ProcessPoolExecutor|preexec_fn|joblib|\bn_jobs\b": (
        "a forked child can wait for ever for a lock that a thread held: use threads, or start a program"
    ),
    r"\bpyplot\b": "its current figure is one for all threads: make a Figure",
    r"simplefilter\(|filterwarnings\(\s*[\"']ignore[\"']\s*\)": "say which warning: a category or a message",
}


def test_nothing_forks_and_no_warning_is_silenced_unnamed() -> None:
    texts = {path: path.read_text(encoding="utf-8") for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}: {why}"
        for path, text in texts.items()
        for pattern, why in FORBIDDEN.items()
        for match in re.finditer(pattern, text)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("pid = os.fork()", True),
        ("with multiprocessing.get_context('fork').Pool() as pool:", True),
        ("subprocess.Popen(words, preexec_fn=os.setsid)", True),
        ("plt = matplotlib.pyplot", True),
        ('warnings.simplefilter("ignore")', True),
        ('warnings.filterwarnings("ignore")', True),
        ('warnings.filterwarnings("ignore", message="The given NumPy array")', False),
        ("os.register_at_fork(after_in_child=close)", False),
    ],
)
def test_what_forks_or_silences_is_found(line: str, *, wrong: bool) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN) == wrong
