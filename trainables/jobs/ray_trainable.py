"""The `ray.tune.Trainable`, thin over `job`: Ray starts it, asks it for results and stops it; it knows nothing else.

Ray's own checkpoints are not used: a job looks into the results folder for what an earlier attempt left and goes on
from there, so that a restarted actor, a restarted driver and another machine are one case. torch is imported by the
worker only, so that a driver starts quickly.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ray import tune

from trainables.config.errors import BadInput, DataError, StorageRefused, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.jobs.job import NEVER, Job, JobOptions, RecordSink
from trainables.records.mean_curves import mean_curves

if TYPE_CHECKING:
    from trainables.jobs.job_runner import JobRunner


class StudyTrainable(tune.Trainable):
    """One job of a plan (`{"job": number}`), or a segment of a configuration that a searcher proposes.

    A segment is `{"knobs": {..., "seeds": [...]}, "until": epoch}`: it ends after that epoch, or where a replicate
    diverges, with records marked `stopped` and checkpoints kept, so that a later segment goes on from there.
    """

    def setup(
        self,
        config: dict[str, Any],
        data: DataSet | None = None,
        jobs: tuple[Job, ...] = (),
        sink: RecordSink | None = None,
        options: JobOptions | None = None,
        report_seconds: float = 1.0,
    ) -> None:
        """Called by Ray; `tune.with_parameters` adds all but `config`, through the object store."""
        assert data is not None and sink is not None and options is not None
        self._shared = (data, jobs, sink, options)
        self._report_seconds = report_seconds
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next job in the same process; nothing is left of the last one.

        It begins with the first step: the driver watches over steps, and reading what was saved may hang or fail too.
        """
        self.__dict__.pop("_run", None)
        self._refused = ""
        self._next: dict[str, Any] | None = new_config
        return True

    def _begin(self, config: Mapping[str, Any]) -> None:
        from trainables.jobs.job_runner import JobRunner

        data, jobs, sink, options = self._shared
        job = jobs[config["job"]] if "job" in config else job_of(config["knobs"])
        self._until: int | None = config.get("until")
        self._run: JobRunner = JobRunner(job, data, sink, options)

    def step(self) -> dict[str, Any]:
        """Some epochs: one, or as many cheap ones as fit into the report interval.

        Where the results folder takes nothing more, the run as a whole has to end: `refused` says why. What can never
        be trained is not tried again: `failed` says why.
        """
        try:
            if self._next is not None:
                self._begin(self._next)
                self._next = None
            return self._step()
        except StorageRefused as error:
            self._refused = str(error)
            return {"done": True, "refused": self._refused}
        except (BadInput, DataError) as error:
            return {"done": True, "failed": f"{NEVER}{error}"}

    def _step(self) -> dict[str, Any]:
        until = time.monotonic() + self._report_seconds
        result: dict[str, Any] = self._run.means()
        while not self._ended():
            result = dict(self._run.epoch())
            if time.monotonic() >= until:
                break
        if self._until is not None and self._ended():
            result |= self._end_segment(self._until)
        return {**result, "done": self._ended(), "pid": os.getpid()}

    def _ended(self) -> bool:
        if self._until is None:
            return self._run.over
        return self._run.over or self._run.diverged or self._run.epochs_by_all >= self._until

    def _end_segment(self, until: int) -> dict[str, Any]:
        if not self._run.over:
            self._run.stop(
                message="another seed diverged" if self._run.diverged else f"paused by the search at epoch {until}"
            )
        return {"curves": mean_curves(self._run.history(), until), "diverged": self._run.diverged}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Ray asks for this when it pauses a trial; the state goes to the results folder."""
        self._save()

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing to do: `setup` has gone on from the results folder already."""

    def _save(self) -> None:
        run = self.__dict__.get("_run")
        if run is not None and not run.over and not self._refused:
            run.checkpoint()

    def cleanup(self) -> None:
        """Save what is under way, for whoever goes on, and let go of the arrays."""
        with contextlib.suppress(StudyError):
            self._save()
        self.__dict__.pop("_run", None)


def job_of(knobs: Mapping[str, Any]) -> Job:
    """The job of a searcher's proposal: all knobs, with `seeds` instead of `seed`."""
    values = dict(knobs)
    seeds = tuple(int(s) for s in values.pop("seeds"))
    config = TrialConfig.from_dict({**values, "seed": seeds[0]})
    return Job(config, seeds, stacked=config.device == "cuda" and len(seeds) > 1)
