"""The five findings of README: a plain sentence whatever the verdict."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.chapter.findings import _headline


@pytest.mark.parametrize(("verdict", "said"), [
    ("supported", "Dropout narrows that gap too."), ("refuted", "Dropout does not narrow that gap."),
    ("open", "We do not know whether dropout narrows that gap too."),
])  # fmt: skip
def test_a_finding_of_the_readme_is_a_plain_sentence(verdict: str, said: str) -> None:
    found: Any = SimpleNamespace(verdict=verdict, part=SimpleNamespace(finding="F."))
    assert _headline(found, "dropout", "narrows", "narrow", "that gap too") == f"- {said} *F.*"


def test_no_finding_rests_on_more_seeds_than_the_count_at_the_head_says() -> None:
    """Seeds that `decide` bought for one claim, and those of other studies, count for claims too."""
    text = (Path(__file__).parents[3] / "docs/chapter/findings.md").read_text()
    (most,) = re.findall(r"trials in full, \d+ to (\d+) seeds an arm", text)
    assert max(map(int, re.findall(r"Seen in (\d+) seeds", text))) <= int(most)
