"""The campaign's own parts, without Ray: a judge that never says no would prove nothing."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from study.spec import registry
from study.storage.repair import repair, verify
from study.storage.reported_values import contradicted
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import search_parts
from study.storage.survey import contradictions
from tests.chaos import faulty, judge, publish
from tests.chaos.campaign import Place
from tests.chaos.damages import DAMAGE, DamageCase, scatter, spoil, whole
from tests.chaos.deck import Deck
from tests.chaos.harm import OUTSIDE, Harm, call
from tests.chaos.processes import listening, marked
from tests.synthetic import record
from trainables.config.errors import StoreError
from trainables.config.trial_config import TrialConfig
from trainables.data.sources import load_data_set
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner

CONFIG = TrialConfig(data="tiny", hidden=(4,), batch_size=60, epochs=2)


def folder(path: Path, *seeds: int) -> ResultsFolder:
    store = ResultsFolder(path, create=True)
    for seed in seeds:
        made = record(CONFIG.replace(seed=seed))
        store.write(dataclasses.replace(made, provenance={**made.provenance, "ended": 1.0}))
    return store


def test_a_deck_deals_every_kind_before_it_deals_one_again() -> None:
    deck = Deck("abcde", random.Random(0))
    dealt = [deck.deal() for _ in range(10)]
    assert sorted(dealt[:5]) == sorted(dealt[5:]) == list("abcde")
    deck.back("x")
    assert deck.deal() == "x"


def test_a_deck_of_weights_deals_each_kind_once_at_first_and_says_the_same_for_the_same_seed() -> None:
    dealt = [[deck.deal() for _ in range(8)] for deck in (Deck("aaab", random.Random(7)) for _ in range(2))]
    assert dealt[0] == dealt[1] and sorted(dealt[0]) == sorted("ab" + "aaab" + "".join(dealt[0][6:]))


@pytest.mark.parametrize(("share", "enough"), [(1.0, 110), (2 / 3, 180)])
@pytest.mark.parametrize("seed", range(10))
def test_so_many_faults_have_every_kind_though_some_cannot_be_done(
    tmp_path: Path, seed: int, share: float, enough: int
) -> None:
    place, chance, number = Place(tmp_path, seed=seed), random.Random(seed), 0
    while place.kinds.total() < enough:
        number += 1
        for deck, times in (("driver", 1), ("inner", 15), ("outside", 4)):
            kinds = [place.decks[deck].deal() for _ in range(times)]
            done = [kind for kind in kinds if chance.random() < share]
            place.kinds.update(done)
            for kind in kinds:
                if kind not in done:
                    place.decks[deck].back(kind)
        possible = {*DAMAGE} - ({"search", "told-otherwise"} if number % 3 != 2 else set())
        for _ in range(5):
            place.kinds[place.decks["damage"].deal_first(possible.__contains__)] += 1
    assert not place.missing


def test_the_guide_says_of_every_kind_how_often_it_was_in_the_last_whole_campaign() -> None:
    root = Path(__file__).parents[2]
    ran = json.loads((root / publish.KEPT).read_text())
    assert publish.WORDS.keys() == publish.all_kinds(), "every kind has its words"
    assert sum(ran["kinds"].values()) == ran["injected"] and not ran["lost"] and not ran["differing"]
    guide = (root / publish.GUIDE).read_text()
    assert publish.written(guide, ran) == guide, "python -m tests.chaos.publish FILE"


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
    asked |= {
        "contradiction",
        "link",
        "linked-folder",
        "pipe",
        "folder",
        "page-emptied",
        "reaper",
        "run",
        "told-otherwise",
        "header",
    }
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


def test_the_judge_passes_over_checkpoints_that_no_run_reads_and_over_no_others(tmp_path: Path) -> None:
    store = folder(tmp_path / "whole", 0, 1)
    for trial in ("a" * 20, "b" * 20):
        store.save_checkpoint(trial, 3, b"state of a training")
        spoil(tmp_path / "whole" / "checkpoints" / trial / "000003.ckpt", cut=True, chance=random.Random(0))
    judge.set_unread_aside(store, {"b" * 20})
    found = verify(str(tmp_path / "whole"))
    assert not found.sound and "b" * 20 in found.lines[0] and not any("a" * 20 in line for line in found.lines)
    judge.set_unread_aside(store, ())
    assert verify(str(tmp_path / "whole")).sound


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


def nothing(*_: Any) -> Any:
    raise AssertionError


def test_a_record_can_be_damaged_where_all_are_gathered_for_they_are_scattered_first(tmp_path: Path) -> None:
    store = folder(tmp_path, 0, 1)
    store.trials.gather()
    before = sorted(r.result_digest() for r in store.trials.records())
    scatter(tmp_path)
    assert not store.trials.gathered() and len(store.trials.loose()) == 2
    assert sorted(r.result_digest() for r in store.trials.records()) == before
    store.trials.gather()
    for kind in ("link", "record"):
        assert DamageCase(tmp_path, nothing, print, nothing, nothing).do(kind, random.Random(0)), kind
    (link,) = (p for p in (tmp_path / "trials").iterdir() if p.is_symlink())
    link.readlink().unlink()


class Ended:
    """A command that is over, with what it ended with."""

    def __init__(self, code: int) -> None:
        self.code = code

    def wait(self, _seconds: float) -> int:
        return self.code


def test_a_contradiction_is_one_and_the_repair_mends_it(tmp_path: Path) -> None:
    store = folder(tmp_path, 0, 1)
    before = {r.id: r.result_digest() for r in store.trials.records()}
    wrong = list[str]()

    def second(*_: str) -> Any:
        return Ended(4 if contradictions(store) else 0)

    def mended() -> Any:
        return Ended(0 if repair(str(tmp_path)).sound else 1)

    damage = DamageCase(tmp_path, second, wrong.append, nothing, mended)
    assert damage.do("contradiction", random.Random(0)) and not wrong
    assert {r.id: r.result_digest() for r in store.trials.records()} == before and not contradictions(store)


def test_a_search_is_told_otherwise_and_the_repair_mends_it(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "fixtures/v0.1/search/results", tmp_path / "r")
    store, wrong = ResultsFolder(tmp_path / "r"), list[str]()

    def second(*_: str) -> Any:
        return Ended(4 if any(contradicted(store, search_parts(store))) else 0)

    def mended() -> Any:
        return Ended(0 if repair(str(tmp_path / "r")).sound else 1)

    assert DamageCase(tmp_path / "r", second, wrong.append, nothing, mended).do("told-otherwise", random.Random(0))
    assert not wrong and not any(contradicted(store, search_parts(store)))
    folder(tmp_path / "study", 0)
    assert not DamageCase(tmp_path / "study", nothing, print, nothing, nothing).do("told-otherwise", random.Random(0))


def test_a_header_is_cut_short_once_a_study_lies_there_and_the_repair_mends_it(tmp_path: Path) -> None:
    store, wrong = folder(tmp_path, 0), list[str]()
    header, chance = tmp_path / "study-results.json", random.Random(0)

    def second(*_: str) -> Any:
        with pytest.raises(StoreError, match="study repair"):
            ResultsFolder(tmp_path)
        return Ended(4)

    def mended() -> Any:
        return Ended(0 if repair(str(tmp_path)).sound else 1)

    whole = header.read_bytes()
    damage = DamageCase(tmp_path, second, wrong.append, nothing, mended)
    assert not damage.do("header", chance) and header.read_bytes() == whole
    store.studies.freeze(registry.load_study("depth"))
    assert damage.do("header", chance) and not wrong and header.read_bytes() == whole


def test_a_file_where_a_folder_belongs_is_put_there_and_taken_away(tmp_path: Path) -> None:
    store, wrong = folder(tmp_path, 0), list[str]()

    def second(*_: str) -> Any:
        with pytest.raises(StoreError, match="failures is a file where a folder belongs"):
            store.refuse_unwritable()
        return Ended(4)

    assert DamageCase(tmp_path, second, wrong.append, nothing, nothing).do("file-for-folder", random.Random(0))
    assert not wrong and not (tmp_path / "failures").exists()


@pytest.mark.parametrize("kind", ["pipe", "folder", "leftover"])
def test_what_others_leave_in_a_folder_is_put_aside_and_no_record_with_it(tmp_path: Path, kind: str) -> None:
    store = folder(tmp_path, 0)
    assert DamageCase(tmp_path, nothing, print, nothing, nothing).do(kind, random.Random(0))
    assert len(list((tmp_path / "trials").iterdir())) == 2
    assert repair(str(tmp_path)).sound and len(list((tmp_path / "trials").iterdir())) == 1 == len(store.trials.loose())


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

    harm = Harm(tmp_path, f"{faulty.FAULTS}={tmp_path}", nothing, print, nothing)
    try:
        assert marked(harm.mark) == [mine.pid]
        assert harm.disturb("machine", mine, random.Random(0)) and mine.wait(60) < 0
        assert other.poll() is None and marked(harm.mark) == []
    finally:
        other.kill()
        other.wait()
