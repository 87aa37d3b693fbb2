"""A claim is called by its id, where no other study has a claim of that id."""

from __future__ import annotations

from study.app.claim_names import claim_names


def test_an_id_that_two_studies_have_is_said_with_its_study() -> None:
    found = claim_names([("p", "c"), ("q", "c"), ("p", "c"), ("p", "d")])
    assert found == {("p", "c"): "p/c", ("q", "c"): "q/c", ("p", "d"): "d"}
