"""Verdicts come quickly: judging, and knowing the order of the studies, imports nothing that draws."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("matplotlib", "seaborn", "statsmodels", "skimage", "scipy.stats", "scipy.optimize", "torch", "ray")


JUDGED = """
from analysis.statistics import estimates, permutation, shares
arms = tuple((float(i),) * 5 for i in range(4))
permutation.AssociationPart(arms, arms).evidence()
shares.share_estimate((True, False)), shares.share_interval((True,) * 5, 0.05)
estimates.proportion(4, 5), estimates.rank_correlation([1, 2], [1, 2])
"""
"""What claims of every form are measured by; `scipy.stats` alone takes as long to import as all of it."""


def test_judging_imports_nothing_that_draws() -> None:
    modules = "analysis.report.judge_folder, analysis.chapter.sections, study.app.run_end"
    code = f"import sys, {modules}{JUDGED}print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
