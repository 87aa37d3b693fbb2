"""The plan: distinct trials, the longest of each, longest first, and never what is on record."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from study.app.plan_clock import PlanClock
from study.catalog import CHAPTER
from study.cli import plan_text as commands
from study.cluster.cluster_file import read_cluster
from study.cluster.preflight import workload_of
from study.execution.liveness import LivenessMonitor
from study.execution.pending_jobs import PendingJobs
from study.execution.progress import Progress, rough_duration
from study.planning.cost import START_SECONDS, expected_search_seconds, expected_seconds
from study.planning.plan import SIMILAR_SHARE, of_all_seeds, plan_trials, with_shared_seeds, with_those_on_record
from study.planning.planned_jobs import plan_jobs
from study.planning.protocol import Protocol, quick_images
from study.spec import registry
from study.spec.search import Search
from study.spec.study import Arm, Study
from study.storage.trials import TrialOnRecord
from tests.synthetic import FASHION
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.jobs.cpu_info import has_bf16
from trainables.records.tensor_summary import SUMMARY_EPOCHS
from trainables.training.gpu_memory import DataSize


def tiny(name: str, epochs: dict[str, int], **base: object) -> Study:
    """A study over the learning rate; the arm's name is the rate."""
    arms = tuple(Arm(name=rate, change={"lr": float(rate)}, epochs=n) for rate, n in epochs.items())
    return Study(name=name, title="t", question="q", knobs=("lr",), epochs=1, arms=arms, base=base)


def test_a_configuration_of_two_studies_is_one_trial_at_its_longest() -> None:
    plan = plan_trials([tiny("a", {"0.1": 3, "0.2": 9}), tiny("b", {"0.1": 7})], Protocol((0, 1)), "x", {}, FASHION)
    assert plan.epochs_asked == 2 * (3 + 9 + 7) and plan.epochs_distinct == 2 * (9 + 7)
    assert [(t.config.lr, t.config.epochs, t.config.seed) for t in plan.trials] == [
        (0.2, 9, 0),
        (0.2, 9, 1),
        (0.1, 7, 0),
        (0.1, 7, 1),
    ]
    assert plan.trials[2].wanted_by == ("a/0.1", "b/0.1")


@pytest.mark.parametrize(
    ("on_record", "missing"),
    [
        (None, True),
        (TrialOnRecord(2, "finished"), True),
        (TrialOnRecord(3, "finished"), False),
        (TrialOnRecord(9, "finished"), False),
        (TrialOnRecord(1, "diverged"), False),
        (TrialOnRecord(2, "stopped"), True),
        (TrialOnRecord(3, "stopped"), False),
    ],
)
def test_what_is_on_record_and_long_enough_is_not_trained_again(on_record: TrialOnRecord | None, missing: bool) -> None:
    study = tiny("a", {"0.1": 3})
    trial = study.config("0.1").identity("x")
    plan = plan_trials([study], Protocol((0,)), "x", {trial: on_record} if on_record else {}, FASHION)
    assert bool(plan.missing) is missing
    assert plan.epochs_to_train == (3 if missing else 0)


def test_the_chapter_shares_its_runs() -> None:
    plan = plan_trials([registry.load_study(n) for n in CHAPTER], Protocol((0,)), "x", {}, FASHION)
    assert plan.epochs_distinct < 0.75 * plan.epochs_asked
    reference = TrialConfig(epochs=100)
    shared = next(t for t in plan.trials if t.id == reference.identity("x"))
    assert len(shared.wanted_by) >= 6 and shared.config.epochs == 100
    assert len({t.id for t in plan.trials}) == len(plan.trials)


def test_the_reduced_protocol_keeps_every_arm_and_its_knobs() -> None:
    studies = [registry.load_study(n) for n in CHAPTER]
    plan = plan_trials(studies, Protocol((0, 1, 2), quick=True), "x", {}, FASHION)
    full = plan_trials(studies, Protocol((0, 1, 2)), "x", {}, FASHION)
    assert len(plan.trials) == len(full.trials), "no two arms fall together"
    for before, after in zip(studies, plan.studies, strict=True):
        assert [a.name for a in before.arms] == [a.name for a in after.arms]
        for arm in before.arms:
            a, b = before.config(arm.name), after.config(arm.name)
            assert b.train_images == 6000 and b.epochs <= 10 and b.epochs in SUMMARY_EPOCHS and b.epochs**2 >= a.epochs
            assert set(a.differing(b)) <= {"train_images", "epochs", "batch_size"}
            assert after.is_reduced(arm.name) == (b.epochs < a.epochs or b.train_images is not None)
        assert Study.from_dict(after.to_dict()) == after and "reduced" not in before.to_dict()


