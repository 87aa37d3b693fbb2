"""Studies by their names: the chapter's first, and one clear line for a name that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.catalog import CHAPTER
from study.spec.registry import load_study, names
from trainables.config.errors import BadInput


def test_names_lists_the_chapter_first_and_no_helper():
    assert names()[: len(CHAPTER)] == CHAPTER
    assert not [n for n in names() if n.startswith("_")]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("scalling", "did you mean scaling"),
        ("../../etc/passwd", "there is no study"),
        ("'my study.yaml'", "the quotes within are a part of the name: write my study.yaml$"),
        ('"depth"', "the quotes within are a part of the name: write depth$"),
        ("_parts", "there is no study"),
        ("", "there is no study"),
        ("no/such.yaml", "there is no study file"),
        ("a\0b.yaml", "study"),
        ("learning_rate", "did you mean learning-rate"),
    ],
)
def test_unknown_names_are_one_clear_line(name: str, says: str):
    with pytest.raises(BadInput, match=says) as caught:
        load_study(name)
    assert "\n" not in str(caught.value)


def test_a_wrong_file_is_told_the_one_beside_it_that_is_near(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("")
    (tmp_path / "mine.txt").write_text("")
    for name, said in (("mien.yaml", "; did you mean mine.yaml?"), ("another-study.py", "")):
        with pytest.raises(BadInput) as caught:
            load_study(str(tmp_path / name))
        assert str(caught.value) == f"there is no study file '{tmp_path / name}'{said}"
