"""What a search found, on made-up searches whose truth is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import search as searches
from analysis import search_words
from analysis.figures import search as figures
from analysis.stats import Estimate
from study.adaptive import Brain, Event
from study.search import sampler
from study.search_log import Part
from study.search_spec import Scheduler, Search, Shape
from study.space import Choice, Float, Int

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "batch_size": Int(low=8, high=64, log=True),
    "dropout_input": Choice(values=(0.0, 0.1, 0.2), ordered=True),
}


def made(scheduler: str, trials: int) -> Part:
    """A search whose value depends on lr alone, but for a little noise."""
    search = Search(space=SPACE, trials=trials, searcher="random", scheduler=Scheduler(name=scheduler))  # type: ignore[arg-type]
    chance = np.random.default_rng(0)
    noise = chance.normal(0, 0.002, trials)
    events: list[Event] = []
    brain = Brain(search, {}, 9, Shape(), sampler(search), events.append)
    while (segment := brain.next()) is not None:
        value = 0.8 - 0.1 * abs(math.log10(brain.proposals[segment.n].point["lr"]) + 3.5) + noise[segment.n]
        brain.report(segment.n, {"val_accuracy": [value - 0.3 / e for e in range(1, segment.until + 1)]}, False)
    return Part("demo", "", search, {}, 9, tuple(brain.proposals), tuple(events))


def test_the_knob_that_matters_is_found_with_a_band_and_no_tie() -> None:
    found = searches.searched(made("none", 40), rounds=5)
    first = found.importances.iloc[0]
    assert first["name"] == "lr" and first["importance"] > 0.8
    assert first["low"] <= first["importance"] <= first["high"]
    assert not found.importances["tied"].any()
    assert set(found.importances["name"]) == set(SPACE)


def test_importances_come_from_whole_trials_only() -> None:
    frame = searches.proposal_frame(made("none", 40))
    search = made("none", 1).search
    spoiled = pd.concat([frame, frame.assign(state="paused", value=frame["batch_size"] / 10)], ignore_index=True)
    pd.testing.assert_frame_equal(
        searches.importances(frame, search, rounds=2), searches.importances(spoiled, search, rounds=2)
    )
    assert searches.importances(frame.head(searches.LEAST - 1), search).empty


def test_rungs_say_who_was_stopped_where() -> None:
    part = made("asha", 30)
    rungs = searches.rung_frame(part)
    assert list(rungs["epoch"]) == [1, 3, 9] and rungs["arrived"].iloc[0] == 30
    assert (rungs["arrived"] == rungs["went_on"] + rungs["ended"]).all()
    assert list(rungs["went_on"].iloc[:2]) == list(rungs["arrived"].iloc[1:])


def test_history_knows_the_best_so_far_of_whole_trials() -> None:
    part = made("asha", 30)
    history = searches.history_frame(searches.proposal_frame(part), part.search)
    assert len(history) == sum(p.state == "whole" for p in part.proposals)
    assert history["best"].is_monotonic_increasing and history["best"].iloc[-1] == history["value"].max()


@pytest.mark.parametrize(("scheduler", "trials"), [("none", 12), ("asha", 30), ("none", 1)])
def test_every_figure_is_drawn_or_says_why_not(scheduler: str, trials: int) -> None:
    found = searches.searched(made(scheduler, trials), rounds=2)
    drawn = figures.figures(found)
    names = [f.name.removeprefix("demo-") for f in drawn]
    assert names == ["history", "rungs", "importances", "slices", "contour", "parallel"]
    for f in drawn:
        assert f.caption and f.alt and (f.figure.axes or f.caption.startswith("Not drawn"))
    slices = drawn[3].figure.axes
    marks = sum(np.shape(c.get_offsets())[0] for c in slices[0].collections)
    assert marks == sum(found.proposals[slices[0].get_xlabel()].notna())


def test_the_edge_is_warned_of() -> None:
    part = made("none", 3)
    part.proposals[0].point["lr"] = 0.99
    part.proposals[0].curves = {"val_accuracy": [0.99] * 9}
    found = searches.searched(part, rounds=2)
    assert found.edges["lr"] == "high"
    assert any("high end of the range of lr" in s and "widen" in s for s in search_words.sentences(found))


def test_an_answer_says_whether_the_difference_is_real() -> None:
    winner = search_words.Retrained("winner", "lr 0.1", Estimate(0.9, 0.89, 0.91, 5), None)
    second = search_words.Retrained("runner-up", "lr 0.2", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))
    luck = search_words.Retrained("runner-up", "lr 0.2", Estimate(0.9, 0.87, 0.91, 5), Estimate(-0.001, -0.02, 0.01, 5))
    said = search_words.answer_sentences([winner, second, luck])
    assert said[0].startswith("winner: 90.00 % (89.00 to 91.00, 5 fresh seeds)")
    assert "ahead by 2.00 points (difference 1.00 to 3.00), which is real" in said[1]
    assert "behind by 0.10 points" in said[2] and "may be luck" in said[2]
