"""Planned against real: what is said of runs that were clocked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.clocks import CASES, WRITTEN, Clocked, said, summary, words_of
from study.spec.study_file import read


def test_of_known_paces_the_median_and_of_ranges_how_many_are_kept() -> None:
    runs = [Clocked("x", 5.0, 20.0, 30.0), *(Clocked("x", 10.0, 10.0, took, 0.1) for took in (10.0, 12.5, 20.0))]
    found = summary(runs)
    assert found == {"off": pytest.approx(0.2), "exact": 3, "kept": 0, "ranges": 1, "promises_off": 0.1}
    assert said("x", found) == "x: planned within 20 % in the median of 3; 0 of 1 ranges kept; promises off by 10 %"
    assert said("x", summary([Clocked("x", 5.0, 20.0, 6.0)])) == "x: 1 of 1 ranges kept"
    assert said("x", summary([Clocked("x", 5.0, None, 60.0), Clocked("x", 5.0, None, 4.0)])) == "x: 1 of 2 ranges kept"


def test_what_the_documents_say_is_on_record() -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    first, *others = (one["cases"] for one in json.loads(WRITTEN.read_text()))
    assert set(first) == set(CASES)
    for case, written in (*first.items(), *(pair for cases in others for pair in cases.items())):
        found = summary([Clocked(**run) for run in written["runs"]])
        assert found == {name: value for name, value in written.items() if name not in ("runs", "when")}
        assert said(case, found) in page.splitlines()


def test_every_case_is_a_study_and_each_repeat_another(tmp_path: Path) -> None:
    for case in (c for c in CASES if c not in ("demo", "search-all")):
        first, *_ = words_of(case, 0, tmp_path)
        again, *_ = words_of(case, 1, tmp_path)
        studies = [read(Path(file)).study for file in (first, again)]
        assert (studies[0] != studies[1]) == (case in ("search", "decide"))
