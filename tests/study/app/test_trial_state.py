"""How far a trial is: by its last checkpoint, or what it reported since."""

from __future__ import annotations

from study.app.trial_state import TrialState


def test_a_trial_is_as_far_as_its_last_report_or_its_checkpoint() -> None:
    trial = TrialState("i", "s/none, seed 0", 0, 9, 1.0)
    assert trial.done == 0
    trial.saved = 2
    assert trial.done == 2
    trial.reported = 4
    assert trial.done == 4


def test_a_record_that_does_not_serve_is_no_progress_but_serves_a_shorter_arm() -> None:
    """More epochs are asked for, or a metric is lacking: what the record has is trained again."""
    trial = TrialState("i", "s/none, seed 0", 0, 9, 1.0, recorded=5, curve={5: (0.5, 0.6)})
    assert trial.done == 0 and trial.reached(5) and not trial.reached(9)
    assert TrialState("i", "s/none, seed 0", 0, 9, 1.0, "finished", on_record=True, recorded=9).done == 9
