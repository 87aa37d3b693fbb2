"""A search from its first proposal to its answer, with every learner; the training is made up, and Ray left out."""

from __future__ import annotations

import dataclasses
import math
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.searches import sentences as search_words
from analysis.searches.retrained import read_answer
from study.execution import search_driver as seeking
from study.spec.domains import Choice, Float
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from study.storage import repair as upkeep
from study.storage import search_log
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import answer_of, search_parts
from tests import synthetic
from tests.study import own
from tests.study.cli.test_main import study as command
from tests.study.execution.test_search_driver import setting
from tests.study.made_up import MadeUp
from trainables.config.errors import StoreError, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.trial_record import TrialRecord

SPACE: dict[str, Any] = {
    "optimizer": Choice(values=("sgd", "adam")),
    "lr": Float(low=1e-4, high=1.0, log=True),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "dropout_input": Float(low=0.0, high=0.3),
}
LR = {"lr": {"kind": "float", "low": 0.001, "high": 0.1, "log": True}}
USUAL: dict[str, Any] = {"space": SPACE, "trials": 6, "seeds": 2, "searcher": "random"}
CASES: dict[str, dict[str, Any]] = {
    "gp": {"searcher": "gp", "scheduler": Scheduler(name="median")},
    "cmaes": {"searcher": "cmaes"},
    "nsga2": {"searcher": "nsga2", "objectives": ("val_accuracy", "accuracy_gap")},
    "racing": {"racing": 2},
    "within": {"searcher": "tpe", "scheduler": Scheduler(name="asha"), "within": "optimizer"},
}


def trained(config: TrialConfig, until: int) -> TrialRecord:
    """A made-up trial whose luck depends on its seed and configuration."""
    luck = 0.02 * math.sin(1e4 * config.lr + 7 * config.seed)
    return synthetic.record(config, "finished" if until == config.epochs else "stopped", until, shift=luck)


def study(**changes: Any) -> Study:
    return Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, search=Search(**{**USUAL, **changes}))


def ran(folder: Path, wanted: Study, **more: Any) -> ResultsFolder:
    """A results folder after a whole search."""
    made = dataclasses.replace(setting(folder, wanted), executor=MadeUp(trained), **more)
    seeking.check_setup(made)
    made.store.studies.freeze(wanted)
    found = seeking.run_search(made, 3)
    assert not found.interrupted and not found.failed and found.answer
    return made.store


@pytest.mark.parametrize("name", CASES)
def test_every_learner_comes_to_an_answer(tmp_path: Path, name: str) -> None:
    notes: list[str] = []
    store = ran(tmp_path, study(**CASES[name]), note=notes.append)
    found = search_parts(store)
    assert len(found) == (2 if name == "within" else 1)
    for part in found:
        assert len(part.proposals) == 6 and {p.state for p in part.proposals} <= {"whole", "paused"}
    told = read_answer(store, "s")
    assert all(r.estimate.n == 3 and r.searched for r in told)
    expected = {"within": {"sgd", "adam"}, "nsga2": {f"front-{i + 1}" for i in range(len(told))}}
    assert {r.arm for r in told} == expected.get(name, {"winner", "runner-up"})
    assert all((r.second is not None) == (name == "nsga2") for r in told)
    listed = answer_of(store, "s")
    assert listed is not None
    raced = listed.raced
    seeds = {r.config.seed for r in store.trials.records()}
    assert seeds == {*range(max([2, *(r.seeds for r in raced)])), 1000, 1001, 1002}
    assert bool(raced) == (name == "racing")
    shown = "\n".join(notes)
    assert "under fresh seeds" in shown and ("too close to call" in shown) == (name == "racing")
    said = "\n".join(search_words.search_lines(store, "s"))
    assert all(r.arm in said for r in told) and "nan" not in said


