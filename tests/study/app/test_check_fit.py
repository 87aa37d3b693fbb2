"""What does not fit the data or the machine is refused by plan and run alike, in one line, before Ray is there."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.app.nothing_trained import NOTHING_TRAINED
from study.app.plan_studies import plan_submission
from study.cluster.preflight import Submission
from study.execution.ray_errors import last_line
from study.planning import gpu_share as gpu
from tests.study import own
from tests.study.cli.test_main import study
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with 20 and with 201 images to work in, on a machine without a GPU."""
    own.data(tmp_path, "pebbles", 20, 10)
    own.data(tmp_path, "grains", 201, 60)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    return tmp_path


LR = {"lr": {"kind": "float", "low": 0.1, "high": 0.2}}


def no_point(folder: Path) -> Path:
    return own.search(folder, "none", {"batch_size": {"kind": "int", "low": 300, "high": 900}}, data="grains")


CASES: dict[str, tuple[Any, int, str]] = {
    "batch": (
        lambda d: own.study(d, "tiny", "batch_size", [4, 32], data="pebbles"),
        2,
        "tiny.yaml, line 6: arm b, change.batch_size: got 32; expected at most 20, the training images",
    ),
    "leftover": (
        lambda d: own.study(d, "leftover", "batch_norm", [False, True], data="grains", batch_size=8),
        2,
        "leftover.yaml, line 9: base.batch_size: got 8; batch_norm needs at least 2 images a batch, and the last of "
        "201 images has 1; use 7 or 9 (arm b)",
    ),
    "more": (
        lambda d: own.study(d, "more", "lr", [0.01, 0.001], data="grains", train_images=5000),
        2,
        "more.yaml, line 12: base.train_images: got 5000; expected at most 201, the data's training images\n",
    ),
    "subset": (
        lambda d: own.study(d, "subset", "batch_size", [64, 65], data="grains", train_images=64),
        2,
        "subset.yaml, line 6: arm b, change.batch_size: got 65; expected at most 64",
    ),
    "search": (no_point, 2, "none can be used; mostly a batch is larger than all 181 images that held_out leaves"),
    "search-base": (
        lambda d: own.search(d, "s", LR, data="grains", train_images=999),
        2,
        "mostly train_images is above all 181 images that held_out leaves",
    ),
    "gpu": (
        lambda d: own.study(d, "gpu-in-file", "lr", [0.01], data="grains", device="cuda"),
        5,
        "gpu-in-file.yaml, line 7: base.device: got 'cuda'; ",
    ),
    "gpu-arm": (
        lambda d: own.study(d, "g", "device", ["cpu", "cuda"], data="grains"),
        5,
        "g.yaml, line 6: arm b, change.device: got 'cuda'; ",
    ),
    "gpu-search": (
        lambda d: own.search(d, "g", LR, data="grains", device="cuda"),
        5,
        "expected cpu, or a cluster with GPUs (--address, study submit)",
    ),
}


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_one_line_and_starts_nothing(
    case: str, command: str, desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.execution.ray_session.ray_session", lambda *_: pytest.fail("Ray was started"))
    make, code, says = CASES[case]
    words = [command, make(desk).name, "--seeds", "1", "--data-dir", ".", "--results", "r"]
    assert study(*words) == code
    said = capsys.readouterr()
    assert says in said.err and said.out == ""
    assert said.err.splitlines()[1:] == [NOTHING_TRAINED] * (command == "run")
    assert not Path("r").exists()


def test_every_arm_of_every_file_that_does_not_fit_is_told_at_once_with_its_own_reason(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = [
        {"name": "a", "change": {"batch_size": 100_000}}, {"name": "b", "change": {"train_images": 5000}},
        {"name": "c", "change": {"batch_size": 300, "train_images": 400}}, {"name": "d"},
    ]  # fmt: skip
    text = {"title": "T", "question": "Q?", "epochs": 2, "arms": arms, "knobs": ["batch_size", "train_images"]}
    for name in ("one", "two"):
        base = {"data": "grains", "hidden": [8]}
        Path(f"{name}.yaml").write_text(yaml.safe_dump({"name": name, "base": base, **text}, sort_keys=False))
    assert study("plan", "one.yaml", "two.yaml", "--data-dir", ".", "--results", "r") == 2
    images, batch = "expected at most 201, the data's training images", "expected at most 201, the training images"
    assert capsys.readouterr().err.splitlines() == [
        f"error: {name}.yaml, line {line}: arm {arm}, change.{said}"
        for name in ("one", "two")
        for line, arm, said in [
            (12, "a", f"batch_size: got 100000; {batch}"),
            (15, "b", f"train_images: got 5000; {images}"),
            (18, "c", f"batch_size: got 300; {batch}"),
            (19, "c", f"train_images: got 400; {images}"),
        ]
    ]


def test_a_default_that_does_not_fit_is_told_as_what_it_is(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own.study(desk, "tiny", "lr", [0.1, 0.2], data="pebbles")
    assert study("plan", "tiny.yaml", "--data-dir", ".", "--results", "r") == 2
    said = "base.batch_size: got 32; expected at most 20, the training images (it is the default)\n"
    assert said in capsys.readouterr().err


def test_the_mistakes_of_all_files_are_told_at_once(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own.study(desk, "one", "lr", [0.1, "high"], data="grains")
    own.study(desk, "two", "lr", [-1, 0.2], data="grains")
    assert study("plan", "one.yaml", "gone.yaml", "two.yaml", "--data-dir", ".", "--results", "r") == 2
    said = capsys.readouterr().err
    assert "one.yaml, line 6: arm b, change.lr: got 'high'" in said
    assert "there is no study file 'gone.yaml'" in said and "two.yaml, line 3: arm a, change.lr: got -1" in said


def test_what_a_search_leaves_out_is_said_by_show_plan_and_run(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"batch_size": {"kind": "choice", "values": [8, 64, 100_000]}}
    name = own.search(desk, "s", values, data="grains").name
    left = "the search leaves out batch_size 100,000: a batch is larger than all 181 images that held_out leaves"
    assert study("plan", name, "--data-dir", ".", "--results", "r") == 0
    assert f"study s: {left}" in capsys.readouterr().err
    assert study("show", name) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "the search leaves out batch_size 100,000: a batch is larger than all 181 images" in shown
    assert "at most 2 configurations" in shown
    assert study("run", name, "--data-dir", ".", "--results", "r", "--executor", "inline", "--seeds", "1") == 0
    assert f"study s: {left}" in capsys.readouterr().err


def test_a_submission_is_checked_too_but_not_for_a_gpu_here(desk: Path) -> None:
    def asked(path: Path) -> Submission:
        return Submission((path.name,), "cluster.yaml", "r", 1, data_dir=desk)

    with pytest.raises(BadInput, match=r"arm b, change\.batch_size: got 32"):
        plan_submission(asked(CASES["batch"][0](desk)))
    made = plan_submission(asked(CASES["gpu"][0](desk)))
    assert made.device == "cuda", "asked for in the file, it counts as on the command line"
    assert plan_submission(asked(own.study(desk, "c", "lr", [0.1], data="grains"))).device == "cpu"


def test_a_plan_for_a_cluster_needs_no_gpu_here(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES["gpu"][0](desk)
    assert study("plan", path.name, "--data-dir", ".", "--results", "r", "--address", "auto") == 0
    assert study("plan", path.name, "--data-dir", ".", "--results", "r", "--device", "cuda") == 5
    assert "error: --device: got 'cuda'; " in capsys.readouterr().err, "the option, not the file, asks for it"


@pytest.mark.parametrize(
    ("version", "visible", "here", "says"),
    [
        ("2.9.0+cpu", "0", 10**10, "built without CUDA"),
        ("2.9.0", "", 10**10, "CUDA_VISIBLE_DEVICES hides"),
        ("2.9.0", "-1", 10**10, "CUDA_VISIBLE_DEVICES hides"),
        ("2.9.0", "0", None, "no GPU on this machine"),
        ("2.9.0", "0", 10**10, ""),
    ],
)
def test_why_there_is_no_gpu(
    version: str, visible: str, here: int | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.planning.gpu_share.metadata.version", lambda _: version)
    monkeypatch.setattr(gpu, "gpu_bytes_here", lambda: here)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = gpu.missing_here()
    assert says in found and bool(found) == bool(says)


@pytest.mark.parametrize(
    ("knobs", "images", "right"),
    [
        ({"batch_size": 8}, 201, "use 7 or 9"),
        ({"batch_size": 200}, 201, "use 199 or 201"),
        ({"batch_size": 2}, 3, "use 3"),
        ({"batch_size": 5, "train_images": None}, 6, "use 4 or 6"),
    ],
)
def test_batch_norm_names_batches_that_would_do(knobs: dict[str, Any], images: int, right: str) -> None:
    config = TrialConfig(batch_norm=True, **knobs)
    with pytest.raises(BadInput, match=f"{right}$"):
        config.check_images(images)
    for size in right.removeprefix("use ").split(" or "):
        config.replace(batch_size=int(size)).check_images(images)


def test_a_fault_of_a_worker_is_shown_as_it_was() -> None:
    error = BadInput("batch_size", 32, "expected less")
    for _ in range(2):
        error = pickle.loads(pickle.dumps(error))
    assert str(error) == "batch_size: got 32; expected less"
    assert last_line(f"x\ntrainables.errors.BadInput: {error}") == str(error)


def test_the_file_is_read_once_more_where_it_is_right(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES["leftover"][0](desk)
    values = yaml.safe_load(path.read_text())
    for size in (7, 9):
        values["base"]["batch_size"] = size
        path.write_text(yaml.safe_dump(values))
        assert study("plan", path.name, "--data-dir", ".", "--results", "r") == 0
    assert "2 arms" not in capsys.readouterr().err
