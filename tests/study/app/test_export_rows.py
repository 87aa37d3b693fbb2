"""What goes to other tools: each arm with the seeds that were asked of it, each configuration of a search."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.report.inputs import read_inputs
from study.app.export_rows import exported_knob, settings_of
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.report.test_inputs import SMALL, asked
from tests.analysis.stores import fill, store_of
from tests.study.app import exported
from trainables.config.errors import StoreError


def test_each_arm_has_its_seeds_with_every_epoch(tmp_path: Path) -> None:
    found = settings_of(read_inputs(exported.folder(tmp_path / "r")))
    assert [s.name for s in found] == ["slow", "fast", "bare"]
    for setting in found:
        assert [t.seed for t in setting.trials] == [0, 1, 2]
        assert setting.config == exported.rates().config(setting.name) and setting.proposal is None
    ends = {(s.name, t.seed): (t.status, list(t.epochs["epoch"])) for s in found for t in s.trials}
    assert ends["bare", 1] == ("diverged", [1, 2]) and ends["bare", 0] == ("finished", [1, 2, 3, 4])
    assert {t.began for s in found for t in s.trials} == {0.0}, "a record that says no run has no time"


def test_seeds_that_no_run_asked_for_stay_behind(tmp_path: Path) -> None:
    store = exported.folder(tmp_path / "r")
    fill(store, synthetic.records(exported.rates(), (3,)))
    assert {t.seed for s in settings_of(read_inputs(store)) for t in s.trials} == {0, 1, 2}


def test_an_arm_has_the_seeds_of_its_study_and_not_those_that_nobody_asked_of_it(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [SMALL], range(3))
    asked(store, "20260102T000000-a", b=(3, 4))
    fill(store, synthetic.records(SMALL, (3, 4, 5), skip=[("c", 4)]))
    assert {s.name: len(s.trials) for s in settings_of(read_inputs(store))} == {"a": 5, "b": 5, "c": 4}


def test_a_search_has_its_configurations_and_its_answer_the_fresh_seeds() -> None:
    inputs = read_inputs(ResultsFolder(exported.SEARCH))
    found = settings_of(inputs)
    tried = [s for s in found if s.proposal is not None]
    arms = [s for s in found if s.proposal is None]
    assert tried and all("configuration-" in s.name and s.part is not None for s in tried)
    assert len({(s.study.name, s.name) for s in found}) == len(found), "each has a name of its own"
    assert arms and all(t.seed >= 1000 for s in arms for t in s.trials)


def test_a_folder_without_trials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no trials in it yet"):
        settings_of(read_inputs(ResultsFolder(tmp_path / "r", create=True)))


def test_one_hidden_layer_is_a_number_and_several_are_not(tmp_path: Path) -> None:
    """The widths of one layer were choices, "20" before "5"; no tool could draw them on an axis."""
    exported.folder(tmp_path / "r")
    found = settings_of(read_inputs(ResultsFolder(str(tmp_path / "r"))))
    one = [s for s in found if s.name != "bare"]
    assert {exported_knob(one, s.config, "hidden") for s in one} == {8}
    assert [exported_knob(found, s.config, "hidden") for s in found] == [(8,), (8,), ()]
    assert exported_knob(one, one[0].config, "lr") == one[0].config.lr
