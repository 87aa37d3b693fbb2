"""What may be frozen into a results folder: one study of a name, and claims that nobody's seen seeds decide."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claims import Claim, Contrast, Level, Quantity
from study.spec.registry import Catalogue
from study.spec.study import Arm, Effect, Family, Study
from study.spec.study_file import StudySource, read
from study.storage.freezing import (
    check_freezable,
    refuse_other_places,
    refuse_other_study,
    refuse_seen_seeds,
    refuse_two_of_a_name,
)
from study.storage.run_records import RunRecord, write_run
from tests.analysis.stores import store_of
from tests.synthetic import CHECKSUM, record
from trainables.config.errors import BadInput


def quantity(arm: str) -> Quantity:
    return Quantity(arm=arm, metric="val_accuracy")


OLD = Claim(id="old", statement="A is good.", parts=(Level(quantity=quantity("a"), low=0.5),))
NEW = Claim(id="new", statement="A beats B.", parts=(Contrast(a=quantity("a"), b=quantity("b"), low=0.0),))
STUDY = Study(
    name="rates",
    title="Rates",
    question="Which rate?",
    knobs=("lr",),
    epochs=2,
    arms=(Arm(name="a", change={"lr": 0.1}), Arm(name="b", change={"lr": 0.01})),
    claims=(OLD,),
)


MORE_ARMS = (*STUDY.arms, Arm(name="long", change={"lr": 0.2}, epochs=10))
"""The last one is reduced by `--quick` whatever the data."""


def with_claims(*claims: Claim) -> Study:
    return dataclasses.replace(STUDY, claims=claims)


def test_a_claim_is_judged_by_seeds_that_nobody_had_seen(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0, 1, 2))
    refuse_seen_seeds(store, STUDY, CHECKSUM)
    refuse_seen_seeds(store, with_claims(dataclasses.replace(OLD, statement="In other words.", note="n")), CHECKSUM)
    refuse_seen_seeds(store, with_claims(OLD, dataclasses.replace(NEW, from_seed=3)), CHECKSUM)
    refuse_seen_seeds(store, with_claims(OLD, NEW), "6" * 64)  # other data, so nothing was seen
    refuse_seen_seeds(store, dataclasses.replace(with_claims(OLD, NEW), reduced=("a",)), CHECKSUM)
    for late in (NEW, dataclasses.replace(NEW, from_seed=2), dataclasses.replace(OLD, id="again")):
        with pytest.raises(BadInput, match=f"claim {late.id}, from_seed: got {late.from_seed}; .*from_seed: 3"):
            refuse_seen_seeds(store, with_claims(OLD, late), CHECKSUM)
    tighter = dataclasses.replace(OLD, parts=(Level(quantity=quantity("a"), low=0.6),))
    with pytest.raises(BadInput, match="claim old, from_seed: got 0"):
        refuse_seen_seeds(store, with_claims(tighter), CHECKSUM)


def test_a_claim_whose_arm_was_renamed_says_its_old_name_and_where_it_stands(tmp_path: Path) -> None:
    """It said "from_seed: got 0" of a claim that names none, without file and line, and nothing of the name."""
    store = store_of(tmp_path / "r", [STUDY], seeds=(0, 1, 2))
    file = tmp_path / "rates.yaml"
    file.write_text(yaml.safe_dump(STUDY.to_dict(), sort_keys=False).replace("name: a\n", "name: first\n"))
    file.write_text(file.read_text().replace("arm: a\n", "arm: first\n").replace("baseline: a\n", "baseline: first\n"))
    source = read(file)
    with pytest.raises(BadInput, match=r"rates.yaml, line \d+: claim old, from_seed: .*seeds up to 2") as told:
        check_freezable(store, [source], [source.study], CHECKSUM)
    assert "first is the arm a here: leave its name, and give it `say: first`" in str(told.value)
    assert "got 0" not in str(told.value) and "give from_seed: 3, or another folder" in str(told.value)
    other = dataclasses.replace(source.study, arms=(Arm(name="first", change={"lr": 0.3}), STUDY.arms[1]))
    refuse_seen_seeds(store, other, CHECKSUM)  # other knobs, so another arm that no seed was seen of


def test_a_claim_whose_arm_has_other_knobs_now_is_another_claim(tmp_path: Path) -> None:
    tried = dataclasses.replace(STUDY, name="tried", arms=(Arm(name="c", change={"lr": 0.3}),), baseline="c", claims=())
    store = store_of(tmp_path, [STUDY, tried], seeds=(0, 1, 2))
    seen, unseen = (
        dataclasses.replace(STUDY, arms=(Arm(name="a", change={"lr": lr}), STUDY.arms[1])) for lr in (0.3, 0.4)
    )
    with pytest.raises(BadInput, match=r"claim old, from_seed: got 0; .*seeds up to 2 .*from_seed: 3"):
        refuse_seen_seeds(store, seen, CHECKSUM)
    refuse_seen_seeds(store, unseen, CHECKSUM)
    other_arm = dataclasses.replace(STUDY, arms=(STUDY.arms[0], Arm(name="b", change={"lr": 0.3})))
    refuse_seen_seeds(store, other_arm, CHECKSUM)  # its claim speaks of a alone


def test_an_arm_that_claims_of_other_studies_name_does_not_change_under_its_name(tmp_path: Path) -> None:
    theirs = dataclasses.replace(OLD, id="theirs", parts=(Level(quantity=quantity("rates/a"), low=0.5),))
    other = dataclasses.replace(STUDY, name="other", title="o", question="o?", claims=(theirs,))
    store = store_of(tmp_path, [STUDY, other], seeds=(0, 1, 2))
    changed = dataclasses.replace(STUDY, claims=(), arms=(Arm(name="a", change={"lr": 0.4}), STUDY.arms[1]))
    with pytest.raises(BadInput, match=r"study rates, arm: got 'a'; claim theirs of study other speaks of it"):
        check_freezable(store, [StudySource(changed)], [changed], CHECKSUM)
    named = dataclasses.replace(STUDY, arms=(*STUDY.arms, Arm(name="d", change={"lr": 0.4})))
    check_freezable(store, [StudySource(named)], [named], CHECKSUM)
    fewer = dataclasses.replace(STUDY, arms=(STUDY.arms[0], Arm(name="b", change={"lr": 0.4})))
    check_freezable(store, [StudySource(fewer)], [fewer], CHECKSUM)


def test_seeds_of_another_study_were_seen_as_well(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0, 4))
    other = dataclasses.replace(
        STUDY, name="other", arms=(Arm(name="x", change={"lr": 0.1}),), baseline="x", claims=(), epochs=1
    )
    mine = dataclasses.replace(OLD, parts=(Level(quantity=quantity("x"), low=0.5),))
    for claim in (mine, dataclasses.replace(OLD, parts=(Level(quantity=quantity("rates/b"), low=0.5),))):
        with pytest.raises(BadInput, match=r"seeds up to 4 .*from_seed: 5"):
            refuse_seen_seeds(store, dataclasses.replace(other, claims=(claim,)), CHECKSUM)


def test_a_seed_that_failed_or_is_under_way_was_seen_too(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0, 1, 2))
    store.write(record(STUDY.config("b", seed=5), "failed", 0))
    with pytest.raises(BadInput, match=r"seeds up to 5 .*from_seed: 6"):
        refuse_seen_seeds(store, with_claims(OLD, dataclasses.replace(NEW, from_seed=3)), CHECKSUM)
    write_run(store.folder, "20260102T000000-000000", RunRecord(studies=("rates",), seeds=(5, 6, 7, 8)))
    store.save_checkpoint(STUDY.config("a", seed=7).identity(CHECKSUM), 1, b"half of it")
    with pytest.raises(BadInput, match=r"seeds up to 7 .*from_seed: 8"):
        refuse_seen_seeds(store, with_claims(OLD, dataclasses.replace(NEW, from_seed=6)), CHECKSUM)
    refuse_seen_seeds(store, with_claims(OLD, dataclasses.replace(NEW, from_seed=8)), CHECKSUM)


def test_a_reduced_run_is_asked_the_same_for_it_freezes_claims_too(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0, 1, 2))
    small = Protocol((0,), quick=True, images=60_000)

    def check_reduced(study: Study) -> None:
        reduced = small.study(study)
        assert reduced.reduced
        check_freezable(store, [StudySource(study)], [reduced], CHECKSUM)

    check_reduced(STUDY)
    check_reduced(with_claims(OLD, dataclasses.replace(NEW, from_seed=3)))
    with pytest.raises(BadInput, match=r"claim new, from_seed: got 0; .*from_seed: 3"):
        check_reduced(with_claims(OLD, NEW))
    empty = store_of(tmp_path / "empty", [], gather=False)
    check_freezable(empty, [StudySource(STUDY)], [small.study(with_claims(OLD, NEW))], CHECKSUM)


def test_a_package_is_asked_the_same_unless_its_claims_are_older_than_other_peoples_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes a package may have looked at seeds as anybody may."""
    store = store_of(tmp_path, [STUDY], seeds=(0, 1, 2))

    def given(*, older: bool) -> StudySource:
        of = type("Package", (Catalogue,), {"names": lambda self: ("rates",), "load": lambda self, name: late})
        monkeypatch.setattr(registry, "catalogues", lambda: {"theirs": of("theirs", claims_predate=older)})
        return registry.read("rates")

    late = with_claims(OLD, NEW)
    with pytest.raises(BadInput, match=r"claim new, from_seed: got 0; .*seeds up to 2 .*from_seed: 3"):
        check_freezable(store, [given(older=False)], [late], CHECKSUM)
    check_freezable(store, [given(older=True)], [late], CHECKSUM)
    assert registry.predating("rates") == late
    late = dataclasses.replace(STUDY, family=Family(name="all", places=60))
    with pytest.raises(BadInput, match="this folder has it in rates of 5 since its first run"):
        check_freezable(store, [given(older=False)], [late], CHECKSUM)
    assert registry.predating("rates") is None, "so the places that its first run had stay, in reports too"


