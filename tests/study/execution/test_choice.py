"""What runs in this process under `auto`, what never does, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from study.execution import choice
from study.planning.executor import ExecutionSettings
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.spec.domains import Float
from study.spec.search import Search
from study.spec.study import Arm, Study
from tests.study.made_up import MadeUp
from trainables.config.errors import BadInput
from trainables.data.dataset import DataSet
from trainables.training.gpu_memory import DataSize


def plan(epochs: int = 20, **more: Any) -> Plan:
    given = {"base": {"hidden": (32,)}, **more}
    study = Study(name="s", title="S", question="Q?", knobs=("lr",), epochs=epochs, **given)
    return plan_trials([study], Protocol((0, 1, 2, 3, 4)), "c" * 32, {}, DataSize(1400, 397, 64, 10))


def data() -> DataSet:
    images, labels = np.zeros((1400, 64), np.uint8), np.zeros(1400, np.int64)
    return DataSet("digits", images, labels, images, labels, tuple("0123456789"), (8, 8), "c" * 32)


ARMS: dict[str, Any] = {"arms": tuple(Arm(name=n, change={"lr": v}) for n, v in (("a", 0.01), ("b", 0.1), ("c", 1.0)))}
SPACE = {"lr": Float(low=0.01, high=0.1)}


def chosen(made: Plan, wanted: str = "auto", **settings: Any) -> tuple[str, str]:
    found = choice.choose(made, data(), ExecutionSettings(**settings), wanted)
    return found.executor.name, found.why


def test_what_takes_less_than_rays_start_runs_in_this_process() -> None:
    name, why = chosen(plan(**ARMS))
    assert name == "inline" and "its training takes less than Ray takes to start" in why and "--executor ray" in why
    assert chosen(plan(search=Search(space=SPACE, trials=4, seeds=1), arms=()))[0] == "inline"


def test_what_takes_longer_runs_on_ray() -> None:
    name, why = chosen(plan(2000, **ARMS), cpus=2)
    assert name == "ray" and why == "runs on Ray: its training, on 2 cores, takes longer than Ray takes to start"
    assert chosen(plan(search=Search(space=SPACE, trials=400, seeds=5), arms=()))[0] == "ray"


def test_what_could_take_this_process_with_it_runs_on_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(plan(**ARMS), address="auto") == ("ray", "runs on Ray: --address names auto")
    gpu = plan(arms=(Arm(name="a"),), base={"hidden": (32,), "device": "cuda"})
    assert chosen(gpu) == ("ray", "runs on Ray: a GPU is used")
    monkeypatch.setattr(choice, "available_memory", lambda: 1_000_000)
    name, why = chosen(plan(**ARMS))
    assert name == "ray" and "GB that are free" in why


def test_what_is_asked_for_holds() -> None:
    assert chosen(plan(**ARMS), "ray")[0] == "ray" and chosen(plan(2000, **ARMS), "inline")[0] == "inline"
    for wanted, address in (("threads", None), ("inline", "auto")):
        with pytest.raises(BadInput, match="--executor"):
            choice.check_executor(wanted, address)


def test_an_executor_of_somebodys_own_is_taken_as_it_is() -> None:
    mine = MadeUp(lambda config, until: pytest.fail("nothing is trained"))
    for epochs in (2, 2000):
        found = choice.choose(plan(epochs, **ARMS), data(), ExecutionSettings(), mine)
        assert found.executor is mine and "(made up)" in found.why


def test_an_odd_number_in_the_environment_is_found_before_a_folder_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_RETRIES", "inf")
    with pytest.raises(BadInput, match="STUDY_RETRIES"):
        choice.check_executor("auto", None)
