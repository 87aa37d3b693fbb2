"""A data file whose test part was changed: no number is made of both parts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.report.judge_folder import judge_folder
from study.app import run_studies
from study.app.plan_studies import PlanRequest
from study.app.run_studies import RunOptions
from study.app.run_view import RunView
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm, Family, Study
from study.spec.study_file import StudySource
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.tested_parts import own_test_parts
from tests import synthetic
from tests.analysis.data.test_load import rewritten
from tests.study import own
from trainables.config.errors import BadInput, StoreError
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test

TESTED = Quantity(arm="a", metric="test_accuracy")
STUDY = Study(
    name="s", title="t", question="q", knobs=("lr",), epochs=2, family=Family(name="f", places=1),
    arms=(Arm(name="a"),), base={"data": "grains", "hidden": (4,)},
    claims=(Claim(id="c", statement="s.", parts=(Level(quantity=TESTED, low=0.1),)),),
)  # fmt: skip


def files(folder: Path, labels_by: int) -> Path:
    """Data with a test part, whose labels are moved on by so many."""
    own.data(folder, "grains", 60, 20)
    arrays = dict(np.load(folder / "grains.npz"))
    arrays |= {
        "test_images": arrays["val_images"],
        "test_labels": np.roll(arrays["val_labels"], labels_by),
    }
    np.savez(folder / "grains.npz", **arrays)
    return folder


def train(data: Path, results: Path, seeds: Sequence[int]) -> None:
    asked = PlanRequest(("s",), results=str(results), data_dir=data, arm_seeds={"s/a": seeds})
    run_studies.run(asked, RunOptions(cpus=1, executor="inline"), RunView(quiet=True), {"s": StudySource(STUDY)})


def folder(where: Path, part: str, seeds: Sequence[int], *, gathered: bool) -> str:
    """A results folder whose trials were measured on a test part."""
    store = ResultsFolder(where, create=True)
    store.studies.freeze(STUDY)
    for number, one in enumerate(synthetic.records(STUDY, seeds)):
        tested = one.epochs.replace(
            test_loss=(math.nan, 1.0), test_accuracy=(math.nan, 0.5 + 0.01 * number),
        )  # fmt: skip
        store.write(
            dataclasses.replace(one, format=2, epochs=tested, measured_by={**sources(), **sources_of_test(part)})
        )
    if gathered:
        store.trials.gather()
    return str(where)


def test_a_run_over_another_test_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    train(files(tmp_path / "one", 0), tmp_path / "r", [0, 1])
    (parts,) = own_test_parts(ResultsFolder(tmp_path / "r").trials).values()
    with pytest.raises(
        BadInput, match=f"the test part in .*/two/grains.npz .*is another.*{next(iter(parts))[:12]}.*--results .*/r-2"
    ):
        train(files(tmp_path / "two", 7), tmp_path / "r", [2])
    train(tmp_path / "one", tmp_path / "r", [2])


@pytest.mark.parametrize("gathered", [False, True], ids=["loose", "gathered"])
def test_two_folders_of_other_test_parts_are_not_merged(tmp_path: Path, *, gathered: bool) -> None:
    a = folder(tmp_path / "a", "p" * 64, range(5), gathered=gathered)
    b = folder(tmp_path / "b", "q" * 64, range(5, 9), gathered=gathered)
    with pytest.raises(BadInput, match=f"grains.*another in {b} than in {a}.*nothing was merged"):
        Merge(a, b).write(str(tmp_path / "c"))
    assert not (tmp_path / "c").exists()
    Merge(a, folder(tmp_path / "d", "p" * 64, range(5, 9), gathered=gathered)).write(str(tmp_path / "c"))


@pytest.mark.parametrize("gathered", [False, True], ids=["loose", "gathered"])
def test_seeds_of_two_test_parts_are_not_judged_together(tmp_path: Path, *, gathered: bool) -> None:
    a = folder(tmp_path / "a", "p" * 64, range(9), gathered=gathered)
    (before,) = judge_folder(a).verdicts
    assert before.verdict == "supported"
    folder(Path(a), "q" * 64, [9], gathered=gathered)
    (found,) = judge_folder(a).verdicts
    assert (found.verdict, "different test parts" in found.reason) == ("not-judged", True)


def test_a_column_that_is_no_json_is_named(tmp_path: Path) -> None:
    store = ResultsFolder(folder(tmp_path / "a", "p" * 64, range(2), gathered=True))

    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["measured_by"] = "[]"

    name = rewritten(store, tmp_path / "a", spoil, "measured_by")
    with pytest.raises(StoreError, match=name):
        own_test_parts(store.trials)
