"""Versions of a claim: which change makes another one."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from study.catalog import CHAPTER
from study.catalog._shorthand import FIRST_UNSEEN_SEED
from study.planning.protocol import Protocol
from study.spec import registry
from study.spec.claim_versions import arms_alike, in_full, is_by_content, is_renamed, same_version
from study.spec.study import Arm
from study.storage.results_folder import ResultsFolder
from trainables.config import trial_config
from trainables.config.identity import OMITTED_AT_DEFAULT, canonical_json
from trainables.config.trial_config import TrialConfig


def test_the_claims_of_the_chapter_are_older_than_other_peoples_folders() -> None:
    """Each is in the first version on record, or was written after it and begins after the seeds that it had."""
    store = ResultsFolder(str(Path(__file__).parents[3] / "results/chapter"))
    for name in CHAPTER:
        study, first = registry.load_study(name), store.studies.versions(name)[0]
        before = {c.id: c for c in first.claims}
        for claim in study.claims:
            old = claim.id in before and same_version(study, claim, first, before[claim.id])
            assert old if not claim.from_seed else claim.from_seed == FIRST_UNSEEN_SEED, (name, claim.id)


def test_a_later_version_of_the_package_knows_an_arm_in_full_by_the_digest_that_an_earlier_one_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = TrialConfig(lr=0.003)
    assert in_full(config) == "badd3e4643691a64c53d"
    assert in_full(config.replace(held_out=0.2)) == "1a44e545d9da876676d1"
    monkeypatch.setattr(trial_config, "OMITTED_AT_DEFAULT", {**OMITTED_AT_DEFAULT, "momentum": 0.0})
    without = hashlib.sha256(canonical_json({**config.to_dict(), "seed": 0}).encode()).hexdigest()[:20]
    assert "momentum" not in config.to_dict() and in_full(config) == without, "as before momentum was a knob"


DROPOUT = registry.load_study("dropout")
OWN = dataclasses.replace(
    DROPOUT,
    arms=(Arm(name="none", change={"dropout_hidden": 0.5}), Arm(name="mine", change={"dropout_hidden": 0.1})),
    baseline="none",
    claims=(),
    effect=None,
    answer="",
)
"""Somebody's own study of that name, with an arm of one name too."""


def test_a_study_is_known_by_its_arms_and_not_by_its_name() -> None:
    assert is_by_content(DROPOUT, DROPOUT) and not is_by_content(OWN, DROPOUT)
    for quick, device in ((True, None), (False, "cuda"), (True, "cuda")):
        run = Protocol((0,), quick=quick, device=device).study(DROPOUT)
        assert is_by_content(run, DROPOUT) and arms_alike(run, DROPOUT) == {a.name for a in run.arms}
    assert not arms_alike(OWN, DROPOUT)


def test_an_arm_is_renamed_where_its_old_name_is_gone_and_its_configuration_is_not() -> None:
    first, second = OWN.arms
    other = dataclasses.replace(OWN, arms=(first, dataclasses.replace(second, name="ours")))
    assert is_renamed(other, "ours", OWN, "mine")
    assert not is_renamed(other, "ours", OWN, "none"), "configured otherwise"
    assert not is_renamed(OWN, "mine", OWN, "mine"), "its name is there"
    assert not is_renamed(other, "nobody", OWN, "mine") and not is_renamed(other, "ours", OWN, "nobody")
