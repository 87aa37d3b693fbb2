"""Events of a search as a log keeps them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from study.spec.point import Point
from study.storage.search_events import Event
from study.storage.search_log import parse_events
from trainables.config.errors import StoreError
from trainables.config.identity import canonical_json


def test_events_survive_json_and_nan() -> None:
    event = Event(kind="reported", proposal=3, curves={"val_accuracy": [0.5, math.nan]}, diverged=True)
    again = Event.from_dict(event.to_dict())
    assert again.curves["val_accuracy"][0] == 0.5 and math.isnan(again.curves["val_accuracy"][1]) and again.diverged
    proposed = Event(kind="proposed", proposal=0, point=Point.from_json({"hidden": (8, 4), "lr": 0.1}), by="tpe")
    assert Event.from_dict(proposed.to_dict()) == proposed


def test_an_event_is_what_is_read_back_of_it() -> None:
    """So that a search decides on the numbers that its log keeps; a loss without end is none."""
    curves = {"val_accuracy": [(0.1 + 0.2) / 3, 2 / 3], "val_loss": [math.inf, 1.797693134862315e308]}
    event = Event(kind="reported", proposal=0, curves=curves)
    again = Event.from_dict(json.loads(canonical_json(event.to_dict())))
    assert event.curves["val_accuracy"] == again.curves["val_accuracy"] == [0.1, 0.6666666667]
    assert all(math.isnan(x) for x in (*event.curves["val_loss"], *again.curves["val_loss"]))


ROOT, CHUNKS = Path(__file__).parents[3], "**/searches/*/*/[0-9]*.json"
SENT: dict[str, Any] = {"kind": "sent", "n": 0, "until": 2}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "sended"}, "kind: got 'sended'; did you mean sent?"),
        ({"untill": 2}, "untill: there is no such field; did you mean until?"),
        ({"proposal": 0}, "proposal: got 0; there is no such field; did you mean n?"),
        ({"n": True}, "proposal: got true; expected a whole number of ordinary size"),
        ({"until": 2.0}, "until: got 2.0; expected a whole number of ordinary size"),
        (
            {"curves": {"val_loss": [0.1, "x"]}},
            "curves: got {'val_loss': [0.1, 'x']}; expected numbers of ordinary size",
        ),
        ({"curves": {"val_loss": {}}}, "expected a list of numbers by metric"),
        ({"diverged": 1}, "diverged: got 1; expected true or false"),
        ({"message": "\ud800"}, "half a character"),
        ({"seeds": ["1"]}, "seeds: got ['1']; expected a whole number of ordinary size"),
        ({"point": {"lr": math.inf}}, "expected settings that are finite"),
        ({"kind": "proposed"}, "point: got nothing; expected the configuration that was proposed"),
        ({"kind": "tested", "until": 1}, "seeds: got []; expected the seeds that were evaluated"),
        ({"kind": "tested", "until": 0, "seeds": [1]}, "until: got 0; expected which look at the test part"),
    ],
)
def test_a_wrong_event_says_field_value_and_what_would_be_right(change: dict[str, Any], said: str) -> None:
    with pytest.raises(StoreError, match=r"^x\.json is damaged \(") as caught:
        parse_events([SENT | change], [Event(kind="proposed", proposal=0, point=Point())], "x.json")
    assert said in str(caught.value)
    assert parse_events([SENT], [Event(kind="proposed", proposal=0, point=Point())], "x.json")[0].until == 2


def test_what_was_kept_once_stays_as_it_was_to_the_byte() -> None:
    kept = [file for place in ("results/search-sgd-adam", "tests/fixtures") for file in (ROOT / place).glob(CHUNKS)]
    assert len(kept) >= 3
    for file in kept:
        values = json.loads(file.read_text())
        given = values["events"] if isinstance(values, dict) else values
        again = [Event.from_dict(event).to_dict() for event in given]
        assert canonical_json({"events": again}) == canonical_json({"events": given}), file
