"""From a results folder to files: the page, its Markdown twin, figures and tables. The only module here that writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analysis.report import html, markdown
from analysis.report.build_page import BuiltReport, build_page
from analysis.report.fingerprint import fingerprint
from analysis.report.inputs import read
from analysis.report.output_folder import OutputFolder
from analysis.report.page_tree import Block, Picture, Table, walk
from analysis.text import render_sheet as render
from study.storage.results_folder import ResultsFolder


def build(folder: str, out: Path | None = None) -> Path:
    """Write the report of a results folder: `index.html`, `report.md`, `figures/`, `tables/`; or leave what is so.

    Args:
        folder: a results folder; a path or a URL.
        out: where to write; if not given, `report` within the results folder.

    Returns:
        The path of the page.

    Raises:
        StoreError: the folder is not a results folder, or `out` cannot be written.
        BadInput: the results are not on this machine's disk and no `out` is given.
    """
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "report")
    wanted = fingerprint(store)
    if target.is_fresh(wanted):
        return target.path / "index.html"
    made = build_page(read(store))
    write_pictures(pictures_of(made.page.sections), target, "figures/")
    write_tables(made, target, "tables/")
    target.write("report.md", markdown.render(made.page).encode())
    page = target.write("index.html", html.render(made.page).encode())
    target.finish(wanted)
    return page


def figures(folder: str, out: Path | None = None) -> list[Path]:
    """Write every figure of a results folder, and those that need no training, as PNG, SVG and CSV."""
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "figures")
    return write_pictures(pictures_of(build_page(read(store)).page.sections), target)


def tables(folder: str, out: Path | None = None) -> list[Path]:
    """Write every table of a results folder as Markdown and LaTeX, and what is behind them as CSV."""
    store, target = ResultsFolder(folder), OutputFolder(folder, out, "tables")
    return write_tables(build_page(read(store)), target)


def pictures_of(blocks: Iterable[Block]) -> list[Picture]:
    """The pictures of a page, in its order."""
    return [b for b in walk(blocks) if isinstance(b, Picture)]


def write_pictures(pictures: Iterable[Picture], target: OutputFolder, under: str = "") -> list[Path]:
    """PNG, SVG and CSV of every picture."""
    return [
        target.write(f"{under}{p.name}.{kind}", content)
        for p in pictures
        for kind, content in (("png", p.png), ("svg", p.svg), ("csv", p.csv))
    ]


def write_tables(made: BuiltReport, target: OutputFolder, under: str = "") -> list[Path]:
    """The tables of the page as Markdown and LaTeX, and the tidy frames behind them as CSV with all digits."""
    frames = made.frames.items()
    paths = [target.write(f"{under}{name}.csv", render.to_csv(frame).encode()) for name, frame in frames]
    for block in walk(made.page.sections):
        if isinstance(block, Table):
            paths.append(target.write(f"{under}{block.name}.md", render.to_markdown(block.sheet).encode()))
            paths.append(target.write(f"{under}{block.name}.tex", render.to_latex(block.sheet).encode()))
    return paths
