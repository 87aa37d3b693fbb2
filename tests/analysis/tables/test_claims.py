"""The table of claims."""

from __future__ import annotations

import pytest

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from analysis.report import overview
from analysis.tables import claims as claims_module
from analysis.text import render_sheet as render
from tests.analysis.tables.test_overfitting import DROPOUT, LR
from tests.synthetic import records


@pytest.fixture(scope="module")
def made():
    return from_records(r for s in (DROPOUT, LR) for r in records(s, range(3)))


def test_the_claims_table_has_every_claim(made):
    verdicts = claims.judge(DROPOUT, made)
    table = claims_module.claims(verdicts)
    assert table["id"].tolist() == ["overfit-1", "dropout-1"]
    assert "annealing" in table["reason"].iloc[0]
    text = render.to_markdown(overview.claims_sheet(verdicts))
    assert "overfit-1" in text
    assert "missing" in text
