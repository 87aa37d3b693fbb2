"""No two places of a page have one name, and those that nobody else is called like keep theirs."""

from __future__ import annotations

import pickle

from analysis.report.chart_blocks import AnswerRow, Verdicts
from analysis.report.page_tree import Finding, Page, PlaceOnPage, Section, StudyFold, Table, anchor, walk
from analysis.report.places import with_own_places
from analysis.text.sheet import Cell, Sheet


def page(*claims: tuple[str, str], first: tuple[str, str] | None = None) -> Page:
    """A page with a finding, a mark, a row and a table's file for each claim; one is led to before all studies."""

    def finding(study: str, claim: str) -> Finding:
        place = anchor("claim", study, claim)
        sheet = Sheet("t", ("x",), ((Cell("3", 3, place.within("-trials")),),))
        file = PlaceOnPage(f"{study}-{anchor(claim)}-parts", ("file", study, claim, "parts"))
        return Finding(place, claim, "s.", "open", "Open.", trials=("a",), parts=Table(file, sheet))

    marks = Verdicts(tuple((c, "open", anchor("claim", s, c)) for s, c in claims))
    folds = tuple(StudyFold(anchor("study", s), s, "", "", "", (finding(s, c),), verdicts=marks) for s, c in claims)
    lead = Table("t", Sheet("t", ("x",), ()), {"x": anchor("claim", *first)} if first else {})
    return Page("t", "", False, (), (Section("first", "First", (lead,)), Section("studies", "All", folds)))


def found(made: Page) -> dict[str, tuple[str, str, str, str]]:
    """Of each claim its place, where its mark leads, where its trials are, and its table's file."""
    there = {}
    for fold in (b for b in walk(made.sections) if isinstance(b, StudyFold)):
        marks = {claim: place for claim, _, place in fold.verdicts.items}
        for block in fold.blocks:
            assert isinstance(block, Finding) and block.parts is not None
            cell = block.parts.sheet.rows[0][0]
            there[f"{fold.title}/{block.id}"] = (block.anchor, marks[block.id], cell.trials, block.parts.name)
    return there


def test_a_page_without_a_clash_is_as_it_was() -> None:
    made = page(("rate", "C_1"), ("rate", "low-1"))
    assert with_own_places(made) is made
    assert found(made)["rate/C_1"] == ("claim-rate-c-1", "claim-rate-c-1", "claim-rate-c-1-trials", "rate-c-1-parts")


def test_claims_that_are_spelled_alike_have_places_and_files_of_their_own() -> None:
    claims = [("p", "c_1"), ("p", "c-1"), ("rate", "low-1"), ("rate-low", "1"), ("h", "H1"), ("h", "h1")]
    there = found(with_own_places(page(*claims)))
    for place, mark, trials, _ in there.values():
        assert mark == place and trials == f"{place}-trials"
    for several in zip(*there.values(), strict=True):
        assert len({name.lower() for name in several}) == len(claims)
    assert there["p/c_1"][0] == "claim-p-c-1" and there["rate/low-1"][3] == "rate-low-1-parts", "the first keeps its"


def test_which_one_keeps_its_name_does_not_hang_on_what_leads_to_it() -> None:
    claims = [("p", "c_1"), ("p", "c-1")]
    made = with_own_places(page(*claims, first=("p", "c-1")))
    lead = made.sections[0].blocks[0]
    assert found(made) == found(with_own_places(page(*claims)))
    assert isinstance(lead, Table) and lead.links["x"] == found(made)["p/c-1"][0] != "claim-p-c-1"


def test_studies_that_are_spelled_alike_have_places_of_their_own() -> None:
    made = with_own_places(page(("lr_1", "a"), ("lr-1", "b")))
    folds = [b for b in walk(made.sections) if isinstance(b, StudyFold)]
    assert len({f.anchor for f in folds}) == 2


def test_a_row_that_travels_between_processes_keeps_what_its_places_are_of() -> None:
    row = AnswerRow(anchor("answer", "s"), anchor("study", "s").within("-x"), "q", "a", None)
    place = pickle.loads(pickle.dumps(row)).study
    assert (place, place.words, place.tail) == ("study-s-x", ("study", "s"), "-x")
