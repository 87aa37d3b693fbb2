"""What a report consists of: a tree of plain values, the same for HTML and Markdown. No markup lives here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis.report.chart_blocks import (
    NO_VERDICTS,
    AnswerGroup,
    CurveChart,
    DrawnEffect,
    Forest,
    Histograms,
    KnobChart,
    Ranges,
    Surprises,
    Verdicts,
)
from analysis.report.pictures import Picture
from analysis.text.sheet import Sheet


@dataclass(frozen=True)
class Paragraph:
    """A piece of text; `kind` is one of "", "lead", "note"."""

    text: str
    kind: str = ""
    trials: str = ""
    """Where the trials behind its numbers are."""


@dataclass(frozen=True)
class Notice:
    """Something that must not be overlooked: what is missing, reduced, damaged or changed."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and their values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A sheet, with places in the page that its first column leads to, by the cell's text."""

    name: str
    """File name without an ending."""
    sheet: Sheet
    links: Mapping[str, str] = field(default_factory=dict)
    files_only: bool = False
    """For the files and the Markdown; the page says it elsewhere."""


@dataclass(frozen=True)
class LinkedSentence:
    """A sentence, and where on the page the trials behind its numbers are."""

    text: str
    trials: str = ""
    by_arm: tuple[tuple[str, str], ...] = ()
    """Where they are of several studies: each arm, as `STUDY/ARM`, and the place of its trials."""


@dataclass(frozen=True)
class Trials:
    """The trials of a study, a row each; `rows` lead links and the filters."""

    anchor: str
    table: Table
    rows: tuple[tuple[str, str, str], ...]
    """Of each row the arm; the row's place where it is the first of the arm's numbers, else ""; how the trial ended."""
    aside: frozenset[int] = frozenset()
    """Rows, from 0, of seeds on which no number of the study rests: a link from a number does not show them."""

    @property
    def ends(self) -> tuple[str, ...]:
        """How trials ended, each once."""
        return tuple(dict.fromkeys(end for _, _, end in self.rows))


@dataclass(frozen=True)
class Finding:
    """A claim with its verdict."""

    anchor: str
    id: str
    statement: str
    verdict: str
    sentence: str
    details: tuple[str, ...] = ()
    """What stands behind it, a sentence each."""
    note: str = ""
    effect: DrawnEffect | None = None
    seeds: str = ""
    """Of how many seeds its number is, and which where tables are of others."""
    remark: str = ""
    """A line beside the number, such as how many parts are met."""
    parts: Table | None = None
    trials: tuple[str, ...] = ()
    why: tuple[LinkedSentence, ...] = ()
    """Where it does not hold: what was measured beside it."""
    why_table: Table | None = None


@dataclass(frozen=True)
class Answer:
    """A question with its measured answer."""

    anchor: str
    number: int
    question: str
    answer: tuple[LinkedSentence, ...]
    missing: tuple[str, ...] = ()
    see: Mapping[str, str] = field(default_factory=dict)
    """Claims that judge it, and their places in the page."""
    table: Table | None = None


@dataclass(frozen=True)
class Files:
    """What lies beside the page as CSV: names without an ending, each with what is in it."""

    figures: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pictures:
    """Shows figures beside each other, as many as there is room for."""

    blocks: tuple[Picture, ...]


@dataclass(frozen=True)
class Details:
    """What is folded away until asked for."""

    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Section:
    """A heading with what belongs to it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 2
    short: str = ""
    """For the table of contents; if not given, the title."""
    folded: bool = False
    """Closed until asked for."""


@dataclass(frozen=True)
class StudyFold:
    """A study, closed until asked for: question and answer first."""

    anchor: str
    title: str
    meta: str
    question: str
    answer: str
    blocks: tuple[Block, ...]
    verdicts: Verdicts = NO_VERDICTS
    on_record: Verdicts = NO_VERDICTS
    """Of a reduced run: the verdicts at full protocol that a package has published."""
    group: str = ""
    open: bool = False
    trials: str = ""
    """Where the table of its trials is."""


Block = (
    Paragraph
    | Notice
    | Bullets
    | Facts
    | Table
    | Picture
    | Pictures
    | Finding
    | Answer
    | Details
    | Files
    | Section
    | StudyFold
    | AnswerGroup
    | Surprises
    | CurveChart
    | Forest
    | KnobChart
    | Histograms
    | Ranges
    | Trials
)


@dataclass(frozen=True)
class LiveState:
    """Says how a page that follows a run stands."""

    provisional: bool
    """Whether trials are still to come."""


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    lead: str
    reduced: bool
    counts: tuple[tuple[str, int], ...]
    """Verdicts and how many claims have them."""
    sections: tuple[Section, ...]
    data_line: str = ""
    note: str = ""
    """What was trained, in a line."""
    notices: tuple[Notice, ...] = ()
    """What must not be overlooked: damage, changes, nothing at all."""
    live: LiveState | None = None
    """None where the page is a file."""
    on_record: tuple[tuple[str, int], ...] = ()
    """Verdicts at full protocol that a package has published of what a reduced run does not judge, and how many."""


def walk(blocks: Iterable[Block]) -> Iterable[Block]:
    """Every block, those within others too, in the order of the page."""
    for block in blocks:
        yield block
        if isinstance(block, Section | Details | Pictures | StudyFold):
            yield from walk(block.blocks)
        elif isinstance(block, Finding):
            yield from (table for table in (block.why_table, block.parts) if table is not None)
        elif isinstance(block, Answer | Trials) and block.table is not None:
            yield block.table


class PlaceOnPage(str):
    """A name for a place in the page or a file beside it, that knows from which words it was made."""

    __slots__ = ("tail", "words")
    words: tuple[str, ...]
    tail: str
    """What stands behind the name, of a place within another."""

    def __new__(cls, name: str, words: tuple[str, ...], tail: str = "") -> PlaceOnPage:
        """A name with its tail."""
        made = super().__new__(cls, name + tail)
        made.words, made.tail = words, tail
        return made

    def __reduce__(self) -> tuple[type[PlaceOnPage], tuple[str, tuple[str, ...], str]]:
        return PlaceOnPage, (self.name, self.words, self.tail)

    @property
    def name(self) -> str:
        """The name without its tail."""
        return self.removesuffix(self.tail)

    def within(self, tail: str) -> PlaceOnPage:
        """A place within this one."""
        return PlaceOnPage(self.name, self.words, self.tail + tail)


def anchor(*words: str) -> PlaceOnPage:
    """A name for a place in the page, from any text.

    >>> anchor("claim", "lr 1<b>")
    'claim-lr-1-b'
    """
    name = re.sub(r"[^a-zA-Z0-9.]+", "-", "-".join(words)).strip("-").lower() or "place"
    return PlaceOnPage(name, words)
