"""A real search through Ray on tiny images of our own: killed half-way, it goes on to the very same end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from analysis.searches import findings as searches
from analysis.searches import sentences as search_words
from analysis.searches.retrained import read_answer
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import search_parts
from tests.waiting import wait_until

STUDY = {
    "name": "tiny",
    "title": "A tiny search",
    "question": "What works on tiny images?",
    "knobs": ["lr", "optimizer", "momentum", "hidden"],
    "epochs": 4,
    "base": {"data": "tiny", "batch_size": 32},
    "search": {
        "trials": 6,
        "seeds": 2,
        "searcher": "tpe",
        "scheduler": {"name": "asha", "grace": 1, "reduction": 2},
        "constraints": [{"left": "parameters", "op": "<=", "right": 1500}],
        "space": {
            "lr": {"kind": "float", "low": 0.0001, "high": 0.3, "log": True},
            "optimizer": {"kind": "choice", "values": ["sgd", "adam"]},
            "momentum": {"kind": "float", "low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd"]}},
            "hidden.count": {"kind": "int", "low": 0, "high": 1},
            "hidden.1": {"kind": "int", "low": 4, "high": 32, "log": True},
        },
    },
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.npz and tiny.yaml."""
    folder = tmp_path_factory.mktemp("search")
    chance = np.random.default_rng(0)
    centres = chance.integers(40, 200, (3, 36))
    arrays: dict[str, Any] = {}
    for part, n in (("train", 300), ("val", 150)):
        labels = chance.integers(0, 3, n)
        images = np.clip(centres[labels] + chance.normal(0, 60, (n, 36)), 0, 255)
        arrays |= {f"{part}_images": images.astype(np.uint8).reshape(n, 6, 6), f"{part}_labels": labels}
    np.savez(folder / "tiny.npz", **arrays)
    (folder / "tiny.yaml").write_text(yaml.safe_dump(STUDY))
    return folder


