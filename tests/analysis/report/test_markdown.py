"""The page tree as Markdown: what a reader of the file gets of each block."""

from __future__ import annotations

import pytest

from analysis.report import markdown
from analysis.report.chart_blocks import AnswerGroup, AnswerRow, DrawnEffect, Scale, Surprise, Surprises
from analysis.report.page_tree import (
    Answer,
    Block,
    Bullets,
    Details,
    Facts,
    Finding,
    LinkedSentence,
    Notice,
    Page,
    Paragraph,
    Section,
    StudyFold,
)
from analysis.text.render_sheet import escape_markdown


def rendered(*blocks: Block, reduced: bool = False, counts: tuple[tuple[str, int], ...] = ()) -> str:
    return markdown.render(Page("T", "L", reduced, counts, (Section("place", "Section", blocks),)))


def test_what_is_written_is_text_and_never_markup() -> None:
    signs = "a*b_c [x](y) <b>|`"
    for block in (
        Paragraph(signs),
        Bullets((signs,)),
        Facts((("name", signs),)),
        Notice("Notice", (signs,)),
        Details("Summary", (Paragraph(signs),)),
        Answer("place", 1, "Why?", (LinkedSentence(signs),)),
    ):
        assert escape_markdown(signs) in rendered(block), block


def test_every_section_is_in_the_contents_and_leads_to_its_heading() -> None:
    page = Page("T", "L", False, (), (Section("a", "L1 and L2, judged", ()), Section("b", "Sources", (), level=2)))
    said = markdown.render(page)
    assert "- [L1 and L2, judged](#l1-and-l2-judged)\n- [Sources](#sources)" in said
    assert said.count("## L1 and L2, judged\n") == said.count("## Sources\n") == 1 and said.endswith("\n")


def test_sections_of_a_study_stand_below_its_heading() -> None:
    fold = StudyFold("s", "Dropout", "5 seeds", "Does it help?", "It does.", (Section("x", "Curves", (), level=2),))
    said = rendered(fold)
    assert "### Dropout\n\n*Does it help?* 5 seeds.\n\nIt does.\n\n#### Curves" in said


def test_what_the_page_of_one_study_has_said_above_is_not_said_again_as_nothing() -> None:
    fold = StudyFold("s", "Dropout", "5 seeds", "", "", (Paragraph("Next."),))
    assert "### Dropout\n\n5 seeds.\n\nNext." in rendered(fold)
    row = AnswerRow("a", "s", "Does it help?", "", None)
    assert "- Does it help?\n" in rendered(AnswerGroup("", (row,), Scale(()), Scale(())))


@pytest.mark.parametrize("claimed", ["", "above 0"])
def test_an_answer_has_its_number_and_its_verdict(claimed: str) -> None:
    effect = DrawnEffect("3.0", "points", "2.5 to 3.5", "gap")
    row = AnswerRow("a", "s", "Does it help?", "It does.", effect, "supported", claimed)
    group = AnswerGroup("", (row,), Scale(()), Scale(()))
    end = f", claimed {claimed}" if claimed else ""
    assert f"- Does it help? **It does.** *gap: 3.0 points (2.5 to 3.5); supported{end}.*" in rendered(group)


def test_findings_and_surprises_say_their_verdicts_in_words() -> None:
    finding = Finding(
        "f", "c-1", "It helps.", "not-enough-seeds", "Not enough seeds. 3 of 5.", why=(LinkedSentence("A died."),)
    )
    said = rendered(finding, Surprises((Surprise("Odd", "It fell.", "refuted", "f", "c-1"),)))
    assert "**c-1**: It helps.\n\n**Not enough seeds.** 3 of 5." in said and "Measured beside it:\n\n- A died." in said
    assert "- **Odd.** It fell. *refuted*" in said


@pytest.mark.parametrize("title", ["B of p is lower.", "Why is it?", "It is!"])
def test_a_statement_that_ends_with_a_stop_has_one(title: str) -> None:
    said = rendered(Surprises((Surprise(title, "It fell.", "refuted", "f", "c-1"),)))
    assert f"- **{title}** It fell." in said


def test_a_reduced_page_says_so_first() -> None:
    said = rendered(reduced=True, counts=(("supported", 2), ("open", 1)))
    assert said.index("Reduced runs") < said.index("**2** supported, **1** open.") < said.index("## Section")
    assert "Reduced runs" not in rendered()
