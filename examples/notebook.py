"""A notebook of a script in cells (`# %%`) or of a page with its blocks: `python examples/notebook.py SOURCE OUT`.

The script or the page is what is kept; a notebook with its outputs is made when it is wanted. A page is executed in an
empty folder, as its reader would.
"""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MARK = re.compile(r"^# %%(?: \[(markdown)\])?\n", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
LINK_BESIDE = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")
"""A link to another page, which does not lie beside a notebook."""
COMMANDS = "# The commands of this environment, wherever Jupyter was started.\nimport os, sys\n\n" + (
    'os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]'
)

Cell = tuple[str, str]
"""Its kind, markdown or code, and its text."""


def cells(script: str) -> list[Cell]:
    """The cells of a script.

    >>> cells("# %% [markdown]\\n# # Title\\n\\n# %%\\nx = 1\\n")
    [('markdown', '# Title'), ('code', 'x = 1')]
    """
    _, *rest = MARK.split(script)
    found = []
    for kind, body in zip(rest[::2], rest[1::2], strict=True):
        text = re.sub(r"^# ?", "", body, flags=re.MULTILINE) if kind else body
        found.append((kind or "code", text.strip()))
    return found


def page_cells(page: str) -> list[Cell]:
    """The cells of a page: its text, a cell for each file that it has one save, its commands, its Python.

    >>> page_cells("# Title\\n\\n```bash\\nls\\n```\\n")[::2]
    [('markdown', '# Title'), ('code', '%%bash\\nls')]
    """
    first, *rest = BLOCK.split(page)
    found = [("markdown", _alone(first)), ("code", COMMANDS)]
    for language, name, block, text in zip(*(rest[i::4] for i in range(4)), strict=True):
        head = f"%%writefile {name}\n" if name else "%%bash\n" if language == "bash" else ""
        found += [("code", head + block.strip()), ("markdown", _alone(text))]
    return [(kind, text) for kind, text in found if text]


def _alone(text: str) -> str:
    """The text of a page for who has it alone."""
    return LINK_BESIDE.sub(r"\1", text).strip()


def notebook(made: Sequence[Cell]) -> Any:
    """A notebook of these cells, not yet executed."""
    v4: Any = importlib.import_module("nbformat.v4")

    all_cells = [(v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell)(text) for kind, text in made]
    for number, cell in enumerate(all_cells):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=all_cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def main(source: Path, out: Path) -> None:
    """Write the executed notebook."""
    from nbclient import NotebookClient

    nbformat: Any = importlib.import_module("nbformat")

    text = source.read_text(encoding="utf-8")
    of_page = source.suffix == ".md"
    made = notebook(page_cells(text) if of_page else cells(text))
    with tempfile.TemporaryDirectory() as empty:
        folder = {"metadata": {"path": empty if of_page else str(source.parent)}}
        NotebookClient(made, timeout=600, kernel_name="python3", resources=folder).execute()
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, out)
    print(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
