"""Verdicts, pages and tables are made with text kept as objects, and whoever calls us keeps pandas as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.data.text_storage import text_as_objects
from analysis.report import inputs, judge_folder, live_page, write_report
from study.storage.results_folder import ResultsFolder
from tests.analysis.report.test_fingerprint import SCALING
from tests.analysis.stores import store_of
from trainables.config.errors import BadInput


def test_text_is_kept_as_objects_for_as_long_as_it_lasts() -> None:
    before = pd.get_option("mode.string_storage")
    with text_as_objects():
        made = pd.Series(["a", None], dtype="str")
        assert made.dtype.storage == "python" and made.isna().tolist() == [False, True]
    assert pd.get_option("mode.string_storage") == before


DOORS: dict[str, Callable[[str], object]] = {
    "page": write_report.build,
    "figures": write_report.figures,
    "tables": write_report.tables,
    "verdicts": lambda folder: judge_folder.verdicts(folder, []),
    "judged folder": judge_folder.judge_folder,
    "live page": lambda folder: live_page.live_page(folder, provisional=False),
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_reads_its_records_so(door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_of(tmp_path / "r", [SCALING], (0, 1))
    seen: list[str] = []
    read = inputs.read_inputs

    def noted(store: ResultsFolder) -> inputs.ReportInputs:
        made = read(store)
        seen.extend(made.frames.trials[name].dtype.storage for name in ("trial", "status"))
        raise BadInput("results", door, "enough was read")

    for module in (judge_folder, live_page, write_report):
        monkeypatch.setattr(module, "read_inputs", noted)
    with contextlib.suppress(BadInput):
        DOORS[door](str(tmp_path / "r"))
    assert seen == ["python", "python"]
    assert pd.get_option("mode.string_storage") != "python"
