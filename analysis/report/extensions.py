"""What an installed package may add to a page: an order of studies, a title, sections, what stands beside a verdict.

A package names a function under the entry point group `hyperparameter_study.report`; it is called with what the page is
made from and says what it adds to it. This package's own chapter does the same (`analysis.chapter.sections`). Nothing
here knows any such package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata

from analysis.claims.queries import Remarks
from analysis.claims.verdicts import Verdict
from analysis.report.chart_blocks import SurpriseWords
from analysis.report.headline import Headline
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Section

GROUP = "hyperparameter_study.report"


def nothing_beside(study: str, claim: str) -> Remarks:
    """Give no measurements beside a verdict."""
    return Remarks()


def by_rule(verdict: Verdict) -> None:
    """Give no words for a surprise."""


@dataclass(frozen=True)
class Additions:
    """What one package adds to one page."""

    studies: tuple[str, ...]
    """The folder's studies that the package knows as its own, in its order; they come first."""
    title: str = ""
    """Of the page; "" where the studies' names say it better."""
    lead: Callable[[], str] | None = None
    """Says in two sentences under the title what was asked, and how; verdicts alone never ask."""
    notes: tuple[str, ...] = ()
    """Lines below the answers, for instance what is not in the folder."""
    headlines: Mapping[str, Headline] = field(default_factory=dict)
    """What answers each study in short, by its name."""
    surprise_words: Callable[[Verdict], SurpriseWords | None] = by_rule
    """Tells a claim of its studies that went otherwise than was claimed, in words that the records bear out; None where
    it has none. Which claims these are is chosen by `analysis.report.surprises`.
    """
    before: tuple[Callable[[], Sequence[Section]], ...] = ()
    """Make the sections that come before the studies; each may take a while."""
    after: tuple[Callable[[], Sequence[Section]], ...] = ()
    """Likewise those that come after the studies."""
    beside: Callable[[str, str], Remarks] = nothing_beside
    """What was measured beside a claim, by the names of study and claim; asked where a verdict is not supported."""


Extension = Callable[[ReportInputs], Additions | None]
"""None where the package has nothing to add to this page."""


def additions_to(inputs: ReportInputs) -> list[Additions]:
    """What the installed packages add to a page, in the order of their names."""
    found = (extension(inputs) for extension in registered())
    return [one for one in found if one is not None]


def registered() -> list[Extension]:
    """The extensions of the installed packages, each once."""
    points = {(p.name, p.value): p for p in metadata.entry_points(group=GROUP)}
    return [points[key].load() for key in sorted(points)]
