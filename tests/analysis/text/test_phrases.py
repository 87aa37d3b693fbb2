"""Phrases of a plain sentence."""

from __future__ import annotations

from analysis.text.phrases import first_up


def test_a_name_with_a_number_stays_as_it_is_written() -> None:
    assert first_up("units-5 ends") == "Arm units-5 ends" and first_up("l2-n-0.01 ends") == "Arm l2-n-0.01 ends"
    assert first_up("r300 ends") == "Arm r300 ends" and first_up("w.5 ends") == "Arm w.5 ends"
    assert first_up("the plain network ends") == "The plain network ends"
    assert first_up("batch 10,000 ends") == "Batch 10,000 ends" and first_up("b2 spreads") == "B2 spreads"
