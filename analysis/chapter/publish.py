"""The committed results in README and docs: written from the results folder, and compared with it by a test.

The verdicts go into `analysis/claims/recorded.json` too, to be shown beside what a reduced run cannot judge.
`python -m analysis.chapter.publish results/chapter` in the project's root writes all of it anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from analysis.claims import recorded
from analysis.claims.recorded import Recorded
from analysis.claims.verdicts import Verdict
from analysis.report import markdown
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.fingerprint import records_fingerprint
from analysis.report.inputs import ReportInputs, read
from analysis.report.page_tree import Section
from analysis.report.write_report import pictures_of
from analysis.text.phrases import estimate_words
from analysis.text.render_sheet import escape_markdown as esc
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput

CONCEPTS = "concepts"
"""The section that needs the data set and no results."""
PAGE = Path("docs/chapter/report.md")
MARK = Path("docs/chapter/built-from.txt")
RECORDED = Path("analysis/claims/recorded.json")
BEGIN, END = "<!-- findings: written by `make docs` from results/chapter -->", "<!-- end of findings -->"
HEADS = (
    ("supported", "What holds"),
    ("refuted", "What does not hold"),
    ("open", "What stays open"),
)


def publish(folder: str, root: Path) -> None:
    """Write the report's Markdown and figures under docs/, the verdicts, and the findings into the README."""
    store = ResultsFolder(folder)
    material = read(store)
    made = build_page(material)
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
    (root / RECORDED).write_text(recorded.text(verdicts(material, made)), encoding="utf-8")
    readme = root / "README.md"
    readme.write_text(with_findings(readme.read_text(encoding="utf-8"), findings(material, made)), encoding="utf-8")


def verdicts(material: ReportInputs, made: BuiltReport) -> list[Recorded]:
    """The chapter's verdicts as they are shown beside reduced runs."""
    found = []
    for v in made.verdicts:
        study, part = material.studies[v.study], v.part
        claim = next(c for c in study.claims if c.id == v.id)
        what = estimate_words(part.estimate, part.unit) if part.estimate else "no number"
        found.append(Recorded(v.study, v.id, recorded.digest(study, claim), v.verdict, f"{part.what}: {what}"))
    return found


def findings(material: ReportInputs, made: BuiltReport) -> str:
    """Which statements hold, which do not, which stay open, as Markdown."""
    verdicts = made.verdicts
    seeds = sorted(set(material.frames.trials["seed"]))
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind, _ in HEADS}
    lead = (
        f"Of the chapter's {len(verdicts)} statements {counts['supported']} hold, {counts['refuted']} do not, and "
        f"{counts['open']} stay open: {len(material.frames.trials)} trials at full protocol, "
        f"{len(seeds)} seeds, {len(material.frames.epochs):,} epochs. The whole report is in "
        f"[{PAGE}]({PAGE}), the records in `results/chapter`."
    )
    return "\n\n".join([lead, *(_group(head, [v for v in verdicts if v.verdict == kind]) for kind, head in HEADS)])


def _group(head: str, verdicts: Sequence[Verdict]) -> str:
    return "\n".join([f"### {head}", "", *(map(_line, verdicts) if verdicts else ["None."])])


def _line(verdict: Verdict) -> str:
    if verdict.verdict == "supported":
        return f"- **{esc(verdict.id)}**: {esc(verdict.statement)}"
    part = verdict.part
    found = estimate_words(part.estimate, part.unit) if part.estimate else "no number"
    count = sum(p.verdict == "supported" for p in verdict.parts)
    parts = f" ({count} of its {len(verdict.parts)} parts hold)" if len(verdict.parts) > 1 else ""
    more = f" {esc(verdict.reason[:1].upper() + verdict.reason[1:])}." if verdict.reason else ""
    return (
        f"- **{esc(verdict.id)}**: {esc(verdict.statement)} *Found{parts}: {esc(part.what)}: {esc(found)}; "
        f"claimed {esc(part.claimed)}.{more}*"
    )


def with_findings(text: str, found: str) -> str:
    """The README with what is between the marks replaced.

    Raises:
        BadInput: the marks are not there.
    """
    if BEGIN not in text or END not in text:
        raise BadInput("README.md", "no marks", f"expected the lines {BEGIN!r} and {END!r}")
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{found}\n{END}{rest.partition(END)[2]}"


def without_concepts(page: str, title: str) -> str:
    """A Markdown report without the section that shows the data set, which a machine may lack."""
    return re.sub(rf"^## {re.escape(title)}$.*?(?=^## )", "", page, flags=re.MULTILINE | re.DOTALL)


def concepts_title(sections: Iterable[Section]) -> str:
    """The heading of that section."""
    return next(s.title for s in sections if s.anchor == CONCEPTS)


if __name__ == "__main__":
    publish(sys.argv[1], Path())
