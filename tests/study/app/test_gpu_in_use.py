"""How busy the GPU is."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from study.app.board import Board
from study.app.gpu_in_use import GpuInUse
from study.app.live_progress import LiveProgress
from study.planning.executor import StopRequest
from study.storage.durable_files import Folder
from tests.study.app.test_live_view import CHECKSUM, plan_of


def test_a_run_on_a_gpu_shows_how_busy_it_is(tmp_path: Path) -> None:
    said = {}
    for device in ("cpu", "cuda"):
        made = LiveProgress(
            Board(plan_of(), CHECKSUM, 2), StopRequest(), Folder(tmp_path), "s", "", stream=io.StringIO()
        )
        plan = made.board.plan
        made.board.plan = replace(plan, studies=(replace(plan.studies[0], base={"device": device}),))
        made._gpu = GpuInUse(lambda: "63, 2150, 81559\n")
        said[device] = made.snapshot().machine
    assert said["cuda"].endswith(", GPU 63 %, 2.1 of 80 GB") and "GPU" not in said["cpu"]


def test_the_driver_is_asked_now_and_then() -> None:
    asked = []
    gpu = GpuInUse(lambda: asked.append(1) or "5, 1024, 2048")  # type: ignore[func-returns-value]
    assert {gpu.words(now) for now in (0.0, 1.0, 4.9)} == {", GPU 5 %, 1.0 of 2 GB"} and len(asked) == 1
    gpu.words(5.0)
    assert len(asked) == 2
