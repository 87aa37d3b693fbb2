"""How much of the objective each knob explains."""

from __future__ import annotations

import pandas as pd

from analysis.searches.importance import MIN_TRIALS_FOR_IMPORTANCE, importances
from analysis.searches.proposal_frames import proposal_frame
from tests.analysis.searches.test_findings import made


def test_importances_come_from_whole_trials_only() -> None:
    frame = proposal_frame(made("none", 40))
    search = made("none", 1).search
    spoiled = pd.concat([frame, frame.assign(state="paused", value=frame["batch_size"] / 10)], ignore_index=True)
    pd.testing.assert_frame_equal(importances(frame, search, rounds=2), importances(spoiled, search, rounds=2))
    assert importances(frame.head(MIN_TRIALS_FOR_IMPORTANCE - 1), search).empty
