"""What is refused for its values is not tried again, and the reason of whatever fails is said. Without Ray."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from study.execution.ray_errors import last_line, reason_of
from study.execution.segment_queue import SegmentQueue
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Search
from tests.synthetic import FASHION
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.jobs.job import UNTRAINABLE, Job, StepReport
from trainables.jobs.job_steps import JobSteps


def test_a_worker_reports_a_refusal_and_does_not_break(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise BadInput("train_images", 6000, "expected 1 to 300")

    monkeypatch.setattr("trainables.jobs.job_runner.JobRunner", refuse)
    said = JobSteps(Job(TrialConfig(), (0,)), None, *[cast(Any, None)] * 3).step()
    assert said == StepReport(done=True, failed=UNTRAINABLE + "train_images: got 6000; expected 1 to 300")


def test_a_proposal_that_is_refused_has_failed_with_its_reason() -> None:
    search = Search.from_dict({"trials": 1, "searcher": "random", "space": {
        "lr": {"kind": "float", "low": 0.1, "high": 0.2}}})  # fmt: skip
    controller = SearchController(search, SharedKnobs.of(2), FASHION, make_sampler(search))
    work = SegmentQueue(controller, (0,))
    assert (given := work.next()) is not None and given.number == 0
    work.completed(0, StepReport(done=True, failed=UNTRAINABLE + "why"))
    assert controller.proposals[0].state == "failed" and controller.proposals[0].message == UNTRAINABLE + "why"


def test_the_reason_of_a_failure_is_never_none(tmp_path: Path) -> None:
    assert last_line(None) == "no reason given"
    file = tmp_path / "error.txt"
    trial = SimpleNamespace(error_file=str(file), get_error=lambda: None)
    assert reason_of(trial) == "no reason given"
    file.write_text("Failure # 1\nValueError: seven\n\n")
    assert reason_of(trial) == "ValueError: seven"
    trial.error_file = None
    assert reason_of(trial) == "no reason given"


@pytest.mark.parametrize("error", [ValueError(), ""])
def test_an_error_without_words_is_named_by_its_kind(error: object) -> None:
    assert last_line(error) in ("ValueError", "str")  # type: ignore[arg-type]
