"""A figure of one study from what is on record of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from analysis.data.arms import arm_epochs, arm_tensors
from analysis.data.read_on_demand import with_tensors
from analysis.figures.study_figures import MAKERS, for_study
from analysis.report.inputs import ReportInputs
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput
from trainables.config.nearest import did_you_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (*MAKERS, "effects")


def known_kind(kind: str) -> None:
    """Refuse a figure that there is not."""
    if kind not in KINDS:
        raise BadInput("plot", kind, "expected one of " + ", ".join(KINDS) + did_you_mean(kind, KINDS))


def figure_of(
    inputs: ReportInputs, store: ResultsFolder, study: Study, kind: str, effect: pd.DataFrame | None
) -> Figure:
    """The first figure of a kind; `effect`: what `effects` draws."""
    frames = inputs.frames
    epochs = arm_epochs(frames, study)
    if kind in ("parameters", "activations"):
        frames = with_tensors(inputs.loaded, store, set(epochs["trial"])).frames
    asked = dataclasses.replace(study, figures=() if kind == "effects" else (cast(Any, kind),))
    found = for_study(asked, epochs, arm_tensors(frames, study), effect)
    if not found:
        raise BadInput("plot", kind, "there is nothing to draw: no arm has a trial to compare")
    return found[0].figure
