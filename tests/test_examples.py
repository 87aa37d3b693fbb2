"""The chapter's notebook: its cells run on the records in the repository, in plain Python and in a kernel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.notebook import cells, notebook

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "examples/chapter.py"


def test_its_cells_are_text_and_sound_code() -> None:
    found = cells(SCRIPT.read_text())
    assert found[0] == ("markdown", found[0][1]) and found[0][1].startswith("# The chapter")
    for kind, text in found:
        if kind == "code":
            compile(text, "cell", "exec")
    assert [c["cell_type"] for c in notebook(SCRIPT.read_text())["cells"]] == [kind for kind, _ in found]


@pytest.mark.e2e
def test_it_is_executed_with_its_tables_and_its_figure(tmp_path: Path) -> None:
    command = [sys.executable, "examples/notebook.py", "examples/chapter.py", str(tmp_path / "chapter.ipynb")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / "chapter.ipynb").read_text())
    outputs = [o for c in made["cells"] if c["cell_type"] == "code" for o in c["outputs"]]
    said = json.dumps(outputs)
    assert re.search(r"12 studies, \d{3} trials", said) and "lr-11" in said and "dropout-0.25" in said
    drawn = [kind for o in outputs for kind in o.get("data", {}) if kind.startswith("image/")]
    assert set(drawn) == {"image/svg+xml"} and "Traceback" not in said


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

    made = notebook("# %%" + RUN)
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

    made = notebook("# %%" + RUN.replace("inline", "ray"))
    NotebookClient(made, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = made["cells"][0]["outputs"]
    assert "runs on Ray" in json.dumps(outputs), "it was said before Ray Tune began"
    assert len([o for o in outputs if o["output_type"] == "display_data"]) == 1, "the view, and no table of Ray's"
    assert not [o for o in outputs if o.get("name") == "stderr"], "nothing looks like a mistake"
