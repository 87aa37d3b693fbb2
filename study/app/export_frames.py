"""All trials and epochs of a results folder, and which arms they belong to, as files that other tools read."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.data.arms import arm_frame, asked_rows
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.output_folder import OutputFolder
from analysis.text.csv_file import guarded_csv
from study.app.reduced_trials import reduced_trials
from study.app.results_frames import configurations_frame
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StoreError


def export_frames(folder: str, kind: str, out: Path | None) -> list[Path]:
    """`trials`, `epochs` and `arms`, a file each, joined by the column `trial`; of searches `configurations` too.

    `arms` has a row an arm and seed that the report shows of it, and a trial that several arms share has a
    row under each; in `trials` the column `arms` names them all, "STUDY/ARM", with "; " between them. A trial that was
    asked of none, as those that a search chose by, has none there. `configurations` has a row for each that a search
    tried, joined with `trials` by `group`. The column `reduced` says of each what only a reduced run asked for.

    Args:
        folder: a results folder.
        kind: csv or parquet.
        out: where to write; if not given, a folder of that name within the results folder.

    Raises:
        BadInput: the results are not on this machine's disk and no `out` is given.
        StoreError: the folder holds no trials, or it cannot be written.
    """
    target, store = OutputFolder(folder, out, kind), ResultsFolder(folder)
    inputs = read_inputs(store)
    frames = inputs.frames
    if not len(frames.trials):
        raise StoreError(f"{folder}: there are no trials in it yet; `study run` makes some")
    arms = _arms(inputs)
    shared = (arms["study"] + "/" + arms["arm"]).groupby(arms["trial"]).agg("; ".join).to_dict()
    trials = frames.trials.copy()
    trials.insert(1, "arms", [shared.get(trial, "") for trial in trials["trial"]])
    trials.insert(2, "reduced", trials["trial"].isin(reduced_trials(inputs, store)))
    found = {"trials": trials, "epochs": frames.epochs, "arms": arms}
    if len(tried := configurations_frame(inputs, inputs.studies)):
        found["configurations"] = tried
    return target.write_all({f"{name}.{kind}": partial(_content, frame, kind) for name, frame in found.items()})


def _content(frame: pd.DataFrame, kind: str) -> bytes:
    if kind == "csv":
        return guarded_csv(frame).encode()
    written = io.BytesIO()
    frame.to_parquet(written, index=False)
    return written.getvalue()


def _arms(inputs: ReportInputs) -> pd.DataFrame:
    """study, arm, seed, trial, epochs (those that the arm asks for; the trial may have more), reduced."""
    studies = [inputs.studies[name] for name in sorted(inputs.studies)]
    of_studies = [
        asked_rows(arm_frame(inputs.frames, s), inputs.seeds_by_arm(s), s.name).assign(study=s.name)
        for s in studies
        if s.arms
    ]
    columns = ["study", "arm", "seed", "trial", "epochs", "reduced"]
    found = of_studies or [pd.DataFrame(columns=columns)]
    return pd.concat(found, ignore_index=True)[columns].astype({"reduced": bool})
