"""What a search is told of other results folders. Without Ray."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from study.execution import search_driver as seeking
from study.execution.warm_start import told_points, warm_points
from study.planning.executor import Assignment, RunContext, WorkQueue
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Float
from study.spec.point import SharedKnobs
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_log import SearchLog, search_parts
from tests import synthetic
from tests.study.execution.test_search_driver import SPACE, setting, study
from tests.study.execution.test_search_driver_whole import trained
from tests.study.made_up import MadeUp
from tests.synthetic import FASHION
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig


def test_a_warm_start_takes_whole_trials_that_lie_in_the_space(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "earlier", create=True)
    inside = TrialConfig(optimizer="adam", lr=0.01, epochs=3)
    for seed in (0, 1):
        store.write(synthetic.record(inside.replace(seed=seed), "finished", 3))
    store.write(synthetic.record(inside.replace(lr=0.02), "stopped", 2))
    store.write(synthetic.record(inside.replace(optimizer="adagrad"), "finished", 3))
    store.write(synthetic.record(inside.replace(lr=0.03, epochs=2), "finished", 2))  # less trained
    store.write(dataclasses.replace(synthetic.record(inside.replace(lr=0.04)), data_checksum="6" * 64))
    made = setting(tmp_path, study(warm_start=(str(tmp_path / "earlier"),)))
    search = made.study.search
    assert search is not None
    seeking.check_setup(made)
    ((point, known),) = warm_points(made.study, search, made.data.checksum)
    value = known["val_accuracy"][-1]
    shorter = dataclasses.replace(made, study=dataclasses.replace(made.study, epochs=2))
    assert {p["lr"] for p, _ in warm_points(shorter.study, search, made.data.checksum)} == {0.01, 0.03}
    with pytest.raises(BadInput, match="4 epochs"):
        seeking.check_setup(dataclasses.replace(made, study=dataclasses.replace(made.study, epochs=4)))
    assert dict(point.values) == {"optimizer": "adam", "lr": 0.01}
    curves = [
        r.epochs["val_accuracy"][-1]
        for r in store.trials.records()
        if r.config.lr == 0.01 and r.config.optimizer == "adam"
    ]
    assert value == pytest.approx(sum(curves) / 2)
    told = make_sampler(search, [(point, known)])
    assert told.propose([], 0) is not None


@pytest.mark.parametrize("searcher", ["tpe", "gp", "cmaes"])
def test_a_warm_start_leads_to_where_it_was_good(searcher: str) -> None:
    space = {**SPACE, "dropout_input": Float(low=0.0, high=0.5)}
    search = study(searcher=searcher, space=space, trials=8).search
    assert search is not None

    def proposed(warm: Any) -> list[float]:
        controller = SearchController(search, SharedKnobs.of(2), FASHION, make_sampler(search, warm))
        while (segment := controller.next()) is not None:
            controller.report(segment.proposal, {"val_accuracy": [0.1, 0.5]}, False)
        return [p.point["lr"] for p in controller.proposals]

    points = [{"optimizer": "adam", "lr": 10 ** (-i / 8), "dropout_input": 0.01 * i} for i in range(25)]
    warm = [(p, {"val_accuracy": [0.1, 0.9 if p["lr"] > 0.1 else 0.1]}) for p in points]  # type: ignore[operator]
    with_it, without = proposed(warm), proposed(())
    assert sum(lr > 0.1 for lr in with_it) > sum(lr > 0.1 for lr in without)


@pytest.mark.parametrize(("known", "refused"), [(1, True), (9, True), (10, False)])
def test_cmaes_is_told_of_enough_to_begin_with(tmp_path: Path, known: int, refused: bool) -> None:
    """It takes the best tenth, so a tenth is to be at least one; of `within` each part begins on its own."""
    store = ResultsFolder(tmp_path / "earlier", create=True)
    for n in range(known):
        store.write(synthetic.record(TrialConfig(optimizer="sgd", lr=0.01 + 0.001 * n, momentum=0.5, epochs=3)))
    for within in ("", "optimizer"):
        wanted = study(
            searcher="cmaes", scheduler="none", within=within, warm_start=(str(tmp_path / "earlier"),),
            space={**SPACE, "dropout_input": Float(low=0.0, high=0.5)},
        )  # fmt: skip
        made = setting(tmp_path, wanted)
        of = "of optimizer sgd, " if within else ""
        if refused:
            with pytest.raises(BadInput, match=rf"{of}{known} configurations? there .* cmaes needs 10"):
                seeking.check_setup(made)
            continue
        seeking.check_setup(made)
        assert made.study.search is not None
        for part in made.study.search.parts().values():
            sampler = make_sampler(part, warm_points(made.study, part, made.data.checksum))
            controller = SearchController(part, SharedKnobs.of(3), FASHION, sampler)
            while (segment := controller.next()) is not None:
                controller.report(segment.proposal, {"val_accuracy": [0.1, 0.2, 0.5]}, False)
            assert controller.over


class Stops(MadeUp):
    """Stops the run after so many trials."""

    def __init__(self, after: int | None = None) -> None:
        super().__init__(trained)
        self.left = after

    def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
        if self.left == 0:
            run.settings.stop.signalled = True
            return work.returned(given.number)
        self.left = None if self.left is None else self.left - 1
        return super().do(given, work, run)


def searched(folder: Path, wanted: Study, *after: int | None) -> list[Event]:
    """Run a search in a folder, stopped after so many trials each time; its events."""
    for stop in after:
        made = dataclasses.replace(setting(folder, wanted), executor=Stops(stop))
        seeking.check_setup(made)
        seeking.run_search(made, 1)
    (part,) = (p for p in search_parts(made.store) if p.study == wanted.name)
    return [e for e in part.events if e.kind in ("proposed", "reported")]


def own_folder(folder: Path, searcher: Any = "tpe") -> Study:
    """A search that is told of its own results folder, where another one has trained."""
    space = {**SPACE, "dropout_input": Float(low=0.0, high=0.5)}
    first = study(searcher="random", space=space, trials=12, seeds=1, scheduler="none")
    searched(folder, dataclasses.replace(first, name="earlier"), None)
    assert first.search is not None
    search = dataclasses.replace(first.search, searcher=searcher, trials=16, warm_start=(str(folder / "r"),))
    return dataclasses.replace(first, search=search)


@pytest.mark.parametrize("searcher", ["tpe", "cmaes"])
def test_a_search_told_of_its_own_folder_goes_on_as_if_it_had_never_stopped(tmp_path: Path, searcher: str) -> None:
    """Its own trials lie there too by then; they are no part of what it was told of at the beginning."""
    at_once = searched(tmp_path / "a", own_folder(tmp_path / "a", searcher), None)
    wanted = own_folder(tmp_path / "b", searcher)
    in_parts = searched(tmp_path / "b", wanted, 0, 5, None)
    points = [[e.point for e in events if e.kind == "proposed"] for events in (at_once, in_parts)]
    assert points[0] == points[1] and len(points[0]) == 16


def test_a_search_begun_before_this_was_kept_reads_the_folders_at_each_start(tmp_path: Path) -> None:
    wanted = own_folder(tmp_path)
    searched(tmp_path, wanted, 6)
    store = ResultsFolder(tmp_path / "r")
    (name,) = (n for n in store.folder.names("searches/s", deep=True) if n.endswith("search.json"))
    values = json.loads(store.folder.read(name) or b"")
    assert len(values["told"]) == 12
    old = {k: v for k, v in values.items() if k not in ("told", "checksum")}
    store.folder.write(name, json.dumps(old).encode())
    assert wanted.search is not None
    log = SearchLog(store, "s", "", wanted.search, wanted.shared_knobs, synthetic.CHECKSUM)
    assert len(told_points(wanted, wanted.search, synthetic.CHECKSUM, log)) == 18
    assert "told" not in json.loads(store.folder.read(name) or b"")


def test_a_configuration_of_which_a_seed_diverged_is_not_told_by_the_seeds_that_did_not(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "earlier", create=True)
    usual = TrialConfig(optimizer="adam", epochs=3)
    cases: dict[float, Any] = {0.01: ("finished",) * 3, 0.9: ("finished", "diverged", "diverged")}
    for lr, ends in cases.items():
        for seed, end in enumerate(ends):
            epochs = 3 if end == "finished" else 2
            store.write(synthetic.record(usual.replace(lr=lr, seed=seed), end, epochs))
    wanted = study(warm_start=(str(tmp_path / "earlier"),))
    assert wanted.search is not None
    told = warm_points(wanted, wanted.search, synthetic.CHECKSUM)
    assert [p["lr"] for p, _ in told] == [0.01]
    before = warm_points(wanted, wanted.search, synthetic.CHECKSUM, survivors=True)
    assert {p["lr"] for p, _ in before} == {0.01, 0.9}, "as a search that was begun then goes on"
