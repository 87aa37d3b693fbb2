"""Who is refused before a trial began hears once that nothing was trained; later nobody does."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.app.nothing_trained import NOTHING_TRAINED, notes_of, says_nothing_was_trained
from study.app.plan_studies import PlanRequest
from study.app.run_studies import Interrupted, SomeFailed, run
from study.app.run_view import RunView
from study.execution.inline_executor import InlineExecutor
from tests.study import own
from tests.study.app.test_run_events import HERE, StartFails
from tests.study.cli.test_main import study
from trainables.config.errors import BadInput, EngineError, StudyError


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlanRequest:
    monkeypatch.chdir(tmp_path)
    own.data(tmp_path, "small", 60, 30)
    own.study(tmp_path, "mine", "lr", [0.1], epochs=1, data="small")
    return PlanRequest(("mine.yaml",), seeds=1, results="r", data_dir=tmp_path)


class LateFault(InlineExecutor):
    """Trains, and then the engine is lost."""

    def work_through(self, work: Any, run: Any) -> None:
        super().work_through(work, run)
        raise EngineError("the engine is lost")


def refused(ask: PlanRequest, executor: InlineExecutor) -> StudyError:
    with pytest.raises(StudyError) as caught:
        run(ask, dataclasses.replace(HERE, executor=executor), RunView(quiet=True))
    return caught.value


def test_an_engine_that_does_not_start_has_trained_nothing_and_one_that_is_lost_may_have(ask: PlanRequest) -> None:
    assert notes_of(refused(ask, StartFails())) == (NOTHING_TRAINED,)
    assert notes_of(refused(ask, LateFault())) == ()
    assert notes_of(refused(dataclasses.replace(ask, names=("none.yaml",)), StartFails())) == (NOTHING_TRAINED,)


@pytest.mark.parametrize(("error", "told"), [(BadInput("a", 1, "b"), 1), (SomeFailed("f"), 0), (Interrupted("i"), 0)])
def test_it_is_said_once_and_not_of_runs_that_were_under_way(error: StudyError, told: int) -> None:
    with pytest.raises(StudyError), says_nothing_was_trained(), says_nothing_was_trained():
        raise error
    assert notes_of(error) == (NOTHING_TRAINED,) * told


@pytest.mark.usefixtures("ask")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("demo --data-dir nowhere", 1), ("demo digitz", 1), ("demo digits --data-dir nowhere", 1), ("demo --cpus 0", 1),
        ("run mine.yaml --cpus 0", 1), ("decide mine.yaml --hours x", 1), ("plan mine.yaml --seeeds 3", 0),
        ("status --bogus", 0),
    ],
)  # fmt: skip
def test_who_asks_for_training_hears_it_whoever_refuses(
    words: str, told: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert study(*words.split()) in (2, 3)
    said = capsys.readouterr().err.splitlines()
    assert (
        said[0].startswith("error: ") and said.count(NOTHING_TRAINED) == told and (said[-1] == NOTHING_TRAINED) == told
    )


@pytest.mark.usefixtures("ask")
@pytest.mark.parametrize("command", ["run", "decide"])
@pytest.mark.parametrize("words", [["mine.yml"], ["mine.yaml"], ["mine.yaml", "--executor", "inlin"]])
def test_the_command_says_it_below_all_that_is_wrong(
    command: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STUDY_DATA_DIR", raising=False)
    assert study(command, *words) in (2, 3)
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == NOTHING_TRAINED and said.count(NOTHING_TRAINED) == 1 and said[0].startswith("error: ")
    study("plan", *words[:1])
    assert NOTHING_TRAINED not in capsys.readouterr().err, "nobody asked for it"
