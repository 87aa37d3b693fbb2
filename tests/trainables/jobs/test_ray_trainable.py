"""What Ray sees of a job, without Ray: it begins with the first step, and what a folder refuses ends it gently."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.trainables.training.test_checkpoint import MemorySink, data
from trainables.config.errors import StorageRefused
from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.ray_trainable import StudyTrainable, report_of

JOB = Job(TrialConfig(hidden=(4,), batch_size=32, epochs=2), (0,))


class Bare(StudyTrainable):
    """Set up as `tune.with_parameters` does it."""

    def setup(self, config: dict[str, Any], **_: Any) -> None:  # type: ignore[override]
        super().setup(config, data(), (JOB, JOB), config.pop("sink")[0], JobOptions())


class Held(list[Any]):
    """Ray copies what it is given; this stays what it is."""

    def __deepcopy__(self, memo: object) -> Held:
        return self


def made(sink: Any) -> StudyTrainable:
    return Bare({"number": 0, "sink": Held([sink])})


def test_the_first_step_of_a_process_is_the_import_alone_and_the_next_one_is_one_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The driver knows that nothing is under way yet, a stop waits for nobody, and the first number comes soon."""
    monkeypatch.delitem(sys.modules, "trainables.jobs.job_runner", raising=False)
    worker = made(MemorySink())
    said = [report_of(worker.train()) for _ in range(3)]
    assert [(r.imported, r.done, r.epochs) for r in said] == [(True, False, 0), (False, False, 1), (False, True, 2)]
    worker.reset_config({"number": 1})
    of_next = report_of(worker.train())
    assert not of_next.imported and of_next.done, "the next job of the same process trains at once, and is not hurried"


def test_nothing_is_read_before_the_first_step_so_that_whoever_watches_steps_watches_that_too() -> None:
    class Slow(MemorySink):
        asked = 0

        def checkpoints(self, trial: str) -> Any:
            self.asked += 1
            return super().checkpoints(trial)

    sink = Slow()
    trainable = made(sink)
    assert sink.asked == 0
    assert trainable.train()["done"] is True and sink.asked == 1
    assert trainable.reset_config({"number": 1}) and sink.asked == 1
    assert trainable.train()["done"] is True and sink.asked == 2
    trainable.cleanup()


@pytest.mark.parametrize("where", ["checkpoints", "write"])
def test_a_refusal_ends_the_run_with_its_reason_and_not_in_an_error(where: str, monkeypatch: Any) -> None:
    def refuse(*_: object) -> Any:
        raise StorageRefused("no space left")

    monkeypatch.setattr(MemorySink, where, refuse)
    result = made(MemorySink()).train()
    assert result["done"] is True and report_of(result).refused == "no space left"
