"""What stands on the screen at one moment, as another terminal reads it from the folder."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.app.snapshot import ACCURACY_PERCENT, ArmRow, Measure, RunningTrial, Snapshot

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
MEASURES = st.none() | st.builds(Measure, NUMBERS, st.none() | NUMBERS, st.booleans())
ROWS = st.builds(
    ArmRow, st.text(), st.text(), st.integers(0, 9), st.integers(0, 9), st.text(),
    accuracy=MEASURES, trend=st.lists(NUMBERS, max_size=3).map(tuple), gap=MEASURES, change=MEASURES,
)  # fmt: skip
SNAPSHOTS = st.builds(
    Snapshot,
    title=st.text(),
    rows=st.lists(ROWS, max_size=2).map(tuple),
    running=st.lists(st.builds(RunningTrial, st.text(), st.integers(), st.integers(), NUMBERS), max_size=2).map(tuple),
    events=st.lists(st.tuples(NUMBERS, st.text()), max_size=2).map(tuple),
    steps=st.lists(st.tuples(st.text(), NUMBERS), max_size=2).map(tuple),
    found=st.lists(st.text(), max_size=2).map(tuple),
    left=st.none() | NUMBERS,
    began=NUMBERS, now=NUMBERS, epochs=st.just((1, 2)), trials=st.just((0, 2)), failed=st.just(0), diverged=st.just(0),
    phase=st.text(), caption=st.text(), machine=st.text(),
)  # fmt: skip


@given(SNAPSHOTS)
def test_json_brings_back_every_value_with_its_kind(shown: Snapshot) -> None:
    assert Snapshot.from_dict(json.loads(json.dumps(shown.to_dict()))) == shown


@pytest.mark.parametrize(
    "change",
    [{"rows": None}, {"rows": [{}]}, {"events": [[1]]}, {"events": [["x", "y"]]}, {"trials": None}, {"new": 1}],
)
def test_what_is_none_is_refused(change: dict[str, Any]) -> None:
    shown = Snapshot("t", 0.0, 0.0, (0, 1), (0, 1), 0, 0, None, "", (), "", (), (), "")
    with pytest.raises((TypeError, KeyError, ValueError)):
        Snapshot.from_dict({**shown.to_dict(), **change})


def test_an_older_version_wrote_no_steps() -> None:
    shown = Snapshot("t", 0.0, 0.0, (0, 1), (0, 1), 0, 0, None, "", (), "", (), (), "")
    old = {k: v for k, v in shown.to_dict().items() if k != "steps"}
    assert Snapshot.from_dict(old) == dataclasses.replace(shown, steps=())


@given(st.floats(0, 100), st.floats(0, 60))
def test_an_interval_is_cut_only_where_it_leaves_what_can_be(value: float, half: float) -> None:
    low, high = ACCURACY_PERCENT
    cut = Measure(value, half).cut(low, high)
    assert (cut is None) == (low <= value - half and value + half <= high)
    assert cut is None or low <= cut[0] <= value <= cut[1] <= high
    assert Measure(value).cut(low, high) is None, "below three seeds there is none"
