"""What `study show` is asked and cannot show is refused: nothing else is shown in its place."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from study.spec import registry
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests.study import own
from tests.study.cli.test_main import study
from tests.study.cli.test_main_next import commands_in

ROOT = Path(__file__).parents[3]
SEARCH = str(ROOT / "results/search-sgd-adam")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own.data(tmp_path, "grains", 60, 10)
    own.study(tmp_path, "case", "lr", [0.1], data="grains")
    np.savez(tmp_path / "Leaves.npz", x=np.zeros(1))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("none", 3, "data set none: there is no none.npz in {here}; data sets in that folder: grains"),
        ("Grains", 2, "data: got 'Grains'; expected a name of lower-case letters"),
        ("../grains", 2, "data: got '../grains'; expected a name"),
        ("", 2, "data: got ''; expected a name"),
    ],
)
def test_a_data_set_that_no_place_has(name: str, code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("show", "--data", name, "--data-dir", ".") == code
    out, err = capsys.readouterr()
    assert says.format(here=Path.cwd()) in " ".join(err.split()) and not out


def test_what_comes_next_names_the_folder_of_data_that_lie_beside_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)

    def after(*words: str) -> str:
        assert study("show", *words) == 0
        return capsys.readouterr().out.splitlines()[-1]

    assert after("case.yaml") == "next  study plan case.yaml --data-dir ."
    assert after(str(folder / "case.yaml")) == f"next  study plan {folder}/case.yaml --data-dir {folder}"
    assert after("case.yaml", "--data-dir", "there") == "next  study plan case.yaml --data-dir there"
    with monkeypatch.context() as patch:
        patch.setenv("STUDY_DATA_DIR", "elsewhere")
        assert after("case.yaml") == "next  study plan case.yaml --data-dir elsewhere"
    (folder / "grains.npz").unlink()
    assert after("case.yaml") == "next  study plan case.yaml --data-dir DIR    DIR: the folder that has grains.npz"


def test_of_a_study_that_its_results_alone_have_a_command_follows_that_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was `study plan case`, which ended with 3: nobody had named the data's folder."""
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    ResultsFolder("results/case", create=True).studies.freeze(registry.load_study("case.yaml"))
    named = ("study", "run", "there/case.yaml", "--data-dir", "my data")
    run = RunRecord(command=named, studies=("case",), seeds=(0,), reduced=False)
    write_run(ResultsFolder("results/case").folder, "20260201T000000-000000", run)
    (folder / "my data").mkdir()
    (folder / "grains.npz").rename(folder / "my data/grains.npz")
    (folder / "case.yaml").unlink()

    def after() -> str:
        assert study("show", "case") == 0
        return commands_in(capsys.readouterr().out)[0]

    assert (command := after()) == "study plan case --data-dir 'my data'"
    assert study(*shlex.split(command)[1:]) == 0, "as it stands"
    capsys.readouterr()
    (folder / "my data/grains.npz").unlink()
    assert after() == "study report results/case"


def test_a_claim_on_another_study_speaks_of_the_one_that_its_folder_has(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It took the words of the catalogue's arm of that name: "the plain network"."""
    part = {"form": "level", "quantity": {"arm": "dropout/none", "metric": "val_accuracy"}, "low": 0.5}
    file = folder / "case.yaml"
    claims = [{"id": "c", "statement": "S.", "parts": [part]}]
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "claims": claims}))

    def asked() -> str:
        assert study("show", "case.yaml") == 0
        return " ".join(capsys.readouterr().out.split())

    assert "The validation accuracy of the plain network is above 50 % after 30 epochs." in asked()
    arms = Arm(name="none", say="the wet field"), Arm(name="b", change={"lr": 0.1})
    mine = Study(name="dropout", title="T", question="Q?", knobs=("lr",), epochs=4, arms=arms)
    for i, other in enumerate((mine, registry.load_study("dropout"))):
        shutil.rmtree(folder / "results", ignore_errors=True)
        ResultsFolder("results/case", create=True).studies.freeze(other)
        of = ("the wet field is above 50 % after 4", "the plain network is above 50 % after 30")[i]
        assert f"The validation accuracy of {of} epochs." in asked()


