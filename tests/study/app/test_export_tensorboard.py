"""Event files: read back with TensorBoard's own reader, and asked of TensorBoard itself."""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

from study.app.export_tensorboard import FILE, export_tensorboard
from study.spec.study import Arm
from study.storage.results_folder import ResultsFolder
from tests.study.app import exported
from tests.waiting import wait_until
from trainables.config.errors import BadInput, StoreError


def read(run: Path) -> tuple[dict[str, list[tuple[int, float]]], dict[str, object], list[str]]:
    """Scalars by tag, hyperparameters, and their metrics; TensorBoard's own reader is asked below."""
    data, metrics = (run / FILE).read_bytes(), list[str]()
    scalars, knobs = defaultdict[str, list[tuple[int, float]]](list), dict[str, object]()
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        event, data = Event.FromString(data[12 : 12 + length]), data[16 + length :]
        for value in event.summary.value:
            if not value.tag.startswith("_hparams_"):
                scalars[value.tag].append((event.step, value.simple_value))
            told = HParamsPluginData.FromString(value.metadata.plugin_data.content)
            knobs |= {k: getattr(v, v.WhichOneof("kind")) for k, v in told.session_start_info.hparams.items()}
            metrics += [m.name.tag for m in told.experiment.metric_infos]
    return dict(scalars), knobs, metrics


def test_each_seed_is_a_run_with_its_metrics_and_knobs(tmp_path: Path) -> None:
    store = exported.folder(tmp_path / "r")
    paths = export_tensorboard(str(tmp_path / "r"), None)
    out = tmp_path / "r/tensorboard"
    assert sorted(paths) == sorted(
        out / arm / f"seed-{seed}" / FILE for arm in ("slow", "fast", "bare") for seed in (0, 1, 2)
    )
    scalars, knobs, metrics = read(out / "fast/seed-2")
    (record,) = [r for r in store.trials.records() if r.config.seed == 2 and r.config.lr == 0.01 and r.config.hidden]
    assert [v for _, v in scalars["val_accuracy"]] == pytest.approx(record.epochs["val_accuracy"])
    assert [step for step, _ in scalars["val_accuracy"]] == [1, 2, 3, 4]
    assert {"accuracy_gap", "train_loss", "lr", "seconds"} <= set(scalars)
    assert knobs == {"lr": 0.01, "hidden": "8", "seed": 2} and metrics == ["val_accuracy"]
    assert read(out / "bare/seed-0")[1]["hidden"] == "none"


def test_a_knob_that_has_no_effect_in_a_run_is_not_among_its_hyperparameters(tmp_path: Path) -> None:
    """HParams showed `plateau_patience` of runs whose rate is constant, as the Optuna export no longer does."""
    plateau = {"schedule": "plateau", "plateau_patience": 3, "hidden": (16,)}
    arms = (Arm(name="slow"), Arm(name="wait", change=plateau))
    exported.folder(
        tmp_path / "r", exported.rates(arms=arms, knobs=("schedule", "plateau_patience", "hidden"), effect=None)
    )
    export_tensorboard(str(tmp_path / "r"), tmp_path / "out")
    knobs = {arm: read(tmp_path / f"out/{arm}/seed-0")[1] for arm in ("slow", "wait")}
    assert knobs["slow"] == {"schedule": "constant", "hidden": 8, "seed": 0}
    assert knobs["wait"] == {"schedule": "plateau", "plateau_patience": 3, "hidden": 16, "seed": 0}


def test_a_diverged_run_ends_in_nan(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    export_tensorboard(str(tmp_path / "r"), tmp_path / "out")
    losses = [v for _, v in read(tmp_path / "out/bare/seed-1")[0]["val_loss"]]
    assert len(losses) == 2 and math.isfinite(losses[0]) and math.isnan(losses[1])


def test_again_gives_the_same_bytes_and_leaves_the_runs_of_others(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    theirs = tmp_path / "out/theirs/events.out.tfevents.1.host"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    first = {p: p.read_bytes() for p in export_tensorboard(str(tmp_path / "r"), tmp_path / "out")}
    assert first == {p: p.read_bytes() for p in export_tensorboard(str(tmp_path / "r"), tmp_path / "out")}
    assert theirs.read_bytes() == b"theirs"


def test_several_studies_have_a_folder_each(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r", exported.rates(), exported.rates(name="more", epochs=2))
    paths = export_tensorboard(str(tmp_path / "r"), tmp_path / "out")
    assert {p.relative_to(tmp_path / "out").parts[0] for p in paths} == {"rates", "more"}
    assert [step for step, _ in read(tmp_path / "out/more/slow/seed-0")[0]["val_loss"]] == [1, 2], "cut at its epochs"


def test_what_cannot_be_is_refused_in_a_line(tmp_path: Path) -> None:
    ResultsFolder(tmp_path / "none", create=True)
    with pytest.raises(StoreError, match=r"none: there are no trials in it yet"):
        export_tensorboard(str(tmp_path / "none"), tmp_path / "out")
    exported.folder(tmp_path / "r")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match=r"file cannot be written: it is a file"):
        export_tensorboard(str(tmp_path / "r"), tmp_path / "file")
    with pytest.raises(BadInput, match="name a folder on this machine"):
        export_tensorboard("s3://bucket/r", None)


@pytest.mark.server
def test_tensorboard_itself_shows_it(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    export_tensorboard(str(tmp_path / "r"), tmp_path / "out")
    with exported.serving("tensorboard", "--logdir", "out", cwd=tmp_path) as address:
        tags = f"{address}/data/plugin/scalars/tags"
        wait_until("it has read all nine runs", lambda: len(exported.ask(tags)) == 9, 60, every=0.3)
        assert sorted(exported.ask(tags)) == sorted(
            f"{arm}/seed-{s}" for arm in ("slow", "fast", "bare") for s in (0, 1, 2)
        )
        asked = urlencode({"run": "slow/seed-0", "tag": "val_accuracy"})
        points = exported.ask(f"{address}/data/plugin/scalars/scalars?{asked}")
        assert [step for _, step, _ in points] == [1, 2, 3, 4] and all(0 < v < 1 for _, _, v in points)
        asked = urlencode({"run": "bare/seed-1", "tag": "val_loss"})
        lost = exported.ask(f"{address}/data/plugin/scalars/scalars?{asked}")
        assert len(lost) == 2 and not isinstance(lost[1][2], float), "NaN, in TensorBoard's own spelling"
        metric = {"metric": {"group": "", "tag": "val_accuracy"}}
        body = {"experimentName": "", "allowedStatuses": ["STATUS_SUCCESS"], "colParams": [metric], "startIndex": 0}
        body["sliceSize"] = 100
        groups = exported.ask(f"{address}/data/plugin/hparams/session_groups", body)["sessionGroups"]
        assert len(groups) == 9 and {g["hparams"]["lr"] for g in groups} == {0.001, 0.01}
        last = {g["sessions"][0]["name"]: g["metricValues"][0]["value"] for g in groups if g.get("metricValues")}
        assert last["slow/seed-0"] == pytest.approx(points[-1][2])
