"""Claims that mean nothing are refused, each in a line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from study.spec.checks import faults_of_new
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.frozen import read_frozen
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from tests.study.spec.test_checks import CLAIM, HEAD, LEVEL, lines

PAIR = "form: contrast, a: {arm: fast, metric: val_accuracy}, b: {arm: slow, metric: val_accuracy}, low: 0"


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("form: trajectory, arm: fast, metric: train_loss, direction: down", "direction: got 'down'; expected one of"),
        ("form: trajectory, arm: fast, metric: loss", "metric: got 'loss'; .*did you mean val_loss"),
        ("form: mechanism, arm: fast, rule: updates", "value: it is missing"),
        ("form: mechanism, arm: fast, rule: updates, value: 1.5", "value: got 1.5; expected a whole number of updates"),
        ("form: mechanism, arm: fast, rule: momentum", "rule: got 'momentum'; expected one of plateau, updates"),
        ("form: mechanism, arm: fast, rule: plateau", "arm: got 'fast'; its schedule is constant"),
        (LEVEL, "low: it says nothing without a bound"),
        (f"{LEVEL}, low: 1.0, high: 0.2", "low: got 1.0; it lies above high, 0.2"),
        (f'{LEVEL}, low: "0.5"', "low: got '0.5'; expected a number; leave the quotes out"),
        (f"{LEVEL}, low: 90 %", "low: got '90 %'; expected a number; a share of 1 is meant: 90 % is 0.9"),
        (f"{LEVEL}, low: .nan", "low: got nan .written .nan.; expected a number that is finite"),
        (f"{LEVEL}, low: true", "low: got true; expected a number"),
        (f"{LEVEL}, low: 40", "low: got 40; val_accuracy lies in 0 to 1; it is a share of 1, so 40 % is 0.4"),
        (f"{LEVEL[:-1]}, at: 50}}, low: 0.5", "quantity.at: got 50; arm fast has 4 epochs"),
        (
            "form: level, quantity: {arm: fast, metric: width, tensor: W9}, high: 0.5",
            "quantity.tensor: got 'W9'; arm fast has no such tensor; it has W1, b1, W2, b2, Z1, A1",
        ),
        (f"{PAIR}, differ: lr", "differ: got 'lr'; expected a list of names"),
        (f"{PAIR}, differ: [speed]", r"differ\[0\]: got 'speed'; there is no such knob"),
        (f'{PAIR}, ratio: "false"', "ratio: got 'false'; expected true or false; leave the quotes out"),
        (
            "form: contrast, a: {arm: fast, metric: val_accuracy}, b: {arm: slow, metric: val_loss}, low: 0",
            "b.metric: got 'val_loss'; val_accuracy and val_loss are unlike things",
        ),
        (
            'form: association, arms: [fast, slow], x: {arm: "*", metric: lr}, y: {arm: "*", metric: lr}, low: "0"',
            "low: got '0'; expected a number",
        ),
        (
            'form: association, arms: [fast, slow], x: {arm: "*", metric: lr}, y: {arm: "*", metric: val_loss}',
            "arms: got .*so few arms can decide nothing in a family of 5 places: 5 arms would do",
        ),
        (f"{LEVEL}, low: 0", "low: got 0; every value lies in 0 to 1, so it says nothing: give a bound within"),
        (f"{LEVEL}, low: 0, high: 1, share: 0.5", "low: got 0; every value lies in 0 to 1, so it says nothing"),
        (f"{LEVEL}, high: 1.0", "high: got 1.0; every value lies in 0 to 1, so it says nothing"),
        (f"{LEVEL}, low: -0.5", "low: got -0.5; val_accuracy lies in 0 to 1$"),
        (PAIR.replace("slow", "fast"), "b: it is the very number that a is: name another arm, metric or epoch"),
        (PAIR.replace("low: 0", "low: -1"), "low: got -1; every value lies in -1 to 1, so it says nothing"),
        (PAIR.replace("low: 0", "low: 0, ratio: true"), "low: got 0; every value lies in 0 and above, so it says"),
        (
            PAIR.replace("low: 0", "low: 0, high: 0.5, ratio: true"),
            "low: got 0; no such ratio is below 0, so it says nothing beside high",
        ),
        (LEVEL.replace("fast", "fats") + ", low: 0.5", "part 1: got 'fats'; there is no such arm; .*did you mean fast"),
        (
            "form: contrast, a: {arm: fast, metric: val_accuracy, reaches: 0.5}, b: {arm: slow, metric: val_accuracy, "
            "reaches: 0.5}, ratio: true, low: 0.5",
            "ratio: got true.*first epochs are compared by their difference",
        ),
        ("form: levle", "form: got 'levle'; form is one of .*did you mean level"),
        ("arm: fast", "form: it is missing"),
    ],
)
def test_a_claim_that_means_nothing(part: str, says: str, tmp_path: Path) -> None:
    (line,) = lines(tmp_path, HEAD + CLAIM.replace("{}", f"{{{part}}}"))
    assert line.startswith("line 14: claim c, part 1")
    assert re.search(says, line), line


def test_a_ratio_with_a_low_of_0_beside_a_high_is_read_where_it_is_on_record() -> None:
    a, b = (Quantity(arm=arm, metric="val_loss") for arm in ("fast", "slow"))
    claim = Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.0, high=0.5, ratio=True),))
    arms = (Arm(name="fast", change={"lr": 0.003}), Arm(name="slow", change={"lr": 0.001}))
    study = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms, claims=(claim,))
    assert [fault.at[-1] for fault in faults_of_new(study)] == ["low"]
    assert read_frozen(study.to_dict()) == study


def test_a_claim_begins_where_seeds_are_left_to_judge_it(tmp_path: Path) -> None:
    text = HEAD + CLAIM.replace("{}", f"{{{LEVEL}, low: 0.5}}") + "    from_seed: "
    (said,) = lines(tmp_path, text + "9996\n")
    assert "claim c, from_seed: got 9996; expected 0 to 9995: no seed is above 9999, and a verdict takes 5" in said
    (tmp_path / "mine.yaml").write_text(text + "9995\n")
    assert load_study(str(tmp_path / "mine.yaml")).claims[0].from_seed == 9995
