"""The Optuna database: read back with Optuna, and asked of optuna-dashboard itself."""

from __future__ import annotations

import errno
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import optuna
import pytest
from optuna.storages import RDBStorage
from sqlalchemy.exc import OperationalError

from analysis.chapter.headlines import HEADLINES
from analysis.report.inputs import read_inputs
from study.app.export_optuna import _put, export_optuna, judged
from study.search.optuna_dashboard import open_storage
from study.spec import registry
from study.spec.study import Arm
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of
from tests.study.app import exported
from trainables.config.errors import BadInput, StoreError


def read(url: str, name: str) -> Any:
    return optuna.load_study(study_name=name, storage=open_storage(url))


@pytest.mark.parametrize("file", ["", "new/copy.log"])
def test_an_arm_is_a_trial_with_the_value_of_each_seed(tmp_path: Path, file: str) -> None:
    store = exported.folder(tmp_path / "r")
    path, url = export_optuna(str(tmp_path / "r"), tmp_path / file if file else None)
    assert path == (tmp_path / file if file else tmp_path / "r/optuna/optuna.db") and path.is_file()
    assert [p.name for p in path.parent.iterdir()] == [path.name], "nothing else is left there"
    study = read(url, "rates")
    assert study.metric_names == ["val_accuracy"] and study.direction.name == "MAXIMIZE"
    trials = {t.user_attrs["arm"]: t for t in study.trials}
    assert list(trials) == ["slow", "fast", "bare"]
    slow, bare = trials["slow"], trials["bare"]
    last = {r.config.seed: r.epochs["val_accuracy"][-1] for r in store.trials.records() if r.config.lr == 0.001}
    assert {k: v for k, v in slow.user_attrs.items() if k.startswith("seed")} == {f"seed {s}": last[s] for s in last}
    assert slow.value == pytest.approx(sum(last.values()) / 3) and slow.params == {"lr": 0.001, "hidden": "8"}
    assert list(slow.intermediate_values) == [1, 2, 3, 4] and slow.intermediate_values[4] == pytest.approx(slow.value)
    assert slow.distributions["lr"].log
    assert bare.state.name == "FAIL" and bare.user_attrs["seed 1"] == "diverged after 2 epochs"
    assert bare.params["hidden"] == "none"
    assert study.best_trial.user_attrs["arm"] in ("slow", "fast")
    json.dumps([t.user_attrs for t in study.trials], allow_nan=False)


def test_a_knob_that_has_no_effect_in_an_arm_is_not_among_its_parameters(tmp_path: Path) -> None:
    """optuna-dashboard ranked `plateau_patience` of arms whose rate is constant among the important knobs."""
    plateau = {"schedule": "plateau", "plateau_patience": 3}
    arms = (Arm(name="slow"), Arm(name="fast", change={"lr": 0.01}), Arm(name="wait", change=plateau))
    exported.folder(tmp_path / "r", exported.rates(arms=arms, knobs=("lr", "schedule", "plateau_patience")))
    trials = {
        t.user_attrs["arm"]: t for t in read(export_optuna(str(tmp_path / "r"), tmp_path / "x.log")[1], "rates").trials
    }
    assert trials["slow"].params == {"lr": 0.001, "schedule": "constant"}
    assert trials["wait"].params == {"lr": 0.001, "schedule": "plateau", "plateau_patience": 3}


def test_widths_of_one_hidden_layer_are_a_range(tmp_path: Path) -> None:
    arms = (Arm(name="slow", change={"hidden": (8,)}), Arm(name="wide", change={"hidden": (128,)}))
    exported.folder(tmp_path / "r", exported.rates(arms=arms, knobs=("hidden",), effect=None))
    trials = read(export_optuna(str(tmp_path / "r"), tmp_path / "x.log")[1], "rates").trials
    assert [t.params for t in trials] == [{"hidden": 8}, {"hidden": 128}]


