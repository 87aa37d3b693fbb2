"""How much the load of a machine can slow what starts now."""

from __future__ import annotations

import math
import os

import pytest

from study.planning import machine_load


@pytest.mark.parametrize(("load", "cores", "factor"), [(0.0, 2, 1.0), (2.0, 2, 2.0), (6.0, 4, 2.5), (0.0, 1, 1.0)])
def test_what_runs_shares_the_cores_with_one_trial_a_core(
    load: float, cores: int, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 50.0, 50.0))
    monkeypatch.setattr(machine_load, "usable_cores", lambda: cores)
    assert machine_load.most_slowed() == pytest.approx(factor)


def test_a_system_that_tells_no_load_sets_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> tuple[float, float, float]:
        raise OSError("no load here")

    monkeypatch.setattr(os, "getloadavg", refused)
    assert machine_load.most_slowed() == math.inf and machine_load.most_slowed(1.0) == 1.0
    monkeypatch.delattr(os, "getloadavg")
    assert machine_load.most_slowed() == math.inf
