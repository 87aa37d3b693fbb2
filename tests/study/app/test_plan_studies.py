"""Which studies a command plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.app.plan_studies import PlanRequest, plan_request
from tests.study import own
from tests.study.app.test_other_arms import asked, written
from trainables.config.errors import StoreError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own.data(tmp_path, "grains", 60, 30)
    own.study(tmp_path, "other", "lr", [0.1, 0.01], data="grains")
    return tmp_path


def test_a_study_that_is_nowhere_is_said_and_one_of_the_command_is_enough(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(folder, "other/b")
    plan_request(asked(folder, "mine"), here=True)
    assert "study mine, claim c, part 1: it needs other/b, and there is no study other in" in capsys.readouterr().err
    plan_request(asked(folder, "mine", "other"), here=True)
    assert "no study other" not in capsys.readouterr().err


def test_a_study_that_is_named_by_two_paths_is_planned_once(folder: Path) -> None:
    twice = PlanRequest(
        (str(folder / "other.yaml"), f"{folder}/./other.yaml"), results=str(folder / "r"), data_dir=folder
    )
    made, _, _ = plan_request(twice, here=True)
    assert [s.name for s in made.studies] == ["other"] and len(made.trials) == 10


def test_a_folder_to_begin_from_that_is_not_there_is_said_by_the_plan(folder: Path) -> None:
    path = own.search(folder, "sought", {"lr": {"kind": "float", "low": 0.01, "high": 0.1}}, data="grains")
    path.write_text(path.read_text().replace("searcher: random", f"searcher: tpe\n  warm_start: [{folder / 'none'}]"))
    with pytest.raises(StoreError, match=r"study sought, search\.warm_start: there are no results in .*none"):
        plan_request(asked(folder, "sought"), here=True)
