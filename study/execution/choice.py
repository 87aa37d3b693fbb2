"""Which executor a run takes: this process for what takes less than Ray's start and could not harm it, else Ray."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from study.planning.cost import START_SECONDS, drawn_configs, expected_search_seconds, point_costs
from study.planning.executor import ExecutionSettings, Executor, cores
from study.planning.plan import Plan
from study.planning.usable_memory import available_memory
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of
from trainables.config.plurals import counted
from trainables.data.dataset import DataSet
from trainables.training import gpu_memory

EXECUTORS = ("auto", "ray", "inline")
INLINE_MEMORY_SHARE = 0.5
"""Of the memory that is free, so much at most may a job take that is trained in this process."""


@dataclass(frozen=True)
class ChosenExecutor:
    """An executor, and for people why."""

    executor: Executor
    why: str


def check_executor(wanted: str | Executor, address: str | None) -> None:
    """Refuse what cannot be.

    Raises:
        BadInput: there is no such executor, it runs in this process while a cluster is named, or a number of the
            environment is none.
    """
    if wanted not in EXECUTORS if isinstance(wanted, str) else not hasattr(wanted, "name"):
        raise BadInput("--executor", wanted, expected_one_of(wanted, EXECUTORS))
    if wanted == "inline" and address is not None:
        raise BadInput("--executor", wanted, f"it trains in this process, and --address names {address}: leave one out")
    ExecutionSettings()  # what the environment says, before a folder is made


def choose(plan: Plan, data: DataSet, settings: ExecutionSettings, wanted: str | Executor = "auto") -> ChosenExecutor:
    """The executor that was given or named; under `auto` the one that suits the plan."""
    check_executor(wanted, settings.address)
    if not isinstance(wanted, str):
        return ChosenExecutor(wanted, f"runs on the executor that was given ({wanted.name})")
    from study.execution.inline_executor import InlineExecutor

    seconds = expected_seconds(plan)
    if wanted == "inline":
        return ChosenExecutor(InlineExecutor(), "runs in this process, as --executor inline says")
    if wanted == "ray":
        return _on_ray("runs on Ray, as --executor ray says")
    for reason in _against(plan, data, settings, seconds):
        return _on_ray(f"runs on Ray: {reason}")
    why = "its training takes less than Ray takes to start (--executor ray if you want it)"
    return ChosenExecutor(InlineExecutor(), f"runs in this process: {why}")


def _on_ray(why: str) -> ChosenExecutor:
    from study.execution.ray_executor import RayExecutor  # brings Ray, a second's work

    return ChosenExecutor(RayExecutor(), why)


def expected_seconds(plan: Plan) -> float:
    """Add up the seconds of all that a plan trains, searches and answers too, one after the other on one core."""
    return plan.seconds_to_train + sum(_search_seconds(s, plan) for s in plan.studies if s.search)


def _search_seconds(study: Study, plan: Plan) -> float:
    """Of a search, and of the two or three arms of each part that its answer trains under fresh seeds."""
    assert study.search is not None
    answer = 3 * len(study.search.parts()) * len(plan.protocol.seeds) * max(point_costs(study, plan.size), default=0.0)
    return expected_search_seconds(study, plan.size) + answer


def _against(plan: Plan, data: DataSet, settings: ExecutionSettings, seconds: float) -> Iterator[str]:
    """What speaks against this process."""
    if settings.address is not None:
        yield f"--address names {settings.address}"
    if plan.device != "cpu":
        yield "a GPU is used"
    if seconds >= START_SECONDS:
        yield f"its training, on {counted(cores(settings), 'core')}, takes longer than Ray takes to start"
    bytes_needed, free = _bytes(plan, data), available_memory()
    if bytes_needed > INLINE_MEMORY_SHARE * free:
        yield f"a trial needs about {bytes_needed / 1e9:.1f} GB of the {free / 1e9:.1f} GB that are free"


def _bytes(plan: Plan, data: DataSet) -> int:
    """Of the largest job; the data are there already, but may be copied once."""
    configs = {t.config.replace(seed=0, epochs=1) for t in plan.missing}
    largest = max((gpu_memory.job_bytes(c, 1, plan.size) for c in configs), default=0)
    for study in plan.studies:
        if study.search is not None:
            largest = max([largest, *(gpu_memory.job_bytes(c, 1, plan.size) for c in drawn_configs(study, plan.size))])
    return largest + data.nbytes
