"""What is said of seeds that claims count and that no table shows."""

from __future__ import annotations

import dataclasses

from analysis.claims.queries import Measurements, Remarks
from analysis.claims.verdicts import judge
from analysis.data.frames import from_records
from analysis.report import html, markdown
from analysis.report.headline import BY_RULE, answer_groups, study_in_short
from analysis.report.page_tree import Finding, Page, Section
from analysis.report.seeds_of_claims import claims_seeds, seeds_words
from analysis.report.verdict_section import findings
from study.spec.claims import Claim, Contrast, Quantity
from tests import synthetic
from tests.analysis.report.test_headline import STUDY


def test_a_claim_names_its_seeds_beside_its_number_and_those_that_tables_leave_out() -> None:
    """One quantity had several values in one study, and the reason stood in a line below all claims."""
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    study = dataclasses.replace(STUDY, claims=(Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.0),)),))
    frames = from_records(synthetic.records(study, tuple(range(7))))
    verdicts = judge(study, frames, {study.name: study})
    asked = {f"{study.name}/fast": tuple(range(7)), f"{study.name}/plain": tuple(range(5))}

    def found(asked: dict[str, tuple[int, ...]]) -> Finding:
        (made,) = findings(study, verdicts, lambda *_: Remarks(), asked)
        assert isinstance(made, Finding)
        return made

    assert found(asked).seeds == "7 seeds, 2 in no table"
    said = "Seeds 5, 6 count here. They are on record for plain. Curves and tables leave them out, because no run of "
    assert found(asked).details[-1] == f"{said}this study asked for them."
    one = found(asked | {f"{study.name}/plain": tuple(range(6))})
    assert "Seed 6 counts here. It is on record for plain." in one.details[-1]
    for alike in ({}, {study.name: tuple(range(7))}):  # nothing says what was asked, or all of it was
        assert found(alike).seeds == "7 seeds" and found(alike).details == verdicts[0].details
    later = dataclasses.replace(study, claims=(dataclasses.replace(study.claims[0], from_seed=1),))
    (fresh,) = findings(later, judge(later, frames, {study.name: later}), lambda *_: Remarks())
    assert isinstance(fresh, Finding) and fresh.seeds == "6 seeds, from 1 on"
    section = Section("v", "Verdicts", (found(asked),))
    assert "<br>7 seeds, 2 in no table" in html.render(Page("t", "l", False, (), (section,)))


def test_a_row_of_fewer_seeds_than_claims_of_its_arms_says_of_how_many_and_which_they_count_besides() -> None:
    """A row of 8 seeds stood above claims of 9, and only the claims said so."""
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    study = dataclasses.replace(STUDY, claims=(Claim(id="c", statement="s.", parts=(Contrast(a=a, b=b, low=0.0),)),))
    frames = from_records(synthetic.records(study, tuple(range(7))))
    verdicts = judge(study, frames, {study.name: study})
    hole: tuple[int, ...] = (0, 1, 2, 3, 5, 6)
    asked = {f"{study.name}/fast": hole, f"{study.name}/plain": hole, f"{study.name}/slow": hole}

    def said(asked: dict[str, tuple[int, ...]]) -> str:
        measured = Measurements({study.name: study}, frames, asked, asked)
        (group,) = answer_groups([study_in_short(study, measured, verdicts, BY_RULE)])
        page, effect = Page("T", "L", False, (), (Section("s", "S", (group,)),)), group.rows[0].effect
        assert effect is not None and all(effect.seeds in text for text in (html.render(page), markdown.render(page)))
        return effect.seeds

    assert said(asked) == "6 seeds; claims count seed 4 too"
    assert claims_seeds(study, verdicts, asked) == "claims up to 7 seeds"
    every = dict.fromkeys(asked, tuple(range(7)))
    assert said(every) == "" and claims_seeds(study, verdicts, every) == ""
    other = (f"{study.name}/slow", f"{study.name}/plain")
    assert seeds_words(study, verdicts, other, 6, asked) == "", "no claim is about both of these"