@pytest.mark.parametrize("images", [20, 300, 900, 4000, 15_000])
@pytest.mark.parametrize("base", [{}, {"batch_size": 2000}, {"train_images": 20}])
def test_the_reduced_protocol_takes_at_most_what_there_is(images: int, base: dict[str, Any]) -> None:
    study = tiny("own", {"0.1": 9, "0.2": 1}, **base)
    (made,) = plan_trials([study], Protocol((0,), quick=True, images=images), "x", {}, FASHION).studies
    for arm in made.arms:
        config = made.config(arm.name)
        taken = config.train_images or images
        assert taken == min(images, quick_images(images), base.get("train_images", images))
        assert config.batch_size <= taken
        less = taken < base.get("train_images", images) or config.epochs < study.config(arm.name).epochs
        assert made.is_reduced(arm.name) == less


def test_a_search_on_few_images_is_reduced_without_fixing_what_it_seeks() -> None:
    space = {"batch_size": {"kind": "int", "low": 8, "high": 64}, "lr": {"kind": "float", "low": 0.1, "high": 0.2}}
    search = Search.from_dict({"trials": 10, "seeds": 1, "space": space})
    study = dataclasses.replace(tiny("s", {"0.1": 4}), arms=(), baseline="", search=search, epochs=4)
    (made,) = plan_trials([study], Protocol((0,), quick=True, images=20), "x", {}, FASHION).studies
    assert not {"batch_size", "train_images"} & set(made.base)
    assert made.reduced == ("*",) and made.epochs == 2


def test_a_search_that_tries_fewer_is_reduced_though_nothing_else_is_less() -> None:
    """Six configurations in place of thirty were frozen as the whole search, and "nothing to reduce here" was said."""
    space = {"lr": {"kind": "float", "low": 0.1, "high": 0.2}}

    def made(**asked: int) -> Study:
        search = Search.from_dict({"space": space, **asked})
        study = dataclasses.replace(tiny("s", {"0.1": 1}), arms=(), baseline="", search=search, epochs=1)
        return plan_trials([study], Protocol((0,), quick=True, images=500), "x", {}, FASHION).studies[0]

    assert made(trials=30, seeds=1).reduced == made(trials=4, seeds=3).reduced == ("*",)
    assert made(trials=4, seeds=2).reduced == (), "it is the very search"


def test_what_a_study_declares_is_not_reduced() -> None:
    small = tiny("s", {"0.1": 1}, train_images=500)
    (made,) = plan_trials([small], Protocol((0,), quick=True), "x", {}, FASHION).studies
    assert made.reduced == () and plan_trials([small], Protocol((0,)), "x", {}, FASHION).studies[0].reduced == ()
    (on_gpu,) = plan_trials([small], Protocol((0,), device="cuda"), "x", {}, FASHION).studies
    assert on_gpu.reduced == (), "device and precision are shown, not reduced"


