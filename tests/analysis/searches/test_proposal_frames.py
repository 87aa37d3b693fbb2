"""Proposals as a frame: their history, and where they were stopped."""

from __future__ import annotations

from analysis.searches.proposal_frames import history_frame, proposal_frame, rung_frame
from tests.analysis.searches.test_findings import made


def test_rungs_say_who_was_stopped_where() -> None:
    part = made("asha", 30)
    rungs = rung_frame(part)
    assert list(rungs["epoch"]) == [1, 3, 9] and rungs["arrived"].iloc[0] == 30
    assert (rungs["arrived"] == rungs["went_on"] + rungs["ended"]).all()
    assert list(rungs["went_on"].iloc[:2]) == list(rungs["arrived"].iloc[1:])


def test_history_knows_the_best_so_far_of_whole_trials() -> None:
    part = made("asha", 30)
    history = history_frame(proposal_frame(part), part.search)
    whole = history[history["state"] == "whole"]
    assert len(whole) == sum(p.state == "whole" for p in part.proposals)
    assert whole["best"].is_monotonic_increasing and whole["best"].iloc[-1] == whole["value"].max()


def test_history_has_those_that_were_stopped_early_too() -> None:
    """Its figure showed 2 of 12."""
    part = made("asha", 30)
    history = history_frame(proposal_frame(part), part.search)
    assert list(history["n"]) == list(range(30)) and set(history["state"]) == {"whole", "paused"}
    assert history["best"].isna().tolist() == (history["state"] == "paused").tolist()