def test_a_trial_has_the_times_of_its_training(tmp_path: Path) -> None:
    """They were those of the export."""
    trials = read(export_optuna(str(exported.SEARCH), tmp_path / "x.log")[1], "search-sgd-adam.adam").trials
    folder = min((exported.SEARCH / "runs").iterdir()).stem
    began = datetime.strptime(folder.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    for trial in trials:
        assert trial.datetime_start.astimezone(UTC) >= began and trial.datetime_start.year == began.year
        assert 0 < trial.duration.total_seconds() < 3600
    assert {t.user_attrs["configuration"] for t in trials} == {f"adam-configuration-{n:03d}" for n in range(12)}


@pytest.mark.parametrize(
    ("verdict", "sentence", "said"),
    [
        ("supported", "Supported. It is so.", "Supported. It is so."),
        ("open", "Too few.", "open: Too few."),
        ("not-enough-seeds", "Not enough seeds. A rate ends at 3 %.", "Not enough seeds. A rate ends at 3 %."),
        ("not-judged", "Too few.", "not judged: Too few."),
    ],
)
def test_a_verdict_is_said_once(verdict: str, sentence: str, said: str) -> None:
    assert judged(cast(Any, SimpleNamespace(verdict=verdict, sentence=sentence))) == said


def test_the_answer_and_the_verdicts_are_attributes(tmp_path: Path) -> None:
    part = {"form": "level", "quantity": {"arm": "slow", "metric": "val_accuracy", "at": 4}, "low": 0.0}
    claims = ({"id": "rates-1", "statement": "It learns.", "parts": (part,)},)
    exported.folder(tmp_path / "r", exported.rates(claims=claims))
    said = read(export_optuna(str(tmp_path / "r"), tmp_path / "x.log")[1], "rates").user_attrs
    assert said["question"] == "Does a larger rate help?" and said["claim rates-1"].startswith("Not enough seeds. ")
    assert "accuracy" in said["answer"] and "Not measured" not in said["answer"]


def test_a_study_of_the_chapter_has_the_answer_that_its_page_has(tmp_path: Path) -> None:
    """It was the rule's "Scaled input raises training accuracy by 72.0 points", which no page says."""
    store = store_of(tmp_path / "r", [registry.load_study("scaling")], (0, 1, 2), shift={"unscaled": -0.3})
    said = read(export_optuna(str(tmp_path / "r"), tmp_path / "x.log")[1], "scaling").user_attrs["answer"]
    answer = HEADLINES["scaling"].answer
    assert answer is not None and said.startswith(answer(read_inputs(store).measurements).rstrip("."))


def test_lower_is_better_of_a_loss(tmp_path: Path) -> None:
    effect = {"arm": "fast", "metric": "val_loss"}
    exported.folder(tmp_path / "r", exported.rates(effect=effect))
    study = read(export_optuna(str(tmp_path / "r"), tmp_path / "x.log")[1], "rates")
    assert study.metric_names == ["val_loss"] and study.direction.name == "MINIMIZE"


def test_what_cannot_be_is_refused_in_a_line(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    (tmp_path / "mine.db").write_text("mine")
    with pytest.raises(StoreError, match=r"mine.db is there already and is left as it is"):
        export_optuna(str(tmp_path / "r"), tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_text() == "mine"
    (tmp_path / "r/optuna").mkdir()
    (tmp_path / "r/optuna/optuna.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(StoreError, match=r"optuna.db is there already"):
        export_optuna(str(tmp_path / "r"), None)
    with pytest.raises(StoreError, match=r"mine.db cannot be written: it is a file, not a folder"):
        export_optuna(str(tmp_path / "r"), tmp_path / "mine.db/under/copy.db")
    (tmp_path / "afile").write_text("mine")
    with pytest.raises(StoreError, match=r"afile cannot be written: it is a file, not a folder"):
        export_optuna(str(tmp_path / "r"), tmp_path / "afile")
    ResultsFolder(tmp_path / "none", create=True)
    with pytest.raises(StoreError, match=r"none: there are no trials in it yet"):
        export_optuna(str(tmp_path / "none"), tmp_path / "x.db")
    assert not (tmp_path / "x.db").exists()
    with pytest.raises(BadInput, match="name a file on this machine by --out"):
        export_optuna("s3://bucket/r", None)


@pytest.mark.server
def test_optuna_dashboard_itself_shows_arms_and_a_search(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    _, url = export_optuna(str(tmp_path / "r"), tmp_path / "arms.db")
    with exported.serving("optuna-dashboard", url, cwd=tmp_path) as address:
        (listed,) = exported.ask(f"{address}/api/studies")["study_summaries"]
        found = exported.ask(f"{address}/api/studies/{listed['study_id']}")
        assert found["objective_names"] == ["val_accuracy"] and len(found["trials"]) == 3
        attributes = [{a["key"]: a["value"] for a in t["user_attrs"]} for t in found["trials"]]
        assert all("seed 2" in a for a in attributes)
    _, url = export_optuna(str(exported.SEARCH), tmp_path / "search.db")
    with exported.serving("optuna-dashboard", url, cwd=tmp_path) as address:
        listed = {s["study_name"]: s["study_id"] for s in exported.ask(f"{address}/api/studies")["study_summaries"]}
        assert set(listed) == {"search-sgd-adam.sgd", "search-sgd-adam.adam", "search-sgd-adam.answer"}
        found = exported.ask(f"{address}/api/studies/{listed['search-sgd-adam.adam']}")
        said = {a["key"]: a["value"] for a in found["user_attrs"]}
        assert "fresh seeds" in said["answer"] and "86" in said["answer"]
        assert len(found["trials"]) == 12 and {t["state"] for t in found["trials"]} == {"Complete", "Pruned"}
        assert all("seed 0" in {a["key"] for a in t["user_attrs"]} for t in found["trials"])
        best = exported.ask(f"{address}/api/studies/{listed['search-sgd-adam.answer']}")["trials"]
        assert {len([a for a in t["user_attrs"] if a["key"].startswith("seed ")]) for t in best} == {5}, "fresh ones"


@pytest.mark.parametrize("refused", ["create_new_study", "set_study_user_attr"])
def test_a_disk_that_is_full_midway_is_a_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """Optuna then raises an error of its own, around one of SQLAlchemy, around that of SQLite."""

    def full(*_: object, **__: object) -> None:
        cause = OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
        raise optuna.exceptions.StorageInternalError("An exception is raised during the commit.") from cause

    exported.folder(tmp_path / "r")
    monkeypatch.setattr(RDBStorage, refused, full)
    (tmp_path / "out").mkdir()
    with pytest.raises(StoreError, match=r"o\.db cannot be written: database or disk is full$"):
        export_optuna(str(tmp_path / "r"), tmp_path / "out/o.db")
    assert not list((tmp_path / "out").iterdir())


def test_nothing_is_written_through_a_link_of_the_results_folder(tmp_path: Path) -> None:
    exported.folder(tmp_path / "r")
    (tmp_path / "outside").mkdir()
    (tmp_path / "r/optuna").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="optuna is a link to another place"):
        export_optuna(str(tmp_path / "r"), None)
    assert not list((tmp_path / "outside").iterdir())


def test_a_disk_without_hard_links_takes_a_database_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a USB stick has none; and still nothing is written over what came meanwhile."""

    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("study.app.export_optuna.os.link", link)
    exported.folder(tmp_path / "r")
    path, url = export_optuna(str(tmp_path / "r"), None)
    assert read(url, "rates").trials and [p.name for p in path.parent.iterdir()] == [path.name]
    (tmp_path / "other").write_text("mine")
    with pytest.raises(FileExistsError):
        _put(path, tmp_path / "other")
    assert (tmp_path / "other").read_text() == "mine"
