"""Which other studies the claims of a plan need: nothing of what they do not mean, and nothing for decided claims."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from study.app import needed_studies as needed
from study.app.needed_studies import needed_by_open_claims, needed_studies
from study.app.run_end import folder_verdicts
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec import registry
from tests import synthetic
from tests.analysis import stores
from tests.analysis.claims.small_study import SMALL


def test_a_study_of_the_folder_that_is_called_as_one_of_the_catalogue_is_another_one(tmp_path: Path) -> None:
    dropout = registry.load_study("dropout")
    plan = plan_trials([dropout], Protocol((0,)), synthetic.CHECKSUM, {}, synthetic.FASHION)
    reduced = plan_trials([dropout], Protocol((0,), quick=True), synthetic.CHECKSUM, {}, synthetic.FASHION)
    assert not needed_studies(reduced, synthetic.CHECKSUM, {}, None), "a reduced run judges nothing"
    for i, other in enumerate((registry.load_study("annealing"), replace(SMALL, name="annealing", claims=()))):
        store = stores.store_of(tmp_path / str(i), [other], ())
        found = needed_studies(plan, synthetic.CHECKSUM, {}, store)
        assert found == needed_by_open_claims(plan, synthetic.CHECKSUM, {}, store)
        assert [n.study for n in found] == ["annealing"][i:], "somebody's own study that is called so is another one"


@pytest.mark.parametrize("decided", [True, False])
def test_the_start_is_silent_of_what_a_decided_claim_read(
    decided: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More seeds of a study were asked, and its start named what a claim needs that these seeds cannot change."""
    dropout, annealing = registry.load_study("dropout"), registry.load_study("annealing")
    store = stores.store_of(tmp_path / "r", [dropout, annealing], (0, 1))
    held = store.trials.on_record()
    plan = plan_trials([dropout], Protocol((0, 1, 2)), synthetic.CHECKSUM, held, synthetic.FASHION)
    needs = needed_studies(plan, synthetic.CHECKSUM, held, store)
    assert [n.claims for n in needs] == [("overfit-1",)]
    found = [
        replace(v, verdict="refuted") if decided and v.id == "overfit-1" else v
        for v in folder_verdicts(store, [dropout])
    ]
    monkeypatch.setattr(needed, "folder_verdicts", lambda *_: found)
    assert needed_by_open_claims(plan, synthetic.CHECKSUM, held, store) == (() if decided else needs)
