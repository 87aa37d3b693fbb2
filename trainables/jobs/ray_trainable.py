"""The `ray.tune.Trainable`, thin over `job_steps`: Ray starts it, asks it for results, stops it; it knows nothing else.

Ray's own checkpoints are not used: a job looks into the results folder for what an earlier attempt left and goes on
from there, so that a restarted actor, a restarted driver and another machine are one case. torch is imported by the
worker only, so that a driver starts quickly.
"""

from __future__ import annotations

import os
from typing import Any

from ray import tune

from trainables.data.dataset import DataSet
from trainables.jobs.job import Job, JobOptions, RecordSink, StepReport
from trainables.jobs.job_steps import JobSteps, import_training

REPORT = "report"
"""The key of a `StepReport` in a result of Ray's."""


def report_of(result: dict[str, Any] | None) -> StepReport:
    """What a worker said last, by Ray's result; where it said nothing, that it is not done."""
    if foreign := (result or {}).get("foreign"):  # see `study.planning.imports.with_source_check`
        return StepReport(done=True, refused=str(foreign), foreign=True)
    report = (result or {}).get(REPORT)
    return report if isinstance(report, StepReport) else StepReport(done=False)


class StudyTrainable(tune.Trainable):
    """One job of a plan (`{"number": n}`), or a segment of one of a search (with `job` and `until` besides)."""

    steps: type[JobSteps] = JobSteps

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
        self._jobs, self._shared = jobs, (data, sink, options, report_seconds)
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next job in the same process; nothing is left of the last one.

        It begins with the first step: the driver watches over steps, and reading what was saved may hang or fail too.
        """
        job = new_config["job"] if "job" in new_config else self._jobs[new_config["number"]]
        self._steps: JobSteps = self.steps(job, new_config.get("until"), *self._shared)
        return True

    def step(self) -> dict[str, Any]:
        """See `JobSteps.step`; the first step of a process is the import: so the driver knows that it has not begun.

        The next one is one epoch: somebody waits for the first number.
        """
        if import_training():
            self._steps.waited_for = True
            report = StepReport(done=False, imported=True)
        else:
            report = self._steps.step()
        return {REPORT: report, "done": report.done, "pid": os.getpid()}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Ray asks for this when it pauses a trial; the state goes to the results folder."""
        self._steps.save()

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing to do: the first step goes on from the results folder already."""

    def cleanup(self) -> None:
        """Save what is under way, for whoever goes on, and let go of the arrays."""
        self._steps.close()
