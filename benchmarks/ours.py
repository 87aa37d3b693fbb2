"""Our side of the comparisons with peers, in the same manner: `python -m benchmarks.ours trial|small|empty`."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import work


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("trial", "small", "empty"))
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the one trial")
    parser.add_argument("--trials", type=int, default=500)
    asked = parser.parse_args()
    if asked.task == "trial":
        values = trial(work.work("trial", asked.part, asked.seed))
    else:
        values = study(asked.task, asked.part, asked.trials)
    print(json.dumps(values), flush=True)


def trial(given: work.Work) -> dict[str, float]:
    """One trial as a worker runs it, record and all, in this process."""
    from study.storage.results_folder import ResultsFolder
    from trainables.config.trial_config import TrialConfig
    from trainables.data.sources import load_data_set
    from trainables.jobs.job import Job, JobOptions
    from trainables.jobs.job_runner import JobRunner

    one = next(given.trials())
    data = load_data_set("fashion-mnist")
    images = None if given.images >= 60_000 else given.images
    config = TrialConfig(
        optimizer=one["optimizer"], lr=one["lr"], hidden=(one["hidden"],), train_images=images, epochs=given.epochs
    )
    with tempfile.TemporaryDirectory() as folder:
        sink = ResultsFolder(folder, create=True)
        wall, processor = time.monotonic(), time.process_time()
        run = JobRunner(Job(config, (one["seed"],)), data, sink, JobOptions())
        while not run.over:
            means = run.epoch()
        return {
            "accuracy": means["val_accuracy"],
            "wall": time.monotonic() - wall,
            "processor": time.process_time() - processor,
        }


def study(task: str, part: int, trials: int) -> dict[str, float]:
    """A whole `study run` into an empty results folder."""
    from study.cli import main as cli
    from study.storage.results_folder import ResultsFolder

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if task == "small":
            given = work.work("small", part)
            path, seeds = work.study_file(given, folder), given.seeds
        else:
            path, seeds = work.empty_study(folder), trials
        results = str(folder / "results")
        sys.argv = ["study", "run", str(path), "--seeds", str(seeds), "--results", results, "--data-dir", str(folder)]
        if task == "small":
            sys.argv = sys.argv[:-2]
        with contextlib.redirect_stdout(sys.stderr):
            try:
                cli.main()
            except SystemExit as end:
                if end.code:
                    raise
        scores = [r.epochs["val_accuracy"][-1] for r in ResultsFolder(results).trials.records()]
    return {"accuracy": sum(scores) / len(scores), "trials": len(scores)}


if __name__ == "__main__":
    main()
