"""What a search was told of first is kept to the last bit."""

from __future__ import annotations

import json
import math

import pytest

from study.spec.point import Point
from study.storage import told_points


def test_points_come_back_to_the_last_bit_with_the_objectives_alone() -> None:
    curve = [math.nan, 0.1 + 0.2, 1 / 3]
    point = Point.from_json({"hidden": [8, 4], "lr": 0.1 / 3})
    kept = json.loads(
        json.dumps(
            told_points.to_json(((point, {"val_loss": curve, "seconds": [1.0]}),), ["val_loss"]), allow_nan=False
        )
    )
    ((again, curves),) = told_points.from_json(kept)
    assert again == point and list(curves) == ["val_loss"]
    assert math.isnan(curves["val_loss"][0]) and list(curves["val_loss"][1:]) == curve[1:]


@pytest.mark.parametrize("odd", [[1], [{}], [{"point": {}, "curves": {"a": ["x"]}}], 3])
def test_what_is_no_such_list_is_refused(odd: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        told_points.from_json(odd)
