"""The campaign's own parts, without Ray: a judge that never says no would prove nothing."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from study.storage.results_folder import ResultsFolder
from tests.chaos import faulty, judge
from tests.chaos.campaign import Deck, Place
from tests.chaos.harm import DAMAGE, OUTSIDE, Harm, call, listening, marked, spoil, whole
from tests.synthetic import record
from trainables.config.trial_config import TrialConfig
from trainables.data.sources import load_data_set
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner

CONFIG = TrialConfig(data="tiny", hidden=(4,), batch_size=60, epochs=2)


def folder(path: Path, *seeds: int) -> ResultsFolder:
    store = ResultsFolder(path, create=True)
    for seed in seeds:
        store.write(record(CONFIG.replace(seed=seed)))
    return store


def test_a_deck_deals_every_kind_before_it_deals_one_again() -> None:
    deck = Deck("abcde", random.Random(0))
    dealt = [deck.deal() for _ in range(10)]
    assert sorted(dealt[:5]) == sorted(dealt[5:]) == list("abcde")
    deck.back("x")
    assert deck.deal() == "x"


def test_a_kind_that_cannot_be_done_now_holds_up_no_other() -> None:
    deck = Deck("abc", random.Random(0))
    first, second, third = (deck.deal() for _ in range(3))
    deck.left = [first, second, third]
    assert deck.deal_first(lambda kind: kind != first) == second
    assert deck.left == [first, third] and deck.deal_first(lambda kind: True) == first
    assert deck.deal_first(lambda kind: False) == "" and set(deck.left) >= set("abc")


def test_every_kind_that_must_be_there_is() -> None:
    everything = {*OUTSIDE, *DAMAGE, *faulty.WORKER, *faulty.START, *faulty.DRIVER, faulty.HOG}
    asked = {"raylet", "gcs", "machine", "memory", "full", "hang", "hang-start", "checkpoint", "record", "clock"}
    asked |= {"second-run", "readonly", "vanish", "sigkill", "sigterm", "sigint", "newer"}
    assert asked | {"sigterm-repeated", "report-killed", "report-meanwhile", "stranger"} <= everything


def test_the_judge_sees_what_is_lost_what_differs_and_what_is_there_twice(tmp_path: Path) -> None:
    folder(tmp_path / "whole", 0, 1)
    assert judge.of_study(tmp_path / "whole", tmp_path / "whole").good
    folder(tmp_path / "less", 0)
    missing = judge.of_study(tmp_path / "less", tmp_path / "whole")
    assert len(missing.lost) == 1 and not missing.differing
    folder(tmp_path / "again", 0, 1).trials.gather()
    store = ResultsFolder(tmp_path / "again")
    (first, _) = store.trials.records()
    store.write(first)
    assert [w for w in judge.of_study(tmp_path / "again", tmp_path / "whole").differing if "2 times" in w]
    spoilt = folder(tmp_path / "spoilt", 0, 1)
    spoil(Path(spoilt.folder.path(spoilt.trials.loose()[0])), cut=True, chance=random.Random(0))
    with pytest.raises(Exception, match="damaged"):
        judge.of_study(tmp_path / "spoilt", tmp_path / "whole")


def test_an_undisturbed_trial_is_what_a_resumed_one_is(tmp_path: Path) -> None:
    place = Place(tmp_path, epochs=4)
    place.prepare()
    data = load_data_set("tiny", tmp_path)
    store = ResultsFolder(tmp_path / "results", create=True)
    for _ in range(2):
        run = JobRunner(Job(CONFIG, (0,)), data, store, JobOptions(checkpoint_seconds=0))
        run.epoch()
        run.checkpoint()
    (found,) = store.trials.records()
    assert found.provenance["resumed_from"] == 1
    assert judge.undisturbed(CONFIG, data).result_digest() == found.result_digest()


def test_a_stranger_finds_the_ports_of_a_process_and_is_told_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port in listening([os.getpid()])
    call(port)
    assert port not in listening([os.getpid()])


def test_half_a_page_is_not_whole(tmp_path: Path) -> None:
    assert not whole(tmp_path)
    (tmp_path / "index.html").write_text("<html>")
    assert not whole(tmp_path)
    (tmp_path / "index.html").write_text("<html></html>\n")
    assert whole(tmp_path)


def test_what_bears_the_mark_is_found_and_ended_and_nothing_else(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    mine = subprocess.Popen(sleep, env={**os.environ, faulty.FAULTS: str(tmp_path)}, text=True)
    other = subprocess.Popen(sleep)

    def second(*_: str) -> Any:
        raise AssertionError

    harm = Harm(tmp_path, f"{faulty.FAULTS}={tmp_path}", second, print)
    try:
        assert marked(harm.mark) == [mine.pid]
        assert harm.disturb("machine", mine, random.Random(0)) and mine.wait(60) < 0
        assert other.poll() is None and marked(harm.mark) == []
    finally:
        other.kill()
        other.wait()
