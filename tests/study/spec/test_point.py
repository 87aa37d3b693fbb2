"""A point of a space is known by its values."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import study
from study.spec.point import Point, SharedKnobs
from study.spec.registry import load_study
from study.spec.search import Search
from tests.study.spec.test_checks import SEARCH
from tests.study.spec.test_study import WHOLE


def test_one_and_one_point_zero_are_one_value_of_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SEARCH + "  first:\n    - {lr: 1.0}\n")
    search = load_study(str(path)).search
    assert search is not None and search.first == (Point((("lr", 1),)),) and search.space["lr"].holds(1.0)
    assert not search.space["lr"].holds(True)


def test_settings_are_given_as_a_mapping_and_kept_as_a_value() -> None:
    given: dict[str, Any] = {"lr": 0.1, "hidden": [8]}
    arm = study.Arm(name="a", change=given)
    own = study.Study(**WHOLE, base=given, arms=(arm,))
    search = Search(space={"lr": {"kind": "float", "low": 0.01, "high": 1}}, trials=3, first=({"lr": 0.1},))  # type: ignore[dict-item]
    given["lr"] = 0.5
    assert arm.change == own.base == Point((("lr", 0.1), ("hidden", (8,)))) and search.first == (Point((("lr", 0.1),)),)
    assert {arm, dataclasses.replace(arm, change=Point(arm.change.values))} == {arm}
    assert study.Study.from_dict(own.to_dict()) == own and own.to_dict()["base"] == {"lr": 0.1, "hidden": [8]}


def test_what_a_search_shares_is_equal_whether_code_or_json_has_it() -> None:
    own = study.Study(**WHOLE, base={"hidden": [8]}, arms=(study.Arm(name="a"),))
    assert (
        own.shared_knobs
        == SharedKnobs.of(2, Point.from_json({"hidden": [8]}))
        == SharedKnobs.of(2, Point((("hidden", (8,)),)))
    )
