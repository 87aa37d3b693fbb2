"""The verdicts for a terminal: a line a claim, or everything that each rests on. Values in, text out."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from analysis.claims.promise import guarantees
from analysis.claims.sentences import still_needed
from analysis.claims.verdicts import Verdict
from analysis.claims.words import WORDS, VerdictWord, counted_verdicts
from analysis.report.judge_folder import JudgedFolder
from analysis.text.phrases import in_sentences
from analysis.text.plain_text import printable
from study.app.command_for_folder import command_with_data_hint
from study.app.live_view import UNICODE, CharacterSet
from study.app.run_end import FINDING_COLUMNS, INDENT_COLUMNS, finding_line
from study.app.screen import letters_of, marks_of
from study.app.wrapping import asked_columns
from trainables.config.plurals import counted

COLOURS: Mapping[VerdictWord, str] = {"supported": "green", "refuted": "red", "open": "yellow"}
NO_CLAIMS = "there are no claims in this folder"
IN_BRACKETS = "In brackets: the 95 % interval of the mean over seeds."
INTERVAL = re.compile(r"\([^()]*\bto\b[^()]*\)")
"""An interval in brackets, within a sentence."""
WIDE_COLUMNS = 140
"""From so many columns on an open claim says how many seeds it needs."""
ALIGNED_COLUMNS = 120
"""From so many columns on the claims of all studies stand in one column; below it a study's."""
LONG_COLUMNS = 110
"""At most so many columns has the long text."""


def print_short(found: JudgedFolder, more: str, going: Sequence[str] = ()) -> None:
    """Print a line a claim; `more`: the command that follows. Where no width is asked for, no line is broken.

    `going`: what is not over yet, in place of claims that are not there for that reason.
    """
    console = Console(highlight=False)
    width, letters = asked_columns(sys.stdout), letters_of(sys.stdout)
    for line in short_lines(found, more, width, marks_of(letters), going):
        line.plain = letters.minus(line.plain)
        console.print(line, soft_wrap=True)


def short_lines(
    found: JudgedFolder, more: str, width: int | None, marks: Mapping[VerdictWord, str], going: Sequence[str] = ()
) -> Iterator[Text]:
    """A line a claim under its study's answer, the verdicts counted, the next command; `going`: see `print_short`."""
    if not found.verdicts:
        yield from (Text(line) for said in going or (NO_CLAIMS,) for line in _wrap("", said, width))
        yield from _next(more, width) if going else ()
        return
    wide = _ids(found.verdicts)
    word = max(len(WORDS[v.verdict]) for v in found.verdicts)
    study = ""
    for v in found.verdicts:
        if v.study != study:
            study = v.study
            if width is not None and width < ALIGNED_COLUMNS:
                wide = _ids([other for other in found.verdicts if other.study == study])
            answer = found.answers.get(study, "")
            reduced = " (reduced)" if v.reduced else ""
            yield from ([Text("")] if v is not found.verdicts[0] else [])
            for i, line in enumerate(_wrap(f"{study}{reduced}  ", answer, width, indent=2)):
                yield Text(line) if i else Text.assemble((study, "bold"), line[len(study) :])
        said = finding_line(v) + (_needs(v) if width is None or width >= WIDE_COLUMNS else "")
        head = f"  {marks[v.verdict]} {WORDS[v.verdict]:{word}s}  {v.id:{wide}s}  "
        for i, line in enumerate(_wrap(head, said, width)):
            text = Text(line)
            if i == 0:
                text.stylize(COLOURS.get(v.verdict, "dim"), 2, 4 + word)
            yield text
    yield Text("")
    texts = (*found.answers.values(), *map(finding_line, found.verdicts))
    brackets = [IN_BRACKETS] if any(INTERVAL.search(text) for text in texts) else []
    ends = [_counts(found.verdicts) + _replaced(found.verdicts), " ".join((*brackets, *guarantees(found.verdicts)))]
    yield from (Text(line) for end in filter(None, ends) for line in _wrap("", end, width))
    yield from _next(more, width)


def _next(command: str, width: int | None) -> Iterator[Text]:
    return map(Text, ("", *command_with_data_hint("next  ", command, width)))


def _ids(verdicts: Sequence[Verdict]) -> int:
    return max(len(v.id) for v in verdicts)


def _needs(v: Verdict) -> str:
    """How many seeds an open claim needs, as a sentence."""
    said = still_needed(v)
    return f" {in_sentences(said)}." if said else ""


def _counts(verdicts: Sequence[Verdict]) -> str:
    said = ", ".join(f"{n} {WORDS[v]}" for v, n in counted_verdicts(v.verdict for v in verdicts))
    return f"{counted(len(verdicts), 'claim')}: {said}"


def _replaced(verdicts: Sequence[Verdict]) -> str:
    """That earlier versions of claims were replaced: what they said stands in the long text."""
    n = sum(bool(v.replaced) for v in verdicts)
    said = counted(n, "claim replaces an earlier one", "claims replace earlier ones")
    return f". {said}; what was replaced has no verdict." if n else ""


def _wrap(head: str, words: str, width: int | None, indent: int | None = None) -> list[str]:
    """Lines of this width; a number stays with its per cent sign."""
    words = " ".join(words.split("\n"))  # an answer in a study file may have lines of its own
    if width is None:
        return [f"{head}{words}".rstrip()]
    glued = words.replace(" %", "\u00a0%")
    further = " " * (len(head) if indent is None else indent)
    if words and width - len(head) < FINDING_COLUMNS < width:  # a long name: what is said of it stands below
        return [head.rstrip(), *_wrap(" " * (indent or INDENT_COLUMNS), words, width)]
    room = max(width, len(head) + 20)
    lines = textwrap.wrap(glued, room, initial_indent=head, subsequent_indent=further, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines] or [head.rstrip()]


def long_text(verdicts: Sequence[Verdict], columns: int | None = None, letters: CharacterSet = UNICODE) -> str:
    """A mark, the id and the statement, and below it what was found and all that it rests on.

    Args:
        verdicts: in the order of their studies.
        columns: of the window; None where it has none.
        letters: that it can show.
    """
    if not verdicts:
        return NO_CLAIMS
    width = max(len(v.id) for v in verdicts)
    room, lines, study = min(LONG_COLUMNS, columns or LONG_COLUMNS), [], ""
    hang = width + 6 if room - width - 6 >= FINDING_COLUMNS else INDENT_COLUMNS
    for v in verdicts:
        if v.study != study:
            study = v.study
            lines += ["", study]
        head = f"  {marks_of(letters)[v.verdict]} {v.id:{width}s}  "
        lines += [] if hang > INDENT_COLUMNS else [head.rstrip()]
        lines += _long(head if hang > INDENT_COLUMNS else " " * hang, v.statement, room)
        lines += _long(" " * hang, " ".join((v.sentence, *v.details)), room)
    lines += ["", _counts(verdicts)]
    promised = guarantees(verdicts)
    if promised:
        lines += ["", *(line for text in promised for line in _long("", text, room))]
    return letters.minus("\n".join(lines).strip("\n"))


def _long(head: str, words: str, room: int) -> list[str]:
    shown = printable(" ".join(words.split()) if "\n" in words else words)
    return textwrap.wrap(shown, room, initial_indent=head, subsequent_indent=" " * len(head)) or [head]
