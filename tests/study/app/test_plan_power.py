"""What so many seeds would decide, from what is on record of the spread."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from analysis.data.frames import from_records
from study.app import plan_power, seed_spread
from study.app.plan_clock import PlanClock
from study.app.plan_studies import existing_folder
from study.planning import plan as plans
from study.planning.protocol import Protocol
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.stores import fill
from trainables.records.trial_record import TrialRecord

ARMS = (Arm(name="a"), Arm(name="b", change={"lr": 0.01}))
STUDY = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=ARMS)
TIMED = plan_power.PlanTimes(lambda plan: plan, lambda total, _: total)


def records(study: Study, seeds: int, spread: float = 0.01) -> list[TrialRecord]:
    chance = np.random.default_rng(2)
    return [
        synthetic.changed(r, -1, val_accuracy=0.8 + spread * chance.standard_normal())
        for r in synthetic.records(study, range(seeds))
    ]


def found(results: Path, seeds: int = 5, wanted: float | None = None) -> plan_power.StudyPower:
    plan = plans.plan_trials([STUDY], Protocol(tuple(range(seeds))), synthetic.CHECKSUM, {}, synthetic.FASHION)
    store = existing_folder(str(results))
    (power,) = plan_power.study_powers(plan, synthetic.CHECKSUM, {}, store, TIMED, wanted)
    return power


def test_without_a_record_it_says_so_and_speaks_in_deviations(tmp_path: Path) -> None:
    power = found(tmp_path / "none", seeds=3, wanted=0.01)
    said = "\n".join(plan_power.power_lines([power]))
    assert "how far seeds vary is not known yet" in said and " SD " in said and "difference" in said
    assert "a verdict takes at least 5 seeds" in said and "1 point: unknown" in said
    assert power.choices[1].deviations is not None
    least = f"{power.choices[1].deviations * 0.5:.2g}"
    assert f"if the SD is 0.5 points, 5 seeds find {least} points or more" in said
    assert [c.seeds for c in power.choices] == [3, 5, 10, 20, 40]


def test_seeds_that_all_give_one_number_are_on_record_and_tell_of_no_spread(tmp_path: Path) -> None:
    fill(ResultsFolder(tmp_path, create=True), records(STUDY, 5, spread=0.0))
    said = "\n".join(plan_power.power_lines([found(tmp_path, wanted=0.01)]))
    assert "how far seeds vary is not known yet: those of an arm give one number" in said
    assert "1 point: unknown, until two seeds of some arm differ" in said and "no arm has two" not in said


def test_what_all_studies_share_is_said_once_and_without_records_it_is_words(tmp_path: Path) -> None:
    """Twelve lines were the same; "seeds for a difference of 0.5 SD over 80, 1 SD 22, 2 SD 8" was pairs of numbers."""
    one = found(tmp_path)
    said = "\n".join(plan_power.power_lines([one]))
    assert re.search(r"^  more than 80 seeds find 0.5 SD, \d+ find 1 SD, \d+ find 2 SD, \d+ find 3 SD$", said, re.M)
    several = plan_power.power_lines([dataclasses.replace(one, study=name) for name in ("a", "b", "c")])
    assert len(several) == 2 and several[1].startswith("  each of 3 studies: 5 seeds find a difference of ")


def test_arms_whose_seeds_vary_unlike_each_other_are_not_spoken_of_as_one(tmp_path: Path) -> None:
    arms = (*ARMS, Arm(name="c", change={"lr": 0.02}))
    study = dataclasses.replace(STUDY, arms=arms, baseline="a")
    chance = np.random.default_rng(4)
    made: list[TrialRecord] = []
    for r in synthetic.records(study, range(20)):
        wide = {0.01: 0.01, 0.02: 0.1}.get(r.config.lr, 0.0)
        made.append(synthetic.changed(r, -1, val_accuracy=0.5 + wide * chance.standard_normal()))
    spread = seed_spread.spread_of(study, from_records(made))
    assert spread is not None and len(spread.by_arm) == 2
    assert spread.by_arm[0] == pytest.approx(0.01, rel=0.4) and spread.by_arm[1] == pytest.approx(0.1, rel=0.4)
    (said,) = plan_power._unlike(spread)
    assert said.startswith("  arms vary unlike each other, by ") and "`study decide` gives each claim" in said
    assert plan_power._unlike(dataclasses.replace(spread, by_arm=(0.01, 0.019))) == []


def test_a_wanted_difference_has_its_seeds_and_every_choice_its_cost(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    fill(store, records(STUDY, 5))
    power = found(tmp_path / "r", wanted=0.05)
    least = [c.deviations or 0.0 for c in power.choices]
    assert least == sorted(least, reverse=True) and power.needed is not None
    costs = [c.seconds for c in power.choices]
    assert costs == sorted(costs) and costs[1] == pytest.approx(2 * costs[0])
    said = plan_power.power_lines([power])
    assert f"5 points: {power.needed.seeds} seeds" in "\n".join(said)
    assert said[1].split() == ["seeds", "accuracy", "gap", "train", "time"]
    assert [line.split()[0] for line in said[2:6]] == ["5", "10", "20", "40"] and "10 trials" in said[2]
    assert power.gap is not None and "points" in said[2] and "points" not in said[3], "the unit is said once"
    assert [c.trials for c in power.choices] == [10, 20, 40, 80]
    assert found(tmp_path / "r", wanted=0.0001).needed is None
    assert json.loads(json.dumps(plan_power.power_json([power])))[0]["choices"][0]["difference"] > 0.0


def test_what_is_on_record_costs_nothing_and_a_shorter_trial_counts_whole(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    fill(store, records(STUDY, 5))
    held = store.trials.on_record()
    plan = plans.plan_trials([STUDY], Protocol(tuple(range(5))), synthetic.CHECKSUM, held, synthetic.FASHION)
    (power,) = plan_power.study_powers(plan, synthetic.CHECKSUM, held, store, TIMED)
    for choice in power.choices:
        seeds = Protocol(tuple(range(choice.seeds)))
        whole = plans.plan_trials([STUDY], seeds, synthetic.CHECKSUM, held, synthetic.FASHION)
        assert choice.seconds == pytest.approx(whole.seconds_to_train)
    assert power.choices[0].seconds == 0 < power.choices[1].seconds
    longer = dataclasses.replace(STUDY, epochs=3)
    plan = plans.plan_trials([longer], Protocol((0,)), synthetic.CHECKSUM, held, synthetic.FASHION)
    (power,) = plan_power.study_powers(plan, synthetic.CHECKSUM, held, store, TIMED)
    assert power.choices[0].seconds == pytest.approx(plan.seconds_to_train) and plan.seconds_to_train > 0


def test_where_the_pace_is_not_known_every_time_is_a_range_as_in_the_head(tmp_path: Path) -> None:
    plan = plans.plan_trials([STUDY], Protocol(tuple(range(5))), synthetic.CHECKSUM, {}, synthetic.FASHION)
    clock = PlanClock.of(plan, 1, None, "inline")
    timed = plan_power.PlanTimes(lambda plan: plan, clock.seconds, clock.ends)
    (power,) = plan_power.study_powers(plan, synthetic.CHECKSUM, {}, None, timed)
    said = plan_power.power_lines([power])
    assert said[2].startswith("      5  ") and said[2].endswith(clock.words(plan)) and " to " in clock.words(plan)
    assert all(" to " in line for line in said[2:6])
    as_json = json.loads(json.dumps(plan_power.power_json([power])))[0]["choices"][0]
    assert (as_json["seconds_low"], as_json["seconds_high"]) == pytest.approx(clock.span(plan))
    assert as_json["seconds_low"] < as_json["seconds"] < as_json["seconds_high"]
    known = found(tmp_path / "none").choices[0]
    assert known.span is None and " to " not in known.time


def test_no_difference_is_promised_that_two_accuracies_cannot_have(tmp_path: Path) -> None:
    wide = seed_spread.Spread(0.5, "measured")
    choices = tuple(plan_power.SeedChoice(n, d, 1.0, n) for n, d in ((2, None), (5, 2.7), (10, 1.6)))
    assert plan_power._differences(choices, wide) == ["-", "none", "80.0 points"]
    assert plan_power._differences(choices, None) == ["-", "2.7 SD", "1.6"]
    power = dataclasses.replace(found(tmp_path), spread=wide)
    assert "no difference that accuracies can have" in plan_power._least(power, choices[1])
    assert "80 points or more" in plan_power._least(power, choices[2])
