"""The start of a run: which step it is at, how long each took, and when a stop has nothing to wait for."""

from __future__ import annotations

from study.app.start_phase import IMPORTS_HERE, LATER_PART, STARTS_RAY, TRAINS, WORKERS_IMPORT, StartPhase


def test_with_ray_it_starts_then_workers_import_then_somebody_trains() -> None:
    start = StartPhase(STARTS_RAY)
    start.imported(1.0)
    assert (start.phase, start.nothing_trained) == (STARTS_RAY, True), "no worker was given anything"
    start.began(2.0)
    start.began(2.5)
    assert (start.phase, start.nothing_trained) == (WORKERS_IMPORT, True)
    start.imported(5.0)
    start.imported(5.5)
    assert (start.phase, start.nothing_trained) == (TRAINS, False)
    assert start.steps == (("Ray has started", 2.0), ("PyTorch is imported", 3.0))
    start.over()
    start.began(9.0)
    start.imported(9.0)
    assert (start.phase, start.nothing_trained, len(start.steps)) == ("", False, 2)


def test_in_this_process_the_first_trial_is_under_way_once_it_began() -> None:
    start = StartPhase(IMPORTS_HERE)
    assert start.nothing_trained
    start.began(1.5)
    assert (start.phase, start.nothing_trained, start.steps) == (TRAINS, False, (("PyTorch is imported", 1.5),))


def test_in_a_later_part_workers_may_train_unheard_of() -> None:
    assert not StartPhase(LATER_PART).nothing_trained
