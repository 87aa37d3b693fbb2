"""The overview of a folder's studies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from analysis.claims.judged_part import JudgedPart
from analysis.claims.verdicts import Verdict
from analysis.data.arms import seeds_an_arm
from analysis.data.frames import from_records
from analysis.report.inputs import read_inputs
from analysis.report.overview import claims_sheet, data_line, lead, trained, unlike_data
from analysis.tables.runs import runs
from study.spec.domains import Float
from study.spec.search import Search
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord
from tests import synthetic
from tests.analysis import stores
from tests.analysis.report.test_inputs import SMALL, asked
from trainables.config.trial_config import TrialConfig
from trainables.data.facts import FASHION_MNIST


def test_seeds_are_counted_an_arm_where_arms_have_different_numbers(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], range(3))
    asked(store, "20260102T000000-a", b=(3, 4))
    stores.fill(store, synthetic.records(SMALL, (3, 4), skip=[(arm, s) for arm in "ac" for s in (3, 4)]))
    inputs = read_inputs(ResultsFolder(str(tmp_path / "r")))
    assert seeds_an_arm(inputs.frames, [SMALL], inputs.measurements.asked) == [3, 5, 3]
    assert lead(inputs, [SMALL], []).endswith("11 trials over 3 to 5 seeds.")


def test_data_have_the_name_that_people_call_them_by(tmp_path: Path) -> None:
    stores.store_of(tmp_path / "r", [SMALL], range(2))
    inputs = read_inputs(ResultsFolder(str(tmp_path / "r")))
    assert data_line(inputs) == "Study report · Fashion-MNIST"
    inputs.frames.trials["data"] = "digits"
    assert data_line(inputs) == "Study report · digits", "one's own data by their name"


@pytest.mark.parametrize(("base", "said"), [({}, True), ({"train_images": 6000}, False), ({"held_out": 0.2}, False)])
def test_the_sizes_of_the_data_are_said_where_a_search_too_takes_all_of_them(
    tmp_path: Path, base: dict[str, float], said: bool
) -> None:
    search = Search(space={"lr": Float(low=1e-4, high=1.0)}, trials=4)
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=3, search=search, base=base)
    store = ResultsFolder(tmp_path / "r", create=True)
    store.studies.freeze(study)
    store.write(synthetic.record(TrialConfig(epochs=3).replace(**base)))
    inputs = read_inputs(store)
    data = dataclasses.replace(FASHION_MNIST, checksum=synthetic.CHECKSUM)
    inputs = dataclasses.replace(inputs, runs=(RunRecord(studies=("s",), seeds=(0,), data=data),))
    assert trained(inputs, []).startswith("60,000 training and 10,000 validation examples. ") is said


def test_a_table_over_studies_of_different_data_of_one_name_says_so() -> None:
    other = dataclasses.replace(SMALL, name="other", base={**SMALL.base, "l1": 0.5})
    frames = from_records([r for study in (SMALL, other) for r in synthetic.records(study, (0, 1))])
    table = pd.concat([runs([study], frames) for study in (SMALL, other)])
    assert unlike_data(frames, table) == []
    frames.trials.loc[
        frames.trials["trial"].isin(set(table.loc[table["study"] == "other", "trial"])), "data_checksum"
    ] = "9"
    (said,) = unlike_data(frames, table)
    assert (
        said
        == f"Rows of {SMALL.name} and rows of other are of different data called fashion-mnist: do not compare them."
    )


def test_two_claims_of_one_id_are_told_apart() -> None:
    verdict = Verdict("p", "c", "s.", "missing", (JudgedPart("w", "c", "missing"),), 0)
    other, under = dataclasses.replace(verdict, study="q"), dataclasses.replace(verdict, id="c_1")
    rows = claims_sheet([verdict, other, under]).rows
    assert [row[0].text for row in rows] == ["p/c", "q/c", "c_1"]