def test_a_study_file_cannot_call_itself_reduced(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    values = {**tiny("own", {"0.1": 1}).to_dict(), "reduced": ["*"]}
    file.write_text(yaml.safe_dump(json.loads(json.dumps(values))))
    with pytest.raises(BadInput, match="reduced"):
        registry.load_study(str(file))


def test_longest_first() -> None:
    plan = plan_trials([registry.load_study(n) for n in CHAPTER], Protocol((0,)), "x", {}, FASHION)
    costs = [expected_seconds(t.config, FASHION) for t in plan.trials]
    later = [max(costs[i:]) for i in range(len(costs))]
    assert all(c >= SIMILAR_SHARE * most for c, most in zip(costs, later, strict=True)) and costs[-1] > 0


def test_within_a_seed_the_baseline_comes_just_before_the_longest_arm() -> None:
    """So that two cores have a first pair after the first epoch, whichever arm takes longest."""
    arms = ("wide", {"hidden": (96,)}), ("plain", {"hidden": (64,)}), ("narrow", {"hidden": (80,)})
    mine = Study(
        name="width", title="t", question="q", knobs=("hidden",), epochs=3, baseline="plain",
        arms=tuple(Arm(name=name, change=change) for name, change in arms),
    )  # fmt: skip
    plan = plan_trials([mine], Protocol((0, 1)), "x", {}, FASHION)
    assert [(t.wanted_by[0], t.config.seed) for t in plan.trials] == [
        (f"width/{arm}", seed) for seed in (0, 1) for arm in ("plain", "wide", "narrow")
    ]


def test_two_studies_with_one_baseline_begin_with_it() -> None:
    plan = plan_trials([registry.load_study(n) for n in ("dropout", "regularization")], Protocol((0, 1, 2)), "x", {},
                       FASHION)  # fmt: skip
    same_length = [t for t in plan.trials if t.config.epochs == plan.trials[0].config.epochs]
    assert "dropout/none" in same_length[0].wanted_by and "regularization/none" in same_length[0].wanted_by
    seeds = [t.config.seed for t in same_length]
    assert seeds == sorted(seeds), "all arms of a seed before the next"


def test_a_baseline_of_one_study_that_is_an_arm_of_another_is_planned_once() -> None:
    plan = plan_trials([registry.load_study(n) for n in CHAPTER], Protocol((0,)), "x", {}, FASHION)
    assert len({t.id for t in plan.trials}) == len(plan.trials)
    place = {arm: i for i, t in enumerate(plan.trials) for arm in t.wanted_by}
    assert place["scaling/scaled"] < place["optimizer/adadelta"], "its baseline, and the longer of the two"


def test_while_some_seeds_are_trained_an_arm_is_shown_over_all_that_are_on_record() -> None:
    """`study decide` showed "4 of 6" beside eight seeds on record: those that it bought alone."""
    study = tiny("a", {"0.1": 2, "0.2": 2})
    asked = {"a/0.1": (0, 1, 2), "a/0.2": (0, 1)}
    some = Protocol((2,), arm_seeds={"a/0.1": (2,)})
    made = plan_trials([study], some, "d", {}, FASHION)
    there = {study.config(arm, seed=0).identity("d"): TrialOnRecord(2, "finished") for arm in ("0.1", "0.2")}
    shown = with_those_on_record(made, of_all_seeds(made, [study], asked, "d", there))
    assert shown.missing == made.missing, "it trains the same"
    assert shown.protocol.arm_seeds == {"a/0.1": (0, 2), "a/0.2": (0,)}, "what is not on record is not shown"
    assert sorted((t.wanted_by[0], t.config.seed, t.done) for t in shown.trials) == [
        ("a/0.1", 0, True),
        ("a/0.1", 2, False),
        ("a/0.2", 0, True),
    ]


def test_an_arm_is_shown_over_the_seeds_of_its_study_that_another_study_trained() -> None:
    study = tiny("a", {"0.1": 2, "0.2": 2})
    asked = {"a/0.1": (0,), "a/0.2": (0, 1, 2, 3)}
    known = [TrialOnRecord(2, "finished"), TrialOnRecord(1, "finished"), TrialOnRecord(1, "diverged")]
    trials = [study.config("0.1", seed=seed).identity("d") for seed in (1, 2, 3)]
    there = dict(zip(trials, known, strict=True))
    shown = with_shared_seeds(study, asked, "d", there)
    assert shown == {"a/0.1": (0, 1, 3), "a/0.2": (0, 1, 2, 3)}, "seed 2 has one epoch of two"
    whole = of_all_seeds(plan_trials([study], Protocol((0,)), "d", {}, FASHION), [study], asked, "d", there)
    assert sorted(t.config.seed for t in whole.trials if t.wanted_by == ("a/0.1",)) == [0, 1, 3]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["0.1", "0.2", "0.3"]), st.integers(1, 9), min_size=1), min_size=1, max_size=4
    )
)
def test_any_studies_are_planned_without_repetition(studies: list[dict[str, int]]) -> None:
    plan = plan_trials([tiny(f"s{i}", s) for i, s in enumerate(studies)], Protocol((0,)), "x", {}, FASHION)
    longest = {rate: max(s.get(rate, 0) for s in studies) for s in studies for rate in s}
    assert {str(t.config.lr): t.config.epochs for t in plan.trials} == longest
    done = {t.id: TrialOnRecord(t.config.epochs, "finished") for t in plan.trials}
    assert plan_trials(plan.studies, Protocol((0,)), "x", done, FASHION).missing == ()


def test_bf16_where_the_processor_lacks_it_is_said_to_be_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(precision: str, device: str, able: bool) -> str:
        monkeypatch.setattr(commands, "has_bf16", lambda: able)
        return commands.plan_text(
            plan_trials([tiny("s", {"0.1": 2})], Protocol((0,), False, device, precision), "x", {}, FASHION),
            PlanClock(2),
        )

    assert "bf16       slow here" in said("bf16", "cpu", able=False)
    assert "bf16" not in said("bf16", "cpu", able=True)
    assert "bf16" not in said("fp32", "cpu", able=False)
    assert "bf16" not in said("bf16", "cuda", able=False)
    own = tiny("s", {"0.1": 2}, device="cuda", precision="bf16")
    assert "bf16" not in commands.plan_text(plan_trials([own], Protocol((0,)), "x", {}, FASHION), PlanClock(2))
    arm = "processor\t: 0\nBogoMIPS\t: 2000.00\nFeatures\t: fp asimd bf16 sve"
    assert has_bf16(arm) and not has_bf16(arm.replace(" bf16", ""))


