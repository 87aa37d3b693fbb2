"""README and docs say what is on record in results/chapter: no more, no less, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.chapter import findings
from analysis.chapter import publish as published
from analysis.claims import recorded
from analysis.report import markdown
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.fingerprint import records_fingerprint
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import walk
from analysis.report.pictures import Picture
from study.catalog import CHAPTER
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from tests.nets.command import undrawn
from trainables.config.errors import BadInput
from trainables.data.sources import list_to_first

ROOT = Path(__file__).parents[3]
AGAIN = "run `make docs`"


@pytest.fixture(scope="module")
def chapter(on_record: ReportInputs) -> tuple[ReportInputs, BuiltReport]:
    with undrawn():  # nobody looks at the pictures here
        return on_record, build_page(on_record)


def test_the_readme_has_the_findings_of_the_records(chapter: tuple[ReportInputs, BuiltReport]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert published.with_findings(text, findings.headlines(*chapter)) == text, AGAIN
    assert len(findings.HEADLINES) == 5


def test_the_page_of_findings_is_that_of_the_records(chapter: tuple[ReportInputs, BuiltReport]) -> None:
    assert (ROOT / published.FINDINGS_PAGE).read_text(encoding="utf-8") == findings.all_findings(*chapter), AGAIN


def test_the_page_of_searches_has_the_findings_of_their_records() -> None:
    text = (ROOT / published.SEARCH_PAGE).read_text(encoding="utf-8")
    assert published.with_searches(text, ROOT) == text, AGAIN
    for typed in re.split(r"<!--.*?-->", re.sub(r"<!-- search:.*?<!-- end of search -->", "", text, flags=re.DOTALL)):
        assert not re.search(r"\d+\.\d|\d ?%", typed), "a number that no record holds to its word"


def test_the_verdicts_on_record_are_those_of_the_records(chapter: tuple[ReportInputs, BuiltReport]) -> None:
    kept = (ROOT / published.RECORDED).read_text(encoding="utf-8")
    assert recorded.text(published.published_of(*chapter)) == kept, AGAIN
    assert {a.study for a in recorded.published().answers if a.number} == set(CHAPTER), "each has a main effect"
    arms = {(a.study, a.arm) for a in recorded.published().arms}
    assert arms == {(s.name, a.name) for s in map(registry.load_study, CHAPTER) for a in s.arms}
    shown = {c.id: (c.from_seed, recorded.of(s, c)) for s in map(registry.load_study, CHAPTER) for c in s.claims}
    later = {name for name, (first, _) in shown.items() if first}
    unseen = {v.id for v in chapter[1].verdicts if v.verdict == "missing"}
    assert len(shown) == len(chapter[1].verdicts)
    assert {name for name, (_, seen) in shown.items() if seen is None} == unseen <= later
    assert len(later) == 7, "later versions, judged by seeds from 5 on"


def test_the_report_in_docs_is_that_of_the_records(chapter: tuple[ReportInputs, BuiltReport]) -> None:
    page = chapter[1].page
    title = next(s.title for s in page.sections if s.anchor == "concepts")
    kept = (ROOT / published.PAGE).read_text(encoding="utf-8")
    whole = markdown.render(page)
    made = without_concepts(whole, title)
    assert made == without_concepts(kept, title), AGAIN
    assert len(kept) > len(made) > 50_000
    if any(place.state == "verified" for place in list_to_first()):
        assert whole == kept, AGAIN


def without_concepts(page: str, title: str) -> str:
    """A Markdown report without the section that shows the data set, which a machine may lack."""
    return re.sub(rf"^## {re.escape(title)}$.*?(?=^## )", "", page, flags=re.MULTILINE | re.DOTALL)


def test_the_figures_in_docs_are_those_of_the_report(chapter: tuple[ReportInputs, BuiltReport]) -> None:
    there = {p.stem for p in (ROOT / published.PAGE).parent.glob("figures/*.svg")}
    named = {b.name for b in walk(chapter[1].page.sections) if isinstance(b, Picture)}
    assert named <= there
    assert (ROOT / published.MARK).read_text().strip() == records_fingerprint(
        ResultsFolder(str(ROOT / "results" / "chapter"))
    )


def test_a_readme_without_marks_is_refused_and_one_with_them_keeps_the_rest() -> None:
    with pytest.raises(BadInput, match="findings"):
        published.with_findings("# nothing", "x")
    text = f"before\n{published.BEGIN}\nold\n{published.END}\nafter\n"
    assert published.with_findings(text, "new") == f"before\n{published.BEGIN}\nnew\n{published.END}\nafter\n"


def test_only_the_named_section_is_left_out() -> None:
    assert without_concepts("# a\n\n## b\n\nx\n\n## c\n\ny\n", "b") == "# a\n\n## c\n\ny\n"
