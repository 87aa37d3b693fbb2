"""In which line of a cluster file a value stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.cluster.file_lines import lines_of, nearest_line

TEXT = """\
cluster_name: mine
provider:
  type: aws
  tags: {a: 1,
         b: 2}
workers:
  - name: one
    cpus: 4
  - name: two
    cpus: 8
    disk: 1
---
second: document
"""


def test_each_name_and_each_item_of_a_list_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(TEXT)
    lines = lines_of(tmp_path / "c.yaml")
    assert lines == {
        "cluster_name": 1, "provider": 2, "provider.type": 3, "provider.tags": 4, "provider.tags.a": 4,
        "provider.tags.b": 5, "workers": 6, "workers[0]": 7, "workers[0].name": 7, "workers[0].cpus": 8,
        "workers[1]": 9, "workers[1].name": 9, "workers[1].cpus": 10, "workers[1].disk": 11,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("provider.type", 3),
        ("provider.zone", 2),
        ("workers[1].gpus", 9),
        ("workers[2].cpus", 6),
        ("nowhere", 1),
        ("provider.tags.b.c", 5),
    ],
)
def test_what_is_not_there_has_the_line_of_what_it_would_stand_in(place: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(TEXT)
    assert nearest_line(lines_of(tmp_path / "c.yaml"), place) == line


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("# nothing\n")
    assert lines_of(tmp_path / "c.yaml") == {}
