"""A search as events: the same after any kill, with every searcher and scheduler; what Optuna is told. Without Ray."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from study.adaptive import Brain, Event, Proposal, Segment, best
from study.search import Mirror, frozen, open_storage, sampler
from study.search_spec import Constraint, Scheduler, Search, Shape
from study.space import Choice, Float, Int
from trainables.errors import BadInput, StudyError

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "batch_size": Int(low=8, high=64, log=True),
    "dropout_input": Choice(values=(0.0, 0.1, 0.2), ordered=True),
}
EPOCHS = 9


def search(**changes: Any) -> Search:
    usual = {"space": SPACE, "trials": 10, "searcher": "random", "scheduler": Scheduler(name="asha")}
    return Search(**{**usual, **changes})


def trained(point: dict[str, Any], until: int) -> tuple[dict[str, list[float]], bool]:
    """A made-up training: lr 0.01 is best; above 0.5 it diverges in epoch 2."""
    if point["lr"] > 0.5 and until > 1:
        return {"val_accuracy": [0.1, math.nan]}, True
    level = 0.9 - 0.1 * abs(math.log10(point["lr"]) + 2) + 0.001 * point["batch_size"] / 64
    epochs = range(1, until + 1)
    return {"val_accuracy": [level * (1 - 0.5**e) for e in epochs], "seconds": [float(e) for e in epochs]}, False


def go(wanted: Search, past: Sequence[Event] = (), workers: int = 1, most: int = 10_000) -> tuple[Brain, list[Event]]:
    """Run a search; with several workers, the one that was sent last reports first."""
    events = list(past)
    brain = Brain(wanted, {}, EPOCHS, Shape(), sampler(wanted), events.append, list(past))
    running: list[Segment] = []
    while len(events) < most:
        segment = brain.next() if len(running) < workers else None
        if segment is not None:
            running.append(segment)
            continue
        if not running:
            break
        done = running.pop()
        brain.report(done.n, *trained(brain.proposals[done.n].point, done.until))
    return brain, events


@pytest.mark.parametrize("searcher", ["grid", "random", "sobol", "halton", "tpe", "cmaes"])
@pytest.mark.parametrize("cut", [1, 2, 7, 20])
def test_a_killed_search_goes_on_to_the_same_end(searcher: str, cut: int) -> None:
    scheduler = Scheduler(name="none" if searcher == "cmaes" else "asha")
    wanted = search(searcher=searcher, grid_points=2, trials=14, scheduler=scheduler)
    _, whole = go(wanted)
    brain, again = go(wanted, whole[:cut])
    assert [e.to_dict() for e in again] == [e.to_dict() for e in whole]
    assert len(brain.proposals) == 14


@pytest.mark.parametrize("scheduler", ["none", "asha", "asha-stop", "hyperband", "median", "halving"])
def test_every_scheduler_keeps_its_decisions_over_a_kill(scheduler: str) -> None:
    wanted = search(scheduler=Scheduler(name=scheduler, reduction=2, brackets=2), trials=16)  # type: ignore[arg-type]
    _, whole = go(wanted, workers=3)
    for cut in range(1, len(whole), 5):
        brain, again = go(wanted, whole[:cut], workers=1)
        assert again[:cut] == whole[:cut]
        ranked = best(brain.proposals, "val_accuracy")
        assert len(ranked) >= 2 and all(p.epochs == EPOCHS for p in ranked)
        assert not any(p.state == "running" for p in brain.proposals)


def test_events_survive_json_and_nan() -> None:
    event = Event(kind="reported", n=3, curves={"val_accuracy": [0.5, math.nan]}, diverged=True)
    again = Event.from_dict(event.to_dict())
    assert again.curves["val_accuracy"][0] == 0.5 and math.isnan(again.curves["val_accuracy"][1]) and again.diverged
    proposed = Event(kind="proposed", n=0, point={"hidden": (8, 4), "lr": 0.1}, by="tpe")
    assert Event.from_dict(proposed.to_dict()) == proposed


def test_a_diverged_proposal_is_never_sent_again_and_more_proposals_extend_a_search() -> None:
    first = {"lr": 0.9, "optimizer": "adam"}
    brain, events = go(search(first=(first,), trials=6))
    assert brain.proposals[0].by == "first"
    assert sum(e.kind == "sent" and e.n == 0 for e in events) <= 2
    more, longer = go(search(first=(first,), trials=9), events)
    assert longer[: len(events)] == events and len(more.proposals) == 9


def test_what_breaks_a_constraint_is_refused_and_not_counted() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=16),), trials=12)
    brain, events = go(wanted)
    assert len(brain.proposals) == 12 and all(p.point["batch_size"] <= 16 for p in brain.proposals)
    assert sum(e.kind == "refused" for e in events) == brain.refused > 0


def test_a_searcher_that_finds_nothing_allowed_says_so() -> None:
    wanted = search(constraints=(Constraint(left="batch_size", op="<=", right=1),))
    with pytest.raises(StudyError, match="breaks batch_size <= 1"):
        go(wanted)


def test_tpe_looks_where_it_is_good() -> None:
    brain, _ = go(search(searcher="tpe", trials=40, scheduler=Scheduler(name="none")))
    late = [abs(math.log10(p.point["lr"]) + 2) for p in brain.proposals[25:]]
    early = [abs(math.log10(p.point["lr"]) + 2) for p in brain.proposals[:10]]
    assert sum(late) / len(late) < 0.6 * sum(early) / len(early)


def test_nsga2_is_told_two_objectives() -> None:
    none = Scheduler(name="none")
    wanted = search(searcher="nsga2", objectives=("val_accuracy", "seconds"), scheduler=none, trials=12)
    brain, whole = go(wanted)
    assert all(p.state in ("whole", "diverged") for p in brain.proposals)
    assert [e.to_dict() for e in go(wanted, whole[:9])[1]] == [e.to_dict() for e in whole]


def test_optuna_is_never_told_that_a_half_trained_one_is_complete() -> None:
    brain, _ = go(search(trials=20))
    for p in brain.proposals:
        told = frozen(brain.search, p, sampler=True)
        state = told.state.name
        assert state == {"whole": "COMPLETE", "paused": "PRUNED", "diverged": "PRUNED"}[p.state]
        assert (told.value is not None) == (p.state == "whole")
        assert list(told.intermediate_values) == list(range(1, p.epochs + 1))
    assert {"whole", "paused"} <= {p.state for p in brain.proposals}


def test_the_dashboards_copy_follows_and_can_be_taken_up_again(tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path}/optuna.db"
    wanted = search(trials=12, first=({"lr": 0.9, "optimizer": "adam"},))
    _, whole = go(wanted)
    half, _ = go(wanted, whole[:9], most=9)
    mirror = Mirror(url, "s", wanted)
    for p in half.proposals:
        mirror.copy(p)
    there = optuna.load_study(study_name="s", storage=url)
    assert all(t.state.name in ("RUNNING", "COMPLETE", "FAIL") for t in there.trials)
    brain, _ = go(wanted)
    again = Mirror(url, "s", wanted)
    for p in brain.proposals:
        again.copy(p)
    again.close(brain.proposals)
    states = {t.user_attrs["proposal"]: t for t in optuna.load_study(study_name="s", storage=url).trials}
    assert len(states) == 12
    for p in brain.proposals:
        assert states[p.n].state.name == {"whole": "COMPLETE", "paused": "PRUNED", "diverged": "FAIL"}[p.state]
        if p.state == "whole":
            assert states[p.n].value == pytest.approx(p.curves["val_accuracy"][-1])
        assert set(states[p.n].params) == set(p.point)


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:secret@127.0.0.1:9/optuna", "sqlite:////nowhere/at/x.db", "nonsense", "journal:/nowhere/at/x"],
)
def test_a_storage_that_cannot_be_reached_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadInput, match="cannot be reached") as caught:
        open_storage(url)
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_the_best_are_whole_ones_only() -> None:
    half = Proposal(0, {}, "tpe", 3, "paused", {"val_accuracy": [0.99]})
    one = Proposal(1, {}, "tpe", 9, "whole", {"val_accuracy": [0.5], "val_loss": [1.0]})
    two = Proposal(2, {}, "tpe", 9, "whole", {"val_accuracy": [0.6], "val_loss": [2.0]})
    assert best([half, one, two], "val_accuracy") == [two, one]
    assert best([half, one, two], "val_loss") == [one, two]
