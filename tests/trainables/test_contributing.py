"""The pages that tell how to add things are executed: in a copy of the code, by the very text that they show."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"<!-- add to (\S+) (?:(after|before): (.+?)|(at the end)) -->\n```text\n(.*?)```\n", re.DOTALL)
TRAIN = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f)]  # the copy, not the checkout
sys.path.insert(0, ".")
import numpy as np
from trainables.config.trial_config import TrialConfig
from trainables.training.device_arrays import Arrays
from trainables.training.loop import Training
images, labels = np.random.default_rng(0).integers(0, 256, (40, 9)).astype(np.uint8), np.arange(40) % 3
arrays = Arrays.place((images, images), (labels, labels), 3)
training = Training(TrialConfig(hidden=(4,), epochs=2, batch_size=10, {knobs}), (0,), arrays)
while not training.over:
    training.epoch()
columns = training.history[0].columns()
from trainables.records.metric_sources import sources
print(len(columns), all(v == v for v in columns["val_loss"]), "weight_norm" in columns.columns, len(sources()))
"""


@pytest.mark.parametrize(
    ("page", "knobs", "said"),
    [
        ("add-a-metric", "optimizer='adam'", "2 True True 11"),
        ("add-an-optimiser", "optimizer='signsgd'", "2 True False 10"),
    ],
)
def test_what_a_page_shows_is_all_that_is_needed(page: str, knobs: str, said: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "trainables", tmp_path / "trainables")
    steps = STEP.findall((ROOT / "docs" / "contributing" / f"{page}.md").read_text(encoding="utf-8"))
    assert steps and len({file for file, *_ in steps}) <= 3
    for file, where, mark, _, block in steps:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        if not where:
            path.write_text(f"{text}\n\n{block}", encoding="utf-8")
            continue
        (found,) = list(re.finditer(rf"^{re.escape(mark)}.*\n", text, re.MULTILINE))[:1]
        at = found.end() if where == "after" else found.start()
        path.write_text(text[:at] + block + text[at:], encoding="utf-8")
    code = [sys.executable, "-P", "-c", TRAIN.replace("{knobs}", knobs)]
    done = subprocess.run(code, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == said, done.stderr
