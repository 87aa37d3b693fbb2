"""Arms of other studies in claims: those that no study has are refused before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from study.app.plan_studies import PlanRequest, plan_request
from tests.study import own
from trainables.config.errors import BadInput, StoreError


def claims_of(arm: str) -> list[dict[str, object]]:
    part = {"form": "level", "quantity": {"arm": arm, "metric": "val_accuracy"}, "low": 0.5}
    return [{"id": "c", "statement": "S.", "parts": [part]}]


def asked(folder: Path, *names: str) -> PlanRequest:
    paths = tuple(str(folder / f"{name}.yaml") for name in names)
    return PlanRequest(paths, results=str(folder / "r"), data_dir=folder)


def written(folder: Path, arm: str) -> None:
    path = own.study(folder, "mine", "lr", [0.1, 0.01], data="grains")
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "claims": claims_of(arm)}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own.data(tmp_path, "grains", 60, 30)
    own.study(tmp_path, "other", "lr", [0.1, 0.01], data="grains")
    return tmp_path


@pytest.mark.parametrize(
    ("arm", "says"),
    [
        ("other/aa", r"study mine, claim c, part 1: got 'other/aa'; study other has no such arm; it has a, b"),
        ("mine/c", r"study mine has no such arm; it has a, b"),
        ("dropout/dropout-0.52", r"study dropout has no such arm; .*did you mean dropout-0.25"),
        ("dropout/none", r"it learns fashion-mnist, and study mine is of grains: name one of that data"),
        ("search-all/x", r"study search-all has no such arm; it has no arms"),
    ],
)
def test_an_arm_that_another_study_has_not_is_refused(folder: Path, arm: str, says: str) -> None:
    written(folder, arm)
    with pytest.raises(BadInput, match=says):
        plan_request(asked(folder, "mine", "other"), here=True)


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
