"""The trials of one arm are read once."""

from __future__ import annotations

import pytest

from analysis.claims.arm_rows import ArmRows
from analysis.claims.samples import ArmReader
from analysis.data.frames import from_records
from study.spec.study import Study
from tests import synthetic
from tests.analysis.claims.test_by_seed import SMALL


def test_an_arm_is_read_once_for_all_that_ask_for_the_same_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    read, real = list[str](), ArmReader._read

    def counted(reader: ArmReader, study: Study, arm: str) -> ArmRows:
        read.append(arm)
        return real(reader, study, arm)

    monkeypatch.setattr(ArmReader, "_read", counted)
    frames = from_records(synthetic.records(SMALL, (0, 1, 2)))
    for asked, seeds in ({}, 3), ({}, 3), ({"small": (0, 1)}, 2), ({"small": (0, 1)}, 2):
        rows = ArmReader(SMALL, {"small": SMALL}, frames, asked).on_record("a")
        assert isinstance(rows, ArmRows) and len(rows.trials) == seeds
    assert read == ["a", "a"]
