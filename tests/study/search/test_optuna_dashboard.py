"""The copy of a search for the dashboard: it follows and decides nothing; a password is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from study.search.controller import SearchController
from study.search.optuna_dashboard import DashboardCopy, open_storage
from study.search.optuna_samplers import make_sampler
from study.spec.point import SharedKnobs
from study.spec.search import Scheduler, Search
from study.storage.search_events import Event
from tests.study.search.made_up import EPOCHS, go, search, trained
from tests.synthetic import FASHION
from trainables.config.errors import BadInput


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An Optuna storage in memory, whatever the URL: a database writes to disk for every value."""
    import optuna

    made = optuna.storages.InMemoryStorage()
    monkeypatch.setattr("study.search.optuna_dashboard.open_storage", lambda _: made)
    return made


def rows(storage: Any) -> list[Any]:
    """All trials there."""
    return list(storage.get_all_trials(storage.get_study_id_from_name("s"), deepcopy=False))


def copied(storage: Any) -> dict[int, Any]:
    """The latest trial there of each proposal."""
    return {t.user_attrs["proposal"]: t for t in rows(storage)}


def followed(
    storage: Any, wanted: Search, past: Sequence[Event] = ()
) -> tuple[SearchController, list[Event], list[set[str]]]:
    """A search with a mirror; with each segment's end, the states of all that wait or are dropped."""
    mirror, events, seen = DashboardCopy("", "s", wanted), list(past), []
    controller = SearchController(
        wanted, SharedKnobs.of(EPOCHS), FASHION, make_sampler(wanted), events.append, list(past)
    )
    mirror.follow(controller)
    while (segment := controller.next()) is not None:
        mirror.follow(controller)
        controller.report(segment.proposal, *trained(controller.proposals[segment.proposal].point, segment.until))
        mirror.follow(controller)
        there = copied(storage)
        for p in controller.proposals:
            state = {"whole": {"COMPLETE"}, "diverged": {"FAIL"}, "running": {"RUNNING"}, "failed": {"FAIL"}}
            assert there[p.number].state.name in state.get(p.state, {"RUNNING", "PRUNED"})
            assert len(there[p.number].intermediate_values) == p.epochs
        seen.append({there[p.number].state.name for p in controller.proposals if p.state == "paused"})
    mirror.follow(controller, over=True)
    return controller, events, seen


@pytest.mark.parametrize("scheduler", ["asha", "asha-stop", "hyperband", "median", "halving"])
def test_the_dashboards_copy_follows_and_prunes_as_the_search_goes(storage: Any, scheduler: str) -> None:
    first = {"lr": 0.9, "optimizer": "adam"}
    wanted = search(trials=16, first=(first,), scheduler=Scheduler(name=scheduler, grace=2))  # type: ignore[arg-type]
    controller, _, seen = followed(storage, wanted)
    waited = any(p.state == "paused" for p in controller.proposals)
    assert any("PRUNED" in states for states in seen) or not waited, "the dropped are pruned before the end"
    there = copied(storage)
    assert len(there) == 16
    for p in controller.proposals:
        trial = there[p.number]
        assert trial.state.name == {"whole": "COMPLETE", "paused": "PRUNED", "diverged": "FAIL"}[p.state]
        if p.state != "diverged":
            assert trial.intermediate_values[p.epochs] == trial.value == pytest.approx(p.curves["val_accuracy"][-1])
        assert set(trial.params) == set(p.point)


def test_who_was_dropped_never_goes_on() -> None:
    wanted = search(trials=30)
    dropped: set[int] = set()
    again = SearchController(wanted, SharedKnobs.of(EPOCHS), FASHION, make_sampler(wanted))
    while (segment := again.next()) is not None:
        assert segment.proposal not in dropped, "who was dropped went on"
        again.report(segment.proposal, *trained(again.proposals[segment.proposal].point, segment.until))
        dropped |= again.dropped()
    assert dropped and {p.number for p in again.proposals if p.state == "paused"} >= dropped


def test_an_extended_search_goes_on_in_the_dashboards_copy(storage: Any) -> None:
    _, events, _ = followed(storage, search(trials=6))
    controller, _, _ = followed(storage, search(trials=20), events)
    assert {n: t.state.name for n, t in copied(storage).items()} == {
        p.number: {"whole": "COMPLETE", "paused": "PRUNED", "diverged": "FAIL"}[p.state] for p in controller.proposals
    }
    numbers = [t.user_attrs["proposal"] for t in rows(storage)]
    again = {n for n in numbers if numbers.count(n) > 1}
    went_on = {e.proposal for e in events if e.kind == "sent"} & {p.number for p in controller.proposals if p.until > 1}
    assert again <= went_on and all(n < 6 for n in again)


def test_a_dashboard_that_is_lost_half_way_does_not_end_the_search(
    storage: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    mirror = DashboardCopy("", "s", search())
    controller, _ = go(search())
    monkeypatch.setattr(storage, "create_new_trial", gone)
    mirror.follow(controller)
    mirror.follow(controller, over=True)
    assert capsys.readouterr().err.count("the disk is gone") == 1


def test_what_is_no_url_is_refused_without_what_it_may_hold() -> None:
    with pytest.raises(BadInput, match="not a URL") as caught:
        open_storage("postgresql://me:secret@[/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@127.0.0.1:9/optuna",
        "postgresql://me:top/secret@127.0.0.1:9/optuna",
        "postgresql://me:top#secret@127.0.0.1:9/optuna",
        "postgresql://me:top?secret@127.0.0.1:9/optuna",
        "postgresql://127.0.0.1:9/optuna?password=top#secret",
        "postgresql://127.0.0.1:9/optuna?user=me&password=secret",
        "sqlite:////nowhere/at/x.db",
        "nonsense",
        "journal:/nowhere/at/x",
    ],
)
def test_a_storage_that_cannot_be_reached_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadInput, match="cannot be reached") as caught:
        open_storage(url)
    said = str(caught.value)
    assert "secret" not in said and "top" not in said and "\n" not in said
