"""The command line: what a newcomer types, and every kind of bad input in one clear line before anything starts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from study.app.nothing_trained import NOTHING_TRAINED
from study.cli.main import main


def study(*words: str) -> int:
    """Run the command in this process; its exit code."""
    before = sys.argv
    sys.argv = ["study", *words]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results"


def test_list_and_show_name_every_study_arm_and_claim(capsys: pytest.CaptureFixture[str]) -> None:
    assert study("list") == 0
    assert "learning-rate-unscaled" in capsys.readouterr().out
    assert study("show", "depth") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("hidden-2", "1000 + 1000", "depth-1", "baseline"))
    assert study("show", "--knobs") == 0
    assert "plateau_patience" in capsys.readouterr().out


def test_plan_trains_nothing_and_touches_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert study("plan", "chapter", "--seeds", "2", "--results", str(folder)) == 0
    out = capsys.readouterr().out
    assert f"on record  nothing in {folder}" in out and "to train   56 trials" in out
    assert "; what studies share is trained once, which saves 680 epochs\n" in out
    assert not folder.exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["show", "detph"], 2, "there is no study"),
        (["run", "../../etc"], 2, "there is no study"),
        (["run", "depth", "--seeds", "0"], 2, "error: --seeds: got 0; expected 1"),
        (["run", "depth", "--device", "tpu"], 2, "error: --device: got 'tpu'; expected one of cpu, cuda"),
        (["run", "depth", "--precision", "fp8"], 2, "error: --precision: got 'fp8'"),
        (["run", "depth", "--address", "here"], 2, "is not HOST:PORT"),
        (["plan", "depth", "--address", "10.0.0.1:port"], 2, "is not HOST:PORT"),
        (["run", "depth", "--address", "ray://host/x:1"], 2, "is not HOST:PORT"),
        (["show", "--knobs", "--schema"], 2, "--schema: got '--schema --knobs'; each of these shows something else"),
        (["show", "depth", "--schema"], 2, "--schema shows no study"),
        (["show", "depth", "--fetch"], 2, "--fetch: got true; it goes with --data"),
        (["show", "depth", "--orders", "20"], 2, "--orders: got 20; it goes with --replay"),
        (["show", "--knobs", "--results", "r"], 2, "it does not go with --knobs"),
        (["run", "depth", "--address", "127.0.0.1:9"], 5, "there is no Ray at 127.0.0.1:9"),
        (
            ["export", "results", "--to", "csvv"],
            2,
            "expected one of figures, tables, csv, parquet, tensorboard, optuna; did you mean csv?",
        ),
        (["run", "depth", "--results", "nosuch://x"], 2, "results folder: got 'nosuch://x'"),
    ],
)
def test_bad_input_is_one_line_and_starts_nothing(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    if words[0] == "run" and "--results" not in words:
        words = [*words, "--results", str(folder)]
    assert study(*words) == code
    error = capsys.readouterr().err
    assert says in error and "Traceback" not in error
    assert error.splitlines()[1:] in ([], [NOTHING_TRAINED] * (words[0] == "run"))
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_left_alone(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    for words in (["run", "depth", "--results"], ["status"], ["report"]):
        assert study(*words, str(folder)) == 4
        assert "is not a results folder" in capsys.readouterr().err
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]


def test_a_newer_versions_folder_is_refused_untouched(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    folder.mkdir()
    head = json.dumps({"format": "hyperparameter-study results", "version": 99})
    (folder / "study-results.json").write_text(head)
    assert study("run", "depth", "--results", str(folder)) == 4
    assert "newer version" in capsys.readouterr().err
    assert [p.name for p in folder.iterdir()] == ["study-results.json"]
    assert (folder / "study-results.json").read_text() == head


def test_a_data_folder_with_wrong_files_is_refused(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "data"
    wrong.mkdir()
    (wrong / "train-images-idx3-ubyte.gz").write_bytes(b"no")
    assert study("run", "depth", "--data-dir", str(wrong), "--results", str(folder)) == 3
    error = capsys.readouterr().err
    assert "t10k-labels-idx1-ubyte.gz" in error
    assert error.splitlines()[1:] == [NOTHING_TRAINED] and not folder.exists()
