"""Versions of a claim: which change makes another one."""

from __future__ import annotations

from pathlib import Path

from study.catalog import CHAPTER
from study.catalog._shorthand import FIRST_UNSEEN_SEED
from study.spec import registry
from study.spec.claim_versions import same_version
from study.storage.results_folder import ResultsFolder


def test_the_claims_of_the_chapter_are_older_than_other_peoples_folders() -> None:
    """Each is in the first version on record, or was written after it and begins after the seeds that it had."""
    store = ResultsFolder(str(Path(__file__).parents[3] / "results/chapter"))
    for name in CHAPTER:
        study, first = registry.load_study(name), store.studies.versions(name)[0]
        before = {c.id: c for c in first.claims}
        for claim in study.claims:
            old = claim.id in before and same_version(study, claim, first, before[claim.id])
            assert old if not claim.from_seed else claim.from_seed == FIRST_UNSEEN_SEED, (name, claim.id)
