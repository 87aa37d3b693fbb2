"""What is not YAML: the mistakes that people make, each with its line, the line's text and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml

from trainables.config.errors import spelled
from trainables.config.plurals import counted

MAX_LINE_CHARS = 60
"""Characters of a line that are shown."""
CLOSING = {"{": "}", "[": "]"}
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""Where a line ends for the library, which counts them."""


def not_yaml(error: yaml.YAMLError, data: bytes) -> tuple[int, object, str]:
    """Line, value and words of what is not YAML; what people seldom write has the library's words."""
    if isinstance(error, yaml.MarkedYAMLError):
        found = _Found.of(error, data)
        for rule in RULES:
            if (said := rule(found)) is not None:
                line, why = said
                return line + 1, "", f"in {spelled(found.shown(line))} {why}"
        return found.line + 1, "", f"it is not YAML: {' '.join(filter(None, (error.context, error.problem)))}"
    if isinstance(error, yaml.reader.ReaderError):
        before = data.decode("utf-8")[: error.position]
        return before.count("\n") + 1, "", f"it is not YAML: a control character ({error.character:#04x})"
    return 1, "", f"it is not YAML: {' '.join(str(error).split())}"


@dataclass(frozen=True)
class _Found:
    """What the library found, and where; lines and columns from 0."""

    lines: Sequence[str]
    within: str
    """What was being read."""
    problem: str
    line: int
    column: int
    start_line: int
    """Of what was being read."""
    start_column: int

    @classmethod
    def of(cls, error: yaml.MarkedYAMLError, data: bytes) -> _Found:
        """Of an error; where it has no mark, of the first line."""
        at, start = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
        ends = (at.line, at.column, start.line, start.column) if at and start else (0, 0, 0, 0)
        return cls(_BREAK.split(data.decode("utf-8")), error.context or "", error.problem or "", *ends)

    def text(self, line: int) -> str:
        """A line; empty behind the last one."""
        return self.lines[line] if line < len(self.lines) else ""

    def shown(self, line: int) -> str:
        """A line as it is shown."""
        text = self.text(line).strip()
        return text if len(text) <= MAX_LINE_CHARS else text[: MAX_LINE_CHARS - 3] + "..."

    def indent(self, line: int) -> int:
        """Spaces before its text."""
        return len(self.text(line)) - len(self.text(line).lstrip(" "))

    @property
    def before(self) -> str:
        """What stands before the place, in its line."""
        return self.text(self.line)[: self.column]

    @property
    def above(self) -> int:
        """The line before that has text; the place's own where none has."""
        there = (i for i in range(self.line - 1, -1, -1) if self.text(i).split("#")[0].strip())
        return next(there, self.line)

    @property
    def got(self) -> str:
        """What the library met."""
        met = re.search(r"but (?:found|got) '(.+)'$", self.problem)
        return met[1] if met else ""


def _tab(found: _Found) -> tuple[int, str] | None:
    if "'\\t'" not in found.problem and "tab character" not in found.problem + found.within:
        return None
    return found.line, "there is a tab: indent with spaces, not with tabs"


def _bracket(found: _Found) -> tuple[int, str] | None:
    """A bracket that is not closed, or a comma that is missing within one."""
    if not found.within.startswith("while parsing a flow") or not found.problem.startswith("expected ',' or"):
        return None
    opened = "{" if "mapping" in found.within else "["
    start, closed = found.start_line, CLOSING[opened]
    if found.got in CLOSING.values():
        return found.line, f'the "{opened}" is not closed: write "{closed}" before the "{found.got}"'
    is_outside = found.line > start and found.indent(found.line) <= found.indent(start)
    if is_outside or found.got == "<stream end>":
        return start, f'the "{opened}" is not closed: write "{closed}" where it ends'
    if found.line > start and not re.search(r"[,{[]", found.before):
        return found.above, "a comma is missing at the end"
    if found.got == ":":
        return found.line, 'a comma is missing, or a text with ": " needs quotes'
    return found.line, f"a comma is missing before {spelled(found.text(found.line)[found.column :][:20])}"


def _empty_bracket(found: _Found) -> tuple[int, str] | None:
    """A bracket behind which the file ends."""
    if found.within != "while parsing a flow node" or found.got != "<stream end>":
        return None
    line = next((i for i in range(found.line, -1, -1) if set(found.text(i)) & set(CLOSING)), found.line)
    opened = max(CLOSING, key=found.text(line).rfind)
    return line, f'the "{opened}" is not closed: write "{CLOSING[opened]}" where it ends'


