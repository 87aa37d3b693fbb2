"""Pages of the site that no file holds: made anew at each build from the command, the knobs and the project's files.

A hook of MkDocs (`mkdocs.yml`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs.site_python import python
from docs.site_reference import command_line, knobs, study_file
from examples.notebook import notebook, page_cells

ROOT = Path(__file__).resolve().parent.parent


def whole_file(name: str) -> Callable[[], str]:
    """A file of the project that lies outside docs/, with its links as they are from docs/reference/."""

    def read() -> str:
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/decisions)", "](docs/decisions/index.md)")
        text = text.replace("](CHANGELOG.md)", "](changes.md)")
        return re.sub(r"\]\(docs/([^)]*)\)", r"](../\1)", text)

    return read


def decisions() -> str:
    """Every decision by its heading."""
    lines = [f"- [{_heading(path)}]({path.name})" for path in _decided()]
    return "\n".join(
        ["# Decisions", "", "Why things are as they are: what, why, what it costs, since when.", "", *lines, ""]
    )


def _decided() -> list[Path]:
    return sorted((ROOT / "docs/decisions").glob("*.md"))


def _heading(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


PAGES: dict[str, Callable[[], str]] = {
    "decisions/index.md": decisions,
    "reference/command-line.md": command_line,
    "reference/knobs.md": knobs,
    "reference/study-file.md": study_file,
    "reference/python.md": python,
    "reference/benchmarks.md": whole_file("benchmarks/results.md"),
    "reference/changes.md": whole_file("CHANGELOG.md"),
    "reference/contributing.md": whole_file("CONTRIBUTING.md"),
    "reference/security.md": whole_file("SECURITY.md"),
}


BOOST = 4
"""How much more a word of what helps to do something weighs in the site's search than one of another page."""
BOOSTED = ("guides/", "index.md", "limits.md")
NOTEBOOK = "tutorial.ipynb"
"""The tutorial to be downloaded, not executed."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The decisions are listed by their files, so that none is forgotten."""
    assert config.nav is not None
    pages = ["decisions/index.md", *(f"decisions/{path.name}" for path in _decided())]
    why = next(entry for entry in config.nav if "Why" in entry)
    why["Why"].append({"Decisions": pages})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages that no file holds, and the tutorial as a notebook."""
    for path, made in PAGES.items():
        files.append(File.generated(config, path, content=made()))
    tutorial = notebook(page_cells((ROOT / "docs/tutorial.md").read_text(encoding="utf-8")))
    files.append(File.generated(config, NOTEBOOK, content=json.dumps(tutorial, indent=1)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Links to files beside docs/ lead to their pages in the site; search names what is to be done first."""
    if page.file.src_uri.startswith(BOOSTED):
        page.meta["search"] = {"boost": BOOST}
    if page.file.src_uri == "tutorial.md":
        download = f"[`{NOTEBOOK}`]({NOTEBOOK}){{: download={NOTEBOOK} }}"
        return markdown.replace(f"`{NOTEBOOK}`", download, 1)
    return markdown.replace("](../benchmarks/results.md)", "](reference/benchmarks.md)")
