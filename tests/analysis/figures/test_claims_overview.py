"""All claims in one figure, by verdict."""

from __future__ import annotations

import pandas as pd

from analysis.figures import claims_overview
from tests.analysis.drawn import xs


def test_the_claims_overview_has_each_claim_in_the_column_of_its_verdict():
    verdicts = ["supported", "refuted", "open", "", "odd"]
    claims = pd.DataFrame({"id": list("abcde"), "statement": "It $is$ so.", "verdict": verdicts, "n": 5})
    named = claims_overview(claims)
    assert named.frame["verdict"].tolist() == ["supported", "refuted", "open", "not judged", "not judged"]
    axes = named.figure.axes[0]
    columns = [xs(line)[0] for line in axes.lines if line.get_marker() not in ("None", "")]
    assert columns == [0, 2, 1, 3, 3]
    assert "2 not judged: d, e" in named.alt
    assert sum(t.get_text() == r"It \$is\$ so." for t in axes.texts) == 5
    assert "missing" in claims_overview(claims.iloc[:0]).frame
