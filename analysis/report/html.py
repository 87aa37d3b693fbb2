"""The page tree as one HTML file that needs nothing else: style, script and pictures are within it."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from analysis.claims.words import WORDS
from analysis.report.page_tree import Block, Finding, Page, Trials, walk
from analysis.text.phrases import DECIDING, SHADED, clauses
from analysis.text.plain_text import printable, true_minus

MEANINGS = (
    ("supported", "The claim holds as far as the seeds tell."),
    ("refuted", "The numbers lie on the other side."),
    ("open", "Judged, and not decided either way."),
    ("not-enough-seeds", "An estimate and no verdict yet."),
    ("no-place", "Its family has no place left for it: shown without a verdict."),
    ("not-judged", "Something stands in the way that no seed mends; the claim says what."),
    ("reduced", "Fewer epochs or images than the study declares: not judged."),
    ("missing", "Its trials are not there."),
    ("mechanism", "It holds by construction and is counted, not judged."),
    ("none", "Measured; nothing was claimed."),
)
"""What each mark means, in the order of the legend."""


SCRIPTS, STYLES = ("page.js", "curves.js"), ("page.css", "charts.css")
LIVE = "live.js"
"""Of a page that follows a run; it goes before the others, for it keeps the page as it came."""


def render(page: Page, version: str = "", files: Mapping[str, str] | None = None) -> str:
    """The page. All text is escaped by the template engine.

    Args:
        page: its tree.
        version: of a live page, which content it has.
        files: of a page that goes alone, by name the addresses of the CSV files that are within it; it says that the
            others are elsewhere. If not given, they lie beside the page.
    """
    scripts = (LIVE, *SCRIPTS) if page.live else SCRIPTS
    script, style = "\n".join(map(_read, scripts)), "\n".join(map(_read, STYLES))
    return _template().render(
        page=page,
        version=version,
        files=files,
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        places=frozenset(_places(page)),
        trial_rows=dict(_trial_rows(page)),
        meanings=MEANINGS,
    )


def _places(page: Page) -> Iterator[str]:
    """Where the trials of arms begin, and those behind a claim: what a number may lead to."""
    for block in walk(page.sections):
        if isinstance(block, Trials):
            yield from (place for _, place, _ in block.rows if place)
            yield block.anchor
        elif isinstance(block, Finding) and block.trials:
            yield f"{block.anchor}-trials"


def _trial_rows(page: Page) -> Iterator[tuple[str, str]]:
    """Of each trial in a table of trials its name, and its row: of several rows the first."""
    seen: set[str] = set()
    for block in walk(page.sections):
        if not isinstance(block, Trials) or "Trial" not in (heads := block.table.sheet.heads):
            continue
        at = heads.index("Trial")
        for i, (cells, (_, place, _)) in enumerate(zip(block.table.sheet.rows, block.rows, strict=True), 1):
            if cells[at].text not in seen:
                seen.add(cells[at].text)
                yield cells[at].text, place or f"{block.anchor}-{i}"


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_together,
    )
    environment.filters["kind"] = _kind
    environment.globals["verdict_words"] = dict([*WORDS.items(), ("none", "no claim")])
    environment.globals["shaded_words"], environment.globals["deciding_words"] = SHADED, DECIDING
    environment.globals["badges"] = {word: verdict for verdict, word in WORDS.items()}
    environment.filters["parted"] = _parted
    environment.filters["linked"] = _linked
    environment.filters["led"] = _led
    environment.filters["minus"] = true_minus
    environment.filters["clauses"] = clauses
    return environment.get_template("page.html")


def _kind(block: Block) -> str:
    return type(block).__name__


NUMBER_ALONE = re.compile(r"-?[\d.]+(e[+-]?\d+)?")
"""What an attribute holds for a script or a drawing."""
SPACE_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")


def _together(value: object) -> object:
    r"""Text whose percent signs stay on the line of their number, and whose numbers have a true minus.

    A number alone stays as it is: attributes have some, which a script reads.

    >>> _together("about 85 % of 9"), _together("by 1 (-2 to 4)"), _together("-0.5")
    ('about 85\xa0% of 9', 'by 1 (\u22122 to 4)', '-0.5')
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = SPACE_BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", printable(value))
    return text if NUMBER_ALONE.fullmatch(text) else true_minus(text)