@pytest.mark.parametrize("name", ["halving", "hyperband", "asha"])
def test_a_finished_search_with_its_answer_is_extended(
    tmp_path: Path, name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optuna

    storage = optuna.storages.InMemoryStorage()
    monkeypatch.setattr("study.search.optuna_dashboard.open_storage", lambda _: storage)
    monkeypatch.setattr(seeking, "open_storage", lambda _: storage)
    wanted = study(scheduler=Scheduler(name=name))
    store = ran(tmp_path, wanted, dashboard="x")
    (before,), ids = search_parts(store), {r.id for r in store.trials.records()}
    assert wanted.search is not None
    longer = dataclasses.replace(wanted, search=dataclasses.replace(wanted.search, trials=14))
    store = ran(tmp_path, longer, dashboard="x")
    (after,) = search_parts(store)
    assert after.events[: len(before.events)] == before.events and len(after.proposals) == 14
    assert ids <= {r.id for r in store.trials.records()} and read_answer(store, "s")
    late = max(after.proposals, key=lambda p: p.curves["val_accuracy"][0])
    assert late.state == "whole", "the best after one epoch, wherever it came, is trained to the end"
    there = {t.user_attrs["proposal"]: t.state.name for t in storage.get_all_trials(0)}
    assert there == {p.number: {"whole": "COMPLETE", "paused": "PRUNED"}[p.state] for p in after.proposals}


@pytest.mark.parametrize("name", ["asha", "halving", "none"])
def test_what_is_no_longer_on_record_of_a_search_is_trained_again_and_nothing_else_changes(
    tmp_path: Path, name: Any
) -> None:
    wanted = study(scheduler=Scheduler(name=name))
    store = ran(tmp_path, wanted)
    (before,), whole = search_parts(store), {r.id: r.result_digest() for r in store.trials.all_records()}
    for path in sorted((tmp_path / "r" / "trials").iterdir()):
        path.unlink()
    assert not list(store.trials.all_records())
    store = ran(tmp_path, wanted)
    (after,) = search_parts(store)
    assert after == before, "no event is added, and no decision is taken anew"
    assert {r.id: r.result_digest() for r in store.trials.all_records()} == whole


HURTS: dict[str, Any] = {
    "a digit": lambda d: re.sub(rb"0\.[0-8]", b"0.9", d, count=1),
    "cut off": lambda d: d[: len(d) // 2],
    "deep": lambda _: b"[" * 200_000,
    "NaN": lambda d: d.replace(b'"n": 0', b'"n": NaN', 1),
    "another order": lambda _: b'[{"kind": "sent", "n": 0, "until": 1}]',
}


LONG = study(scheduler=Scheduler(name="asha"), trials=30)
"""A search whose events fill more than one file."""


@pytest.fixture(scope="module")
def long_search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole of it, to be copied."""
    place = tmp_path_factory.mktemp("long")
    ran(place, LONG)
    return place / "r"


@pytest.mark.parametrize("name", HURTS)
def test_damaged_events_are_seen_put_aside_and_come_again_from_the_records(
    tmp_path: Path, name: str, long_search: Path
) -> None:
    wanted = LONG
    shutil.copytree(long_search, tmp_path / "r")
    store = ResultsFolder(tmp_path / "r")
    chunks = [n for n in store.folder.names("searches", deep=True) if re.search(r"/\d{6}\.json", n)]
    good = {n: store.folder.read(n) for n in chunks}
    assert len(chunks) > 1 and upkeep.verify(store.folder.where).sound
    store.folder.write(chunks[0], HURTS[name](good[chunks[0]]))
    assert [d.name for d in search_log.damage(store)] == chunks, "what comes after it is of no use either"
    report = upkeep.verify(store.folder.where)
    assert not report.sound and chunks[0] in report.lines[0]
    with pytest.raises(StoreError, match="study repair"):
        search_parts(store)
    assert upkeep.repair(store.folder.where).sound
    ids = {r.id for r in store.trials.all_records()}
    store = ran(tmp_path, wanted)
    assert {n: store.folder.read(n) for n in chunks} == good and {r.id for r in store.trials.all_records()} == ids


def test_what_else_is_kept_of_a_search_is_checked_and_written_again(tmp_path: Path) -> None:
    wanted = study()
    store = ran(tmp_path, wanted)
    for name in (n for n in store.folder.names("searches", deep=True) if n.endswith(("search.json", "answer.json"))):
        good = store.folder.read(name) or b""
        store.folder.write(name, good.replace(b'"seeds"', b'"seedz"'))
        assert [d.name for d in search_log.damage(store)] == [name]
        assert any(name in line for line in upkeep.tidy(store))
        store = ran(tmp_path, wanted)
        assert store.folder.read(name) == good


def test_merged_folders_keep_their_searches_and_go_on_from_there(tmp_path: Path) -> None:
    """Of two lengths of one search with one answer; where the answers differ, each folder has seen seeds of both."""
    wanted = study(trials=32)
    short = ran(tmp_path / "a", study(trials=30))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    long = ran(tmp_path / "b", wanted)
    assert long.folder.where != short.folder.where and search_parts(long) != search_parts(short)
    for a, b in ((long, short), (short, long)):
        into = tmp_path / f"{b is long}" / "r"
        Merge(a.folder.where, b.folder.where).write(str(into))
        assert search_parts(ResultsFolder(into)) == search_parts(long) and answer_of(
            ResultsFolder(into), "s"
        ) == answer_of(long, "s")
        assert upkeep.verify(str(into)).sound
        before = {r.id for r in ResultsFolder(into).trials.all_records()}
        assert {r.id for r in ran(into.parent, wanted).trials.all_records()} == before, "nothing is left to train"
    other = ran(tmp_path / "o", study(trials=6))
    assert answer_of(other, "s") != answer_of(long, "s")
    with pytest.raises(StudyError, match="keep the folders apart, and let the search go on in one of them"):
        Merge(long.folder.where, other.folder.where).write(str(tmp_path / "c"))
    name = next(n for n in short.folder.names("searches", deep=True) if n.endswith("search.json"))
    short.folder.write(name, b"{")
    with pytest.raises(StoreError, match="is damaged"):
        Merge(long.folder.where, short.folder.where).write(str(tmp_path / "c"))
    assert not (tmp_path / "c").exists()


def test_the_last_line_of_a_search_works_when_it_is_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From any path that the study file was given by, and also by the name that the results folder has it under."""
    (tmp_path / "my files").mkdir()
    own.data(tmp_path, "grains", 60, 10)
    path = own.search(tmp_path / "my files", "my-search", LR, data="grains")
    monkeypatch.chdir(tmp_path)
    words = ("run", f"my files/{path.name}", "--seeds", "2", "--data-dir", ".", "--results", "the results")
    assert command(*words) == 0
    lines = [line.removeprefix("next").strip() for line in capsys.readouterr().out.splitlines()]
    page, shown = (line.partition("    ")[0] for line in lines if line.startswith("study "))
    assert page == "study report 'the results'"
    assert command(*shlex.split(page)[1:]) == 0 and (tmp_path / "the results/report/index.html").is_file()
    assert shown == "study show 'my files/my-search.yaml' --results 'the results'"
    capsys.readouterr()
    assert command(*shlex.split(shown)[1:]) == 0
    by_path = capsys.readouterr().out
    assert "my-search" in by_path and by_path.count("lr") > 2
    assert command("show", "my-search", "--results", "the results") == 0
    assert capsys.readouterr().out == by_path
    assert command("show", "my-search") == 2, "without the folder nobody knows it"
    assert command("show", "other-search", "--results", "the results") == 2
    assert "there is no study" in capsys.readouterr().err
