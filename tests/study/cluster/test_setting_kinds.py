"""Kinds of settings as data: what does not fit is said once, at its place, on every level."""

from __future__ import annotations

import pytest

from study.cluster.setting_kinds import ANY, FROM_1, NAMES, SettingKind, level, levels, misfits, one_of
from study.spec.faults import fault_line

KNOWN: dict[str, SettingKind] = {
    "mode": one_of("on", "off"),
    "inner": level({"count": FROM_1}),
    "many": levels({"count": FROM_1}),
    "volumes": NAMES,
    "free": ANY,
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mode": "on", "inner": {"count": 1}, "many": [{"count": 2}], "volumes": [{"x": 1}], "free": 7}, []),
        ({"mode": None, "inner": None, "many": None, "volumes": None}, []),
        ({"mod": 1}, ["mod: there is no such setting; did you mean mode?"]),
        ({"mode": "of"}, ["mode: got 'of'; expected one of on, off"]),
        ({"inner": {"count": 0}}, ["inner.count: got 0; expected a whole number from 1 upwards"]),
        (
            {"many": [{"count": 1}, {"count": True}]},
            ["many[1].count: got true; expected a whole number from 1 upwards"],
        ),
        ({"many": [7]}, ["many[0]: got 7; expected a mapping"]),
        ({"volumes": ["x"]}, ["volumes[0]: got 'x'; expected a mapping"]),
        ({"inner": [], "many": {}}, ["inner: got []; expected a mapping", "many: got {}; expected a list"]),
        ([], ["study: got []; expected a mapping"]),
    ],
)
def test_each_misfit_is_said_at_its_place(given: object, said: list[str]) -> None:
    assert [fault_line(fault, None) for fault in misfits(given, KNOWN)] == said
