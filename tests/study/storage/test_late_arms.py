"""An arm that comes after a claim that names it: no seed that was seen by then counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.spec import registry
from study.spec.claims import Claim, Contrast
from study.spec.study import Arm, Study
from study.spec.study_file import StudySource
from study.storage.freezing import check_answer, check_freezable
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of
from tests.study.execution.test_search_driver import study as search
from tests.study.storage.test_freezing import STUDY, names_arm, quantity, refused
from tests.synthetic import CHECKSUM, record
from trainables.config.errors import BadInput


def test_an_arm_that_was_trained_before_another_studys_claim_spoke_of_it_is_refused(tmp_path: Path) -> None:
    seen = dataclasses.replace(STUDY, name="seen", title="s", question="s?", claims=())
    store = store_of(tmp_path, [seen], seeds=(0, 1, 2))
    store.studies.freeze(names_arm())
    mine = dataclasses.replace(STUDY, claims=())
    assert "claim theirs of study other speaks of it, and this folder had seeds up to 2" in refused(store, mine)
    fresh = dataclasses.replace(mine, arms=(Arm(name="a", change={"lr": 0.77}), STUDY.arms[1]))
    check_freezable(store, [StudySource(fresh)], [fresh], CHECKSUM)


def compares(arm: str = "rates/a", from_seed: int = 0) -> Study:
    """Another study, whose claim compares its own arm with one that comes later."""
    part = Contrast(a=quantity("x"), b=quantity(arm), low=0.0)
    claim = Claim(id="beats", statement="X beats it.", parts=(part,), from_seed=from_seed)
    return dataclasses.replace(names_arm(), claims=(claim,))


RATES = dataclasses.replace(STUDY, claims=())
"""The study that comes later."""


def checked(store: ResultsFolder, *studies: Study) -> None:
    check_freezable(store, [StudySource(s) for s in studies], studies, CHECKSUM)


def test_whoever_names_an_arm_has_seen_the_seeds_of_what_a_claim_compares_it_with(tmp_path: Path) -> None:
    store = store_of(tmp_path, [compares()], seeds=(0, 1, 2))
    said = refused(store, RATES)
    assert "study rates, arm: got 'a'; claim beats of study other compares it" in said
    assert "seeds up to 2 of other/x before this arm was written" in said
    assert "give that claim from_seed: 3 and run both studies in one command, or choose another folder" in said
    with pytest.raises(BadInput, match=r"claim beats, from_seed: got 2; .*from_seed: 3"):
        checked(store, compares(from_seed=2), RATES)
    checked(store, compares(from_seed=3), RATES)
    store.studies.freeze(compares(from_seed=3))
    checked(store, RATES)
    store.studies.freeze(dataclasses.replace(compares(), claims=()))
    checked(store, RATES)  # taken out: it would come back as it was last
    checked(store, dataclasses.replace(RATES, reduced=("*",)))  # nothing is judged by it


def test_an_arm_that_came_with_the_claim_or_before_its_seeds_is_not_asked_again(tmp_path: Path) -> None:
    store = store_of(tmp_path / "with", [RATES, compares()], seeds=(0, 1, 2))
    checked(store, compares(), RATES)
    more = dataclasses.replace(RATES, arms=(*RATES.arms, Arm(name="c", change={"lr": 0.5})))
    checked(store, more)  # the claim speaks of a
    fresh = ResultsFolder(str(tmp_path / "fresh"), create=True)
    checked(fresh, compares(), RATES)


def test_seeds_of_a_reduced_run_are_none_that_a_claim_counts(tmp_path: Path) -> None:
    small = dataclasses.replace(compares(), base={"train_images": 600}, epochs=1, reduced=("*",))
    store = store_of(tmp_path, [small], seeds=(0, 1, 2))
    checked(store, RATES)
    checked(store, compares(), RATES)


def test_a_reduced_run_after_the_full_one_hides_none_of_its_seeds(tmp_path: Path) -> None:
    store = store_of(tmp_path, [compares()], seeds=(0, 1, 2))
    store.studies.freeze(dataclasses.replace(compares(), base={"train_images": 600}, epochs=1, reduced=("*",)))
    assert "seeds up to 2 of other/x before this arm was written" in refused(store, RATES)


def test_the_knobs_of_a_catalogue_that_is_older_than_any_folder_follow_from_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path, [compares()], seeds=(0, 1, 2))
    monkeypatch.setattr(registry, "predating", lambda name: RATES if name == "rates" else None)
    checked(store, RATES)
    other = dataclasses.replace(RATES, arms=(Arm(name="a", change={"lr": 0.77}), RATES.arms[1]))
    assert "compares it" in refused(store, other), "of the same name, and not the catalogue's"


def test_a_search_is_asked_before_it_starts_what_claims_say_of_its_answer(tmp_path: Path) -> None:
    answer = dataclasses.replace(RATES, name="s.answer")
    store = store_of(tmp_path / "low", [compares("s.answer/a", from_seed=7)], seeds=())
    assert "from seed 7 on, and seeds below 1000 choose it: give that claim from_seed: 1000" in refused(store, search())
    store = store_of(tmp_path / "seen", [compares("s.answer/a", from_seed=1000)], seeds=(999, 1000, 1001))
    assert "seeds up to 1001 of other/x before this arm was written" in refused(store, search())
    store = store_of(tmp_path / "first", [search(), compares("s.answer/a", from_seed=1000)], seeds=())
    for seed in (1000, 1001):
        store.write(record(compares().config("x", seed=seed)))
    checked(store, search())
    check_answer(store, answer)  # its rule chose it, and was on record before those seeds
    assert "compares it" in refused(store, search(trials=7))
