"""A seed that a folder tells anything of is seen at every door: freezing, a search's answer, merging."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claims import Claim, Level, Quantity
from study.spec.domains import Float
from study.spec.point import Point, SharedKnobs
from study.spec.registry import Catalogue
from study.spec.search import Scheduler, Search
from study.spec.study import Arm, Study
from study.spec.study_file import StudySource
from study.storage.freezing import check_answer, check_freezable
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Event
from study.storage.search_log import SearchLog
from tests import synthetic
from tests.analysis.stores import store_of
from tests.synthetic import CHECKSUM
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig

SMALL = Protocol((0,), quick=True, images=60_000)
JANUARY, FEBRUARY, MARCH = (f"2026-0{month}-01T00:00:00+00:00" for month in (1, 2, 3))
MID_JANUARY = 1_768_500_000.0
FEBRUARY_FIRST = 1_769_904_000.0


def good(arm: str, from_seed: int = 0) -> Claim:
    parts = (Level(quantity=Quantity(arm=arm, metric="val_accuracy"), low=0.5),)
    return Claim(id="c", statement="It is good.", parts=parts, from_seed=from_seed)


def made(name: str, lr: dict[str, float], *claims: Claim) -> Study:
    arms = tuple(Arm(name=arm, change={"lr": value}) for arm, value in lr.items())
    return Study(
        name=name, title=name, question=f"{name}?", knobs=("lr",), epochs=2, arms=arms, baseline=next(iter(lr)),
        claims=claims,
    )  # fmt: skip


Z, Y, X = made("Z", {"z": 0.1, "z2": 0.3}), made("Y", {"a": 0.1}), made("X", {"x": 0.7}, good("Y/a"))


def later(store: ResultsFolder, study: Study, seeds: int) -> None:
    """Trials that begin now."""
    now = time.time()
    for record in synthetic.records(study, range(seeds)):
        store.write(dataclasses.replace(record, provenance={"started": now, "ended": now + 60}))


def freeze(store: ResultsFolder, *studies: Study, quick: bool = False) -> None:
    """As a run does it."""
    ready = [SMALL.study(study) if quick else study for study in studies]
    check_freezable(store, [StudySource(study) for study in studies], ready, CHECKSUM)
    for study in ready:
        store.studies.freeze(study)


def test_a_reduced_version_of_an_arms_study_hides_no_seed_of_it(tmp_path: Path) -> None:
    store = store_of(tmp_path, [Y], seeds=range(12))
    freeze(store, Y, quick=True)
    with pytest.raises(BadInput, match=r"claim c, from_seed: got 0; this folder has seeds up to 11 .*from_seed: 12"):
        freeze(store, X)


def test_a_reduced_version_makes_no_arm_an_old_one(tmp_path: Path) -> None:
    store = store_of(tmp_path, [Z], seeds=range(12))
    freeze(store, X)
    freeze(store, Y, quick=True)
    with pytest.raises(BadInput, match=r"study Y, arm: got 'a'; .*seeds up to 11 of this configuration before"):
        freeze(store, Y)


def test_who_names_an_arm_now_has_seen_what_is_on_record_now(tmp_path: Path) -> None:
    """The claim is older than the seeds, and the arm is chosen by them."""
    store = store_of(tmp_path, [], gather=False)
    freeze(store, X)
    later(store, Z, 12)
    with pytest.raises(BadInput, match=r"study Y, arm: got 'a'; claim c of study X .*seeds up to 11 .* before both"):
        freeze(store, Y)
    fresh = made("Y", {"a": 0.2})
    freeze(store, fresh)
    later(store, fresh, 3)
    freeze(store, fresh)


def test_an_arm_is_named_when_a_reduced_run_has_it_and_anew_where_it_is_another_in_full(tmp_path: Path) -> None:
    store = store_of(tmp_path, [], gather=False)
    freeze(store, made("Y", {"a": 0.2}), quick=True)
    freeze(store, X)
    later(store, Z, 12)
    with pytest.raises(BadInput, match=r"study Y, arm: got 'a'; .*seeds up to 11 of this configuration before"):
        freeze(store, Y)
    same = store_of(tmp_path / "same", [], gather=False)
    freeze(same, X, Y, quick=True)
    later(same, Z, 12)
    freeze(same, X, Y)


def test_a_claim_on_an_arm_of_a_catalogue_is_asked_before_the_folder_has_its_study(tmp_path: Path) -> None:
    dropout = registry.read("dropout")
    config = dropout.study.config("none")
    z = dataclasses.replace(made("Z", {"z": 0.1}), epochs=config.epochs)
    store = store_of(tmp_path, [z], seeds=())
    for seed in range(12):
        store.write(synthetic.record(config.replace(seed=seed)))
    mine = made("W", {"x": 0.7}, good("dropout/none"))
    with pytest.raises(BadInput, match=r"study W, claim c, from_seed: got 0; .*seeds up to 11 .*from_seed: 12"):
        freeze(store, mine)
    store.studies.freeze(mine)  # as an older version of this program did
    with pytest.raises(
        BadInput, match=r"study dropout, arm: got .none.; claim c of study W .* that claim from_seed: 12"
    ):
        check_freezable(store, [dropout], [dropout.study], CHECKSUM)
    other = store_of(tmp_path / "other", [z], seeds=(0,))
    check_freezable(other, [StudySource(mine), dropout], [mine, dropout.study], CHECKSUM)


def test_an_arm_of_a_catalogue_does_not_change_under_the_claims_of_others(tmp_path: Path) -> None:
    dropout = registry.read("dropout")
    store = store_of(tmp_path, [dropout.study, made("W", {"x": 0.7}, good("dropout/none"))], seeds=())
    changed = dataclasses.replace(dropout.study, base={**dropout.study.base, "lr": 0.02})
    check_freezable(store, [dropout], [dropout.study], CHECKSUM)
    with pytest.raises(BadInput, match=r"study dropout, arm: got 'none'; claim c of study W speaks of it as this"):
        check_freezable(store, [dataclasses.replace(dropout, study=changed)], [changed], CHECKSUM)


def test_studies_that_are_run_reduced_together_are_asked_as_they_are_in_full(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"study X, claim c, from_seed.*from_seed: 12"):
        freeze(store_of(tmp_path, [Z], seeds=range(12)), X, Y, quick=True)


def test_an_arm_with_another_batch_than_its_reduced_version_is_another(tmp_path: Path) -> None:
    def sized(name: str, size: int, *claims: Claim) -> Study:
        arm = Arm(name="a", change={"batch_size": size})
        return dataclasses.replace(made(name, {"a": 0.1}, *claims), knobs=("batch_size",), arms=(arm,))

    store = store_of(tmp_path, [sized("Z", 64)], seeds=range(6))
    freeze(store, sized("X", 16, good("a")), quick=True)
    with pytest.raises(BadInput, match=r"study X, claim c, from_seed: got 0; .*from_seed: 6"):
        freeze(store, sized("X", 64, good("a")))
    freeze(store, sized("X", 16, good("a")))
    large = sized("L", 10_000, good("a"))
    freeze(store, large, quick=True)  # which makes batches of all its 6000 images
    store.write(synthetic.record(large.config("a", seed=0)))
    freeze(store, large)


@pytest.mark.parametrize("change", [{"device": "cuda"}, {"precision": "bf16"}])
def test_a_seed_is_seen_on_every_device_and_in_every_precision(tmp_path: Path, change: dict[str, str]) -> None:
    store = store_of(tmp_path, [Z], seeds=range(3))
    other = dataclasses.replace(made("own", {"a": 0.1}, good("a")), base=change)
    with pytest.raises(BadInput, match=r"seeds up to 2 .*from_seed: 3"):
        freeze(store, other)
    store.save_checkpoint(other.config("a", seed=4).identity(CHECKSUM), 1, b"half of it")  # and runs/ knows it not
    with pytest.raises(BadInput, match=r"seeds up to 4 .*from_seed: 5"):
        freeze(store, made("more", {"a": 0.1}, good("a", 3)))


SEARCH = dataclasses.replace(
    made("tune", {"a": 0.1}), arms=(), baseline="", search=Search(trials=2, space={"lr": Float(low=0.01, high=1.0)})
)
ANSWER = made("tune.answer", {"winner": 0.1, "runner-up": 0.3})


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "step", "step_size": 2},
        {"schedule": "plateau", "plateau_patience": 3},
        {"schedule": "cosine", "cosine_min_lr": 0.1},
        {"optimizer": "adamw"},
    ],
)
def test_a_seed_of_what_begins_with_the_same_numbers_is_seen(tmp_path: Path, change: dict[str, str | float]) -> None:
    """A step after the last epoch, and AdamW without weight decay, gave a claim seeds known to the last bit."""
    store = store_of(tmp_path, [Z], seeds=range(3))
    twin = dataclasses.replace(made("Twin", {"t": 0.1}, good("t")), base=change)
    with pytest.raises(BadInput, match="from_seed: got 0; this folder has seeds up to 2 of its arms already"):
        freeze(store, twin)
    freeze(store, dataclasses.replace(twin, base={**change, "weight_decay": 0.01}))


def test_a_claim_on_the_answer_of_a_search_counts_no_seed_that_chose_it(tmp_path: Path) -> None:
    store = store_of(tmp_path, [SEARCH], seeds=())
    early, late = (made("W", {"x": 0.7}, good("tune.answer/winner", seed)) for seed in (0, 1000))
    for folder in (store, ResultsFolder(tmp_path / "empty", create=True)):
        with pytest.raises(BadInput, match=r"claim c, from_seed: got 0; .*seeds below 1000 choose.*from_seed: 1000"):
            freeze(folder, early)
    freeze(store, late)
    check_answer(store, ANSWER)
    store.studies.freeze(ANSWER)
    check_answer(store, ANSWER)
    with pytest.raises(
        BadInput, match=r"study tune.answer, arm: got 'winner'; claim c of study W .* another answer now"
    ):
        check_answer(store, made("tune.answer", {"winner": 0.2, "runner-up": 0.1}))
    old = store_of(tmp_path / "old", [SEARCH, early], seeds=())
    with pytest.raises(BadInput, match=r"claim c of study W .* from seed 0 on, and seeds below 1000 choose it"):
        check_answer(old, ANSWER)


def folder(where: Path, at: str, *studies: Study, seeds: int = 0, ended: float = MID_JANUARY) -> ResultsFolder:
    store = ResultsFolder(where, create=True)
    for study in studies:
        for record in synthetic.records(study, range(seeds)):
            store.write(dataclasses.replace(record, provenance={**record.provenance, "ended": ended}))
        store.studies.freeze(study, at)
    return store


def refused(tmp_path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        Merge(str(tmp_path / "A"), str(tmp_path / "B")).check(str(tmp_path / "C"))
    assert "othing was merged" in str(caught.value)
    return str(caught.value)


def test_a_merge_asks_the_folder_that_has_the_claim_for_arms_that_it_did_not_know(tmp_path: Path) -> None:
    folder(tmp_path / "A", JANUARY, Z, seeds=12)
    folder(tmp_path / "A", FEBRUARY, X)
    folder(tmp_path / "B", MARCH, Y)
    assert "study X, claim c, from_seed: got 0; " in (said := refused(tmp_path)) and "seeds up to 11" in said


def test_a_merge_asks_for_what_was_seen_when_the_arm_was_named(tmp_path: Path) -> None:
    folder(tmp_path / "A", JANUARY, X)
    b = folder(tmp_path / "B", FEBRUARY, Z, seeds=12, ended=FEBRUARY_FIRST + 90_000)
    b.studies.freeze(Y, MARCH)
    said = refused(tmp_path)
    assert "study X, claim c, from_seed: got 0; " in said and "seeds up to 11 of Y/a before both were written" in said
    assert f"run the study into {tmp_path / 'A'} with from_seed: 12, or" in said
    early = folder(tmp_path / "early", FEBRUARY, Y)
    for record in synthetic.records(Y, range(12)):
        early.write(dataclasses.replace(record, provenance={"ended": FEBRUARY_FIRST + 90_000}))
    assert Merge(str(tmp_path / "A"), early.folder.where).check(str(tmp_path / "C")) == (12, 0)


@pytest.mark.parametrize("name", ["S.answer", "dropout"])
def test_a_study_of_ones_own_is_asked_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    folder(tmp_path / "A", FEBRUARY, made(name, {"k": 0.9, "a": 0.1}, good("a")))
    folder(tmp_path / "B", JANUARY, Z, seeds=12)
    assert f"study {name}, claim c, from_seed: got 0; " in refused(tmp_path)


def test_a_catalogue_with_claims_older_than_folders_is_not_asked_on_whatever_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = made("theirs", {"k": 0.9, "a": 0.1}, good("a"))
    of = type("Package", (Catalogue,), {"names": lambda self: ("theirs",), "load": lambda self, name: theirs})
    monkeypatch.setattr(registry, "catalogues", lambda: {"theirs": of("theirs", claims_predate=True)})
    folder(tmp_path / "A", FEBRUARY, dataclasses.replace(theirs, base={"device": "cuda", "precision": "fp32"}))
    folder(tmp_path / "B", JANUARY, Z, seeds=12)
    assert Merge(str(tmp_path / "A"), str(tmp_path / "B")).check(str(tmp_path / "C")) == (24, 0)


def test_what_was_begun_before_a_claim_or_is_under_way_was_seen(tmp_path: Path) -> None:
    mine = made("S", {"k": 0.9, "a": 0.1}, good("a"))
    folder(tmp_path / "A", FEBRUARY, mine)
    b = folder(tmp_path / "B", JANUARY, Z, seeds=3, ended=FEBRUARY_FIRST + 1)
    assert "seeds up to 2 of its arms" in refused(tmp_path)
    started = {"started": FEBRUARY_FIRST - 1, "ended": FEBRUARY_FIRST + 9}
    b.write(dataclasses.replace(synthetic.record(Z.config("z", seed=4)), provenance=started))
    assert "seeds up to 4 of its arms" in refused(tmp_path)
    b.save_checkpoint(TrialConfig(lr=0.1, epochs=2, seed=5).identity(CHECKSUM), 1, b"half of it")
    assert "seeds up to 5 of its arms" in refused(tmp_path)


STEPS: dict[str, float | str] = {"lr": 0.1, "schedule": "step", "step_size": 1, "step_gamma": 0.5}


@pytest.mark.parametrize("searched", [False, True])
def test_what_is_under_way_under_another_schedule_was_seen(tmp_path: Path, searched: bool) -> None:
    """Its first epochs are the same, and of a checkpoint the folder has an identity alone."""
    folder(tmp_path / "A", FEBRUARY, made("S", {"k": 0.9, "a": 0.1}, good("a")), seeds=1, ended=FEBRUARY_FIRST + 9)
    b = folder(tmp_path / "B", JANUARY, made("Q", {"q": 0.5}))
    if searched:
        search = Search(space={"lr": Float(low=0.01, high=1.0)}, trials=3, searcher="random", scheduler=Scheduler())
        log = SearchLog(b, "Q", "", search, SharedKnobs.of(2), CHECKSUM)
        log.add(Event(kind="proposed", proposal=0, point=Point.from_json(STEPS)))
    else:
        arms, knobs = (Arm(name="z", change=STEPS),), tuple(STEPS)
        b.studies.freeze(dataclasses.replace(Z, arms=arms, baseline="z", knobs=knobs), JANUARY)
    b.save_checkpoint(TrialConfig.from_dict({**STEPS, "epochs": 2, "seed": 5}).identity(CHECKSUM), 1, b"half of it")
    assert "seeds up to 5 of its arms" in refused(tmp_path)


def test_what_is_under_way_is_seen_in_a_folder_without_a_record(tmp_path: Path) -> None:
    folder(tmp_path / "A", FEBRUARY, made("S", {"k": 0.9, "a": 0.1}, good("a")), seeds=1, ended=FEBRUARY_FIRST + 9)
    b = folder(tmp_path / "B", JANUARY, Z)
    b.save_checkpoint(TrialConfig(lr=0.1, epochs=2, seed=5).identity(CHECKSUM), 1, b"half of it")
    assert "seeds up to 5 of its arms" in refused(tmp_path)