def _linked(text: str, numbers: Sequence[tuple[str, str]], places: Container[str]) -> Markup:
    r"""A text whose numbers lead to places that the page has.

    >>> _linked("It ends at 35 %, else at 85.3 %.", (("35 %", "t-1"), ("85.3 %", "gone")), {"t-1"})
    Markup('It ends at <a href="#t-1">35\xa0%</a>, else at 85.3\xa0%.')
    >>> _linked("Of 85.3 % it loses 5.3 %.", (("5.3 %", "t-1"),), {"t-1"})
    Markup('Of 85.3\xa0% it loses <a href="#t-1">5.3\xa0%</a>.')
    """
    parts: list[Markup] = []
    rest = text
    for number, place in numbers:
        # A number inside a longer one is another number.
        found = re.search(rf"(?<![\d.,\u2212-]){re.escape(number)}(?![\d])", rest)
        if found is None:
            continue
        before, after = rest[: found.start()], rest[found.end() :]
        shown = escape(_together(number))
        link = Markup('<a href="#{}">{}</a>').format(place, shown) if place in places else shown
        parts += [escape(_together(before)), link]
        rest = after
    return Markup("").join([*parts, escape(_together(rest))])


_NUMBER, _UNIT = r"[\u2212-]?\d(?:[\d.,]*\d)?", r"(?:%|points?|nats?|times)(?!\w)"
MEASURED = re.compile(
    rf"(?<![\w.,\u2212-])(?:\d+ of \d+ seeds|(?<!reaches )(?<!reach )(?:{_NUMBER} to )?{_NUMBER} {_UNIT}"
    rf"|{_NUMBER}(?= (?:instead )?of {_NUMBER} {_UNIT})|(?<= in )\d+(?=\.(?!\d))"
    rf"|(?:(?<=reaches )|(?<=reach )){_NUMBER} {_UNIT}(?=\.(?!\d)|,| and \d| test ))"
)
"""What a sentence says that was measured: a number or an interval with a unit, or a count of seeds. A level that is to
be reached is a constant of the question; it was reached first, before another, or after so many epochs."""
CONSTANT = re.compile(r"(?<=\. )Claimed: .*?\.(?= |$)|; claimed .*|, p .{1,20} against \d+ %|chance of \d+ %")
"""What a sentence says that was not measured: the claim itself, the level of its test, how likely it is decided."""


def _led(text: str, own: str, trials: str, others: str, places: Container[str]) -> Markup:
    r"""A sentence whose measured numbers lead to trials: that of its effect to those of the arm, others to all.

    >>> _led("It gains 2.5 points, to 90 %, in 3 epochs.", "+2.5", "t-1", "t", {"t-1", "t"})
    Markup('It gains <a href="#t-1">2.5 points</a>, to <a href="#t">90\xa0%</a>, in 3 epochs.')
    >>> _led("It loses 5.3 points; claimed below 6 points.", "", "", "t", {"t"})
    Markup('It loses <a href="#t">5.3 points</a>; claimed below 6 points.')
    >>> _led("It is 16 %. Claimed: below 0.2 %. Decided after 9 seeds, p = 1 against 5 %.", "", "", "t", {"t"})
    Markup('It is <a href="#t">16\xa0%</a>. Claimed: below 0.2\xa0%. Decided after 9 seeds, p = 1 against 5\xa0%.')
    >>> _led("Adam reaches 85 % first in 46 of 66 seeds (57 to 80 %).", "", "", "t", {"t"})
    Markup('Adam reaches 85\xa0% first in <a href="#t">46 of 66 seeds</a> (<a href="#t">57 to 80\xa0%</a>).')
    >>> _led("It is first in 46 of 66 seeds, SGD in 14. It cuts 3.6 of 9.3 points.", "", "", "t", {"t"}).count("#t")
    4
    >>> _led("They reach 97.1 % and 97.3 % test accuracy. It reaches 89.5 %.", "", "", "t", {"t"}).count("#t")
    3
    >>> _led("Both reach 85 % after 3 epochs. Neither reaches 90 % within 9 epochs.", "", "", "t", {"t"}).count("#t")
    0
    >>> _led("It ends at 5.8 instead of 9.3 points.", "", "", "t", {"t"})
    Markup('It ends at <a href="#t">5.8</a> instead of <a href="#t">9.3 points</a>.')
    """
    own = own.lstrip("+\N{MINUS SIGN}")
    found = MEASURED.findall(CONSTANT.sub("", text))
    return _linked(text, [(n, trials if n.partition(" ")[0] == own else others) for n in found], places)


def _parted(text: str) -> Markup:
    """A name that may go on in a new line after each slash.

    >>> _parted("depth/hidden-<1>")
    Markup('depth/<wbr>hidden-&lt;1&gt;')
    """
    return escape(printable(text)).replace("/", Markup("/<wbr>"))


def _hash(text: str) -> str:
    """The checksum of a script or style, by which the page's own policy takes it and no other."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return (resources.files("analysis.report") / "assets" / name).read_text(encoding="utf-8")
