"""What a search is told of other results folders. Without Ray."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.execution import search_driver as seeking
from study.execution.warm_start import warm_points
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Float
from study.spec.point import SharedKnobs
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.study.execution.test_search_driver import SPACE, setting, study
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
