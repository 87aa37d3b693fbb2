"""What is called missing where no run goes on, and is still to come while one does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from analysis.data.arms import arm_frame
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Finding
from analysis.tables import overfitting as tables
from study.spec.study import Study

NONE_YET = "no finished trial"
"""What an arm without numbers has while a run goes on."""


def trials_under_way(inputs: ReportInputs, study: Study) -> Mapping[str, int]:
    """How many trials of each arm are trained now."""
    if inputs.under_way is None:
        return {}
    return {str(arm): len(of) for arm, of in arm_frame(inputs.under_way, study).groupby("arm", observed=True)}


def rows_while_training(inputs: ReportInputs, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows that call what has yet to come so, while a run goes on."""
    if not inputs.provisional:
        return rows
    said = rows[column].str.replace(tables.NO_TRIALS, NONE_YET, regex=False)
    return rows.assign(**{column: said})


def claim_while_training(block: Block) -> Block:
    """A claim that lacks trials, while they are still to come."""
    if not isinstance(block, Finding):
        return block
    if block.verdict != "missing":
        return replace(block, sentence=sentence_while_training(block.sentence))
    said = block.sentence.removeprefix("Missing").replace(" Nothing is measured yet.", "")
    return replace(block, sentence=f"Not measured yet{sentence_while_training(said)}")


def sentence_while_training(said: str) -> str:
    """What is said of arms without trials, or without that of a seed, while a run goes on.

    >>> sentence_while_training("L1 has no trials, and L2 has no trial of seed 3.")
    'L1 has no finished trial, and L2 has no finished trial of seed 3.'
    """
    said = re.sub(rf"\b(has|have) {tables.NO_TRIALS}\b", rf"\1 {NONE_YET}", said)
    return re.sub(r"\b(has|have) no trial of (?=seeds? \d)", rf"\1 {NONE_YET} of ", said)
