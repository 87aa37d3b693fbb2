"""A script in cells (`# %%`) as an executed notebook: `python examples/notebook.py SCRIPT.py OUT.ipynb`.

The script is what is kept; a notebook with its outputs is made when it is wanted.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

MARK = re.compile(r"^# %%(?: \[(markdown)\])?\n", re.MULTILINE)


def cells(script: str) -> list[tuple[str, str]]:
    """The cells of a script, each with its kind: markdown or code.

    >>> cells("# %% [markdown]\\n# # Title\\n\\n# %%\\nx = 1\\n")
    [('markdown', '# Title'), ('code', 'x = 1')]
    """
    _, *rest = MARK.split(script)
    found = []
    for kind, body in zip(rest[::2], rest[1::2], strict=True):
        text = re.sub(r"^# ?", "", body, flags=re.MULTILINE) if kind else body
        found.append((kind or "code", text.strip()))
    return found


def notebook(script: str) -> Any:
    """The notebook of a script, not yet executed."""
    v4: Any = importlib.import_module("nbformat.v4")

    made = [(v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell)(text) for kind, text in cells(script)]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def main(script: Path, out: Path) -> None:
    """Write the executed notebook."""
    from nbclient import NotebookClient

    nbformat: Any = importlib.import_module("nbformat")

    made = notebook(script.read_text(encoding="utf-8"))
    NotebookClient(
        made, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(script.parent)}}
    ).execute()
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, out)
    print(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
