"""What README and docs say was found: five findings in plain words, all of them, and what a search came to.

Written by `analysis.chapter.publish`, and compared with the records by a test: no number in these texts is typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.chapter.open_costs import cost_basis, open_cost
from analysis.claims.promise import guarantees
from analysis.claims.sentences import advice
from analysis.claims.verdicts import Verdict
from analysis.data.arms import seeds_an_arm
from analysis.report.build_page import BuiltReport
from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.search_answers import decided_arms
from analysis.searches.sentences import search_lines
from analysis.text.numbers import counted_range, met
from analysis.text.phrases import UNKNOWN, first_up, in_sentences
from analysis.text.render_sheet import escape_markdown as esc
from study.spec import registry
from study.storage.results_folder import ResultsFolder
from trainables.config.plurals import counted

HEADLINES = (
    ("scaling-4", "dividing the inputs by 255", "gains", "gain", "more than 60 points of training accuracy"),
    ("dropout-1", "dropout", "narrows", "narrow", "the gap between training and validation accuracy"),
    ("annealing-2", "annealing the learning rate over 100 epochs", "narrows", "narrow", "that gap too"),
    ("lr-11", "a learning rate of 0.00001", "makes up", "make up", "for inputs that are not divided by 255"),
    ("batch-norm-3", "batch norm", "lets", "let", "a network on tiny inputs train like one on ordinary inputs"),
)
"""The claims that README tells of: subject, verb, the verb after "does not", and what it does that to."""
HEADS = (
    ("supported", "What holds"),
    ("refuted", "What does not hold"),
    ("open", "What stays open"),
    ("not-enough-seeds", "What needs more seeds"),
    ("no-place", "What its family had no place for"),
    ("not-judged", "What is not judged"),
    ("reduced", "What is not judged (reduced)"),
    ("missing", "What has no records yet"),
    ("mechanism", "What holds by construction, and is not judged"),
)


def headlines(inputs: ReportInputs, made: BuiltReport) -> str:
    """README's five findings, as Markdown."""
    by_id = {v.id: v for v in made.verdicts}
    lines = [_headline(by_id[claim], *clause) for claim, *clause in HEADLINES]
    return "\n".join([_count(inputs, made), "", "In brackets: the 95 % interval of a mean over seeds.", "", *lines])


def _headline(verdict: Verdict, subject: str, verb: str, negated: str, rest: str) -> str:
    words = {
        "supported": first_up(f"{subject} {verb} {rest}."),
        "refuted": first_up(f"{subject} does not {negated} {rest.removesuffix(' too')}."),
    }
    unknown = f"{UNKNOWN} {subject} {verb} {rest}."
    return f"- {words.get(verdict.verdict, unknown)} *{esc(verdict.part.finding)}*"


def _count(inputs: ReportInputs, made: BuiltReport) -> str:
    verdicts = made.verdicts
    studies = [s for name, s in inputs.studies.items() if name in registry.expand_name("chapter")]
    seeds = seeds_an_arm(inputs.frames, studies, {})  # claims rest on seeds that no run of their study asked for, too
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind, _ in HEADS}
    others = (
        ("not-enough-seeds", "needs more seeds", "need more seeds"),
        ("no-place", "has no place", "have no place"),
        ("reduced", "is not judged (reduced)", "are not judged (reduced)"),
        ("missing", "is missing", "are missing"),
        ("mechanism", "holds by construction", "hold by construction"),
    )
    rest = [counted(counts[kind], one, many) for kind, one, many in others if counts[kind]]
    more = ", ".join(rest[:-1]) + (", and " if rest[:-1] else "") + f"{rest[-1]}. " if rest else ""
    lead = (
        f"Of the chapter's {len(verdicts)} claims {counts['supported']} are supported, {counts['refuted']} refuted and "
        f"{counts['open']} open. {more}They rest on {len(inputs.frames.trials)} trials in full, "
        f"{counted_range(seeds, 'seed')} an arm, {len(inputs.frames.epochs):,} epochs."
    )
    return "\n\n".join([lead, " ".join(map(esc, guarantees(verdicts)))])


def all_findings(inputs: ReportInputs, made: BuiltReport) -> str:
    """Which claims are supported, refuted, open: a page in Markdown."""
    groups = [
        _group(inputs, head, of) for kind, head in HEADS if (of := [v for v in made.verdicts if v.verdict == kind])
    ]
    whole = "The whole report is [report.md](report.md); the records lie in `results/chapter`."
    return "\n\n".join(["# What the chapter found", _count(inputs, made), whole, *groups]) + "\n"


def _group(inputs: ReportInputs, head: str, verdicts: Sequence[Verdict]) -> str:
    basis = [esc(said), ""] if (said := cost_basis(inputs, verdicts)) else []
    return "\n".join([f"## {head}", "", *basis, *(_line(v, open_cost(inputs, v)) for v in verdicts)])


def _line(verdict: Verdict, cost: str = "") -> str:
    if verdict.verdict in ("supported", "mechanism"):
        return f"- **{esc(verdict.id)}**: {esc(verdict.statement)}"
    count = sum(p.verdict == "supported" for p in verdict.parts)
    parts = f" {met(count, len(verdict.parts))}." if len(verdict.parts) > 1 else ""
    said = in_sentences("; ".join(text for text in (verdict.reason, advice(verdict.need), cost) if text))
    more = f" {esc(said)}." if said else ""
    return f"- **{esc(verdict.id)}**: {esc(verdict.statement)} *{esc(verdict.part.finding)}{parts}{more}*"


def search_findings(store: ResultsFolder, study: str) -> str:
    """How a search on record went and what it came to, as a list in Markdown."""
    inputs = read_inputs(store)
    lines = search_lines(store, study, decided_arms(inputs, inputs.studies[study]))
    return "\n".join(f"  - {esc(line.strip())}" if line.startswith(" ") else f"- {esc(line)}" for line in lines)
