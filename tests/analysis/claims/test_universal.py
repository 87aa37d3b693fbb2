"""What holds in every epoch, and what holds by construction."""

from __future__ import annotations

from dataclasses import replace

from analysis.claims import universal
from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from study.spec.claims import Contrast, Level, Mechanism, Trajectory
from tests.analysis.claims.small_study import SMALL, STUDIES, q, reduced_study, verdict
from tests.synthetic import record, records
from trainables.config.trial_config import TrialConfig


def test_a_trajectory_and_its_one_counterexample():
    falls = Trajectory(arm="a", metric="train_loss")
    five, many = verdict(falls), verdict(falls, seeds=range(30))
    assert (five.verdict, five.estimate) == ("open", 1.0), "five seeds do not show four fifths of all seeds"
    assert "It takes 23 seeds without an exception." in five.details
    assert (many.verdict, many.decided_at) == ("supported", 23)
    v = verdict(falls, endings={("a", 3): ("diverged", 3)})
    assert (v.verdict, v.estimate, v.part.holds_in) == ("open", 0.8, 4)
    assert verdict(replace(falls, direction="rises"), seeds=range(30)).verdict == "refuted"


def test_every_seed_is_a_share_and_not_a_mean():
    every = Level(quantity=q(), low=0.5, share=0.8)
    assert verdict(every).verdict == "open" and verdict(replace(every, share=None)).verdict == "supported"
    v = verdict(every, seeds=range(30))
    assert (v.verdict, v.part.unit.word, v.part.share) == ("supported", "% of seeds", 0.8)
    pair = Contrast(a=q("b"), b=q("a"), low=0.0, share=0.8)
    assert verdict(pair, seeds=range(30), shift={"b": 0.2}).verdict == "supported"


def test_updates():
    v = verdict(Mechanism(arm="a", rule="updates", value=1875))
    assert (v.verdict, v.judged, v.places, v.family) == ("mechanism", False, 0, "")
    assert "held in 5 of 5 trials" in v.sentence
    wrong = verdict(Mechanism(arm="a", rule="updates", value=6))
    assert wrong.verdict == "mechanism" and "held in 0 of 5 trials" in wrong.sentence
    both = verdict(Mechanism(arm="a", rule="updates", value=6), Level(quantity=q(), low=0.0))
    assert both.verdict == "not-judged" and not both.judged and "by construction breaks in seeds 0" in both.reason
    fine = verdict(Mechanism(arm="a", rule="updates", value=1875), Level(quantity=q(), low=0.0))
    assert fine.verdict == "supported"
    reduced = verdict(Mechanism(arm="a", rule="updates", value=1875), study=reduced_study())
    assert (reduced.verdict, reduced.reduced) == ("reduced", True)
    assert "6,000" in reduced.sentence
    declared = replace(SMALL, base={"train_images": 6000})
    assert verdict(Mechanism(arm="a", rule="updates", value=1875), study=declared).verdict != "reduced"


def test_a_trial_that_failed_before_its_first_epoch_neither_holds_nor_breaks_a_mechanism() -> None:
    updates, endings = Mechanism(arm="b", rule="updates", value=1875), {("b", 1): ("failed", 0)}
    v = verdict(updates, endings=endings)
    assert "held in 4 of 4 trials" in v.sentence and "breaks" not in v.sentence
    both = verdict(updates, Level(quantity=q("a"), low=0.0), endings=endings)
    assert both.verdict == "supported", "a seed that always fails is no gap for ever"
    alone = verdict(updates, seeds=(0,), endings={("b", 0): ("failed", 0)})
    assert "Nothing is measured yet" in alone.sentence


def test_the_plateau_rule_holds_for_what_follows_it_and_not_for_anything_else():
    study = STUDIES["annealing"]
    made = from_records(records(study, range(3)))
    assert "held in 3 of 3 trials" in claims.judge(study, made)[0].sentence
    config = study.config("plateau")
    r = record(config)
    lrs, losses = list(r.epochs["lr"]), list(r.epochs["val_loss"])
    assert universal.follows_plateau(lrs, losses, config)
    assert min(lrs) == 1e-5
    cut = next(i for i, lr in enumerate(lrs) if lr < config.lr)
    assert not universal.follows_plateau([*lrs[:cut], config.lr, *lrs[cut + 1 :]], losses, config)
    assert not universal.follows_plateau([config.lr] * 100, losses, config)


def test_the_plateau_rule_by_hand():
    config = TrialConfig(
        schedule="plateau", plateau_factor=0.5, plateau_patience=1, plateau_threshold=0.1, plateau_threshold_mode="abs",
        plateau_cooldown=1, lr=0.8,
    )  # fmt: skip
    # best 1.0; 0.95 and 0.94 do not beat it by 0.1: cut after the third; one epoch of rest; then two more bad ones
    losses = [1.0, 0.95, 0.94, 0.93, 0.92, 0.91, 0.5]
    assert universal.follows_plateau([0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2], losses, config)
    assert not universal.follows_plateau([0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2], losses, config)
