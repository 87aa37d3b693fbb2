"""What stands beside verdicts: what the 5 % is about, and what speaks against what it assumes."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.claims.promise import guarantee, guarantees
from analysis.claims.verdicts import Verdict
from analysis.statistics.assumption import Doubt
from analysis.statistics.estimates import Estimate
from study.spec.claims import Level
from tests.analysis.claims.test_sentences import PLAIN, judged_part


def test_the_promise_names_its_families_and_their_places() -> None:
    assert 'any of the at most 60 verdicts of the family "chapter" is wrong is at most 5 %' in guarantee(
        {"chapter": 60}
    )
    assert "the verdict of the answer of tune is wrong" in guarantee({"tune.answer": 1})
    several = guarantee({"a": 5, "b": 10})
    assert 'any verdict of a family is wrong, here at most 5 of the family "a" and 10 of the family "b",' in several
    assert guarantees([]) == ()


@pytest.mark.parametrize(("parts", "by_chance"), [(12, "hardly any"), (60, "about 1")])
def test_beside_it_stands_how_many_parts_do_not_look_normal(parts: int, by_chance: str) -> None:
    """Of many parts some do not by chance."""
    plain = judged_part(Level(quantity=PLAIN, low=0.8), Estimate(0.9, 0.88, 0.92, 5), 0.85, 0.95)
    plain = dataclasses.replace(plain, doubts_asked=True)
    odd = dataclasses.replace(plain, doubts=(Doubt("two groups of seeds", (0, 3), 0.001),))
    v = Verdict("s", "c", "s.", "supported", (plain,) * parts, 0, path=(5, 6, 7, 8, 9), decided_at=5, p=0.01)
    v = dataclasses.replace(v, family="f", places=6)
    assert len(guarantees([v])) == 2
    two = dataclasses.replace(v, parts=(*v.parts[2:], odd, odd))
    wanted = f"The seeds of 2 of {parts} parts do not look normal: there intervals may be too narrow."
    assert guarantees([two])[1] == f"{wanted} By chance alone {by_chance} would look so."
    refuted = dataclasses.replace(two, verdict="refuted")
    assert len(guarantees([refuted])) == 2, "its other parts decide nothing"


def test_of_one_claim_and_of_one_study_the_promise_names_no_family() -> None:
    """A study with one claim said "any of the at most 5 verdicts of the family "digits"", which needs a glossary."""
    part = judged_part(Level(quantity=PLAIN, low=0.8), Estimate(0.9, 0.88, 0.92, 5), 0.85, 0.95)
    v = Verdict("digits", "c", "s.", "supported", (part,), 0, path=(5, 6, 7, 8, 9), decided_at=5, p=0.01)
    v = dataclasses.replace(v, family="digits", places=5)
    other = dataclasses.replace(v, id="d")
    elsewhere = dataclasses.replace(v, family="chapter", places=60)
    assert guarantees([v])[0].startswith("The chance that this verdict is wrong is at most 5 %. This holds if ")
    wanted = "The chance that any verdict of digits is wrong is at most 5 %, for up to 5 claims. This holds if "
    assert guarantees([v, other])[0].startswith(wanted)
    assert 'of the family "chapter"' in guarantees([elsewhere, dataclasses.replace(elsewhere, id="d")])[0]


def test_of_one_part_seeds_that_do_not_look_normal_are_not_counted() -> None:
    """It was "The seeds of 1 of 1 part do not look normal; hardly any would not by chance alone."."""
    part = judged_part(Level(quantity=PLAIN, low=0.8), Estimate(0.9, 0.88, 0.92, 5), 0.85, 0.95)
    odd = dataclasses.replace(part, doubts_asked=True, doubts=(Doubt("one seed far from the rest", (4,), 0.001),))
    v = Verdict("s", "c", "s.", "supported", (odd,), 0, path=(5, 6, 7, 8, 9), decided_at=5, p=0.01)
    said = guarantees([dataclasses.replace(v, family="s", places=5)])[1]
    assert said == "The seeds do not look normal (one is far from the rest), so the interval may be too narrow."
