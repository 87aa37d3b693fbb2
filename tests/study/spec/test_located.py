"""Mistakes that only a results folder or another study shows stand at their line of the study file."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.spec.faults import together
from study.spec.located import located
from study.spec.study_file import StudySource, read
from tests.study import own
from tests.study.app.test_other_arms import written
from trainables.config.errors import BadInput, StoreError


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudySource:
    monkeypatch.chdir(tmp_path)
    own.data(Path(), "grains", 60, 30)
    written(Path(), "a")
    return read(Path("mine.yaml"))


def line_with(words: str) -> int:
    return next(n for n, line in enumerate(Path("mine.yaml").read_text().splitlines(), 1) if words in line)


def test_each_field_has_its_line_and_what_is_of_no_file_stays(source: StudySource) -> None:
    """It said "study mine, claim c, from_seed", without file and line."""
    claim, arm, name = (
        BadInput("study mine, claim c, from_seed", 0, "give from_seed: 2"),
        BadInput("study mine, arm", "b", "here it is gone"),
        BadInput("study other, arm", "b", "of no file"),
    )
    said = f"mine.yaml, line {line_with('- id: c')}: claim c, from_seed: give from_seed: 2"
    assert str(located(claim, [source])) == said
    both = located(together([claim, arm, name]), [source])
    assert [line.partition(":")[0] for line in str(both).splitlines()] == [
        f"mine.yaml, line {line_with('- id: c')}",
        f"mine.yaml, line {line_with('name: b')}",
        "study other, arm",
    ]
    twice = located(BadInput("name", "mine", "two studies have it"), [source])
    assert str(twice) == f"mine.yaml, line {line_with('name: mine')}: name: got 'mine'; two studies have it"
    assert located(name, [source]) is name
    assert located(claim, [StudySource(source.study)]) is claim
    assert located(lost := StoreError("x"), [source]) is lost
