"""From a results folder to files: the page, its Markdown twin, figures and tables. The only module here that writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analysis.claims.verdicts import Verdict
from analysis.report import fingerprint as fresh
from analysis.report import html, markdown
from analysis.report.build_page import BuiltReport, build_page, judge_all
from analysis.report.inputs import read
from analysis.report.page_tree import Block, Picture, Table, walk
from analysis.text import render_sheet as render
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput, StoreError


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
    store, target = ResultsFolder(folder), _target(folder, out, "report")
    wanted = fresh.fingerprint(store)
    if fresh.is_fresh(target, wanted):
        return target / "index.html"
    made = build_page(read(store))
    write_pictures(pictures_of(made.page.sections), target / "figures")
    write_tables(made, target / "tables")
    _write(target / "report.md", markdown.render(made.page).encode())
    page = _write(target / "index.html", html.render(made.page).encode())
    _write(target / fresh.MARK, (wanted + "\n").encode())
    return page


def figures(folder: str, out: Path | None = None) -> list[Path]:
    """Write every figure of a results folder, and those that need no training, as PNG, SVG and CSV."""
    store, target = ResultsFolder(folder), _target(folder, out, "figures")
    return write_pictures(pictures_of(build_page(read(store)).page.sections), target)


def tables(folder: str, out: Path | None = None) -> list[Path]:
    """Write every table of a results folder as Markdown and LaTeX, and what is behind them as CSV."""
    store, target = ResultsFolder(folder), _target(folder, out, "tables")
    return write_tables(build_page(read(store)), target)


def verdicts(folder: str, problems: list[str]) -> list[Verdict]:
    """The verdicts over all claims of a results folder, in the report's order; `problems` is told what is damaged."""
    material = read(ResultsFolder(folder))
    problems += material.problems
    return [v for found in judge_all(material).values() for v in found]


def _target(folder: str, out: Path | None, name: str) -> Path:
    if out is None and "://" in folder:
        raise BadInput("out", None, f"name a folder on this machine for the {name}: the results are at {folder}")
    target = out if out is not None else Path(folder) / name
    if target.exists() and not target.is_dir():
        raise StoreError(f"{target} cannot be written: it is a file, not a folder")
    return target


def pictures_of(blocks: Iterable[Block]) -> list[Picture]:
    """The pictures of a page, in its order."""
    return [b for b in walk(blocks) if isinstance(b, Picture)]


def write_pictures(pictures: Iterable[Picture], folder: Path) -> list[Path]:
    """PNG, SVG and CSV of every picture."""
    return [
        _write(folder / f"{p.name}.{kind}", content)
        for p in pictures
        for kind, content in (("png", p.png), ("svg", p.svg), ("csv", p.csv))
    ]


def write_tables(made: BuiltReport, folder: Path) -> list[Path]:
    """The tables of the page as Markdown and LaTeX, and the tidy frames behind them as CSV with all digits."""
    paths = [_write(folder / f"{name}.csv", render.to_csv(frame).encode()) for name, frame in made.frames.items()]
    for block in walk(made.page.sections):
        if isinstance(block, Table):
            paths.append(_write(folder / f"{block.name}.md", render.to_markdown(block.sheet).encode()))
            paths.append(_write(folder / f"{block.name}.tex", render.to_latex(block.sheet).encode()))
    return paths


def _write(path: Path, content: bytes) -> Path:
    """A file whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from None
    return path
