"""The demo leaves out what takes much longer than the rest, and asks the same when it is started again."""

from __future__ import annotations

from pathlib import Path

from study.app.demo_plan import without_long_arms
from study.app.plan_studies import PlanRequest
from study.cli.demo_command import write_digits
from tests.study.cli.test_main import study

STUDY = """\
name: rates
title: Rates
question: Which rate?
knobs: [lr]
epochs: 2
base: {data: digits}
arms:
  - {name: low, change: {lr: 0.01}}
  - {name: middle, change: {lr: 0.03}}
  - {name: high, change: {lr: 0.1}}
  - {name: long, change: {lr: 0.3}, epochs: 40}
"""


def request(folder: Path, text: str = STUDY) -> PlanRequest:
    write_digits(folder)
    file = folder / "rates.yaml"
    file.write_text(text)
    return PlanRequest((str(file),), 3, results=str(folder / "results"), data_dir=folder)


def test_an_arm_that_takes_much_longer_is_left_out(tmp_path: Path) -> None:
    asked, left_out = without_long_arms(request(tmp_path))
    assert left_out == ("rates/long",)
    assert asked.arm_seeds == {f"rates/{arm}": (0, 1, 2) for arm in ("low", "middle", "high")}


def test_it_is_left_out_when_the_others_are_on_record(tmp_path: Path) -> None:
    asked = request(tmp_path, STUDY.replace("  - {name: long, change: {lr: 0.3}, epochs: 40}\n", ""))
    assert study("run", *asked.names, "--seeds", "3", "--results", asked.results, "--data-dir", str(tmp_path)) == 0
    assert without_long_arms(request(tmp_path))[1] == ("rates/long",)


def test_arms_of_like_length_are_all_asked(tmp_path: Path) -> None:
    asked = request(tmp_path, STUDY.replace(", epochs: 40", ""))
    assert without_long_arms(asked) == (asked, ())


def test_of_two_arms_none_is_left_out(tmp_path: Path) -> None:
    lines = [line for line in STUDY.splitlines(keepends=True) if "name: low" not in line and "name: middle" not in line]
    asked = request(tmp_path, "".join(lines))
    assert without_long_arms(asked) == (asked, ())
