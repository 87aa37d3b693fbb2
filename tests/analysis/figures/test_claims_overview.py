"""All claims in one figure, by verdict."""

from __future__ import annotations

import pandas as pd

from analysis.figures import claims_overview
from tests.analysis.drawn import xs


def test_the_claims_overview_has_each_claim_in_the_column_of_its_verdict():
    verdicts = ["supported", "refuted", "open", "mechanism", "not-enough-seeds"]
    claims = pd.DataFrame({"study": "s", "id": list("abcde"), "statement": "It $is$ so.", "verdict": verdicts, "n": 5})
    named = claims_overview(claims)
    assert named.frame["verdict"].tolist() == verdicts
    axes = named.figure.axes[0]
    columns = [xs(line)[0] for line in axes.lines if line.get_marker() not in ("None", "")]
    assert columns == [0, 2, 1, 4, 3]
    words = ["supported", "open", "refuted", "not enough seeds", "mechanism"]
    assert [label.get_text() for label in axes.get_xticklabels()] == words
    assert named.alt.endswith("1 not enough seeds: e. 1 mechanism: d.")
    assert sum(t.get_text() == r"It \$is\$ so." for t in axes.texts) == 5
    assert "missing" in claims_overview(claims.iloc[:0]).frame


def test_claims_of_one_id_are_named_with_their_study():
    claims = pd.DataFrame(
        {"study": ["p", "q", "q"], "id": ["c", "c", "d"], "statement": "s.", "verdict": "open", "n": 5}
    )
    assert claims_overview(claims).frame["id"].tolist() == ["p/c", "q/c", "d"]