def test_two_studies_of_one_name(tmp_path: Path) -> None:
    another = dataclasses.replace(
        STUDY, title="Optimisers", question="Which?", knobs=("optimizer",), arms=(Arm(name="a"),), baseline="a"
    )
    refuse_two_of_a_name([STUDY, STUDY, dataclasses.replace(another, name="other")])
    with pytest.raises(BadInput, match='two studies have it, "Rates" and "Optimisers"'):
        refuse_two_of_a_name([STUDY, another])
    store = store_of(tmp_path, [STUDY], seeds=(0,))
    with pytest.raises(BadInput, match='another study of this name, "Rates"'):
        refuse_other_study(store, another)
    refuse_other_study(store, dataclasses.replace(STUDY, arms=STUDY.arms[:1]))
    refuse_other_study(store, dataclasses.replace(STUDY, title="Better said", question="What?"))


def test_capitals_make_no_other_name(tmp_path: Path) -> None:
    """A folder may be copied to a disk that does not tell them apart, as a Mac's."""
    other = dataclasses.replace(STUDY, name=STUDY.name.upper())
    assert other.name != STUDY.name
    with pytest.raises(BadInput, match=f"two studies have it.*the other as {STUDY.name}; some disks .*: rename one"):
        refuse_two_of_a_name([STUDY, other])
    store = store_of(tmp_path, [STUDY], seeds=(0,))
    with pytest.raises(BadInput, match=f"has a study {STUDY.name}, and some disks do not .*: write {STUDY.name} if"):
        refuse_other_study(store, other)
    store.studies.freeze(other)  # as an older version let it
    refuse_other_study(store, other)
    refuse_other_study(store, STUDY)


