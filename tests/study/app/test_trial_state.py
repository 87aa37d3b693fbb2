"""How far a trial is: by its last checkpoint, or what it reported since."""

from __future__ import annotations

from study.app.trial_state import TrialState


def test_a_trial_is_as_far_as_its_last_report_or_its_checkpoint() -> None:
    trial = TrialState("i", "s/none, seed 0", 0, 9, 1.0)
    assert trial.done == 0
    trial.saved = 2
    assert trial.done == 2
    trial.curve[4] = (0.5, 0.6)
    assert trial.done == 4
