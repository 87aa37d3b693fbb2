"""An arm that comes after a claim that names it: no seed that was seen by then counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from study.spec.study import Arm
from study.spec.study_file import StudySource
from study.storage.freezing import check_freezable
from tests.analysis.stores import store_of
from tests.study.storage.test_freezing import STUDY, names_arm, refused
from tests.synthetic import CHECKSUM


def test_an_arm_that_was_trained_before_another_studys_claim_spoke_of_it_is_refused(tmp_path: Path) -> None:
    seen = dataclasses.replace(STUDY, name="seen", title="s", question="s?", claims=())
    store = store_of(tmp_path, [seen], seeds=(0, 1, 2))
    store.studies.freeze(names_arm())
    mine = dataclasses.replace(STUDY, claims=())
    assert "claim theirs of study other speaks of it, and this folder had seeds up to 2" in refused(store, mine)
    fresh = dataclasses.replace(mine, arms=(Arm(name="a", change={"lr": 0.77}), STUDY.arms[1]))
    check_freezable(store, [StudySource(fresh)], [fresh], CHECKSUM)
