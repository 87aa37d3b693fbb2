"""Arms of other studies in claims: those that no study has are refused before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from study.app.plan_studies import PlanRequest, plan_request
from tests.study import own
from trainables.config.errors import BadInput


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
        ("other/aa", r"mine\.yaml, line 15: claim c, part 1: got 'other/aa'; study other has no such arm; it has a, b"),
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


def test_the_answer_of_a_search_in_the_command_is_expected_and_its_fresh_seeds_are_asked_by_the_plan_already(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own.study(folder, "found", "lr", [0.1, 0.01], data="grains")
    plain = {k: v for k, v in yaml.safe_load(path.read_text()).items() if k not in ("arms", "baseline", "claims")}
    space = {"lr": {"kind": "float", "low": 0.01, "high": 0.1, "log": True}}
    path.write_text(yaml.safe_dump({**plain, "search": {"space": space, "trials": 3, "seeds": 1}}))
    written(folder, "found.answer/winner")
    with pytest.raises(BadInput, match=r"claim c, from_seed: it names an arm of a search's answer, .*: 1000"):
        plan_request(asked(folder, "mine", "found"), here=True)
    text = (folder / "mine.yaml").read_text().replace("id: c", "id: c\n  from_seed: 1000")
    (folder / "mine.yaml").write_text(text)
    plan_request(asked(folder, "mine", "found"), here=True)
    assert "there is no study" not in capsys.readouterr().err
    plan_request(asked(folder, "mine"), here=True)
    assert "name its file too; seeds that its other arms have" in capsys.readouterr().err
