"""The committed results in README and docs: written from the results folder, and compared with it by a test.

The verdicts go into `study/catalog/recorded.json` too, to be shown beside what a reduced run cannot judge.
`python -m analysis.chapter.publish results/chapter` in the project's root writes all of it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.chapter.findings import all_findings, headlines, search_findings
from analysis.claims import recorded
from analysis.claims.recorded import Recorded
from analysis.report import markdown
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.fingerprint import records_fingerprint
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.write_report import pictures_of
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput

PAGE = Path("docs/chapter/report.md")
MARK = Path("docs/chapter/built-from.txt")
RECORDED = Path("study/catalog/recorded.json")
BEGIN, END = "<!-- findings: written by `make docs` from results/chapter -->", "<!-- end of findings -->"
SEARCH_BEGIN, SEARCH_END = "<!-- search: written by `make docs` from {} -->", "<!-- end of search -->"
FINDINGS_PAGE = Path("docs/chapter/findings.md")
SEARCH_PAGE = Path("docs/findings-search.md")
SEARCHES = (("results/search-sgd-adam", "search-sgd-adam"),)
"""The searches whose records are in the repository: folder and study."""


def publish(folder: str, root: Path) -> None:
    """Write the report's Markdown and figures under docs/, the verdicts, and the findings into the README."""
    store = ResultsFolder(folder)
    inputs = read_inputs(store)
    made = build_page(inputs)
    page = root / PAGE
    figures = page.parent / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    pictures = pictures_of(made.page.sections)
    for old in set(figures.glob("*.svg")) - {figures / f"{p.name}.svg" for p in pictures}:
        old.unlink()
    for picture in pictures:
        (figures / f"{picture.name}.svg").write_bytes(picture.svg)
    page.write_text(markdown.render(made.page), encoding="utf-8")
    (root / MARK).write_text(records_fingerprint(store) + "\n", encoding="utf-8")
    (root / RECORDED).write_text(recorded.text(verdicts(inputs, made)), encoding="utf-8")
    (root / FINDINGS_PAGE).write_text(all_findings(inputs, made), encoding="utf-8")
    readme = root / "README.md"
    readme.write_text(with_findings(readme.read_text(encoding="utf-8"), headlines(inputs, made)), encoding="utf-8")
    searches = root / SEARCH_PAGE
    searches.write_text(with_searches(searches.read_text(encoding="utf-8"), root), encoding="utf-8")


def verdicts(inputs: ReportInputs, made: BuiltReport) -> list[Recorded]:
    """The chapter's verdicts as they are shown beside reduced runs."""
    found = []
    for v in made.verdicts:
        study, part = inputs.studies[v.study], v.part
        claim = next(c for c in study.claims if c.id == v.id)
        said = part.plain.text("seeds") if part.plain else part.finding.rstrip(".")
        found.append(Recorded(v.study, v.id, recorded.digest(study, claim), v.verdict, said))
    return found


def with_findings(text: str, found: str) -> str:
    """The README with what is between the marks replaced.

    Raises:
        BadInput: the marks are not there.
    """
    return _between(text, BEGIN, END, found, "README.md")


def with_searches(text: str, root: Path) -> str:
    """The page on searches with what is between the marks of each written anew from its records.

    Raises:
        BadInput: the marks are not there.
    """
    for folder, study in SEARCHES:
        found = search_findings(ResultsFolder(str(root / folder)), study)
        text = _between(text, SEARCH_BEGIN.format(folder), SEARCH_END, found, str(SEARCH_PAGE))
    return text


def _between(text: str, begin: str, end: str, found: str, where: str) -> str:
    if begin not in text or end not in text:
        raise BadInput(where, "no marks", f"expected the lines {begin!r} and {end!r}")
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{found}\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    publish(sys.argv[1], Path())
