"""Writes a results folder's report: the page, the same in Markdown, figures, tables. No other module here writes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from analysis.data.text_storage import text_as_objects
from analysis.report import html
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.fingerprint import fingerprint
from analysis.report.inputs import read_inputs
from analysis.report.markdown import render as render_markdown
from analysis.report.output_folder import OutputFolder
from analysis.report.page_tree import Block, Table, walk
from analysis.report.pictures import Picture
from analysis.report.progress import doing, watched
from analysis.text import render_sheet as render
from study.storage.results_folder import ResultsFolder

T = TypeVar("T")
Content = Callable[[], bytes]
PAGE, MARKDOWN_PAGE, ONE_FILE_PAGE = "index.html", "report.md", "one-file.html"
MAX_CSV_BYTES = 500_000
"""Bytes of CSV files that a page takes with it when it goes alone; smaller ones go before larger ones."""


@text_as_objects()
def build(folder: str, out: Path | None = None, *, markdown: bool = False, one_file: bool = False) -> Path:
    """Write the report of a results folder: `index.html`, `tables/`, a CSV a figure; or leave what is so.

    Args:
        folder: a results folder; a path or a URL.
        out: where to write; if not given, `report` within the results folder.
        markdown: write the page as Markdown too, `report.md`, with every figure as SVG beside it.
        one_file: write the page a second time as `one-file.html`, which leads to no other file and can be mailed.

    Returns:
        The path of the page; where `one_file`, of the one that can be mailed.

    Raises:
        StoreError: the folder is not a results folder, or `out` cannot be written.
        BadInput: the results are not on this machine's disk and no `out` is given.
    """
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "report")
    wanted = fingerprint(store)
    asked = ONE_FILE_PAGE if one_file else PAGE
    if target.is_fresh(wanted, (PAGE, asked, MARKDOWN_PAGE) if markdown else (PAGE, asked)):
        return target.path / asked
    with doing("reading the results"):
        inputs = read_inputs(store)
    made = build_page(inputs)
    pictures = pictures_of(made.page.sections)
    for picture in watched([p for p in pictures if markdown or not (p.still or p.absent)], "figures"):
        _ = picture.svg if markdown else picture.uri
    store.refuse_gone()
    with doing("writing the page"):
        files = picture_files(pictures, ("svg", "csv") if markdown else ("csv",), "figures/")
        files |= table_files(made, "tables/")
        if markdown:
            files[MARKDOWN_PAGE] = lambda: render_markdown(made.page).encode()
        files[PAGE] = lambda: html.render(made.page).encode()
        if one_file:
            within = csv_data_uris(
                pictures, {name: render.to_csv(frame).encode() for name, frame in made.frames.items()}
            )
            files[ONE_FILE_PAGE] = lambda: html.render(made.page, files=within).encode()
        target.write_all(files, wanted)
    return target.path / asked


@text_as_objects()
def figures(folder: str, out: Path | None = None) -> list[Path]:
    """Write every figure of a results folder, and those that need no training, as PNG, SVG and CSV."""
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "figures")
    pictures = pictures_of(build_page(read_inputs(store)).page.sections)
    for picture in watched(pictures, "figures"):
        _ = picture.png, picture.svg
    return target.write_all(picture_files(pictures, ("png", "svg", "csv")), clear=out is None)


@text_as_objects()
def tables(folder: str, out: Path | None = None) -> list[Path]:
    """Write every table of a results folder as Markdown and LaTeX, and what is behind them as CSV."""
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "tables")
    return target.write_all(table_files(build_page(read_inputs(store))), clear=out is None)


def csv_data_uris(pictures: Iterable[Picture], tables: Mapping[str, bytes] | None = None) -> dict[str, str]:
    """The CSV files that a page takes with it, as addresses that hold all of the file, by name; `tables/NAME` of a
    table. The smallest come first.
    """
    found, left = dict[str, str](), MAX_CSV_BYTES
    every = {picture.name: picture.csv for picture in pictures}
    every |= {f"tables/{name}": content for name, content in (tables or {}).items()}
    for name, content in sorted(every.items(), key=lambda file: (len(file[1]), file[0])):
        address = f"data:text/csv;base64,{base64.b64encode(content).decode()}"
        left -= len(address)
        if left < 0:
            break
        found[name] = address
    return found


def pictures_of(blocks: Iterable[Block]) -> list[Picture]:
    """The pictures of a page, in its order."""
    return [b for b in walk(blocks) if isinstance(b, Picture)]


def picture_files(pictures: Iterable[Picture], kinds: Iterable[str], under: str = "") -> dict[str, Content]:
    """Every picture as files of these kinds: png, svg, csv."""
    return {f"{under}{p.name}.{kind}": partial(getattr, p, kind) for p in pictures for kind in kinds}


def table_files(made: BuiltReport, under: str = "") -> dict[str, Content]:
    """The tables of the page as Markdown and LaTeX, and the tidy frames behind them as CSV with all digits."""
    files = dict[str, Content]()
    for name, frame in made.frames.items():
        files[f"{under}{name}.csv"] = partial(_encoded, render.to_csv, frame)
    for block in walk(made.page.sections):
        if isinstance(block, Table):
            files[f"{under}{block.name}.md"] = partial(_encoded, render.to_markdown, block.sheet)
            files[f"{under}{block.name}.tex"] = partial(_encoded, render.to_latex, block.sheet)
    return files


def _encoded(rendered: Callable[[T], str], value: T) -> bytes:
    return rendered(value).encode()
