"""What new validation examples would add to a verdict stands beside it, from the bits on record."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from analysis.claims import verdicts as claims
from analysis.claims.queries import Remarks
from analysis.claims.verdict_json import to_json
from analysis.claims.verdicts import Verdict
from analysis.data.frames import from_records
from analysis.report.inputs import read_inputs
from analysis.report.judge_folder import judge_all
from analysis.report.page_tree import Finding
from analysis.report.verdict_section import findings
from study.cli.claims_text import long_text as text
from study.spec.claims import Claim, Contrast, Form, Level, Quantity
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import write_run
from tests import synthetic
from tests.analysis.stores import run
from trainables.data.facts import FASHION_MNIST
from trainables.records.correct_examples import CorrectExamples, packed
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test
from trainables.records.trial_record import TrialRecord

N = 143
HITS = {"a": 133, "b": 120}
STUDY = Study(
    name="small",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.01}), Arm(name="short", epochs=2)),
)
A, B = (Quantity(arm=arm, metric="val_accuracy", at="last") for arm in "ab")
OTHERWISE = "The verdict is about these examples. On new ones it could be otherwise"


def made(seeds: Sequence[int] = range(5), without: Sequence[int] = (), epochs: int = 3) -> Iterator[TrialRecord]:
    """Records with as many right as `HITS` says, a hair apart between seeds; `without`: seeds of format 1."""
    for arm, hits in HITS.items():
        for seed in seeds:
            one = synthetic.record(STUDY.config(arm, seed=seed).replace(epochs=epochs))
            value = hits / N + 1e-6 * seed * (1 if arm == "a" else 2)
            columns = one.epochs.replace(val_accuracy=(*([0.5] * (epochs - 1)), value))
            bits = packed(np.arange(N) < hits)
            one = dataclasses.replace(one, epochs=columns)
            if seed not in without:
                right = CorrectExamples(N, bits, bits)
                one = dataclasses.replace(one, format=2, measured_by=sources(), correct=right)
            yield one


def judged(*parts: Form, records: Sequence[TrialRecord] | None = None) -> Verdict:
    study = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=parts),))
    (found,) = claims.judge(study, from_records(made() if records is None else records), {})
    return found


def test_93_per_cent_of_143_examples_for_five_seeds_is_known_to_4_points() -> None:
    v = judged(Level(quantity=A, low=0.9))
    assert v.verdict == "supported" and v.part.within_margin
    (said,) = [d for d in v.details if "new examples" in d]
    assert "On 143 new examples" in said and "from 87.5 to 96.6 %." in said and said.endswith(f" {OTHERWISE}.")
    found = to_json([v])[0]["parts"][0]["new_examples"]
    assert (found["low"], found["high"]) == pytest.approx((0.875, 0.966), abs=1e-3)
    assert found["examples"] == N and found["seeds"] == 5 and found["could_be_otherwise"] is True


def test_a_bound_beyond_the_margin_is_no_matter_of_examples() -> None:
    for low in (0.8, 0.98):
        v = judged(Level(quantity=A, low=low))
        assert v.verdict in ("supported", "refuted") and not v.part.within_margin
        assert any("new examples" in d for d in v.details) and not any(OTHERWISE in d for d in v.details)


def test_of_a_difference_the_examples_that_differ_count() -> None:
    v = judged(Contrast(a=A, b=B, low=0.04))
    e = v.part.new_examples
    assert e is not None and v.verdict == "supported"
    assert (e.interval.low, e.interval.high) == pytest.approx((0.0192, 0.1595), abs=1e-3) and v.part.within_margin


def test_the_best_epoch_has_its_own_bits() -> None:
    best = packed(np.arange(N) < 140)
    records = [
        dataclasses.replace(r, correct=CorrectExamples(N, r.correct.last, best))
        for r in made()
        if r.correct is not None
    ]
    at_best = judged(Level(quantity=dataclasses.replace(A, at="best"), low=0.5), records=records).part.new_examples
    assert at_best is not None and at_best.interval.value == pytest.approx(140 / N)


def test_records_without_bits_say_nothing_and_some_say_of_how_many() -> None:
    none = judged(Level(quantity=A, low=0.9), records=list(made(without=range(5))))
    assert none.part.new_examples is None and not any("new examples" in d for d in none.details)
    some = judged(Level(quantity=A, low=0.9), records=list(made(without=(0, 1))))
    (said,) = [d for d in some.details if "new examples" in d]
    assert "This rests on the examples of 3 of 5 seeds." in said and some.verdict == none.verdict == "supported"


@pytest.mark.parametrize(
    "part",
    [
        Level(quantity=dataclasses.replace(A, at=2), low=0.1),
        Level(quantity=dataclasses.replace(A, metric="val_loss"), low=0.0),
        Level(quantity=dataclasses.replace(A, at="mean"), low=0.1),
        Contrast(a=A, b=B, low=0.5, ratio=True, share=0.8),
        Contrast(a=A, b=dataclasses.replace(B, at=2), low=0.0, unequal_epochs=True),
    ],
)
def test_numbers_of_which_there_are_no_bits_say_nothing(part: Form) -> None:
    assert judged(part).part.new_examples is None


def test_bits_of_a_longer_record_are_not_those_of_the_arms_last_epoch() -> None:
    assert judged(Level(quantity=A, low=0.1), records=list(made(epochs=5))).part.new_examples is None


def test_arms_with_other_splits_are_not_compared_example_by_example() -> None:
    apart = [
        dataclasses.replace(r, config=r.config.replace(held_out=0.1, split_seed=3)) if r.config.lr == 0.01 else r
        for r in made()
    ]
    study = dataclasses.replace(
        STUDY,
        knobs=("lr", "held_out", "split_seed"),
        arms=(STUDY.arms[0], Arm(name="b", change={"lr": 0.01, "held_out": 0.1, "split_seed": 3})),
        claims=(Claim(id="x", statement="s.", parts=(Contrast(a=A, b=B, low=0.0),)),),
    )
    (v,) = claims.judge(study, from_records(apart), {})
    assert v.verdict == "supported" and v.part.new_examples is None


def test_of_several_parts_the_others_are_told_of() -> None:
    v = judged(Level(quantity=A, low=0.92), Level(quantity=A, low=0.9), Level(quantity=A, low=0.5))
    assert v.verdict == "supported"
    assert "On new examples 1 other part could be otherwise too." in v.details


@pytest.mark.parametrize("gathered", [False, True])
def test_page_terminal_and_json_read_them_from_the_folder(tmp_path: Path, gathered: bool) -> None:
    study = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(Level(quantity=A, low=0.9),)),))
    store = ResultsFolder(tmp_path / "r", create=True)
    for one in made(without=(0,)):
        store.write(one)
    store.studies.freeze(study)
    write_run(store.folder, "20260101T000000-000000", run([study], range(5)))
    if gathered:
        store.trials.gather()
    (v,) = judge_all(read_inputs(store))["small"]
    (finding,) = findings(study, [v], lambda *_: Remarks())
    assert isinstance(finding, Finding)
    for words in (text([v]), " ".join(finding.details)):
        assert OTHERWISE in " ".join(words.split()) and "4 of 5 seeds" in " ".join(words.split())


GAP_A, GAP_B = (Quantity(arm=arm, metric="accuracy_gap", at="last") for arm in "ab")


def test_a_gap_has_the_margin_of_its_validation_part() -> None:
    level = judged(Level(quantity=A, low=0.5)).part.new_examples
    gap = judged(Level(quantity=GAP_A, high=0.9)).part
    assert level is not None and gap.new_examples is not None and gap.estimate is not None
    e, of = gap.new_examples.interval, level.interval
    assert e.value == pytest.approx(gap.estimate.value)
    assert (e.value - e.low, e.high - e.value) == pytest.approx((of.high - of.value, of.value - of.low))
    pair = judged(Contrast(a=GAP_A, b=GAP_B, low=-0.9)).part
    apart = judged(Contrast(a=A, b=B, low=-0.9)).part.new_examples
    assert pair.new_examples is not None and apart is not None
    f, d = pair.new_examples.interval, apart.interval
    assert f.high - f.low == pytest.approx(d.high - d.low) and f.high - f.value == pytest.approx(d.value - d.low)
    assert judged(Level(quantity=dataclasses.replace(GAP_A, at="max"), high=0.9)).part.new_examples is None


def test_a_ratio_of_accuracies_has_one_and_of_gaps_none() -> None:
    found = judged(Contrast(a=A, b=B, low=1.05, ratio=True)).part
    assert found.new_examples is not None
    e = found.new_examples.interval
    assert e.low < HITS["a"] / HITS["b"] < e.high and e.value == pytest.approx(HITS["a"] / HITS["b"], abs=1e-3)
    assert found.verdict == "supported" and found.within_margin
    assert judged(Contrast(a=GAP_A, b=GAP_B, low=0.1, ratio=True)).part.new_examples is None


def test_a_share_of_seeds_counts_those_that_stay_whatever_happens() -> None:
    seeds = range(33)
    records = list(made(seeds))
    sure = judged(Level(quantity=A, low=0.7, share=0.8), records=records).part
    assert sure.verdict == "supported" and sure.new_examples is not None and not sure.within_margin
    assert (sure.new_examples.interval.low, sure.new_examples.interval.high) == (1.0, 1.0)
    near = judged(Level(quantity=A, low=0.92, share=0.8), records=records).part
    assert near.verdict == "supported" and near.new_examples is not None and near.within_margin
    assert (near.new_examples.interval.low, near.new_examples.interval.high) == (0.0, 1.0)
    between = judged(Contrast(a=A, b=B, low=0.0, share=0.8), records=records).part.new_examples
    assert between is not None and between.interval.value == 1.0


def test_a_level_on_the_test_part_is_counted_where_its_size_is_known() -> None:
    config = STUDY.config("a").replace(held_out=0.1)
    records = []
    for seed in range(5):
        one = synthetic.record(config.replace(seed=seed))
        nan = float("nan")
        tested = dict.fromkeys(("test_accuracy", "test_loss"), (nan, nan, 0.93 + 1e-6 * seed))
        columns = one.epochs.replace(**tested)
        digests = {**sources(), **sources_of_test("t")}
        records.append(dataclasses.replace(one, format=2, epochs=columns, measured_by=digests))
    part = Level(quantity=Quantity(arm="a", metric="test_accuracy"), low=0.5)
    of = dataclasses.replace(STUDY, base={"held_out": 0.1}, claims=(Claim(id="x", statement="s.", parts=(part,)),))
    facts = dataclasses.replace(FASHION_MNIST, checksum=synthetic.CHECKSUM)
    for data, n in (({synthetic.CHECKSUM: facts}, 10_000), ({}, None)):
        (v,) = claims.judge(of, from_records(records), {}, claims.Grounds(data=data))
        found = v.part.new_examples
        assert (found.interval.n if found else None) == n


def test_where_a_trial_was_lost_no_margin_of_the_mean_stands_beside_a_share_of_seeds() -> None:
    lost = synthetic.record(STUDY.config("b", seed=5), "diverged", 2)
    records = [*made(), *(r for r in made(seeds=[5]) if r.config.lr != lost.config.lr), lost]
    study = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(Contrast(a=A, b=B, low=0.0),)),))
    (v,) = claims.judge(study, from_records(records))
    assert v.n == 6 and v.part.holds_in == 6 and v.part.new_examples is None
    assert "new examples" not in " ".join(v.details).lower()
