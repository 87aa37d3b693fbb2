"""Verdicts come quickly: judging, and knowing the order of the studies, imports nothing that draws."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("matplotlib", "seaborn", "statsmodels", "skimage", "scipy.stats", "scipy.optimize", "torch", "ray")


def test_judging_imports_nothing_that_draws() -> None:
    modules = "analysis.report.judge_folder, analysis.chapter.sections, study.app.run_end"
    code = f"import sys, {modules}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
