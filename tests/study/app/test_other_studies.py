"""What claims need of studies that a command does not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.cli.test_main import study

CHAPTER = Path(__file__).parents[3] / "results" / "chapter"


def test_a_plan_says_what_claims_need_of_other_studies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(tmp_path / "r")
    assert study("plan", "dropout", "--results", where) == 0
    said = capsys.readouterr().out
    assert "overfit-1 also needs annealing: 10 trials" in said and "study run dropout annealing" in said
    assert study("plan", "dropout", "--results", where, "--quick") == 0
    assert "also needs" not in capsys.readouterr().out, "a reduced run judges nothing"
    assert study("plan", "dropout", "annealing", "--results", where) == 0
    assert "also needs" not in capsys.readouterr().out
    assert study("plan", "dropout", "--results", str(CHAPTER)) == 0
    assert "also needs" not in capsys.readouterr().out, "it is on record there"
