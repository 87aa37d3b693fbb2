"""A claim whose path ends at a seed that is on record and gives no number: nothing is bought behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.app.decide_view import DecideView
from study.spec.claims import Claim, Contrast, Quantity
from study.storage.results_folder import ResultsFolder
from tests.study.app.test_decide_seeds import NEAR, Trainer, desk, study, train

__all__ = ["desk"]
TIMES = Claim(
    id="times",
    statement="s.",
    parts=(
        Contrast(
            a=Quantity(arm="a", metric="seconds", at="mean"),
            b=Quantity(arm="d", metric="seconds", at="mean"),
            low=1.0,
            ratio=True,
        ),
    ),
)


@pytest.mark.parametrize("others", [(), (NEAR,)], ids=["alone", "beside another"])
def test_times_of_another_machine_buy_nothing_and_it_says_why(
    others: tuple[Claim, ...], desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of, trainer = study(*others, TIMES), Trainer()
    folder = tmp_path / "r"
    train(of, folder, {f"s/{arm}": range(5) for arm in "ad"})
    store = ResultsFolder(folder)
    for record in list(store.trials.records()):
        if record.config.seed == 4:
            later = replace(record, config=record.config.replace(seed=5))
            store.trials.write(replace(later, provenance={**record.provenance, "hardware": "another processor"}))
    now = desk(of, trainer, view=DecideView(), most_seeds=7)
    bought = {arm for arm, _ in trainer.bought}
    assert "d" not in bought and "times" not in {c.id for c in now.claims}
    assert ("a" in bought) == bool(others)
    said = " ".join(capsys.readouterr().out.split())
    assert "different machines" in said and "more seeds do not help" in said


def test_where_no_study_has_a_claim_it_says_so(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It said "0 decided, 0 stay open", and named a page with every verdict."""
    desk(replace(study(NEAR), claims=()), view=DecideView())
    said = " ".join(capsys.readouterr().out.split())
    assert "nothing to decide: no study here has a claim" in said and "the page with every trial" in said