def test_what_is_new_is_not_spelled_out_at_its_default(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0,))
    whole = repr(STUDY.to_dict())
    assert not [f for f in ("family", "effect", "answer", "say", "from_seed", "share", "seeds_at") if f in whole]
    own = dataclasses.replace(STUDY, family=Family(name="rates", places=5))
    assert own == STUDY and store.studies.freeze(own) == 1 and STUDY.in_family == Family(name="rates", places=5)
    told = dataclasses.replace(
        STUDY,
        family=Family(name="all", places=60),
        effect=Effect(arm="b", metric="val_accuracy", at="best"),
        answer="Yes.",
        arms=(Arm(name="a", change={"lr": 0.1}, say="the large rate"), STUDY.arms[1]),
    )
    assert Study.from_dict(told.to_dict()) == told and store.studies.freeze(told) == 2
    assert (
        dataclasses.replace(
            STUDY, claims=tuple(dataclasses.replace(OLD, id=f"c{n}") for n in range(6))
        ).in_family.places
        == 10
    )


def in_family(name: str, family: str = "", places: int = 0) -> Study:
    return dataclasses.replace(STUDY, name=name, family=Family(name=family, places=places) if family else None)


def test_studies_of_one_family_have_one_number_of_places(tmp_path: Path) -> None:
    one, other = in_family("one", "fam", 10), in_family("other", "fam", 20)
    refuse_other_places([one, in_family("other", "fam", 10), in_family("third")])
    with pytest.raises(
        BadInput, match=r"^study other, family.places: got 20; study one is of the same family, fam, and says 10"
    ):
        refuse_other_places([one, other])
    store = store_of(tmp_path, [one, in_family("plain")], seeds=(0,))
    for wrong in (other, in_family("third", "plain", 6)):
        with pytest.raises(BadInput, match="all its studies have one number"):
            refuse_other_places([wrong], store)
    refuse_other_places([one, in_family("other", "fam", 10), in_family("one")], store)


