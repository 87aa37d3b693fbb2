"""The pages that tell how to add things are executed: in one copy of the code, by the very text that they show."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "contributing"
STEP = re.compile(
    r"<!-- (?:add to|new file|in) (?P<file>\S+)"
    r"(?: (?P<where>after|before|instead of): (?P<mark>.+?)| at the end)? -->\n"
    r"```text\n(?P<block>.*?)```\n",
    re.DOTALL,
)
START = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f)]  # the copy, not the checkout
sys.path[:0] = [".", ROOT]
import json
said = {}
"""
TRAIN = """
import numpy as np
from trainables.config.trial_config import TrialConfig
from trainables.records.metric_sources import sources
from trainables.training.device_arrays import Arrays
from trainables.training.loop import Training
images, labels = np.random.default_rng(0).integers(0, 256, (40, 9)).astype(np.uint8), np.arange(40) % 3
arrays = Arrays.place((images, images), (labels, labels), 3)
training = Training(TrialConfig(hidden=(4,), epochs=2, batch_size=10, optimizer="signsgd"), (0,), arrays)
while not training.over:
    training.epoch()
columns = training.history[0].columns()
said["add-a-metric"] = [len(columns), "weight_norm" in columns.columns, "weight_norm" in sources()]
said["add-an-optimiser"] = [len(columns), all(v == v for v in columns["val_loss"])]
from trainables.data.sources import load_data_set
data = load_data_set("digits")
said["add-a-data-source"] = [*data.train_images.shape, *data.val_labels.shape, data.image_shape, len(data.classes)]
"""
SEARCH = """
from study.search.controller import SearchController, drain
from tests.synthetic import FASHION
from study.spec.search import Search
from study.spec.point import Point, SharedKnobs
space = {"lr": {"kind": "float", "low": 0.1, "high": 1}}
search = Search(space=space, trials=4, searcher="random", scheduler="halfway")
controller = SearchController(search, SharedKnobs.of(4), FASHION, Fixed())
over = drain(controller, lambda segment: ({"val_accuracy": [segment.proposal / 10] * segment.until}, False))
said["add-a-scheduler"] = [over, [p.epochs for p in controller.proposals]]
"""
JUDGE = """
from dataclasses import replace
from analysis.claims import verdicts as claims
from analysis.data.arms import arm_epochs, arm_tensors
from analysis.data.frames import from_records
from analysis.figures.study_figures import for_study
from study.spec.registry import load_study
from study.spec.study import Arm, Study
from tests.synthetic import records
part = {"form": "order", "arms": ["low", "high"], "metric": "val_accuracy", "share": 0.5}
study = Study.from_dict({
    "name": "small", "title": "t", "question": "q", "knobs": ["lr"], "epochs": 3, "figures": ["seconds"],
    "arms": [{"name": "low", "change": {"lr": 0.0005}}, {"name": "high", "change": {"lr": 0.001}}],
    "claims": [{"id": "x", "statement": "s.", "parts": [part]}],
})
frames = from_records(records(study, range(12), shift={"low": -0.05}))
(verdict,) = claims.judge(study, frames, {}, claims.Grounds({"small": None}))
said["add-a-claim-form"] = [verdict.verdict, verdict.parts[0].what]
(figure,) = for_study(study, arm_epochs(frames, study), arm_tensors(frames, study))
said["add-a-figure"] = [figure.name, len(figure.figure.axes[0].lines[0].get_xdata())]
"""
END = "print(json.dumps(said))"
SAMPLER = """
class Fixed:
    def propose(self, proposals, draw):
        return Point((("lr", 0.5),))

    def observe(self, event):
        pass
"""
SAID = {
    "add-a-metric": [2, True, True],
    "add-an-optimiser": [2, True],
    "add-a-data-source": [1500, 64, 297, [8, 8], 10],
    "add-a-scheduler": [True, [2, 2, 4, 4]],
    "add-a-claim-form": ["supported", "validation accuracy of low, high, in this order"],
    "add-a-figure": ["small-seconds", 2],
}


def follow(page: str, copy: Path) -> set[str]:
    """Make the changes that a page shows; the files that it touches."""
    steps = list(STEP.finditer((PAGES / f"{page}.md").read_text(encoding="utf-8")))
    for step in steps:
        path, where, block = copy / step["file"], step["where"], step["block"]
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if not where:
            path.write_text(f"{text}\n\n{block}" if text else block, encoding="utf-8")
            continue
        found = re.search(rf"^{re.escape(step['mark'])}.*\n", text, re.MULTILINE)
        assert found is not None, f"{page}: {path.name} has no line that begins with {step['mark']}"
        start = found.end() if where == "after" else found.start()
        end = found.start() if where == "before" else found.end()
        path.write_text(text[:start] + block + text[end:], encoding="utf-8")
    return {step["file"] for step in steps}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What each page's addition does, all of them made in one copy."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("trainables", "study", "analysis"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for page in SAID:
        assert 1 < len(follow(page, copy)) <= 3, page
    code = START.replace("ROOT", repr(str(ROOT))) + TRAIN + SAMPLER + SEARCH + JUDGE + END
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, cwd=copy)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def test_every_page_that_tells_how_to_add_something_is_followed() -> None:
    assert {path.stem for path in PAGES.glob("add-*.md")} == set(SAID)


@pytest.mark.parametrize("page", SAID)
def test_what_a_page_shows_is_all_that_is_needed(page: str, said: dict[str, list[object]]) -> None:
    assert said[page] == SAID[page]
