"""Arrays on the device that trains."""

from __future__ import annotations

import pytest

from benchmarks.gpu import checks
from benchmarks.gpu.checks import Check
from trainables.training.device_arrays import prepare_process

SOME = ("momentum", "batch_norm", "plateau", "precision")


ON_CPU = [c for c in checks.all_checks("cpu", SOME) if c.name != "two-jobs-share-the-device"]
"""Without what starts processes, which the rehearsal does (`tests/benchmarks/gpu`)."""


@pytest.mark.parametrize("check", ON_CPU, ids=lambda c: c.name)
def test_on_the_cpu_that_stands_for_one(check: Check) -> None:
    prepare_process()
    check.run()
