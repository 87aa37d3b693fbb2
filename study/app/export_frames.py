"""All trials and epochs of a results folder as files that other tools read."""

from __future__ import annotations

from pathlib import Path

from analysis.data.load import load
from analysis.text.csv_file import guarded_csv
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StoreError


def export_frames(folder: str, kind: str, out: Path | None) -> list[Path]:
    """`trials` and `epochs`, a file each, joined by the column `trial`.

    Args:
        folder: a results folder.
        kind: csv or parquet.
        out: where to write; if not given, a folder of that name within the results folder.

    Raises:
        BadInput: the results are not on this machine's disk and no `out` is given.
        StoreError: the folder holds no trials, or it cannot be written.
    """
    if out is None and "://" in folder:
        raise BadInput("--out", None, f"name a folder on this machine: the results are at {folder}")
    target = out if out is not None else Path(folder) / kind
    frames = load(ResultsFolder(folder)).frames
    if not len(frames.trials):
        raise StoreError(f"{folder}: there are no trials in it yet; `study run` makes some")
    paths = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, frame in (("trials", frames.trials), ("epochs", frames.epochs)):
            path = target / f"{name}.{kind}"
            if kind == "csv":
                path.write_text(guarded_csv(frame), encoding="utf-8", newline="")
            else:
                frame.to_parquet(path, index=False)
            paths.append(path)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}") from None
    return paths
