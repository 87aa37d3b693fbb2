"""Sentences are short, wherever a person reads them: on the chapter's page, in the documents, in the help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from study.cli import main as cli
from tests import sentences

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FIRST_READ = (ROOT / "README.md", DOCS / "index.md", DOCS / "tutorial.md", DOCS / "limits.md", DOCS / "glossary.md")


@pytest.mark.parametrize(
    ("name", "files", "limit"),
    [
        ("the chapter's page", (DOCS / "chapter/report.md",), 0.03),
        ("what a newcomer reads", FIRST_READ, 0.03),
        ("the guides", tuple(sorted((DOCS / "guides").glob("*.md"))), 0.03),
        ("the other pages", tuple(sorted(set(DOCS.glob("*.md")) - set(FIRST_READ))), 0.03),
        ("why things are so", tuple(sorted((DOCS / "decisions").glob("*.md"))), 0.03),
        # of these the table of words.md shows sentences as they were before, so more are long
        ("what contributors read", (ROOT / "CONTRIBUTING.md", *sorted((DOCS / "contributing").glob("*.md"))), 0.05),
    ],
)
def test_few_sentences_are_long(name: str, files: tuple[Path, ...], limit: float) -> None:
    blocks = (block for file in files for block in sentences.of_markdown(file.read_text(encoding="utf-8")))
    found = sentences.count(blocks)
    assert found.sentences > 100 and found.share < limit, f"{name}: {found.said()}"


def test_few_sentences_of_the_help_are_long() -> None:
    found = sentences.count(_helps(typer.main.get_command(cli.app)))
    assert found.sentences > 100 and found.share < 0.03, found.said()


def _helps(command: Any) -> Iterator[str]:
    """The help of a command and its options, and of all commands below it."""
    yield from (command.help or "").replace("\b", "").split("\n\n")
    yield from (str(getattr(parameter, "help", None) or "") for parameter in command.params)
    for below in getattr(command, "commands", {}).values():
        yield from _helps(below)


TEXT = """\
# A heading. Two

A paragraph that goes
on with **bold words** and `code`, e.g. here. The next one ends at 3.5 % (1.0 to 2.0).

- an item of a list
- another one, that goes
  on below

| a cell of three words | 12.3 |
| --- | ---: |
| **Is it so?** **It is so here.** *gap: 3 points* | x |

```bash
this is no sentence at all
```

![A picture told in words.](a.svg)
"""


def test_a_block_stands_by_itself_and_code_is_no_sentence() -> None:
    blocks = list(sentences.of_markdown(TEXT))
    assert blocks == [
        "A heading. Two",
        "A paragraph that goes on with bold words and `code`, e.g. here. The next one ends at 3.5 % (1.0 to 2.0).",
        "an item of a list",
        "another one, that goes on below",
        "a cell of three words",
        "12.3",
        "Is it so?",
        "It is so here.",
        "gap: 3 points",
        "x",
        "A picture told in words.",
    ]
    assert [s for block in blocks for s in sentences.split(block)][2:4] == [
        "A paragraph that goes on with bold words and `code`, e.g. here.",
        "The next one ends at 3.5 % (1.0 to 2.0).",
    ]


def test_a_page_is_read_by_blocks_with_what_it_says_of_its_pictures() -> None:
    page = (
        "<head><title>x y z</title></head><p>One <b>bold</b> word. Two.</p><script>let a</script>"
        '<ul><li>First item<li>Second item</ul><svg role="img" aria-label="A curve that falls."></svg>'
    )
    assert sentences.of_html(page) == ["One bold word. Two.", "First item", "Second item", "A curve that falls."]


def test_the_longest_are_shown_where_there_are_too_many() -> None:
    found = sentences.count([" ".join(["word"] * 21) + ".", " ".join(["word"] * 30) + ".", "This is short enough."])
    assert found.sentences == 3 and [sentences.words(s) for s in found.long] == [30, 21]
    assert found.said(1).startswith("2 of 3 sentences have more than 20 words (66.7%)\n  30: word word")