def test_a_study_stays_in_the_family_of_its_first_run(tmp_path: Path) -> None:
    store = store_of(tmp_path, [in_family("one", "fam", 10), in_family("plain")], seeds=(0,))
    for changed in (in_family("one", "fam", 20), in_family("one", "more", 10), in_family("plain", "fam", 10)):
        with pytest.raises(
            BadInput, match=r"^study (one|plain), family: got .* since its first run, and that never changes"
        ):
            refuse_other_places([changed], store)
    refuse_other_places([in_family("plain", "fam", 10)], store, older={"plain"})


def test_what_may_not_be_frozen_is_told_of_all_studies_in_one_go(tmp_path: Path) -> None:
    """Families, arms that others name and claims by seen seeds were told one at a time."""
    about = Claim(id="about", statement="S.", parts=(Level(quantity=quantity("rates/a"), low=0.5),))
    named = dataclasses.replace(about, id="too", parts=(Level(quantity=quantity("rates/b"), low=0.5),))
    other = dataclasses.replace(in_family("other"), claims=(about, named))
    store = store_of(tmp_path, [STUDY, other], seeds=(0, 1))
    arms = tuple(dataclasses.replace(a, change={"lr": 0.5 + i}) for i, a in enumerate(STUDY.arms))
    changed = dataclasses.replace(STUDY, arms=arms)
    late = dataclasses.replace(in_family("other", "fam", 7), claims=(about, named, NEW))
    given = [StudySource(s) for s in (changed, late)]
    with pytest.raises(BadInput) as told:
        check_freezable(store, given, [source.study for source in given], CHECKSUM)
    said = [line.partition(": got")[0] for line in str(told.value).splitlines()]
    assert said == [
        "study other, family", "study rates, arm", "study rates, arm", "study other, claim new, from_seed",
    ]  # fmt: skip


