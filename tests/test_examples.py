"""The notebooks: the chapter's on the records in the repository, the tutorial's in an empty folder, in a kernel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.notebook import cells, notebook, page_cells
from tests.test_tutorial import BLOCK

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "examples/chapter.py"
TUTORIAL = ROOT / "docs/tutorial.md"


def executed(source: str, out: Path) -> tuple[str, list[dict[str, object]]]:
    """The notebook of a script or page, made by the command: its whole text and the outputs of its cells."""
    command = [sys.executable, "examples/notebook.py", source, str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = json.loads(out.read_text())
    return json.dumps(made), [o for c in made["cells"] if c["cell_type"] == "code" for o in c["outputs"]]


def kinds_of(outputs: list[dict[str, object]]) -> set[str]:
    """The kinds of pictures that a notebook shows."""
    return {kind for o in outputs for kind in dict(o.get("data", {})) if kind.startswith("image/")}  # type: ignore[call-overload]


def test_its_cells_are_text_and_sound_code() -> None:
    found = cells(SCRIPT.read_text())
    assert found[0] == ("markdown", found[0][1]) and found[0][1].startswith("# The chapter")
    for kind, text in found:
        if kind == "code":
            compile(text, "cell", "exec")
    assert [c["cell_type"] for c in notebook(found)["cells"]] == [kind for kind, _ in found]


def test_every_block_and_every_sentence_of_the_tutorial_is_in_its_notebook() -> None:
    page = TUTORIAL.read_text()
    found = page_cells(page)
    code, text = ([t for kind, t in found if kind == of] for of in ("code", "markdown"))
    blocks = BLOCK.findall(page)
    assert len(code) == len(blocks) + 1 and len(blocks) > 8
    for (language, title, block), cell in zip(blocks, code[1:], strict=True):
        head = f"%%writefile {title}\n" if title else "%%bash\n" if language == "bash" else ""
        assert cell == head + block.strip()
    words = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", BLOCK.sub("", page)).split()
    assert " ".join(text).split() == words and "](" not in "".join(text)


@pytest.mark.e2e
def test_it_is_executed_with_its_tables_and_its_figure(tmp_path: Path) -> None:
    _, outputs = executed("examples/chapter.py", tmp_path / "chapter.ipynb")
    said = json.dumps(outputs)
    assert re.search(r"12 studies, \d{3} trials", said) and "lr-11" in said and "dropout-0.25" in said
    assert kinds_of(outputs) == {"image/svg+xml", "image/png"} and "Traceback" not in said


@pytest.mark.e2e
def test_the_tutorial_is_done_from_its_first_cell_to_its_last(tmp_path: Path) -> None:
    whole, outputs = executed("docs/tutorial.md", tmp_path / "tutorial.ipynb")
    said = json.dumps(outputs)
    assert "width-1" in said and "<table" in said and kinds_of(outputs) == {"image/svg+xml", "image/png"}
    assert "Traceback" not in said and str(tmp_path) not in whole
    assert "\\u001b[1A" not in said, "no frame of a live view"
    assert "9 trials trained" in said, "three seeds more of three arms"


RUN = """
import sys, study
from pathlib import Path
from study.cli.demo_command import write_digits
file = write_digits(Path("."))
results = study.run(file, seeds=1, data_dir=".", executor="inline")
results
"""


@pytest.mark.e2e
def test_a_run_in_a_notebook_is_shown_below_its_cell(tmp_path: Path) -> None:
    from nbclient import NotebookClient

    made = notebook(cells("# %%" + RUN))
    NotebookClient(made, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = made["cells"][0]["outputs"]
    shown = [o["data"]["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    assert "<table" in shown[-1] and "units-80" in shown[-1] and "digits-1" in shown[-1]
    assert not any("units-80: 1 seeds" in o.get("text", "") for o in outputs), "drawn, not a line each"
    assert len([o for o in outputs if o["output_type"] == "display_data"]) == 1, "one place, drawn anew"


@pytest.mark.ray
@pytest.mark.e2e
def test_on_ray_what_a_cell_shows_is_not_cleared(tmp_path: Path) -> None:
    """Ray Tune cleared the cell for a table of its own, and nothing was seen of the run from then on."""
    from nbclient import NotebookClient

    made = notebook(cells("# %%" + RUN.replace("inline", "ray")))
    NotebookClient(made, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = made["cells"][0]["outputs"]
    assert "runs on Ray" in json.dumps(outputs), "it was said before Ray Tune began"
    assert len([o for o in outputs if o["output_type"] == "display_data"]) == 1, "the view, and no table of Ray's"
    assert not [o for o in outputs if o.get("name") == "stderr"], "nothing looks like a mistake"
