"""The sentences of a text that a person reads, and how long they are.

A table's cell, a list's item, a heading, a paragraph and a picture's text stand by themselves: no sentence goes from
one into another. What is to be pasted (code, commands) is no sentence, nor is a name or a number alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

MOST_WORDS = 20
LEAST_PLAIN_WORDS = 3
"""What has fewer words of letters alone is a name, a number or a label."""

FENCE = re.compile(r"^[ \t]*(```+|~~~+).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}(?![-*]|\d+\.).*\n)+(?=\n)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARK = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.*?\S)\1(?![\w*])", re.DOTALL)
ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+(.*)$")
CELLS = re.compile(r"(?<!\\)\|")
END = re.compile("(?<=[.!?])[)\"'\u201d]*\\s+(?=[\"'\u201c(\\[`*]*[A-Z0-9\u2212`]|[a-z][\\w.-]*:)")
NO_END = re.compile(r"\b(?:e\.g|i\.e|cf|vs|no|al|approx)\.$")
LETTER_OR_DIGIT, PLAIN_WORD = re.compile(r"[^\W_]"), re.compile(r"[A-Za-z][a-z'\u2019-]*[.,;:!?)]*")
INLINE = frozenset(
    re.findall(r"\w+", "a abbr b cite code del em i ins kbd mark q s samp small strong sub sup u var wbr")
)
SKIPPED = frozenset({"script", "style", "template", "noscript", "pre", "head"})
TOLD = ("alt", "aria-label", "title")
"""Attributes that are read out, or shown under the pointer."""


@dataclass(frozen=True)
class Count:
    """How many sentences a text has, and those that are too long, the longest first."""

    sentences: int
    long: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of all sentences, from 0 to 1."""
        return len(self.long) / self.sentences if self.sentences else 0.0

    def said(self, most: int = 15) -> str:
        """The share and the worst, to be shown where there are too many."""
        head = f"{len(self.long)} of {self.sentences} sentences have more than {MOST_WORDS} words ({self.share:.1%})"
        return "\n".join([head, *(f"  {words(text)}: {text}" for text in self.long[:most])])


def words(sentence: str) -> int:
    """How many words: whatever between spaces has a letter or a digit.

    >>> words("Dropout cuts the gap by 3.0 points (2.5 to 3.5), at 2 % + 1.")
    13
    """
    return sum(bool(LETTER_OR_DIGIT.search(word)) for word in sentence.split())


def split(block: str) -> list[str]:
    """The sentences of one block.

    >>> split("Adam ends at 86.2 %. SGD at 85 %, e.g. here! 5 of 5 seeds (a. b.)")
    ['Adam ends at 86.2 %.', 'SGD at 85 %, e.g. here!', '5 of 5 seeds (a. b.)']
    """
    found = list[str]()
    for piece in END.split(" ".join(block.split())):
        if found and NO_END.search(found[-1]):
            found[-1] += f" {piece}"
        elif piece:
            found.append(piece)
    return found


def is_sentence(text: str) -> bool:
    """Whether it is more than a name, a number, a list of identities.

    >>> is_sentence("85.3 (84.6 to 86.0)"), is_sentence("a81b201f 32ee439b b72acc29"), is_sentence("It ends at 3 %.")
    (False, False, True)
    """
    return sum(bool(PLAIN_WORD.fullmatch(word)) for word in text.split()) >= LEAST_PLAIN_WORDS


def count(blocks: Iterable[str]) -> Count:
    """Count the sentences of blocks, each as often as it stands there."""
    every = [sentence for block in blocks for sentence in split(block) if is_sentence(sentence)]
    return Count(len(every), tuple(sorted((s for s in every if words(s) > MOST_WORDS), key=words, reverse=True)))


def of_markdown(text: str) -> Iterator[str]:
    """The blocks of a Markdown text: headings, paragraphs, items, cells, and the texts of pictures."""
    text = COMMENT.sub("", INDENTED.sub("\n", FENCE.sub("\n\n", text)))
    paragraph = list[str]()
    for line in [*(line.lstrip("> ") for line in text.splitlines()), ""]:
        item = ITEM.match(line)
        alone = not line.strip() or item or line.startswith(("#", "|", "!!! ", "---"))
        if alone and paragraph:
            yield from _plain(" ".join(paragraph))
            paragraph = []
        if item:
            paragraph = [item[1]]
        elif line.startswith("|"):
            yield from (block for cell in CELLS.split(line.strip().strip("|")) for block in _plain(cell))
        elif line.startswith("#"):
            yield from _plain(line.lstrip("# "))
        elif line.strip() and not alone:
            paragraph.append(line.strip())


def _plain(text: str) -> Iterator[str]:
    """One block without its marks; the texts of its pictures as blocks of their own."""
    yield from PICTURE.findall(text)
    text = LINK.sub(r"\1", PICTURE.sub("", text))
    several = re.search(r"\*\*.*?\*\* \*", text)  # a question, its answer and its number, each set apart
    for piece in re.split(r"(?<=\*\*) (?=\*)|(?<=\?) (?=\*\*)", text) if several else [text]:
        bare = piece
        while (fewer := MARK.sub(r"\2", bare)) != bare:
            bare = fewer
        bare = html.unescape(re.sub(r"</?[a-z][^>]*>", " ", bare)).replace("\\", "")
        if bare.strip(" -:"):
            yield bare.strip()


class _Blocks(HTMLParser):
    """Gathers the blocks of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found, self.here, self.skipping = list[str](), list[str](), 0

    def end_block(self) -> None:
        self.found += filter(None, ["".join(self.here).strip()])
        self.here = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping += tag in SKIPPED
        if tag not in INLINE:
            self.end_block()
        self.found += [value for name, value in attrs if name in TOLD and value and not self.skipping]

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in SKIPPED
        if tag not in INLINE:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.here.append(data)


def of_html(text: str) -> list[str]:
    """The blocks of a page, with what it says of its pictures and controls."""
    page = _Blocks()
    page.feed(text)
    page.end_block()
    return page.found
