"""How far differences vary from seed to seed, from what is on record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.data.frames import Frames, from_records
from study.app import seed_spread
from study.spec.study import Arm, Study
from tests import synthetic
from tests.study.app.test_plan_power import STUDY, records
from trainables.records.trial_record import TrialRecord

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


def _uneven(of: Study, whole: int, short: int) -> list[TrialRecord]:
    """Trials of 6 epochs that vary by little at their end, and others of 2 epochs; all vary by much at epoch 2."""
    made: list[TrialRecord] = []
    for r in synthetic.records(of, range(whole + short)):
        chance = np.random.default_rng([r.config.seed, int(1e6 * r.config.lr)])
        config = r.config.replace(epochs=6 if r.config.seed < whole else 2)
        one = synthetic.changed(synthetic.record(config), 1, val_accuracy=0.4 + 0.1 * chance.standard_normal())
        if config.epochs == 6:
            one = synthetic.changed(one, 5, val_accuracy=0.8 + 0.01 * chance.standard_normal())
        made.append(one)
    return made


@pytest.mark.parametrize("of", [replace(STUDY, epochs=6), replace(OTHER, epochs=6)], ids=["pairs", "other arms"])
def test_trials_that_ended_at_different_epochs_are_not_taken_together(of: Study) -> None:
    """The table was ten times off: 10 epochs of some seeds and 30 of others stood in one spread."""
    asks = replace(STUDY, epochs=6)
    spread = seed_spread.spread_of(asks, from_records(_uneven(of, 6, 6)))
    assert spread is not None and spread.deviation < 0.03 and "after" not in spread.source
    assert spread == seed_spread.spread_of(asks, from_records(_uneven(of, 6, 0)))


def test_where_too_few_pairs_came_to_their_end_it_is_of_one_epoch_and_says_so() -> None:
    study = replace(STUDY, epochs=6)
    spread = seed_spread.spread_of(study, from_records(_uneven(study, 1, 20)))
    assert spread is not None and spread.deviation == pytest.approx(0.1 * 2**0.5, rel=0.5)
    assert spread.source.endswith(", after 2 of 6 epochs")


def test_other_arms_with_fewer_epochs_or_images_tell_nothing() -> None:
    """A plan of 30 epochs on all images had its spread from a reduced run: 10 epochs on a tenth of them."""
    asks = replace(STUDY, epochs=6)
    assert seed_spread.spread_of(asks, from_records(_uneven(replace(OTHER, epochs=6), 0, 20))) is None
    for fewer in ({"train_images": 6000}, {"held_out": 0.2}):
        small = replace(OTHER, base={**OTHER.base, **fewer})
        assert seed_spread.spread_of(STUDY, from_records(records(small, 20))) is None
        both = from_records([*records(small, 20), *records(OTHER, 60)])
        assert seed_spread.spread_of(STUDY, both) == seed_spread.spread_of(STUDY, from_records(records(OTHER, 60)))
        alike = replace(STUDY, base={**STUDY.base, **fewer})
        assert seed_spread.spread_of(alike, both) is not None


def test_another_arm_that_ran_longer_is_read_where_the_study_ends() -> None:
    spread = seed_spread.spread_of(STUDY, from_records(_uneven(OTHER, 30, 0)))
    assert spread is not None and spread.deviation == pytest.approx(0.1 * 2**0.5, rel=0.4)
