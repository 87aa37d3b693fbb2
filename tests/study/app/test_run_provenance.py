"""What is kept of a run."""

from __future__ import annotations

import sys

import pytest

from study.app.run_provenance import run_provenance
from tests.study.app.test_live_view import plan_of
from tests.trainables.data.test_split import toy


def test_it_says_what_was_asked_and_keeps_no_password() -> None:
    command = "study run s --dashboard postgresql://me:secret@host/db"
    kept = run_provenance(plan_of(seeds=2), toy([0, 1, 2]), command)
    assert kept.command[:3] == ("study", "run", "s") and "secret" not in " ".join(kept.command)
    assert kept.asked == {"s/none": (0, 1), "s/dropout": (0, 1)} and kept.studies == ("s",)
    assert (kept.trials_to_train, kept.epochs_to_train) == (4, 12) and "torch" in kept.versions


def test_a_run_from_python_keeps_no_words_of_its_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were kept as if they were a command's: `study 5`."""
    monkeypatch.setattr(sys, "argv", ["script.py", "run", "5"])
    assert run_provenance(plan_of(seeds=2), toy([0, 1, 2])).command == ()
