"""A study in short where arms are lost, of other studies or of other splits: it says no more than there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.verdicts import judge
from analysis.data.arms import arm_epochs
from analysis.data.frames import from_records
from analysis.report.best_arm import best_arm, best_words
from analysis.report.chart_blocks import UNDECIDED
from analysis.report.curve_chart import curve_chart, ends_words
from analysis.report.forest import forest
from analysis.report.headline import BY_RULE, StudyInShort, study_in_short
from analysis.tables.effects import effects
from study.spec.claims import Claim, Contrast, Form, Quantity
from study.spec.study import Arm, Study
from tests import synthetic
from tests.analysis.report.test_headline import STUDY, measured, short
from trainables.records.trial_record import TrialRecord

PAIR = Study(
    name="s",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=6,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.002})),
)
Accuracy = Callable[[str, int], list[float]]
"""By arm and seed, the validation accuracy after each epoch."""


def claiming(*parts: Form, study: Study = PAIR) -> Study:
    return dataclasses.replace(study, claims=(Claim(id="x", statement="s.", parts=parts),))


def with_accuracy(study: Study, accuracy: Accuracy, metric: str = "val_accuracy") -> Iterator[TrialRecord]:
    for arm in study.arms:
        others = [(a.name, s) for a in study.arms for s in range(5) if a.name != arm.name]
        for r in synthetic.records(study, range(5), skip=others):
            values = accuracy(arm.name, r.config.seed)
            yield dataclasses.replace(r, epochs=r.epochs.replace(**{metric: values}))


def told(study: Study, accuracy: Accuracy, *others: tuple[Study, Accuracy]) -> StudyInShort:
    known = {s.name: s for s in (study, *(of for of, _ in others))}
    made = [r for of, numbers in ((study, accuracy), *others) for r in with_accuracy(of, numbers)]
    measurements = Measurements(known, from_records(made))
    return study_in_short(study, measurements, judge(study, measurements.frames, known), BY_RULE)


def reaching(**seeds: dict[int, int] | None) -> Accuracy:
    """By arm, the epoch at which a seed reaches 85 %; without one it never does."""
    return lambda arm, seed: [0.9 if e + 1 >= (seeds[arm] or {}).get(seed, 99) else 0.5 for e in range(6)]


def of(arm: str, metric: str = "val_accuracy", **more: object) -> Quantity:
    return Quantity(arm=arm, metric=metric, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ({0: 6, 1: 6, 2: 6}, {2: 6, 3: 6, 4: 6}, "B and a both reach 85 % within 6 epochs in 3 of 5 seeds."),
        (None, None, "Neither b nor a reaches 85 % within 6 epochs."),
        (dict.fromkeys(range(5), 3), None, "B does not reach 85 % within 6 epochs; a does after 3 epochs."),
        (
            {0: 3, 1: 3, 2: 2, 3: 2, 4: 3},
            {0: 4, 1: 3, 2: 3, 3: 3, 4: 4},
            "B reaches 85 % later than a: after 3.4 epochs against after 2.6 epochs.",
        ),
    ],
)
def test_who_reaches_a_level_first_is_told_of_the_seeds_that_do(
    a: dict[int, int] | None, b: dict[int, int] | None, said: str
) -> None:
    first = Contrast(a=of("b", reaches=0.85), b=of("a", reaches=0.85), high=0.0)
    row = told(claiming(first), reaching(a=a, b=b)).row
    assert row.verdict == "open" and row.answer.removesuffix(f" {UNDECIDED}") == said


def test_neither_of_unequal_epochs_says_both() -> None:
    first = Contrast(a=of("b", reaches=0.85), b=of("a", reaches=0.85), high=0.0)
    short_b = dataclasses.replace(PAIR, arms=(PAIR.arms[0], dataclasses.replace(PAIR.arms[1], epochs=4)))
    found = told(claiming(first, study=short_b), lambda arm, _: [0.5] * (6 if arm == "a" else 4))
    assert found.row.answer == "B does not reach 85 % within 4 epochs, nor does a within 6 epochs."


def test_an_arm_of_another_study_has_the_words_of_its_own_study() -> None:
    other = dataclasses.replace(
        PAIR, name="other", arms=(Arm(name="a", say="a wide network"), Arm(name="plain", change={"lr": 0.0005}))
    )
    mine = dataclasses.replace(
        PAIR, name="mine", base={"hidden": (32,)}, arms=(Arm(name="a", say="a narrow network"), PAIR.arms[1])
    )
    better = (other, lambda _, seed: [0.85 + 0.001 * seed] * 6)
    for arm, subject in (("other/a", "A wide network"), ("other/plain", "Other/plain")):
        part = Contrast(a=of(arm), b=of("a"), low=0.0, differ=("hidden", "lr"))
        found = told(claiming(part, study=mine), lambda _, seed: [0.8 + 0.002 * seed] * 6, better)
        assert found.row.answer.startswith(f"{subject} raises validation accuracy by 4.8 points")
        assert found.measured is not None and " against a narrow network" in found.measured.effect.what


def test_a_comparison_of_two_metrics_is_not_the_main_effect() -> None:
    found = told(claiming(Contrast(a=of("b", "train_accuracy"), b=of("a"), low=0.0)), lambda _, s: [0.8 + s / 1000] * 6)
    assert found.measured is not None and found.measured.effect.a.metric == "val_accuracy"


def test_a_share_of_seeds_has_no_place_on_the_axis_of_its_number() -> None:
    ahead: Accuracy = lambda arm, seed: [0.85 + (0.02 + 0.001 * seed if arm == "b" else 0.0)] * 6  # noqa: E731
    found = told(claiming(Contrast(a=of("b"), b=of("a"), low=0.0, share=0.8)), ahead)
    assert found.measured is not None and found.measured.found.deciding is None


def test_beside_a_number_stands_the_verdict_of_its_own_part() -> None:
    ahead: Accuracy = lambda arm, seed: [0.85 + (0.02 + 0.001 * seed if arm == "b" else 0.0)] * 6  # noqa: E731
    two = claiming(Contrast(a=of("b"), b=of("a"), low=0.005), Contrast(a=of("b"), b=of("a"), low=0.03))
    found = told(two, ahead)
    assert found.measured is not None and found.measured.found.alt.endswith("Claimed above 0.5 points: supported.")
    assert [verdict for _, verdict, _ in found.row.verdicts.items] == ["refuted"]


def test_what_is_not_0_does_not_read_as_0() -> None:
    found = told(PAIR, lambda arm, seed: [0.89 + 0.001 * seed + (0.0002 + seed / 1e5 if arm == "b" else 0.0)] * 6)
    assert found.row.answer.startswith("B raises validation accuracy by 0.02 points")


FOLDS = dataclasses.replace(
    PAIR,
    baseline="s-0",
    knobs=("hidden", "fold"),
    base={"held_out": 0.2},
    arms=tuple(
        Arm(name=f"{n}-{k}", change={"hidden": (h,), "fold": k}) for n, h in (("s", 20), ("l", 80)) for k in (0, 1)
    ),
)


def test_arms_of_different_splits_are_not_compared() -> None:
    measurements = measured(FOLDS)
    assert best_arm(FOLDS, measurements) is None
    found = short(FOLDS, measurements)
    assert found.measured is not None and found.measured.effect.a.arm == "s/l-0", "of the baseline's split"
    with pytest.raises(NotMeasured, match="its arms have several splits"):
        measurements.difference(of("s/l-1"), of("s/s-0"), loose=True)
    table = effects(FOLDS, measurements.frames)
    why = {(row.arm, row.refused) for row in table.itertuples()}
    refused = "has another split, and splits share images"
    assert why == {("l-0", ""), ("l-1", f"l-1 {refused}"), ("s-1", f"s-1 {refused}")}
    drawn = forest(FOLDS, table)
    assert drawn is not None and drawn.title == "What each arm changes"


def test_of_arms_that_were_lost_no_heading_and_no_best_arm_speaks() -> None:
    study = dataclasses.replace(STUDY, arms=(*STUDY.arms, Arm(name="lost", change={"lr": 0.5})))
    lost = measured(study, endings={("lost", s): ("diverged", 2) for s in range(3)})
    chart = curve_chart(study, arm_epochs(lost.frames, study), [])
    assert chart is not None and ends_words(chart).startswith("Validation accuracy of finished arms ends between ")
    best = best_arm(study, lost)
    assert best is not None and best_words(study, best).startswith("Of the 3 of 4 arms with a number ")
