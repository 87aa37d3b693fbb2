"""What is on record of studies as tidy frames: trials, curves, changes against the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.data.arms import arm_epochs, arm_frame, asked_rows
from analysis.report.inputs import ReportInputs
from analysis.searches.proposal_frames import distinct
from analysis.searches.retrained import raced_means
from analysis.tables.effects import EFFECT_COLUMNS, effects
from study.spec.study import Study
from study.storage.search_events import Proposal
from study.storage.search_log import SearchPart, current_parts
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of
from trainables.records.metrics import METRICS

CONFIGURATION_COLUMNS = (
    "search", "part", "number", "value", "second", "objective", "seeds", "epochs", "ended", "tried_by", "reduced",
    "group",
)  # fmt: skip
VALUES = ("value", "second")
"""What the objectives are in a frame."""
ENDED = {"whole": "finished", "paused": "stopped"}
"""How a configuration ended, where the word is another than in a search's log."""
CURVE_COLUMNS = ("study", "arm", "seed", "epoch", "value", "role", "reduced")


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
            pd.DataFrame({"study": name, "arm": rows["arm"].astype(str), "seed": rows["seed"], "epoch": rows["epoch"],
                          "value": rows[metric], "role": roles, "reduced": _reduced(study, rows)})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CURVE_COLUMNS))


def effects_frame(inputs: ReportInputs, studies: Mapping[str, Study], metric: str | None) -> pd.DataFrame:
    """Every arm against its baseline; see `study.app.api.Results.effects`."""
    if metric is not None and not (isinstance(metric, str) and metric in METRICS):
        raise BadInput("metric", metric, expected_one_of(metric, METRICS))
    more: dict[str, Any] = {} if metric is None else {"metrics": (metric,)}
    compared = [s for s in studies.values() if len(s.arms) > 1]
    found = ((s, effects(s, inputs.frames, inputs.paired(s), **more)) for s in compared)
    parts = [rows.assign(reduced=_reduced(s, rows)) for s, rows in found if len(rows)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*EFFECT_COLUMNS, "reduced"])


def _reduced(study: Study, rows: pd.DataFrame) -> list[bool]:
    """Of each row whether its arm ran fewer epochs or images than its study declares."""
    return [study.is_reduced(str(arm)) for arm in rows["arm"]]


def configurations_frame(inputs: ReportInputs, studies: Mapping[str, Study]) -> pd.DataFrame:
    """What searches tried, a row a configuration; see `study.app.api.Results.configurations`."""
    rows, knobs = list[dict[str, Any]](), dict[str, None]()
    for study in studies.values():
        for part in current_parts(inputs.searches, study)[0]:
            raced = raced_means(part, inputs.answers.get(study.name), inputs.frames)
            for tried in distinct(part):
                seeds, means = raced.get(tried.number, (0, ()))
                seeds, values = (seeds, means) if means else (part.search.seeds, tried.values(part.search.objectives))
                point = {name: _cell(value) for name, value in tried.point.knobs.values}
                knobs |= dict.fromkeys(point)
                rows.append(
                    {
                        "search": study.name, "part": part.label, "number": tried.number,
                        **dict(zip(VALUES, values, strict=False)), "objective": ", ".join(part.search.objectives),
                        "seeds": seeds, "epochs": tried.epochs, "ended": ENDED.get(tried.state, tried.state),
                        "tried_by": tried.by, "reduced": bool(study.reduced), "group": _group(part, tried), **point,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows, columns=[*CONFIGURATION_COLUMNS, *knobs]).astype(dict.fromkeys(VALUES, float))


def _cell(value: Any) -> Any:
    """A knob as a frame has it."""
    return "+".join(map(str, value)) if isinstance(value, tuple) else value


def _group(part: SearchPart, tried: Proposal) -> str:
    """The name that its trials share in the column `group`; none where no trial of today can have its knobs."""
    try:
        return part.shared.config(tried.point).group(part.data)
    except BadInput:  # an earlier version took it
        return ""