@pytest.mark.parametrize("knob", [{"batch_size": 100}, {"batch_size": 100, "optimizer": "adam"}])
def test_a_reduced_run_in_between_makes_no_changed_arm_the_same(tmp_path: Path, knob: dict[str, int]) -> None:
    store = store_of(tmp_path, [STUDY], seeds=(0, 1, 2))
    store.studies.freeze(dataclasses.replace(STUDY, epochs=1, reduced=("*",)))
    refuse_seen_seeds(store, STUDY, CHECKSUM)
    other = dataclasses.replace(STUDY, base=knob)
    for seed in (0, 1, 2):
        store.write(record(other.config("a", seed=seed)))
    with pytest.raises(BadInput, match=r"claim old, from_seed: got 0; .*from_seed: 3"):
        refuse_seen_seeds(store, other, CHECKSUM)


@pytest.mark.parametrize(
    ("one", "two", "images"),
    [({"train_images": 20_000}, {"train_images": 30_000}, 60_000), ({"batch_size": 16}, {"batch_size": 64}, 300)],
)
def test_what_reduces_to_the_same_is_not_the_same_in_full(
    tmp_path: Path, one: dict[str, int], two: dict[str, int], images: int
) -> None:
    """A reduced study keeps a digest of each arm in full, of those that it leaves as they are too."""
    first, then = (dataclasses.replace(STUDY, base=base, arms=MORE_ARMS) for base in (one, two))
    small = Protocol((0,), quick=True, images=images)
    store = store_of(tmp_path, [], gather=False)
    store.studies.freeze(small.study(first))
    for seed in (0, 1):
        for study in (first, then):
            store.write(record(study.config("a", seed=seed)))
    refuse_seen_seeds(store, first, CHECKSUM)
    with pytest.raises(BadInput, match=r"claim old, from_seed: got 0; .*from_seed: 2"):
        refuse_seen_seeds(store, then, CHECKSUM)


def test_an_arm_that_changed_makes_another_claim_by_whichever_name_it_is_called(tmp_path: Path) -> None:
    full_name = dataclasses.replace(OLD, parts=(Level(quantity=quantity("rates/a"), low=0.5),))
    before = with_claims(full_name)
    now = dataclasses.replace(before, arms=(Arm(name="a", change={"lr": 0.2}), STUDY.arms[1]))
    store = store_of(tmp_path, [before], seeds=(0, 1))
    for seed in (0, 1):
        store.write(record(now.config("a", seed=seed)))
    with pytest.raises(BadInput, match=r"claim old, from_seed: got 0; .*from_seed: 2"):
        refuse_seen_seeds(store, now, CHECKSUM)


def names_arm(name: str = "theirs") -> Study:
    """Another study with a claim on arm a of `rates`."""
    claim = dataclasses.replace(OLD, id=name, parts=(Level(quantity=quantity("rates/a"), low=0.5),))
    return Study(
        name="other", title="o", question="o?", knobs=("lr",), epochs=2, arms=(Arm(name="x", change={"lr": 0.7}),),
        claims=(claim,),
    )  # fmt: skip


def refused(store: Any, study: Study) -> str:
    with pytest.raises(BadInput) as caught:
        check_freezable(store, [StudySource(study)], [study], CHECKSUM)
    return str(caught.value)


def test_an_arm_that_others_name_is_not_taken_out_and_comes_back_as_it_was_last(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY, names_arm()], seeds=(0, 1))
    without = dataclasses.replace(STUDY, baseline="b", claims=(), arms=STUDY.arms[1:])
    assert "claim theirs of study other speaks of it as this folder has it, and here it is gone" in refused(
        store, without
    )
    store.studies.freeze(without)  # as an older version of this program did
    again = dataclasses.replace(STUDY, claims=(), arms=(Arm(name="a", change={"lr": 0.4}), STUDY.arms[1]))
    assert "here its knobs are others" in refused(store, again)


def test_a_claim_that_is_taken_out_for_a_while_still_holds_the_arm_that_it_names(tmp_path: Path) -> None:
    store = store_of(tmp_path, [STUDY, names_arm()], seeds=(0, 1))
    store.studies.freeze(dataclasses.replace(names_arm(), claims=()))
    changed = dataclasses.replace(STUDY, claims=(), arms=(Arm(name="a", change={"lr": 0.4}), STUDY.arms[1]))
    assert "claim theirs of study other" in refused(store, changed)