def test_of_a_data_set_its_own_file_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each other file in the folder there was a line and a remark, and an unusable one ended with 0."""
    assert study("show", "--data", "grains", "--data-dir", ".") == 0
    out, err = capsys.readouterr()
    assert "`data: grains`" in out and "Leaves" not in out + err
    assert study("show", "--data", "Leaves", "--data-dir", ".") == 3
    out, err = capsys.readouterr()
    assert "passed over" in out and "rename it" in err and "rename it" not in out and "grains" not in out + err
    images = np.zeros((60, 4), np.float64) + 0.5
    np.savez(folder / "half.npz", train_images=images, train_labels=np.arange(60) % 2)
    assert study("show", "--data", "half", "--data-dir", ".") == 3
    assert "half.npz: there is no array val_images" in capsys.readouterr().err


@pytest.mark.parametrize(("shape", "kind"), [((4,), "rows"), ((2, 2), "images")])
def test_the_rows_of_a_table_are_not_called_images(
    folder: Path, capsys: pytest.CaptureFixture[str], shape: tuple[int, ...], kind: str
) -> None:
    values = np.arange(240, dtype=np.uint8).reshape(60, *shape)
    labels = np.arange(60) % 2
    train, val = (values[:40], labels[:40]), (values[40:], labels[40:])
    np.savez(folder / "table.npz", train_images=train[0], train_labels=train[1], val_images=val[0], val_labels=val[1])
    assert study("show", "--data", "table", "--fetch", "--data-dir", ".") == 0
    assert f"40 training and 20 validation {kind}, checksum" in " ".join(capsys.readouterr().out.split())


def test_a_built_in_data_set_is_unusable_where_a_run_would_refuse_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = ("show", "--data", "fashion-mnist", "--data-dir")
    assert study(*shown, ".") == 0
    assert "Leaves.npz" in (said := capsys.readouterr().out) and "rename it" in said
    own.data(folder, "fashion-mnist", 60, 10)
    assert study(*shown, ".") == 3
    assert "that is the name of a built-in data set: rename it" in capsys.readouterr().err
    (folder / "empty").mkdir()
    assert study(*shown, "empty") == 3
    assert "data folder empty: " in (said := capsys.readouterr().err) and "nor any NAME.npz" in said


@pytest.mark.parametrize("words", [["--grace", "0"], ["--reduction", "1"], ["--keep", "nan"], ["--brackets", "0"]])
def test_what_a_replay_of_all_would_pass_over_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert study("show", "--replay", SEARCH, *words) == 2
    assert f"{words[0]}: got " in (err := capsys.readouterr().err) and "it goes with --scheduler" in err
    assert study("show", "--replay", SEARCH, "--scheduler", "asha", *words) in (0, 2)
    assert "it goes with" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["dropout", "--grace", "5"], "--grace: got 5; it goes with --replay"),
        (["--data", "grains", "--keep", "4"], "--keep: got 4.0; it goes with --replay"),
        (["--knobs", "--reduction", "4"], "--reduction: got 4; it goes with --replay"),
        (["--schema", "--brackets", "4"], "--brackets: got 4; it goes with --replay"),
        (["--knobs", "--data-dir", "d"], "--data-dir: got 'd'; it does not go with --knobs"),
        (["--replay", "r", "--data-dir", "d"], "--data-dir: got 'd'; it does not go with --replay"),
        (["no-such", "--replay", "r", "--scheduler", "asha"], "NAME: got 'no-such'; it does not go with --scheduler"),
        (
            ["--replay", SEARCH, "--scheduler", "asha", "--keep", "4"],
            "--keep: got 4.0; it has no effect: halving alone",
        ),
        (
            ["--replay", SEARCH, "--scheduler", "median", "--reduction", "4"],
            "--reduction: got 4; it has no effect: asha",
        ),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each was ignored in silence."""
    assert study("show", *words) == 2
    assert f"error: {says}" in capsys.readouterr().err


def test_the_folder_of_data_that_the_environment_names_is_no_option_that_was_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDY_DATA_DIR", "there")
    assert study("show", "--knobs") == 0 and not capsys.readouterr().err


def test_a_table_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert study("show", "--replay", "none.parquet") == 2
    assert "there is no file 'none.parquet'" in capsys.readouterr().err
    (folder / "there.parquet").mkdir()
    assert study("show", "--replay", "there.parquet") == 2
    assert "it is no file" in capsys.readouterr().err


def test_a_small_table_that_would_be_huge_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = ("configuration", "seed", "val_accuracy")
    pq.write_table(pa.table({name: [0] * 100_000 for name in columns}), folder / "zeros.parquet")
    monkeypatch.setattr("study.storage.parquet.MAX_BYTES", 100_000)
    monkeypatch.setattr("study.storage.parquet.MAX_EXPANSION_FACTOR", 2)
    assert study("show", "--replay", "zeros.parquet") == 2
    assert "--replay: got 'zeros.parquet'; it cannot be read: " in (err := capsys.readouterr().err)
    assert "bytes would take up to" in err


def test_a_study_of_arms_has_no_answer_of_a_search(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ResultsFolder(folder / "r", create=True)
    assert study("show", "case.yaml", "--results", "r") == 2
    out, err = capsys.readouterr()
    assert "--results: got 'r'; study case searches nothing" in err and not out
