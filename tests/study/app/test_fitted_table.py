"""A table that fits its window: names give way first, then columns from the right."""

from __future__ import annotations

from study.app.fitted_table import NAME_LEAST, fitted_table, shortened

COLUMNS = [
    ("arm", ["none", "dropout-0.25"]),
    ("accuracy", ["89.2", "88.6"]),
    ("empty", ["", ""]),
    ("gap", ["6.6", "3.6"]),
    ("trend", ["__#", "_##"]),
]


def test_columns_leave_from_the_right_and_those_that_are_kept_stay() -> None:
    whole = fitted_table(COLUMNS, 80)
    assert whole[0] == "arm           accuracy  gap  trend" and whole[2] == "dropout-0.25  88.6      3.6  _##"
    assert fitted_table(COLUMNS, 30, keep=2)[0] == "arm           accuracy  gap"
    assert fitted_table(COLUMNS, 32, keep=2, spared="gap")[0] == "arm           accuracy  trend"
    noted = fitted_table(COLUMNS, 36, keep=2, notes=["", "1 diverged"])
    assert noted[0] == "arm           accuracy" and noted[2].endswith("88.6      1 diverged"), "what is noted stays"


def test_a_name_gives_way_as_far_as_it_can_be_told_apart() -> None:
    assert shortened("dropout-0.25", 6) == "dr~.25" and shortened("none", 6) == "none"
    narrow = fitted_table(COLUMNS[:2], 16)
    assert all(len(line) <= 16 for line in narrow) and narrow[2].split("  ")[0] == shortened("dropout-0.25", NAME_LEAST)
    names = [f"a-study-with-a-long-name/arm-{end}-of-it" for end in "ab"]
    lines = fitted_table([("arm", names), ("gap", ["1.0", "2.0"])], 42, keep=1)
    assert len({line.split()[0] for line in lines[1:]}) == 2