def _surplus(found: _Found) -> tuple[int, str] | None:
    """A bracket or a comma that nothing stands before."""
    opened = {closed: opened for opened, closed in CLOSING.items()}.get(found.got)
    if opened and "expected" in found.problem:
        return found.line, f'there is a "{found.got}" without its "{opened}"'
    if found.got == "," and "expected the node content" in found.problem:
        return found.line, "nothing stands before a comma: take it out, or write the value"
    return None


def _quote(found: _Found) -> tuple[int, str] | None:
    """A quote that is not closed, or text behind the one that closes."""
    if found.within == "while scanning a quoted scalar" and "unexpected" in found.problem:
        return found.start_line, _not_closed(found.text(found.start_line)[found.start_column])
    quote = found.before.rstrip()[-1:]
    if found.got != "<scalar>" or quote not in ("'", '"'):
        return None
    if found.before.count(quote) % 2:  # it was opened in a line above
        lines = (i for i in range(found.line - 1, -1, -1) if found.text(i).count(quote) % 2)
        return next(lines, found.line), _not_closed(quote)
    if quote == "'":
        return found.line, "the text ends at the second ': within '...' write an apostrophe twice"
    return found.line, 'text stands behind the closing ": put all of it within the quotes'


def _not_closed(quote: str) -> str:
    return f"the quote {quote} is not closed: write {quote} where the text ends"


def _colon(found: _Found) -> tuple[int, str] | None:
    """A colon in a text without quotes, a line that is indented below a value, or a name without its space."""
    if found.problem != "mapping values are not allowed here":
        return None
    named = re.match(r"\s*(?:- +)*([^\s:]+): +(.+)", found.before)
    if named is not None:
        rest = found.text(found.line)[named.start(2) :].strip()
        example = f', as in {named[1]}: "{rest}"' if len(rest) <= MAX_LINE_CHARS and not set(rest) & set('"\\#') else ""
        return found.line, f'a text with ": " needs quotes{example}'
    if found.indent(found.line) > found.indent(found.above):
        return found.line, f"the indent is wrong: {spelled(found.shown(found.above))} above it has a value already"
    return found.above, "a space is missing behind the colon, or the colon: write NAME: VALUE"


def _no_colon(found: _Found) -> tuple[int, str] | None:
    if found.problem != "could not find expected ':'":
        return None
    return found.start_line, "a colon is missing: write NAME: VALUE; what goes on with the line above is indented"


def _indent(found: _Found) -> tuple[int, str] | None:
    """A line that begins where no line above it does, or of another kind than those."""
    is_below = found.problem.startswith("expected <block end>")
    is_first = found.problem.startswith("expected '<document start>'") and found.text(found.above)[:1] == " "
    if not (is_below or is_first) or found.got not in ("<block mapping start>", "<block sequence start>", "-", "?"):
        return None
    indent = found.indent(found.line)
    if is_below and indent == found.start_column and found.got in "-?":
        other = (
            '"- ..." stands among lines NAME: VALUE' if found.got == "-" else 'NAME: VALUE stands among lines "- ..."'
        )
        return found.line, f"the indent is wrong: {other}"
    return found.line, f"the indent is wrong: no line above that it could belong to has {counted(indent, 'space')}"


def _list(found: _Found) -> tuple[int, str] | None:
    if found.problem != "sequence entries are not allowed here":
        return None
    return found.line, 'a list with "- " begins on a line of its own; within a line write [A, B]'


def _character(found: _Found) -> tuple[int, str] | None:
    """A character that begins no text, or a backslash that means nothing."""
    if met := re.fullmatch(r"found character '(.)' that cannot start any token", found.problem):
        return found.line, f"a text that begins with {met[1]} needs quotes"
    if met := re.fullmatch(r"found unknown escape character '(.)'", found.problem):
        return found.line, rf"""\{met[1]} means nothing: within "..." write \\ for a backslash, or use '...'"""
    return None


RULES: tuple[Callable[[_Found], tuple[int, str] | None], ...] = (
    _tab, _bracket, _empty_bracket, _surplus, _quote, _colon, _no_colon, _indent, _list, _character
)  # fmt: skip
"""Each gives the line and what is wrong with it, where it is its own mistake."""
