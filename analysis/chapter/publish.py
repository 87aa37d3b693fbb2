"""The committed results in README and docs: written from the results folder, and compared with it by a test.

The verdicts, the numbers of all arms and the answers go into `study/catalog/recorded.json` too, to be shown beside
what a reduced run finds and cannot judge.
`python -m analysis.chapter.publish results/chapter` in the project's root writes all of it anew.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.chapter.findings import all_findings, headlines, search_findings
from analysis.claims import recorded
from analysis.claims.queries import Measurements
from analysis.claims.recorded import FullNumber, Published, Recorded, RecordedAnswer, RecordedArm
from analysis.report import markdown
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.extensions import additions_to
from analysis.report.fingerprint import records_fingerprint
from analysis.report.headline import BY_RULE, StudyInShort, answer_groups, study_in_short
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.main_effect import MainEffect, effect_of
from analysis.report.write_report import pictures_of
from analysis.text.phrases import with_unit
from study.spec.claim_versions import in_full
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput
from trainables.config.plurals import counted

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
    (root / RECORDED).write_text(recorded.text(published_of(inputs, made)), encoding="utf-8")
    (root / FINDINGS_PAGE).write_text(all_findings(inputs, made), encoding="utf-8")
    readme = root / "README.md"
    readme.write_text(with_findings(readme.read_text(encoding="utf-8"), headlines(inputs, made)), encoding="utf-8")
    searches = root / SEARCH_PAGE
    searches.write_text(with_searches(searches.read_text(encoding="utf-8"), root), encoding="utf-8")


def published_of(inputs: ReportInputs, made: BuiltReport) -> Published:
    """What of the chapter is shown beside reduced runs."""
    return Published(tuple(verdicts(inputs, made)), tuple(arms(inputs, made)), tuple(answers(inputs, made)))


def arms(inputs: ReportInputs, made: BuiltReport) -> Iterator[RecordedArm]:
    """The numbers of every arm after its last epoch, as the page has them."""
    table = made.frames["overfitting"]
    by_place = {(r["study"], r["arm"], r["measure"]): r for r in table.to_dict("records")}
    for study in inputs.studies.values():
        for arm in study.arms:
            found = [by_place.get((study.name, arm.name, m)) for m in ("val_accuracy", "accuracy_gap")]
            accuracy, gap = (None if row is None else _number(row) for row in found)
            if accuracy is not None and gap is not None:
                config = study.config(arm.name)
                yield RecordedArm(study.name, arm.name, in_full(config), config.epochs, accuracy, gap)


def _number(row: Mapping[Hashable, Any]) -> FullNumber | None:
    """A share of the table of arms in per cent; None where there is none, or no interval."""
    value, low, high = (round(100 * float(row[name]), 4) for name in ("estimate", "low", "high"))
    return FullNumber(value, low, high, int(row["n"])) if math.isfinite(value + low + high) else None


def answers(inputs: ReportInputs, made: BuiltReport) -> Iterator[RecordedAnswer]:
    """The answer of every study that has a main effect, with that."""
    headlines = {name: said for one in additions_to(inputs) for name, said in one.headlines.items()}
    for study in inputs.studies.values():
        judged = [v for v in made.verdicts if v.study == study.name]
        headline = headlines.get(study.name, BY_RULE)
        effect, _ = effect_of(study, inputs.measurements, headline.effect)
        if effect is not None:
            short = study_in_short(study, inputs.measurements, judged, headline)
            of = recorded.effect_digest(effect.a, effect.b, ratio=effect.ratio)
            yield RecordedAnswer(study.name, of, short.row.answer, _in_words(short, inputs.measurements, effect))


def _in_words(short: StudyInShort, measurements: Measurements, effect: MainEffect) -> str:
    """The main effect as its row has it, with the epoch where it is of one; empty where it is no number."""
    (group,) = answer_groups([short])
    drawn = group.rows[0].effect
    if drawn is None:
        return ""
    at = measurements.epochs(effect.a.arm) if effect.a.at == "last" else effect.a.at
    after = f" after {counted(at, 'epoch')}" if isinstance(at, int) and effect.a.reaches is None else ""
    interval = f" ({drawn.interval})" if drawn.interval else ""
    return f"{with_unit(drawn.number, drawn.unit)}{interval}{after}"


def verdicts(inputs: ReportInputs, made: BuiltReport) -> list[Recorded]:
    """The chapter's verdicts as they are shown beside reduced runs."""
    found = []
    for v in made.verdicts:
        study, part = inputs.studies[v.study], v.part
        claim = next(c for c in study.claims if c.id == v.id)
        said = part.plain.text("seeds") if part.plain else ""
        claimed = part.plain.claimed if part.plain and v.verdict != "mechanism" else ""
        found.append(Recorded(v.study, v.id, recorded.digest(study, claim), v.verdict, said, claimed))
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
