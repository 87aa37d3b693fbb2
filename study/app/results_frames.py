"""What is on record of studies as tidy frames: trials, curves, changes against the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.data.arms import arm_epochs, arm_frame, asked_rows
from analysis.report.inputs import ReportInputs
from analysis.tables.effects import EFFECT_COLUMNS, effects
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of
from trainables.records.metrics import METRICS

CURVE_COLUMNS = ("study", "arm", "seed", "epoch", "value", "role")


def trials_frame(inputs: ReportInputs, studies: Mapping[str, Study]) -> pd.DataFrame:
    """One row a study, arm and seed; see `study.app.api.Results.trials`."""
    parts = {n: asked_rows(arm_frame(inputs.frames, s), inputs.seeds_by_arm(s), n) for n, s in studies.items()}
    found = [part for part in parts.values() if len(part)]
    frame = pd.concat(found or list(parts.values()) or [pd.DataFrame()], ignore_index=True)
    frame.insert(0, "study", [name for name, part in parts.items() for _ in range(len(part))])
    return frame


def curves_frame(inputs: ReportInputs, studies: Mapping[str, Study], metric: str) -> pd.DataFrame:
    """A metric by epoch, a row a study, arm, seed and epoch; see `study.app.api.Results.curves`."""
    parts = []
    for name, study in studies.items():
        if not study.arms:
            continue
        rows = asked_rows(arm_epochs(inputs.frames, study), inputs.seeds_by_arm(study), name)
        known = [c for c in rows.columns if c in METRICS]
        if metric not in known:
            raise BadInput("metric", metric, expected_one_of(metric, known))
        roles = ["baseline" if a == study.baseline else "arm" for a in rows["arm"]]
        parts.append(
            pd.DataFrame({"study": name, "arm": rows["arm"].astype(str), "seed": rows["seed"],
                          "epoch": rows["epoch"], "value": rows[metric], "role": roles})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CURVE_COLUMNS))


def effects_frame(inputs: ReportInputs, studies: Mapping[str, Study], metric: str | None) -> pd.DataFrame:
    """Every arm against its baseline; see `study.app.api.Results.effects`."""
    if metric is not None and not (isinstance(metric, str) and metric in METRICS):
        raise BadInput("metric", metric, expected_one_of(metric, METRICS))
    more: dict[str, Any] = {} if metric is None else {"metrics": (metric,)}
    compared = [s for s in studies.values() if len(s.arms) > 1]
    parts = [p for s in compared if len(p := effects(s, inputs.frames, inputs.seeds_by_arm(s), **more))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(EFFECT_COLUMNS))
