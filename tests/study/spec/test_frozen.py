"""What lies in a results folder is read as it was accepted, also where a new file that says the same is refused."""

from __future__ import annotations

from typing import Any

import pytest

from study.spec.claims import UnreadableClaim
from study.spec.frozen import read_frozen
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from tests.study.spec.test_values_odd import ARMS, SEARCH, changed
from trainables.config.errors import BadInput


def with_claim(**part: Any) -> dict[str, Any]:
    given: dict[str, Any] = changed(ARMS, ("claims", 0, "parts"), [part])
    return given


@pytest.mark.parametrize(
    ("at", "value", "read"),
    [
        (("title",), 2026, "2026"),
        (("title",), False, "False"),
        (("question",), "a\x00b", "a b"),
        (("figures",), ["curves", "pie"], ("curves",)),
        (("base", "seed"), 42, None),
        (("base", "epochs"), 7, None),
    ],
)
def test_fields_that_are_refused_today(at: tuple[str, ...], value: object, read: object) -> None:
    study = read_frozen(changed(ARMS, at, value))
    assert [a.name for a in study.arms] == ["a", "b"] and study.claims == Study.from_dict(ARMS).claims
    if read is not None:
        assert getattr(study, at[0]) == read
    if at == ("base", "epochs"):  # as it always was: what base says beats both others
        assert study.config("a").epochs == 7


@pytest.mark.parametrize(
    "part",
    [
        {"form": "trajectory", "arm": "a", "metric": "loss", "direction": "falls"},
        {"form": "level", "quantity": {"arm": "a", "metric": "val_accuracy"}, "low": "0.5"},
        {"form": "level", "quantity": {"arm": "gone", "metric": "val_accuracy"}, "low": 0.5},
        {"form": "guess"},
    ],
)
def test_a_claim_that_means_nothing_is_kept_as_it_is(part: dict[str, Any], tmp_path: Any) -> None:
    given = with_claim(**part)
    study = read_frozen(given)
    (claim,) = study.claims
    assert isinstance(claim, UnreadableClaim) and claim.id == "c" and not claim.parts and claim.fault
    assert study.to_dict()["claims"][0]["parts"] == [part]
    store = ResultsFolder(tmp_path / "r", create=True)
    assert store.studies.freeze(study) == store.studies.freeze(read_frozen(given)) == 1
    assert store.studies.versions("odd") == [study]


def test_a_search_with_a_word_for_a_list_and_a_number_twice() -> None:
    given: dict[str, Any] = changed(SEARCH, ("search", "warm_start"), "r0")
    given["search"]["space"]["lr"] = {"kind": "choice", "values": [0.1, 1, 1.0], "ordered": "yes"}
    search = read_frozen(given).search
    assert search is not None and search.warm_start == ("r", "0")
    assert search.to_dict()["space"]["lr"]["values"] == [0.1, 1, 1.0]


@pytest.mark.parametrize(
    "given",
    [
        {},
        changed(ARMS, ("arms",), []),
        changed(ARMS, ("base", "optimizer"), "sdg"),
        changed(ARMS, ("claims",), "c"),
    ],
)
def test_what_is_no_study_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read_frozen(given)
