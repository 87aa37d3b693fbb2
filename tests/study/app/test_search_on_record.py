"""How far searches are before a run of them, and what they may train: no count of a plan's trials knows of them."""

from __future__ import annotations

from pathlib import Path

from study.app.search_on_record import PlannedSearch, SearchOnRecord, over, planned_searches, searches_on_record
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.storage.results_folder import ResultsFolder
from study.storage.trials import TrialOnRecord
from tests.analysis.searches.test_findings import searched_store
from tests.synthetic import FASHION

DATA = "d"
"""The checksum that the made-up search has."""


def planned(folder: Path, seeds: int) -> tuple[ResultsFolder, Plan, dict[str, TrialOnRecord]]:
    """A search of 12 configurations with an answer under fresh seeds 1000 to 1002, its plan, and what is on record."""
    store, study = searched_store(folder, ("val_accuracy",))
    answering = store.studies.versions("demo.answer")[-1]
    fresh = plan_trials([answering], Protocol((1000, 1001, 1002)), DATA, {}, FASHION)
    there = {t.id: TrialOnRecord(t.config.epochs, "finished") for t in fresh.trials}
    return store, plan_trials([study], Protocol(tuple(range(seeds))), DATA, {}, FASHION), there


def test_a_search_that_is_over_has_nothing_to_train_and_more_fresh_seeds_are_counted(tmp_path: Path) -> None:
    """A run of it announced all its configurations and epochs again."""
    store, plan, there = planned(tmp_path, 3)
    found = searches_on_record(store, plan, DATA, there)
    assert found == {"demo": SearchOnRecord(12, 12, answered=True)} and list(over(found)) == ["demo"]
    assert planned_searches(plan, found) == [PlannedSearch("demo", 12, 12, 2, 0, 3, over=True)]
    _, more, _ = planned(tmp_path / "b", 5)
    asked = searches_on_record(store, more, DATA, there)
    assert asked["demo"].fresh_missing == 4 and not over(asked), "two seeds more of two arms"


def test_a_search_that_has_not_begun_says_how_many_epochs_it_trains_at_most(tmp_path: Path) -> None:
    _, plan, _ = planned(tmp_path, 3)
    assert plan.epochs_to_train == 0, "which is of arms alone"
    assert planned_searches(plan, {})[0].epochs_at_most == 12 * 2 * 3
    assert searches_on_record(None, plan, DATA, {}) == {}
    other = searches_on_record(ResultsFolder(tmp_path), plan, "another data set", {})
    assert other == {}, "of other data nothing is on record"
