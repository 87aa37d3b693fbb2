"""How far differences vary from seed to seed, from what is on record."""

from __future__ import annotations

import pytest

from analysis.data.frames import Frames, from_records
from study.app import seed_spread
from study.spec.study import Arm, Study
from tests.study.app.test_plan_power import STUDY, records

OTHER = Study(name="o", title="t", question="q", knobs=("lr",), epochs=2, arms=(Arm(name="x"),), base={"lr": 0.5})


def test_a_pilot_tells_of_the_spread_in_pairs() -> None:
    spread = seed_spread.spread_of(STUDY, from_records(records(STUDY, 60)))
    assert spread is not None and spread.deviation == pytest.approx(0.01 * 2**0.5, rel=0.2)
    assert spread.source == "1 arm against a, up to 60 seeds each"


def test_other_arms_on_the_same_data_do_where_there_is_no_pilot() -> None:
    spread = seed_spread.spread_of(STUDY, from_records(records(OTHER, 60)))
    assert spread is not None and spread.deviation == pytest.approx(0.01 * 2**0.5, rel=0.2)
    assert spread.source == "1 other arm on the same data, unpaired"


@pytest.mark.parametrize("seeds", [0, 1])
def test_of_nothing_nothing_is_known(seeds: int) -> None:
    frames: Frames = from_records(records(STUDY, seeds))
    assert seed_spread.spread_of(STUDY, frames) is None
