"""Spaces and searches as data: what is refused, what is drawn, one spelling there and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from tests.synthetic import FASHION
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.models.parameter_layout import parameter_count
from trainables.training.gpu_memory import DataSize

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "hidden.count": Int(low=0, high=2),
    "hidden.1": Int(low=8, high=64, log=True),
    "hidden.2": Int(low=8, high=64, log=True),
}


def search(**changes: Any) -> Search:
    return Search(**{"space": SPACE, "trials": 10, **changes})


def test_logarithmic_ranges_spread_evenly_over_decades() -> None:
    drawn = [SPACE["lr"].at(u) for u in np.linspace(0, 1, 401)]
    decades = np.histogram(np.log10(drawn), bins=[-4, -3, -2, -1, 0.001])[0]
    assert min(drawn) == 1e-4 and max(drawn) == 1.0
    assert max(decades) - min(decades) <= 2


def test_whole_numbers_are_equally_likely() -> None:
    drawn = [Int(low=1, high=4).at(u) for u in (np.arange(4000) + 0.5) / 4000]
    assert np.bincount(drawn).tolist() == [0, 1000, 1000, 1000, 1000]


def test_contradictory_constraints_are_refused_before_the_start() -> None:
    with pytest.raises(BadInput, match="none can be used"):
        search(constraints=(Constraint(left="parameters", op="<=", right=100),)).check(SharedKnobs.of(5), FASHION)
    with pytest.raises(BadInput, match="as well"):
        search().check(SharedKnobs.of(5, Point((("lr", 0.1),))), FASHION)
    with pytest.raises(BadInput, match="grace"):
        search(scheduler=Scheduler(name="asha", grace=6)).check(SharedKnobs.of(5), FASHION)
    search(constraints=(Constraint(left="parameters", op="<=", right=20_000),)).check(SharedKnobs.of(5), FASHION)


def test_what_the_data_cannot_give_is_a_fault() -> None:
    made = search()
    point = Point.from_json({"lr": 0.1, "optimizer": "adam", "hidden.count": 0})
    assert (
        made.fault(point, SharedKnobs.of(5, Point((("batch_size", 50),))), DataSize(40, 10, 784, 10))
        == "a batch is larger than all 40 images"
    )
    assert made.fault(point, SharedKnobs.of(5, Point((("batch_size", 40),))), DataSize(40, 10, 784, 10)) == ""


def test_parameters_are_those_of_the_network() -> None:
    config = TrialConfig(hidden=(20, 5), batch_norm=True)
    assert parameter_count(config, 36, 3) == (36 * 20 + 20) + (20 * 5 + 5) + (5 * 3 + 3) + 2 * 25
