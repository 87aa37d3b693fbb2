"""The long campaign; `make chaos`. Its short form is in `tests/study/test_faults.py`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.chaos.campaign import campaign


@pytest.mark.chaos
@pytest.mark.timeout(0)
def test_at_least_a_hundred_faults_and_nothing_lost(capsys: pytest.CaptureFixture[str]) -> None:
    minutes = float(os.environ.get("CHAOS_MINUTES", "40"))
    with capsys.disabled(), tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        counts = campaign(Path(folder), 110, int(os.environ.get("CHAOS_SEED", "0")), minutes).counts
    assert counts["injected"] == counts["survived"] >= 100
    assert not counts["lost"] and not counts["differing"] and not counts["orphans"]
