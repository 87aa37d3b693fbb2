"""Versions of a claim that were replaced are told with their words, without a verdict, wherever the claim is shown."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from typer.testing import CliRunner

from analysis.claims.family import standings
from analysis.claims.replaced import replaced
from analysis.claims.verdict_json import to_json
from analysis.claims.verdicts import changed
from analysis.report.inputs import read_inputs
from analysis.report.judge_folder import judge_all
from study.cli.main import app
from study.spec.claims import Claim, Contrast, Level, Quantity
from study.spec.study import Arm, Family, Study
from study.storage.results_folder import ResultsFolder
from tests.analysis.stores import store_of

A, B = (Quantity(arm=arm, metric="val_accuracy") for arm in "ab")
FIRST = Claim(id="x", statement="It is high.", parts=(Level(quantity=A, low=0.8),))
SECOND = Claim(
    id="x",
    statement="It is higher than b's.",
    parts=(Level(quantity=A, low=0.5), Contrast(a=A, b=B, low=0.01)),
    from_seed=5,
)
THIRD = Claim(id="x", statement="It is above a half.", parts=(Level(quantity=A, low=0.5),), from_seed=9)
OTHER = Claim(id="y", statement="It stays.", parts=(Level(quantity=B, low=0.1),))
SMALL = Study(
    name="small",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.01})),
)


def of(*claims: Claim) -> Study:
    return dataclasses.replace(SMALL, claims=claims)


def folder(where: Path, *versions: Study) -> ResultsFolder:
    store = store_of(where, [versions[0]], seeds=range(5))
    for version in versions[1:]:
        store.studies.freeze(version)
    return store


def test_each_version_is_told_once_with_its_last_words() -> None:
    reworded = dataclasses.replace(FIRST, statement="It is rather high.")
    numbered = list(enumerate((of(FIRST, OTHER), of(reworded, OTHER), of(SECOND, OTHER), of(THIRD, OTHER)), start=1))
    found = replaced(numbered, of(THIRD, OTHER))
    assert set(found) == {"x"}, "y was never replaced"
    one, two = found["x"]
    assert (one.version, one.statement, one.from_seed) == (2, "It is rather high.", 0)
    assert one.parts == ("The validation accuracy of a is above 80 % after 3 epochs",)
    assert (two.version, two.from_seed, len(two.parts)) == (3, 5, 2)
    assert two.parts[1] == "B ends more than 1 point below a in validation accuracy after 3 epochs"
    assert "Until version 3 it said: “It is higher than b's.”" in two.sentence
    assert " Claimed from seed 5 on: " in two.sentence and " minus " not in two.sentence


def test_what_came_back_is_no_replaced_version_of_itself() -> None:
    numbered = list(enumerate((of(FIRST), of(SECOND), of(FIRST)), start=1))
    (one,) = replaced(numbered, of(FIRST))["x"]
    assert one.statement == SECOND.statement
    assert replaced(numbered[:1], of(FIRST)) == {}


def test_a_claim_of_an_arm_with_other_knobs_is_another_version_and_takes_a_place_of_its_own() -> None:
    one_place = dataclasses.replace(of(FIRST, OTHER), family=Family(name="f", places=2))
    faster = dataclasses.replace(one_place, arms=(Arm(name="a", change={"lr": 0.1}), SMALL.arms[1]))
    quick = dataclasses.replace(one_place, epochs=2, reduced=("a", "b"))
    (told,) = replaced([(1, one_place), (2, faster)], faster)["x"]
    assert "Claimed, with other knobs in a: The validation accuracy of a is above 80 % after 3 epochs." in told.sentence
    assert "y" not in replaced([(1, one_place), (2, faster)], faster), "b is as it was"
    for versions, placed in (
        ((one_place, faster), {"y"}),
        ((quick, one_place), {"x", "y"}),
        ((one_place,), {"x", "y"}),
    ):
        found = standings({"small": versions}, {"small": versions[-1]})["small"]
        assert found.placed == placed
    assert changed(one_place, faster) == [
        "x: arms that it speaks of changed after the run began; the version before has no verdict"
    ]


def test_page_markdown_terminal_and_json_tell_them(tmp_path: Path) -> None:
    store = folder(tmp_path / "r", of(FIRST, OTHER), of(THIRD))
    verdicts = judge_all(read_inputs(store))["small"]
    (v,) = verdicts
    assert v.statement == THIRD.statement and v.verdict == "not-enough-seeds"
    (told,) = [d for d in v.details if d.startswith("This claim replaces an earlier one, which has no verdict.")]
    assert "It is high." in told and "above 80 %" in told
    (plain,) = to_json(verdicts)
    assert [r["statement"] for r in plain["replaced"]] == ["It is high."] and plain["replaced"][0]["version"] == 1
    terminal = CliRunner().invoke(app, ["claims", store.folder.where, "--long"]).stdout
    assert "which has no verdict. Until version 1 it said: “It is high.”" in " ".join(terminal.split())
    said = json.loads(CliRunner().invoke(app, ["claims", store.folder.where, "--json"]).stdout)
    assert said[0]["replaced"] == plain["replaced"]
    other_knobs = folder(
        tmp_path / "knobs",
        of(FIRST),
        dataclasses.replace(of(FIRST), arms=(Arm(name="a", change={"lr": 0.1}), SMALL.arms[1])),
    )
    (plain,) = to_json(judge_all(read_inputs(other_knobs))["small"])
    assert [r["arms"] for r in plain["replaced"]] == [["a"]], "else it would look as if nothing had changed"
    (notice,) = [line for line in read_inputs(store).changes["small"] if "y:" in line]
    assert notice.endswith("y: removed after the run began, and without a verdict; it said “It stays.”")
