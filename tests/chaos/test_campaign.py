"""The long campaign; `make chaos`. Its short form is in `tests/study/execution/test_pending_jobs_faults.py`.

CHAOS_MINUTES (40), CHAOS_SEED (0), CHAOS_PATCHES (on; `off`: without what reaches into Ray's private names) and
CHAOS_OUT (build/chaos.json), the file for the counts as JSON, are taken from the environment. The guide is written
from it by `python -m tests.chaos.publish`.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from tests.chaos.campaign import campaign, outcome


@pytest.mark.chaos
@pytest.mark.timeout(0)
def test_at_least_a_hundred_faults_and_nothing_lost(capsys: pytest.CaptureFixture[str]) -> None:
    minutes, seed = float(os.environ.get("CHAOS_MINUTES", "40")), int(os.environ.get("CHAOS_SEED", "0"))
    patches = os.environ.get("CHAOS_PATCHES", "on") != "off"
    with capsys.disabled(), tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        place = campaign(Path(folder), 110, seed, minutes, patches=patches)
    out = Path(os.environ.get("CHAOS_OUT") or Path(__file__).parents[2] / "build" / "chaos.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(outcome(place), indent=1) + "\n")
    counts = place.counts
    assert counts["injected"] == counts["survived"] >= 100
    assert not counts["lost"] and not counts["differing"] and not counts["orphans"]
    assert not place.missing, "every kind must have been there"