@pytest.mark.parametrize(
    "own", [DataSize(300, 90, 36, 3), DataSize(60_000, 10_000, 8, 10), DataSize(1_200_000, 50_000, 3072, 100)]
)
def test_what_is_expected_follows_the_datas_own_size(own: DataSize) -> None:
    """Each size enters alone, in its measure; nothing is taken from Fashion-MNIST."""
    config = TrialConfig(hidden=(64,), batch_size=32, epochs=10)
    whole = expected_seconds(config, own)
    for change in ({"train": 2 * own.train}, {"features": 8 * own.features}, {"val": 50 * own.val}):
        assert whole < expected_seconds(config, dataclasses.replace(own, **change))
    assert expected_seconds(config, dataclasses.replace(own, classes=100 * own.classes)) > whole
    double = expected_seconds(config, dataclasses.replace(own, train=2 * own.train, val=2 * own.val))
    assert double == pytest.approx(2 * whole, rel=0.06)
    assert expected_seconds(config.replace(train_images=150), own) < whole


def test_small_data_is_not_expected_to_take_as_long_as_fashion_mnist() -> None:
    """300 images of 36 pixels took 4.0 ms an epoch on a core, in batches of 8 by adam, an EPYC's; 11 min were said."""
    study = tiny("s", {"0.001": 300, "0.0001": 300}, hidden=[64], optimizer="adam", batch_size=8)
    plan = plan_trials([study], Protocol((0, 1)), "x", {}, DataSize(300, 90, 36, 3))
    assert 0.0040 / 3 < plan.seconds_to_train / plan.epochs_to_train < 3 * 0.0040
    ratio = plan_trials([study], Protocol((0, 1)), "x", {}, FASHION).seconds_to_train / plan.seconds_to_train
    assert 200 < ratio < 400
    assert (
        f"about {rough_duration(START_SECONDS + plan.seconds_to_train / 2)} from start to end, on 2 cores"
        in commands.plan_text(plan, PlanClock(2))
    )


def test_every_estimate_is_of_the_data_that_was_loaded() -> None:
    """Order, hang limit, search, and the work that a cluster's price is made from."""
    small, study = DataSize(600, 100, 784, 10), registry.load_study("search-all")
    assert expected_search_seconds(study, FASHION) > 50 * expected_search_seconds(study, small) > 0
    made = [plan_trials([study, tiny("s", {"0.1": 9})], Protocol((0,)), "x", {}, size) for size in (FASHION, small)]
    (job,), (small_job,) = (plan_jobs(p.missing) for p in made)
    assert job.cost > 50 * small_job.cost
    works = [PendingJobs(plan_jobs(p.missing), Progress(1, 1.0)) for p in made]
    limits = [LivenessMonitor[int](w.group, w.epoch_seconds, 0.0).limit(0) for w in works]
    assert limits[0] > 50 * limits[1]
    said = [commands.plan_text(p, PlanClock(2)) for p in made]
    assert said[0] != said[1]
    cluster = read_cluster(Path(__file__).parents[3] / "cluster.yaml")
    dear, cheap = (workload_of(p, cluster) for p in made)
    assert dear.seconds > 50 * cheap.seconds and dear.longest_seconds > 50 * cheap.longest_seconds


def test_the_order_is_that_of_the_data() -> None:
    """Wide images make the wide network the longest; of few pixels, the many updates are."""
    arms = (
        Arm(name="wide", change={"batch_size": 1000, "hidden": [2000]}),
        Arm(name="often", change={"batch_size": 1}),
    )
    study = Study(name="s", title="t", question="q", knobs=("batch_size", "hidden"), epochs=1, arms=arms)
    orders = [
        [t.wanted_by[0] for t in plan_trials([study], Protocol((0,)), "x", {}, DataSize(1000, n, features, 10)).trials]
        for features, n in ((4, 100), (100_000, 1_000_000))
    ]
    assert orders == [["s/often", "s/wide"], ["s/wide", "s/often"]]


def test_an_arm_is_checked_once_for_all_its_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    arms = tuple(Arm(name=f"a{i}", change={"lr": 0.001 + i * 1e-6}) for i in range(30))
    study = Study(name="big", title="T", question="Q?", knobs=("lr",), epochs=2, arms=arms)
    checked, own = [0], TrialConfig.__post_init__

    def count(self: TrialConfig) -> None:
        checked[0] += 1
        own(self)

    monkeypatch.setattr(TrialConfig, "__post_init__", count)
    made = plan_trials([study], Protocol(tuple(range(40))), "c" * 64, {}, FASHION)
    assert len(made.trials) == 1200 and checked[0] <= 4 * len(arms)
    assert {t.id for t in made.trials} == {t.config.identity("c" * 64) for t in made.trials}
