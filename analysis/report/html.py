"""The page tree as one HTML file that needs nothing else: style, script and pictures are within it."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from analysis.claims.words import WORDS
from analysis.report.page_tree import Block, Page
from analysis.text.plain_text import printable


def render(page: Page) -> str:
    """The page. All text is escaped by the template engine."""
    script, style = _read("page.js"), _read("page.css")
    return _template().render(
        page=page,
        style=Markup(style),
        script=Markup(script),
        script_hash=_hash(script),
    )


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
    environment.globals["verdict_words"] = dict(WORDS)
    environment.filters["parted"] = _parted
    return environment.get_template("page.html")


def _kind(block: Block) -> str:
    return type(block).__name__


def _together(value: object) -> object:
    r"""Text whose percent signs stay on the line of their number.

    >>> _together("about 85 % of 9")
    'about 85\xa0% of 9'
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", printable(value))


def _parted(text: str) -> Markup:
    """A name that may go on in a new line after each slash.

    >>> _parted("depth/hidden-<1>")
    Markup('depth/<wbr>hidden-&lt;1&gt;')
    """
    return escape(printable(text)).replace("/", Markup("/<wbr>"))


def _hash(text: str) -> str:
    """A script's checksum, by which the page's own policy lets it run and no other."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return (resources.files("analysis.report") / "assets" / name).read_text(encoding="utf-8")
