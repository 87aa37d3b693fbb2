"""Arms that differ by the split's seed alone: one table with corrected intervals by hand, and why there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean, stdev
from typing import Any

import pytest

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from analysis.tables.repeated_splits import SPLIT_COLUMNS, repeated_splits, settings
from analysis.tables.sheets import splits_sheet
from analysis.text.render_sheet import to_markdown
from study.spec.claims import Association, Claim, Contrast, Quantity
from study.spec.study import Arm, Study
from tests.synthetic import CHECKSUM, changed, record, records
from trainables.data.facts import DataFacts

FOUR = range(4)
STUDY = Study(
    name="splits",
    title="Width",
    question="q",
    knobs=("hidden", "split_seed"),
    epochs=3,
    base={"held_out": 0.2},
    arms=(
        *(Arm(name=f"small-{s}", change={"hidden": [5], "split_seed": s}) for s in FOUR),
        *(Arm(name=f"large-{s}", change={"hidden": [50], "split_seed": s}) for s in FOUR),
        Arm(name="alone", change={"hidden": [7]}),
    ),
)
VALUES = {"small": (0.80, 0.82, 0.81, 0.85), "large": (0.84, 0.85, 0.87, 0.86)}
"""Accuracy by split; seeds lie 0.01 about it."""
LARGE, SMALL = (Quantity(arm=name, metric="val_accuracy") for name in ("large-1", "small-0"))
T3 = 3.182446305284263


def made(study: Study = STUDY, **how):
    def one(name, seed):
        kind, _, split = name.partition("-")
        value = VALUES[kind][int(split)] + 0.01 * (seed - 1)
        return changed(record(study.config(name, seed=seed)), -1, val_accuracy=value)

    skip = how.pop("skip", ())
    arms = [a.name for a in study.arms if a.name != "alone"]
    return from_records(one(name, seed) for name in arms for seed in range(3) if (name, seed) not in skip)


def row(table, setting, what, metric="val_accuracy"):
    (found,) = table[(table["setting"] == setting) & (table["what"] == what) & (table["metric"] == metric)].to_dict(
        "records"
    )
    return found


def test_mean_and_change_by_hand() -> None:
    table = repeated_splits(STUDY, made())
    assert tuple(table.columns) == SPLIT_COLUMNS and len(table) == 2 * 2 + 2
    small, large, change = (row(table, f"hidden {w}", what) for w, what in ((5, "mean"), (50, "mean"), (50, "change")))
    for found, values in (
        (small, VALUES["small"]),
        (large, VALUES["large"]),
        (change, [b - a for a, b in zip(*VALUES.values(), strict=True)]),
    ):
        half = T3 * math.sqrt((1 / 4 + 0.2 / 0.8) * stdev(values) ** 2)
        assert found["estimate"] == pytest.approx(fmean(values))
        assert (found["low"], found["high"]) == pytest.approx((fmean(values) - half, fmean(values) + half))
        assert (found["splits"], found["seeds"], found["epoch"], found["refused"]) == (4, 3, 3, "")
    assert small["baseline"] and not large["baseline"]
    assert small["arms"] == "small-0, small-1, small-2, small-3"


def test_folds_are_splits_too_and_have_no_verdict() -> None:
    arms = tuple(replace(a, change={"hidden": a.change["hidden"], "fold": i % 4}) for i, a in enumerate(STUDY.arms[:8]))
    folds = replace(STUDY, knobs=("hidden", "fold"), base={"held_out": 0.25}, arms=arms)
    found = row(repeated_splits(folds, made(folds)), "hidden 5", "mean")
    half = T3 * math.sqrt((1 / 4 + 1 / 3) * stdev(VALUES["small"]) ** 2)
    assert (found["splits"], found["high"] - found["estimate"]) == (4, pytest.approx(half))
    study = replace(folds, claims=(Claim(id="x", statement="s.", parts=(Contrast(a=LARGE, b=SMALL, low=0.0),)),))
    (judged,) = claims.judge(study, from_records(records(study, range(12))))
    assert judged.verdict == "not-judged" and "several splits (fold 0, 1)" in judged.reason


def test_an_interval_ends_where_the_metric_ends() -> None:
    two = replace(STUDY, arms=(STUDY.arms[0], STUDY.arms[3]))
    assert row(repeated_splits(two, made(two)), "hidden 5", "mean")["high"] == 1.0


def test_the_seeds_are_those_that_all_have() -> None:
    table = repeated_splits(STUDY, made(skip={("large-2", 0)}))
    assert row(table, "hidden 50", "change")["seeds"] == 2 and row(table, "hidden 5", "mean")["seeds"] == 3
    asked = {STUDY.name: (0, 1, 2)}
    lacks = row(repeated_splits(STUDY, made(skip={("large-2", 0)}), asked), "hidden 50", "change")
    assert "large-2 has no trial of seed 0" in lacks["refused"] and math.isnan(lacks["estimate"])


def test_what_has_no_number_says_why() -> None:
    diverged = from_records(records(STUDY, range(3), endings={("small-1", 2): ("diverged", 2)}))
    assert "small-1 diverged" in row(repeated_splits(STUDY, diverged), "hidden 5", "mean")["refused"]
    assert "no trials" in row(repeated_splits(STUDY, from_records([])), "hidden 50", "mean")["refused"]
    other = (*(replace(a, change={**a.change, "held_out": 0.1}) for a in STUDY.arms[:4]), *STUDY.arms[4:])
    mixed = replace(STUDY, arms=other, knobs=(*STUDY.knobs, "held_out"))
    assert "other shares" in row(repeated_splits(mixed, made(mixed)), "hidden 50", "change")["refused"]
    apart = (*STUDY.arms[:2], *STUDY.arms[6:8])
    none = replace(STUDY, arms=apart, baseline="small-0")
    assert "fewer than two" in row(repeated_splits(none, made(none)), "hidden 50", "change")["refused"]
    text = to_markdown(splits_sheet(repeated_splits(none, made(none)), "Splits"))
    assert "fewer than two splits in common" in text and "No verdict rests on it" in text and "(baseline)" in text


def test_fewer_training_images_weigh_more_and_have_to_be_known() -> None:
    few = replace(STUDY, base={"held_out": 0.2, "train_images": 1000})
    assert "not on record" in row(repeated_splits(few, made(few)), "hidden 5", "mean")["refused"]
    counts: dict[str, Any] = {
        "train_images": 2000,
        "train_largest_class": 200,
        "val_images": 500,
        "val_largest_class": 50,
    }
    facts = DataFacts(name="d", checksum=CHECKSUM, classes=10, lowest_pixel=0, highest_pixel=255, **counts)
    found = row(repeated_splits(few, made(few), data={CHECKSUM: facts}), "hidden 5", "mean")
    half = T3 * math.sqrt((1 / 4 + 400 / 1000) * stdev(VALUES["small"]) ** 2)
    assert found["high"] - found["estimate"] == pytest.approx(half)


def test_without_splits_there_is_no_row() -> None:
    plain = replace(
        STUDY, base={}, knobs=("hidden",), baseline="a", arms=(Arm(name="a"), Arm(name="b", change={"hidden": [5]}))
    )
    assert settings(plain) == () and len(repeated_splits(plain, from_records([]))) == 0


@pytest.mark.parametrize(
    "part",
    [
        Contrast(a=LARGE, b=SMALL, low=0.0),
        Contrast(a=LARGE, b=SMALL, low=1.0, ratio=True),
        Association(arms=tuple(a.name for a in STUDY.arms[:5]), x=SMALL, y=replace(SMALL, metric="val_loss")),
    ],
)
def test_a_claim_over_several_splits_has_no_verdict_however_clear(part) -> None:
    study = replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(part,)),))
    (found,) = claims.judge(study, from_records(records(study, range(12))))
    assert found.verdict == "not-judged" and found.decided_at is None and "never a verdict" in found.reason
    assert found.need is None


def test_a_claim_within_one_split_is_judged() -> None:
    part = Contrast(a=LARGE, b=replace(SMALL, arm="small-1"), low=-0.5)
    study = replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(part,)),))
    (found,) = claims.judge(study, from_records(records(study, range(12))))
    assert found.verdict == "supported"
