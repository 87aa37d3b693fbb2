"""A command on record acts on the folder that was asked about, wherever it was typed for."""

from __future__ import annotations

import inspect
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from study.app import screen
from study.app.command_for_folder import ALONE, command_with_data_hint, data_elsewhere, for_folder, names_at
from study.app.live_watch import LiveWatch
from study.app.status import status_of
from study.cli import decide_command, demo_command, study_commands
from study.storage.merge import Merge
from study.storage.repair import repair
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from tests.analysis import stores
from tests.study.app.test_signs_of_life import elsewhere
from tests.study.app.test_status import SMALL
from trainables.data.facts import FASHION_MNIST


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with a study file."""
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").touch()


@pytest.mark.parametrize("command", [study_commands.run, decide_command.decide, demo_command.demo])
def test_options_that_take_no_value_are_known(command: object) -> None:
    assert callable(command)
    found = inspect.signature(command, eval_str=True).parameters.values()
    alone = [get_args(p.annotation)[1] for p in found if get_args(p.annotation)[:1] == (bool,)]
    assert {flag for option in alone for flag in option.param_decls or ("--dry-run",)} <= ALONE | {"-q"}


@pytest.mark.parametrize(
    ("typed", "where", "next_one"),
    [
        ("run small.yaml", "results/small", "run small.yaml"),
        ("run small.yaml", "results/other", "run small.yaml --results results/other"),
        ("run small.yaml --results results/other", "results/small", "run small.yaml --results results/small"),
        ("run --results=a small.yaml --quick", "b c", "run '--results=b c' small.yaml --quick"),
        ("run small.yaml --results s3://b/x", "s3://b/x/", "run small.yaml --results s3://b/x"),
        ("run small.yaml --results s3://b/x", "copy", "run small.yaml --results copy"),
        ("run chapter --cpus 2", "results/chapter", "run chapter --cpus 2"),
        ("run chapter --cpus 2", "results/small", "run chapter --cpus 2 --results results/small"),
        ("decide --wait small.yaml -- -odd", "c", "decide --wait small.yaml --results c -- -odd"),
        ("demo", "results/demo", "demo"),
        ("demo digits", "results/demo", "demo digits --results results/demo"),
    ],
)
def test_the_folder_is_named_where_the_words_mean_another(typed: str, where: str, next_one: str) -> None:
    assert for_folder(["study", *typed.split()], where, ["small"]) == f"study {next_one}"


@pytest.mark.parametrize("command", ["", "study", "study 5", "study -f kernel.json", "study report", "rm run"])
def test_words_of_a_script_are_no_command(command: str) -> None:
    """A run from Python kept the words of its script, and `status` named `study 5`."""
    assert for_folder(command.split(), "r", ["small"]) == ""


def test_a_link_and_a_home_are_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("r").mkdir()
    Path("link").symlink_to("r")
    for named in ("r", "./r", "link", "~/r", str(tmp_path / "r")):
        command = ["study", "run", "small.yaml", "--results", named]
        assert for_folder(command, "r", ["small"]).endswith(named if "~" not in named else "'~/r'")
    assert names_at(["run", "a", "-q", "b", "--seeds", "3"]) == [1, 3]


def test_a_study_file_that_is_gone_is_named_as_the_folder_keeps_it(tmp_path: Path) -> None:
    stores.store_of(tmp_path / "r", [SMALL], (0,))
    Path("small.yaml").unlink()
    typed = ["study", "run", "small.yaml", "--seeds", "2"]
    assert for_folder(typed, "r", ["small"]) == "study run small --seeds 2 --results r"
    assert for_folder(typed, "r", ["unknown"]) == "study run small.yaml --seeds 2 --results r", "the error says it"


@pytest.mark.parametrize("absolute", [False, True])
def test_files_and_data_are_named_as_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool) -> None:
    """`study status` from another folder named a command whose data lay nowhere."""
    (tmp_path / "my data").mkdir()
    (elsewhere := tmp_path / "a b/c").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    up = str(tmp_path) if absolute else "../.."
    where = f"{up}/results/small"
    for typed in (["--data-dir", "my data"], ["--data-dir=my data"]):
        said = for_folder(["study", "run", "small.yaml", *typed], where, ["small"])
        data = [f"{up}/my data"] if len(typed) == 2 else []
        flag = typed[0] if data else f"--data-dir={up}/my data"
        assert shlex.split(said) == ["study", "run", f"{up}/small.yaml", flag, *data, "--results", where]
    gone = ["study", "run", "other.yaml", "--data-dir", "none"]
    assert for_folder(gone, where, ["other"]) == shlex.join([*gone, "--results", where]), "nobody knows where they are"
    moved = f"{up}/copy"
    assert for_folder(["study", "run", "small.yaml"], moved, ["small"]) == f"study run small.yaml --results {moved}"


def test_data_that_are_nowhere_near_are_told_below_the_command(tmp_path: Path) -> None:
    """`study status` of a copy named a data folder of the folder that the run was typed in, and no word of it."""
    command = "study run small.yaml --data-dir my-data --results half"
    said = command_with_data_hint("next  ", command, 60)
    assert said[0] == f"next  {command}" and all(line.startswith("      ") for line in said[1:])
    assert "my-data is not here (the command was typed in another folder)" in " ".join(" ".join(said).split())
    assert "is not there: after --data-dir name the folder" in data_elsewhere(f"study run a --data-dir={tmp_path}/x")
    Path("my-data").mkdir()
    assert command_with_data_hint("next  ", command, 60) == [said[0]] and command_with_data_hint("next  ", "", 60) == []
    assert data_elsewhere("study report half") == ""


def ran(where: str, day: int, seeds: tuple[int, ...]) -> ResultsFolder:
    """A folder whose run asked for these seeds, all on record."""
    store = stores.store_of(Path(where), [SMALL], seeds)
    store.folder.delete("runs/20260101T000000-000000.json")
    data = replace(FASHION_MNIST, name="digits", checksum=synthetic.CHECKSUM)
    spelled = f"{seeds[0]}-{seeds[-1]}"
    command = ("study", "run", "small.yaml", "--seeds", spelled, "--results", where)
    name = f"202602{day:02d}T000000-000000"
    write_run(store.folder, name, RunRecord(command=command, studies=("small",), seeds=seeds, reduced=False, data=data))
    return store


def test_of_a_copy_the_copy_is_gone_on_with(tmp_path: Path) -> None:
    """It named the original, and trained there, without a word."""
    store = ran("a", 1, (0, 1))
    (folder := store.folder).delete(next(iter(folder.names("trials"))))
    shown = replace(elsewhere(0.0, "another"), state="interrupted", command="study run small.yaml --results a")
    shutil.copytree("a", "copy")
    assert status_of("copy").next_command == "study run small.yaml --seeds 0-1 --results copy"
    screen.write_snapshot(ResultsFolder("copy").folder, shown)
    assert status_of("copy").next_command == "study run small.yaml --results copy"
    does = LiveWatch("copy")._how_the_run_does()
    assert (does.lead, does.command) == ("This goes on:", "study run small.yaml --results copy")
    assert status_of("a").next_command.endswith("--results a")


def test_a_merged_folder_that_lost_all_its_trials_lacks_them_of_both(tmp_path: Path) -> None:
    """Nothing was missing; the command was that of one of the two, for its own folder and half of the seeds."""
    ran("a", 1, (0, 1))
    ran("b", 2, (2, 3))
    Merge("a", "b").write("both")
    for name in ResultsFolder("both").folder.names("trials"):
        Path("both", name).write_bytes(b"rubbish")
    repair("both")
    status = status_of("both")
    assert status.missing == (8, 8) and status.left.lost == 8
    assert status.next_command == "study run small.yaml --results both --seeds 4"