def start(place: Path, results: str, *more: str, study: str = "tiny") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "study.cli", "run", str(place / f"{study}.yaml"), "--data-dir", str(place)]
    return subprocess.Popen(
        [*command, "--cpus", "1", "--seeds", "2", "--results", str(place / results), "--executor", "ray", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    out, err = process.communicate(timeout=550)
    assert process.returncode == code, err
    return out


def events(place: Path, results: str) -> list[dict[str, Any]]:
    """All events without what is measured in seconds."""
    found = []
    for path in sorted((place / results / "searches" / "tiny").glob("*/0*.json")):
        for event in json.loads(path.read_text())["events"]:
            event.get("curves", {}).pop("seconds", None)
            found.append(event)
    return found


@pytest.mark.ray
def test_a_killed_search_goes_on_to_the_very_same_answer(place: Path) -> None:
    database = place / "optuna.db"
    ended(start(place, "whole", "--dashboard", f"sqlite:///{database}"))
    whole = events(place, "whole")

    killed = start(place, "killed")
    wait_until("eight events are kept", lambda: len(events(place, "killed")) >= 8, 500, of=killed, every=0.1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    before = events(place, "killed")
    assert len(before) < len(whole) and before == whole[: len(before)]
    said = ended(start(place, "killed"))
    assert events(place, "killed") == whole
    assert "winner" in said and "runner-up" in said

    stores = [ResultsFolder(place / name) for name in ("whole", "killed")]
    digests = [{r.id: r.result_digest() for r in s.trials.records()} for s in stores]
    assert digests[0] == digests[1]
    _check_records(stores[0])
    _check_answer(stores[0])
    _check_dashboard(database, stores[0])
    assert "nothing" in ended(start(place, "whole")) or len(events(place, "whole")) == len(whole)


def _check_records(store: ResultsFolder) -> None:
    """Early-stopped ones are marked, as long as they ran, and no proposal is on record with one seed only."""
    (part,) = search_parts(store)
    held = {r.id: r for r in store.trials.records()}
    checksum = next(iter(held.values())).data_checksum
    for p in part.proposals:
        config = part.shared.config(p.point)
        records = [held[config.replace(seed=s).identity(checksum)] for s in (0, 1)]
        assert {r.status for r in records} == ({"finished"} if p.state == "whole" else {"stopped"})
        assert {r.epochs_done for r in records} == {p.epochs}
        means = np.mean([list(r.epochs["val_accuracy"]) for r in records], axis=0)
        assert np.allclose(means, p.curves["val_accuracy"])


def _check_answer(store: ResultsFolder) -> None:
    told = read_answer(store, "tiny")
    assert [r.arm for r in told] == ["winner", "runner-up"] and all(r.estimate.n == 2 for r in told)
    assert {r.config.seed for r in store.trials.records()} == {0, 1, 1000, 1001}
    (found,) = searches.summary(store, "tiny")
    assert len(found.proposals) == 6 and "ASHA stopped " in search_words.sentences(found)[0]


def _check_dashboard(database: Path, store: ResultsFolder) -> None:
    import optuna

    (name,) = optuna.get_all_study_names(f"sqlite:///{database}")
    trials = optuna.load_study(study_name=name, storage=f"sqlite:///{database}").trials
    (part,) = search_parts(store)
    states = {t.user_attrs["proposal"]: t.state.name for t in trials}
    assert states == {p.number: {"whole": "COMPLETE", "paused": "PRUNED"}[p.state] for p in part.proposals}


NUMBERS = {
    "lr": {"kind": "float", "low": 0.001, "high": 0.3, "log": True},
    "dropout_input": {"kind": "float", "low": 0.0, "high": 0.3},
}
LEARNERS: dict[str, dict[str, Any]] = {
    "gp": {"searcher": "gp", "scheduler": "median"},
    "cmaes": {"searcher": "cmaes", "space": NUMBERS},
    "nsga2": {"searcher": "nsga2", "objectives": ["val_accuracy", "accuracy_gap"]},
    "racing": {"searcher": "random", "space": NUMBERS, "racing": 2},
}


@pytest.mark.ray
@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_comes_to_an_answer(place: Path, name: str) -> None:
    search = {**STUDY["search"], "trials": 5, "scheduler": "none", **LEARNERS[name]}  # type: ignore[dict-item]
    own: dict[str, object] = {"name": name, "epochs": 2, "search": search}
    if search["space"] is NUMBERS:
        own |= {"knobs": list(NUMBERS), "base": {**STUDY["base"], "hidden": [16]}}  # type: ignore[dict-item]
    text = yaml.safe_dump({**STUDY, **own}, sort_keys=False)
    (place / f"{name}.yaml").write_text(text)
    said = ended(start(place, name, study=name))
    store = ResultsFolder(place / name)
    (part,) = search_parts(store)
    assert len(part.proposals) == 5 and {p.state for p in part.proposals} <= {"whole", "paused"}
    told = read_answer(store, name)
    assert told and all(r.estimate.n == 2 for r in told) and all(r.arm in said for r in told)
    if name == "racing":
        raced = json.loads((place / name / "searches" / name / "answer.json").read_text())["raced"]
        assert all(r["seeds"] in (3, 4) for r in raced)
        assert {r.config.seed for r in store.trials.records()} == {
            0,
            1,
            1000,
            1001,
            *range(2, max(x["seeds"] for x in raced)),
        }
    else:
        assert {r.config.seed for r in store.trials.records()} == {0, 1, 1000, 1001}
    if name == "nsga2":
        assert [r.arm for r in told] == [f"front-{i + 1}" for i in range(len(told))]
        assert all(r.second and r.second.n == 2 for r in told)


@pytest.mark.ray
def test_what_cannot_work_is_said_at_once(place: Path) -> None:
    greedy = {**STUDY, "search": {**STUDY["search"], "parallel": 5000}}  # type: ignore[dict-item]
    (place / "greedy.yaml").write_text(yaml.safe_dump(greedy))
    command = [sys.executable, "-m", "study.cli", "run", str(place / "greedy.yaml"), "--data-dir", str(place)]
    done = subprocess.run([*command, "--results", str(place / "never2")], capture_output=True, text=True, check=False)
    assert done.returncode == 5 and "5000 configurations at once" in done.stderr and "Traceback" not in done.stderr
    url = ["--dashboard", "postgresql://me:secret@127.0.0.1:9/x", "--results", str(place / "never3")]
    command[4] = str(place / "tiny.yaml")
    done = subprocess.run([*command, *url], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "cannot be reached" in done.stderr and "secret" not in done.stderr
