"""What stands beside verdicts: what the 5 % is about."""

from __future__ import annotations

from analysis.claims.promise import guarantee, guarantees


def test_the_promise_names_its_families_and_their_places() -> None:
    assert 'any of the at most 60 verdicts of the family "chapter" is wrong is at most 5 %' in guarantee(
        {"chapter": 60}
    )
    assert "the verdict of the answer of tune is wrong" in guarantee({"tune.answer": 1})
    several = guarantee({"a": 5, "b": 10})
    assert 'any verdict of a family is wrong, here at most 5 of the family "a" and 10 of the family "b",' in several
    assert guarantees([]) == ()
