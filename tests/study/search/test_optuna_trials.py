"""Searches as trials of Optuna."""

from __future__ import annotations

from study.search.optuna_trials import frozen_trial
from tests.study.search.made_up import go, search


def test_optuna_is_never_told_that_a_half_trained_one_is_complete() -> None:
    controller, _ = go(search(trials=20))
    for p in controller.proposals:
        told = frozen_trial(controller.search, p, sampler=True)
        state = told.state.name
        assert state == {"whole": "COMPLETE", "paused": "PRUNED", "diverged": "PRUNED"}[p.state]
        assert (told.value is not None) == (p.state == "whole")
        assert list(told.intermediate_values) == list(range(1, (0 if p.state == "diverged" else p.epochs) + 1))
    assert {"whole", "paused"} <= {p.state for p in controller.proposals}
    for p in controller.proposals:
        assert list(frozen_trial(controller.search, p, sampler=False).intermediate_values) == [*range(1, p.epochs + 1)]
