"""What one folder of a merge had before a claim of another was written never counts towards it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from study.cli import folder_commands
from study.spec import registry
from study.spec.claims import Claim, Contrast, Level, Quantity
from study.spec.study import Arm, Study
from study.storage import older_seeds
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.study.execution.test_search_driver import study as search
from trainables.config.errors import BadInput


def quantity(arm: str) -> Quantity:
    return Quantity(arm=arm, metric="val_accuracy")


OLD = Claim(id="old", statement="A is good.", parts=(Level(quantity=quantity("a"), low=0.5),))
NEW = Claim(id="new", statement="A beats B.", parts=(Contrast(a=quantity("a"), b=quantity("b"), low=0.0),))
STUDY = Study(
    name="rates", title="Rates", question="Which rate?", knobs=("lr",), epochs=2,
    arms=(Arm(name="a", change={"lr": 0.1}), Arm(name="b", change={"lr": 0.01})), claims=(OLD,),
)  # fmt: skip
MORE = dataclasses.replace(STUDY, claims=(OLD, NEW))
HOUR = 3600.0
NINE = 1_767_258_000.0
"""Of the first day of 2026, in UTC, in seconds since 1970."""


def at(hour: int) -> str:
    return f"2026-01-01T{hour:02d}:00:00+00:00"


def folder(where: Path, *frozen: tuple[int, Study], trained: int | None = None, seeds: int = 3) -> ResultsFolder:
    """A folder with versions of a study, each frozen at an hour, and trials that ended at another."""
    store = ResultsFolder(where, create=True)
    for hour, study in frozen:
        store.studies.freeze(study, at(hour))
    if trained is not None:
        for record in synthetic.records(frozen[-1][1], range(seeds)):
            ended = NINE + (trained - 9) * HOUR + 60
            store.write(dataclasses.replace(record, provenance={**record.provenance, "ended": ended}))
    return store


def merged(tmp_path: Path, *stores: ResultsFolder) -> ResultsFolder:
    a, b = (store.folder.where for store in stores)
    folder_commands.merge(a, b, str(tmp_path / "both"), wait=False)
    return ResultsFolder(str(tmp_path / "both"))


@pytest.mark.parametrize("order", [1, -1])
def test_a_claim_that_was_written_after_seeds_of_the_other_folder_is_refused(tmp_path: Path, order: int) -> None:
    a = folder(tmp_path / "a", (9, STUDY), trained=9, seeds=5)
    b = folder(tmp_path / "b", (10, STUDY), (11, MORE), trained=12)
    said = (
        r"study rates, claim new, from_seed: got 0; .*/a had seeds up to 4 of its arms before it was written.*"
        r"Nothing was merged: run the study into .*/b with from_seed: 5"
    )
    with pytest.raises(BadInput, match=said):
        merged(tmp_path, *(a, b)[::order])
    assert not (tmp_path / "both").exists()
    later = dataclasses.replace(MORE, claims=(OLD, dataclasses.replace(NEW, from_seed=5)))
    b.studies.freeze(later, at(13))
    assert merged(tmp_path, *(a, b)[::order]).studies.versions("rates")[-1] == later


def test_what_failed_or_does_not_say_when_it_was_trained_was_seen_too(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", (9, STUDY), trained=9), folder(tmp_path / "b", (11, MORE), trained=12)
    a.write(synthetic.record(STUDY.config("b", seed=7), "failed", 0))
    with pytest.raises(BadInput, match=r"seeds up to 7 .*from_seed: 8"):
        merged(tmp_path, a, b)


def test_an_arm_of_another_name_or_study_that_is_the_same_configuration_counts(tmp_path: Path) -> None:
    other = dataclasses.replace(
        STUDY, name="tried", arms=(Arm(name="x", change={"lr": 0.01}),), baseline="x", claims=()
    )
    a, b = folder(tmp_path / "a", (9, other), trained=9), folder(tmp_path / "b", (11, MORE), trained=12)
    with pytest.raises(BadInput, match=r"claim new, .*seeds up to 2 "):
        merged(tmp_path, a, b)


def test_seeds_that_are_younger_than_the_claim_are_merged(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", (9, STUDY), trained=12, seeds=5), folder(tmp_path / "b", (11, MORE), trained=12)
    assert merged(tmp_path, a, b).studies.versions("rates") == [STUDY, MORE]


def test_two_people_with_one_study_merge_whoever_began_first(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", (9, MORE), trained=9), folder(tmp_path / "b", (11, MORE), trained=11, seeds=5)
    both = merged(tmp_path, b, a)
    assert both.studies.versions("rates") == [MORE] and both.studies.frozen_at("rates") == [at(9)]
    old = folder(tmp_path / "old", trained=None)
    old.studies.freeze(MORE)
    Merge(str(tmp_path / "both"), old.folder.where).write(str(tmp_path / "both"))
    assert both.studies.frozen_at("rates") == [at(9)], "when it was frozen first stays"


def test_versions_keep_their_order_and_the_newest_is_judged(tmp_path: Path) -> None:
    first, second, third = (dataclasses.replace(STUDY, title=title) for title in ("Rates", "Two", "Three"))
    a, b = folder(tmp_path / "a", (9, first), (12, third)), folder(tmp_path / "b", (9, first), (11, second))
    both = merged(tmp_path, a, b)
    assert both.studies.versions("rates") == [first, second, third]
    late = folder(tmp_path / "late", (10, dataclasses.replace(STUDY, title="Between")))
    back = folder(tmp_path / "back", (8, second), (13, first))
    Merge(late.folder.where, back.folder.where).write(both.folder.where)
    found = both.studies.dated("rates")
    assert [v.title for _, v in found] == ["Rates", "Two", "Three", "Between", "Rates"] and found[-1][0] == at(13)


def test_a_reduced_version_of_a_changed_arm_does_not_date_the_claim(tmp_path: Path) -> None:
    """What its arms were in full when it was reduced, the first full version after it says."""
    quick = dataclasses.replace(STUDY, epochs=1, reduced=("*",))
    changed = dataclasses.replace(STUDY, base={"batch_size": 100})
    a = folder(tmp_path / "a", (9, changed), trained=10, seeds=5)
    b = folder(tmp_path / "b", (8, quick), (9, STUDY), (12, changed))
    found = older_seeds.DatedFolder(b)
    assert found.written(changed, OLD) == at(12) and found.written(STUDY, OLD) == at(8)
    assert older_seeds.DatedFolder(a).written(changed, OLD) == at(9)


def test_folders_with_different_arms_of_one_name_that_a_claim_names_are_not_merged(tmp_path: Path) -> None:
    theirs = dataclasses.replace(OLD, id="theirs", parts=(Level(quantity=quantity("rates/a"), low=0.5),))
    other = dataclasses.replace(STUDY, name="other", title="o", question="o?", claims=(theirs,))
    changed = dataclasses.replace(STUDY, claims=(), arms=(Arm(name="a", change={"lr": 0.3}), STUDY.arms[1]))
    mine = dataclasses.replace(STUDY, claims=())
    a, b = folder(tmp_path / "a", (9, mine), (9, other), trained=9), folder(tmp_path / "b", (10, changed), trained=11)
    with pytest.raises(BadInput, match=r"study rates, arm: got 'a'; claim theirs of study other speaks of it"):
        merged(tmp_path, a, b)
    assert not (tmp_path / "both").exists()
    merged(tmp_path, a, folder(tmp_path / "c", (10, mine), trained=11))


def test_fresh_seeds_of_an_answers_arm_that_another_folder_had_before_are_not_merged(tmp_path: Path) -> None:
    answer = dataclasses.replace(
        STUDY, name="s.answer", claims=(dataclasses.replace(OLD, from_seed=1000), dataclasses.replace(NEW))
    )
    a, b = folder(tmp_path / "a", (9, STUDY), trained=9), folder(tmp_path / "b", (10, search()), (11, answer))
    merged(tmp_path, a, b)  # seeds below 1000 are no fresh ones
    a.write(dataclasses.replace(synthetic.record(STUDY.config("a", seed=1002)), provenance={"ended": NINE}))
    said = r"claim old, .*/a had seeds up to 1002 .*: keep the folders apart, and let the search go on in one of them"
    with pytest.raises(BadInput, match=said):
        Merge(a.folder.where, b.folder.where).write(str(tmp_path / "other"))
    a.studies.freeze(search(), at(9))
    with pytest.raises(BadInput, match=said):  # a longer or shorter one of the same search
        Merge(a.folder.where, b.folder.where).write(str(tmp_path / "other"))


def test_two_runs_of_one_search_with_one_answer_are_merged_and_another_ones_seeds_are_asked(tmp_path: Path) -> None:
    """Who ran it to two lengths has seen the seeds of both answers, and chooses by them which one is the newest."""
    answer = dataclasses.replace(
        STUDY, name=f"{search().name}.answer", claims=(dataclasses.replace(OLD, from_seed=1000),)
    )
    stores = [folder(tmp_path / name, (hour, search()), (hour, answer)) for name, hour in (("a", 9), ("b", 11))]
    for store in stores:
        for seed in (1000, 1001):
            record = synthetic.record(STUDY.config("a", seed=seed))
            store.write(dataclasses.replace(record, provenance={**record.provenance, "ended": NINE + 60}))
    merged(tmp_path, *stores)  # a claim of both was written when the first of them wrote it
    other = dataclasses.replace(answer, claims=(dataclasses.replace(NEW, from_seed=1000),))
    longer = folder(tmp_path / "c", (12, search()), (12, other))
    with pytest.raises(BadInput, match=r"claim new, .*/a had seeds up to 1001 of its arms before it was written"):
        Merge(stores[0].folder.where, longer.folder.where).write(str(tmp_path / "more"))


def compares(arm: str, from_seed: int = 0) -> Study:
    """Another study, whose claim compares its one arm with one of yet another study."""
    part = Contrast(a=quantity("x"), b=quantity(arm), low=0.0)
    claim = Claim(id="beats", statement="X beats it.", parts=(part,), from_seed=from_seed)
    arms = (Arm(name="x", change={"lr": 0.7}),)
    return dataclasses.replace(STUDY, name="other", title="o", question="o?", arms=arms, baseline="x", claims=(claim,))


def test_seeds_of_a_claims_other_arm_that_were_older_than_its_last_arm_are_not_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gave that arm its knobs, in the other folder, may have looked at them."""
    other = compares("rates/a")
    mine = dataclasses.replace(STUDY, claims=())
    a, b = folder(tmp_path / "a", (9, other), trained=10), folder(tmp_path / "b", (12, mine), trained=13)
    said = (
        r"study other, claim beats, from_seed: got 0; .*/a had seeds up to 2 of x before it and rates/a were written.*"
        r"run the study into .*/a with from_seed: 3"
    )
    with pytest.raises(BadInput, match=said):
        merged(tmp_path, a, b)
    early = folder(tmp_path / "early", (8, mine), trained=13)
    assert merged(tmp_path, a, early).studies.versions("other") == [other]
    monkeypatch.setattr(registry, "predating", lambda name: mine if name == "rates" else None)
    Merge(a.folder.where, b.folder.where).write(str(tmp_path / "catalogued"))


def test_the_arms_of_an_answer_follow_from_the_rule_of_its_search(tmp_path: Path) -> None:
    other = compares("s.answer/a", from_seed=1000)
    a = folder(tmp_path / "a", (9, other))
    record = synthetic.record(other.config("x", seed=1000))
    a.write(dataclasses.replace(record, provenance={**record.provenance, "ended": NINE + HOUR + 60}))
    answer = dataclasses.replace(STUDY, name="s.answer", claims=())
    late = folder(tmp_path / "late", (11, search()), (12, answer))
    with pytest.raises(BadInput, match=r"seeds up to 1000 of x before it and s.answer/a were written"):
        merged(tmp_path, a, late)
    merged(tmp_path, a, folder(tmp_path / "early", (9, search()), (12, answer)))
