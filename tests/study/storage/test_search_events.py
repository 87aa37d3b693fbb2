"""Events of a search as a log keeps them."""

from __future__ import annotations

import math

from study.spec.point import Point
from study.storage.search_events import Event


def test_events_survive_json_and_nan() -> None:
    event = Event(kind="reported", proposal=3, curves={"val_accuracy": [0.5, math.nan]}, diverged=True)
    again = Event.from_dict(event.to_dict())
    assert again.curves["val_accuracy"][0] == 0.5 and math.isnan(again.curves["val_accuracy"][1]) and again.diverged
    proposed = Event(kind="proposed", proposal=0, point=Point.from_json({"hidden": (8, 4), "lr": 0.1}), by="tpe")
    assert Event.from_dict(proposed.to_dict()) == proposed
