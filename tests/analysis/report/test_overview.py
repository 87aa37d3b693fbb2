"""The overview of a folder's studies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from analysis.claims.queries import Remarks
from analysis.claims.verdicts import judge
from analysis.data.arms import seeds_an_arm
from analysis.data.frames import from_records
from analysis.report.chart_blocks import Surprises
from analysis.report.inputs import read_inputs
from analysis.report.overview import data_line, lead, surprises, unlike_data
from analysis.report.page_tree import Finding
from analysis.report.verdict_section import findings
from analysis.tables.runs import runs
from study.spec.claims import Claim, Contrast, Quantity
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis import stores
from tests.analysis.report.test_headline import STUDY
from tests.analysis.report.test_inputs import SMALL, asked


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


def test_what_surprised_leads_to_the_trials_of_the_claim_that_is_refuted() -> None:
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    claim = Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.9),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    verdicts = judge(study, from_records(synthetic.records(study, tuple(range(12)))), {study.name: study})
    (section,) = surprises((), verdicts)
    (shown,) = section.blocks
    assert isinstance(shown, Surprises)
    (found,) = findings(study, verdicts, lambda *_: Remarks())
    (surprise,) = shown.items
    assert isinstance(found, Finding) and surprise.trials == f"{found.anchor}-trials" and verdicts[0].trials
    ((number, place),) = surprise.numbers
    assert number in surprise.text and number.endswith("points") and place == surprise.trials


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
