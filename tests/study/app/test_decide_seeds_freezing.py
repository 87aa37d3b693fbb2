"""What `study decide` may freeze is asked while it holds the folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from study.app.decide_request import DecideRequest
from study.app.decide_seeds import decide
from study.app.decide_view import DecideView
from study.app.run_studies import RunOptions
from study.spec.study_file import StudySource
from study.storage import lock
from tests.study.app.test_decide_seeds import NEAR, Trainer, grains, study, train
from trainables.config.errors import BadInput


def test_who_waits_for_the_folder_may_freeze_no_claim_of_seeds_that_were_trained_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lock.hold

    @contextlib.contextmanager
    def after_another(*folder: Any, **how: Any) -> Iterator[None]:
        monkeypatch.setattr(lock, "hold", real)
        train(study(), tmp_path / "r", {"s/a": (0, 1), "s/c": (0, 1)})
        with real(*folder, **how):
            yield

    monkeypatch.setattr(lock, "hold", after_another)
    trainer, given = Trainer(), {"s": StudySource(study(NEAR))}
    asked = DecideRequest(("s",), str(tmp_path / "r"), data_dir=grains(), most_seeds=5)
    with pytest.raises(BadInput, match="from_seed"):
        decide(asked, RunOptions(cpus=1, executor=trainer), DecideView(quiet=True), dry_run=False, sources=given)
    assert not trainer.bought
