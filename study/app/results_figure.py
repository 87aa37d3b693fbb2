"""A figure of one study from what is on record of it."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pandas as pd

from analysis.claims.verdicts import judge
from analysis.data.arms import arm_epochs, arm_tensors, asked_rows
from analysis.data.read_on_demand import with_tensors
from analysis.figures.named_figure import NamedFigure
from analysis.figures.study_figures import MAKERS, for_study
from analysis.report.claimed_side import with_claimed
from analysis.report.inputs import ReportInputs
from study.app.results_frames import effects_frame
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of

KINDS = (*MAKERS, "effects")


def known_kind(kind: str) -> None:
    """Refuse a figure that there is not."""
    if kind not in KINDS:
        raise BadInput("plot", kind, expected_one_of(kind, KINDS))


def figure_of(inputs: ReportInputs, store: ResultsFolder, study: Study, kind: str) -> NamedFigure:
    """The first of the report's figures of a kind: over the seeds that are shown; effects on validation accuracy."""
    frames, asked = inputs.frames, inputs.seeds_by_arm(study)
    epochs = asked_rows(arm_epochs(frames, study), asked, study.name)
    if kind in ("parameters", "activations"):
        frames = with_tensors(inputs.loaded, store, set(epochs["trial"])).frames
    tensors = asked_rows(arm_tensors(frames, study), asked, study.name)
    drawn = dataclasses.replace(study, figures=() if kind == "effects" else (cast(Any, kind),))
    effect = _effects(inputs, study) if kind == "effects" else None
    found = for_study(drawn, epochs, tensors, effect)
    if not found:
        raise BadInput("plot", kind, "there is nothing to draw: no arm has a trial to compare")
    return found[0]


def _effects(inputs: ReportInputs, study: Study) -> pd.DataFrame:
    """Every arm's change in validation accuracy, with what is claimed of it."""
    changes = effects_frame(inputs, {study.name: study}, "val_accuracy")
    return with_claimed(study, judge(study, inputs.frames, inputs.studies, inputs.grounds(study.name)), changes)
