"""Nothing on record changes, and nothing that is said of it but what `may-differ.md` names."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.nets import differing, snapshot
from tests.nets.differing import unexpected


def test_every_identity_and_every_result_is_what_it_was() -> None:
    found = snapshot.records()
    assert found == snapshot.kept("records.json")
    assert len(found["chapter"]["trials"]) >= 140
    assert len(found["search-sgd-adam"]["trials"]) == 58


@pytest.mark.parametrize("folder", snapshot.FOLDERS)
def test_the_verdicts_are_what_they_were(folder: str) -> None:
    kept = snapshot.kept(f"{folder}.claims.json")
    assert unexpected(differing.in_json(snapshot.claims(folder), kept, f"{folder}/claims")) == []


@pytest.mark.parametrize(
    "folder",
    [pytest.param("chapter", marks=pytest.mark.e2e), "search-sgd-adam"],  # the chapter's takes 11 s of two cores
)
def test_tables_figures_and_page_say_what_they_said(folder: str) -> None:
    files = snapshot.written(folder)
    no_data = [n for n in files if n.endswith(tuple(f"{d}.csv" for d in snapshot.DATA)) and files[n][:7] == "missing"]
    tables, concepts, page = snapshot.parted(files)
    kept_concepts, kept_page = snapshot.kept("concepts.json"), snapshot.kept(f"{folder}.report.md")
    if no_data:
        page, kept_page = snapshot.without_data(page), snapshot.without_data(kept_page)
        concepts, kept_concepts = ({k: v for k, v in c.items() if k not in no_data} for c in (concepts, kept_concepts))
    kept = snapshot.kept(f"{folder}.csv.json.xz")
    found = [(f"{folder}/{name}", "missing" if name in kept else "new") for name in tables.keys() ^ kept.keys()]
    for name in tables.keys() & kept.keys():
        found += differing.in_csv(tables[name], kept[name], f"{folder}/{name}")
    if concepts:
        found += differing.in_json(concepts, kept_concepts, folder)
    found += differing.in_text(page, kept_page, f"{folder}/report.md")
    assert unexpected(found) == []


def test_every_line_of_the_list_names_something_that_is_there() -> None:
    known: list[str] = []
    for folder in snapshot.FOLDERS:
        known += differing.paths(snapshot.kept(f"{folder}.claims.json"), f"{folder}/claims")
        for name, text in snapshot.kept(f"{folder}.csv.json.xz").items():
            known += differing.paths_in_csv(text, f"{folder}/{name}")
        known += [f"{folder}/report.md/{line}" for line in snapshot.kept(f"{folder}.report.md").splitlines()]
    rows = differing.allowed()
    assert len(rows) >= 5
    there = [row for row in rows if not row.why.startswith("New:")]
    assert [p for row in there for p in row.patterns if not fnmatch.filter(known, p)] == []


CLAIM: dict[str, Any] = {"id": "a", "verdict": "open", "low": 0.1, "parts": [{"n": 5}]}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"verdict": "refuted"}, ["x/a/verdict: 'refuted' instead of 'open'"]),
        ({"low": 0.100000001}, ["x/a/low: 0.100000001 instead of 0.1"]),
        ({"low": 0.10000000001}, []),
        ({"low": None}, ["x/a/low: None instead of 0.1"]),
        ({"parts": [{"n": 4}]}, ["x/a/parts/0/n: 4 instead of 5"]),
        ({"parts": []}, ["x/a/parts/0: missing"]),
        ({"new": 1}, ["x/a/new: new"]),
        ({"id": "b"}, ["x/a: missing", "x/b: new"]),
    ],
)
def test_a_change_of_a_verdict_is_seen(changed: dict[str, Any], expected: list[str]) -> None:
    assert unexpected(differing.in_json([CLAIM | changed], [CLAIM], "x")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arm,v\na,1.5\nb,2\n", []),
        ("arm,v\na,1.5000001\nb,2\n", ["x.csv/a/v: 1.5000001 instead of 1.5"]),
        ("arm,v\na,1.5\n", ["x.csv/b/rows: 0 instead of 1"]),
        ("arm,v,w\na,1.5,\nb,2,\n", ["x.csv/a/w:  instead of None", "x.csv/b/w:  instead of None"]),
        ("arm,v\nb,2\na,1.5\na,1.5\n", ["x.csv/a/rows: 2 instead of 1"]),
    ],
)
def test_a_change_of_a_table_is_seen(text: str, expected: list[str]) -> None:
    assert unexpected(differing.in_csv(text, "arm,v\na,1.5\nb,2\n", "x.csv")) == expected


def test_a_change_of_the_page_is_seen() -> None:
    found = differing.in_text("a\nc\nd\n", "a\nb\nd\n", "x")
    assert unexpected(found) == ["x/b: missing", "x/c: new"]
    assert unexpected(differing.in_text("a\n", "a\n", "x")) == []


def test_only_a_change_that_was_made_may_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differing, "LIST", tmp_path / "list.md")
    found = [("x/a/verdict", "other"), ("x/a/n", "other")]
    for made, left in (("no", ["x/a/verdict: other", "x/a/n: other"]), ("yes", ["x/a/n: other"])):
        differing.LIST.write_text(f"| where | made | why |\n|---|---|---|\n| `x/*/verdict`, `y` | {made} | so |\n")
        assert unexpected(found) == left
