"""Lines that a person sees while trials run."""

from __future__ import annotations

import io
from pathlib import Path

from study.execution.progress import SearchProgress
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler
from tests.study.execution.test_search_driver import study
from tests.synthetic import FASHION


def test_the_line_that_a_person_sees(tmp_path: Path) -> None:
    search = study(scheduler=Scheduler(name="asha"), searcher="random").search
    assert search is not None
    controller = SearchController(search, SharedKnobs.of(3), FASHION, make_sampler(search))
    while (segment := controller.next()) is not None:
        controller.report(segment.proposal, {"val_accuracy": [0.1 * segment.proposal] * segment.until}, False)
    progress = SearchProgress(6, 1.0, stream=io.StringIO(), controller=controller)
    progress.start()
    assert progress.line().startswith("6/6 tried, 4 whole, 2 paused, best val_accuracy 0.5000")
