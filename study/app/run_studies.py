"""The work of the `study` command: put catalogue, data, plan, store and runner together, and say what happened."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import shlex
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study import catalog
from study.app import check_fit as fits
from study.cluster.preflight import Submission
from study.execution import choice
from study.execution.progress import Progress, duration
from study.execution.signals import GO_ON, on_signals
from study.planning import gpu_share as gpu
from study.planning import plan as plans
from study.planning import usable_cores as cores
from study.planning.cost import expected_search_seconds, wall_seconds
from study.planning.executor import ExecutionSettings, Executor, RunContext, StopRequest
from study.planning.protocol import Protocol, quick_images
from study.spec.study import Study
from study.storage import kept_files, lock
from study.storage import repair as upkeep
from study.storage.gathering import gathering, sweep_checkpoints
from study.storage.results_folder import ResultsFolder, TrialOnRecord
from trainables.config.errors import BadInput, StudyError
from trainables.config.identity import CODE_VERSION
from trainables.data.dataset import DataSet, load_data_set
from trainables.jobs.cpu_info import has_bf16
from trainables.jobs.job import NEVER
from trainables.training import gpu_memory as memory

if TYPE_CHECKING:
    from study.execution import search_driver as seeking


class SomeFailed(StudyError):
    """A run ended, but not every trial did."""

    exit_code = 6


class Interrupted(StudyError):
    """A run was ended from outside."""

    exit_code = 130


@dataclass(frozen=True)
class RunOptions:
    """Where a run's trials go; see `study.planning.executor.ExecutionSettings`."""

    address: str | None = None
    cpus: int | None = None
    keep_checkpoints: bool = False
    dashboard: str | None = None
    """An Optuna storage that a search is copied into as it goes."""
    checkpoint_seconds: float | None = None
    stall_seconds: float | None = None
    wait: bool = False
    """Whether to wait where another run has the results folder."""
    executor: str = "auto"
    """`ray`, `inline`, or `auto`; see `study.execution.choice`."""

    def engine(self, stop: StopRequest) -> ExecutionSettings:
        """The same for an executor, with its own defaults for what was not given."""
        plain = ExecutionSettings(self.address, self.cpus, keep_checkpoints=self.keep_checkpoints, stop=stop)
        times: dict[str, Any] = {"checkpoint_seconds": self.checkpoint_seconds, "stall_seconds": self.stall_seconds}
        return dataclasses.replace(plain, **{name: value for name, value in times.items() if value is not None})


def studies_named(names: list[str]) -> dict[str, Study]:
    """The studies by the names or paths that they were given, `chapter` written out, each once."""
    return {name: found.study for name, found in _read(names).items()}


def _read(names: list[str]) -> dict[str, catalog.Read]:
    found = [n for name in names for n in (catalog.CHAPTER if name == "chapter" else (name,))]
    return {n: catalog.read(n) for n in found}


def plan_studies(
    studies: list[Study],
    seeds: int,
    quick: bool,
    device: str,
    precision: str,
    held: dict[str, TrialOnRecord],
    data_dir: Path | None,
    *,
    here: bool,
) -> tuple[plans.Plan, DataSet]:
    """A plan of some studies over one data set; all bad input is found here, before anything is started.

    `here`: whether this machine is to train it, and not a cluster.
    """
    from study.planning.protocol import require_seeds

    protocol = Protocol(require_seeds(seeds), quick, device, precision)
    sets = {protocol.config(s.config(a.name)).data for s in studies for a in s.arms}
    sets |= {str(s.base.get("data", "fashion-mnist")) for s in studies if s.search or not s.arms}
    if len(sets) > 1:
        raise BadInput("data", sorted(sets), "studies over different data sets are run one after the other")
    data = load_data_set(sets.pop(), data_dir, progress=lambda line: print(line, file=sys.stderr))
    protocol = dataclasses.replace(protocol, images=len(data.train_images))
    made = plans.plan_trials(studies, protocol, data.checksum, held, gpu.size_of(data))
    fits.check(made, here=here)
    return made, data


def _held(results: str) -> dict[str, TrialOnRecord]:
    """What a results folder holds; nothing where there is none yet."""
    try:
        return ResultsFolder(results).trials_on_record()
    except StudyError as error:
        if "there are no results" not in str(error):
            raise
        return {}


def plan_of(asked: Submission) -> plans.Plan:
    """The plan of a submission, against what its results folder holds."""
    names = list(asked.names)
    return plan_studies(
        list(studies_named(names).values()),
        asked.seeds,
        asked.quick,
        asked.device,
        asked.precision,
        _held(asked.results),
        asked.data_dir,
        here=False,
    )[0]


def counted(n: int, one: str, many: str) -> str:
    """A number with its noun.

    >>> counted(1, "study", "studies"), counted(2, "study", "studies")
    ('1 study', '2 studies')
    """
    return f"{n} {one if n == 1 else many}"


def describe(plan: plans.Plan, cpus: int) -> str:
    """A plan in a few lines."""
    seeds = len(plan.protocol.seeds)
    lines = [
        f"{counted(len(plan.studies), 'study', 'studies')}, {counted(seeds, 'seed', 'seeds')}"
        + (f", reduced protocol: {_lowered(plan)}" if plan.protocol.quick else ""),
    ]
    if plan.trials:
        lines += [
            f"  trials   {len(plan.trials)} distinct, {len(plan.trials) - len(plan.missing)} on record, "
            f"{len(plan.missing)} to train",
            f"  epochs   {plan.epochs_asked} asked for, {plan.epochs_distinct} distinct "
            f"({1 - plan.epochs_distinct / max(plan.epochs_asked, 1):.0%} saved by sharing), "
            f"{plan.epochs_to_train} to train",
        ]
    lines += [_described(s, plan.size, cpus) for s in plan.studies if s.search]
    if plan.missing:
        seconds = wall_seconds(plan.seconds_to_train, plan.missing[0].seconds, cpus)
        lines.append(f"  time     about {duration(seconds)} on {cpus} cores of an ordinary machine")
    used = {(t.config.device, t.config.precision) for t in plan.missing}
    used |= {(s.base.get("device", "cpu"), s.base.get("precision", "fp32")) for s in plan.studies if s.search}
    if ("cpu", "bf16") in used and not has_bf16():
        lines.append("  bf16     slow here: this processor has no products in bf16, and fp32 is many times as fast")
    return "\n".join(lines)


def _lowered(plan: plans.Plan) -> str:
    """What the reduced protocol takes of this data."""
    if not any(s.reduced for s in plan.studies):
        return "nothing to reduce here"
    images, there = quick_images(plan.protocol.images), plan.protocol.images
    taken = f"all {there:,}" if images == there else f"at most {images:,} of {there:,}"
    return f"{taken} training images, fewer epochs; nothing is judged"


def _described(study: Study, size: memory.Data, cpus: int) -> str:
    """A search in a line."""
    search = study.search
    assert search is not None
    trials = len(search.parts()) * search.trials * search.seeds
    seconds = wall_seconds(expected_search_seconds(study, size), 0.0, cpus)
    early = "" if search.scheduler.name == "none" else ", less what is stopped early"
    return (
        f"  search   {study.name}: {trials // search.seeds} proposals x {search.seeds} seeds, {search.searcher}, "
        f"scheduler {search.scheduler.name}; at most {trials * study.epochs} epochs, about {duration(seconds)} on "
        f"{cpus} cores{early}; "
        "then the best, under fresh seeds"
    )


def cores_of(where: RunOptions) -> int:
    """How many trials run at once on this machine."""
    return where.cpus or cores.usable()


def plan(
    names: list[str],
    seeds: int,
    quick: bool,
    results: str,
    where: RunOptions,
    device: str,
    precision: str,
    data_dir: Path | None,
) -> None:
    """Print what a run would train."""
    studies, held, here = list(studies_named(names).values()), _held(results), where.address is None
    made, _ = plan_studies(studies, seeds, quick, device, precision, held, data_dir, here=here)
    print(describe(made, cores_of(where)))
    print(f"  results  {results}")
    counts = Counter(t.wanted_by for t in made.missing)
    for wanted, n in sorted(counts.items(), key=lambda item: -item[1])[:40]:
        trial = next(t for t in made.missing if t.wanted_by == wanted)
        print(f"    {n} x {trial.config.epochs:4d} epochs  {', '.join(wanted)}")


def run(
    names: list[str],
    seeds: int,
    quick: bool,
    results: str,
    where: RunOptions,
    device: str,
    precision: str,
    data_dir: Path | None,
) -> None:
    """Train what is missing, gather the records, and say what happened."""
    from study.execution.ray_session import check_address

    choice.check_executor(where.executor, where.address)
    with on_signals() as stop:
        try:
            given = _read(names)
            here, studies = where.address is None, [r.study for r in given.values()]
            made, data = plan_studies(studies, seeds, quick, device, precision, {}, data_dir, here=here)
            check_address(where.address)
            store = ResultsFolder(results, create=True)
            with lock.hold(store.folder, wait=where.wait, lost=stop.because):
                _run_locked(given, made.protocol, store, data, where, stop)
        except KeyboardInterrupt:
            raise Interrupted(GO_ON) from None


def _run_locked(
    given: dict[str, catalog.Read],
    protocol: Protocol,
    store: ResultsFolder,
    data: DataSet,
    where: RunOptions,
    stop: StopRequest,
) -> None:
    for line in upkeep.tidy(store):
        print(line, file=sys.stderr)
    studies, spelled = [r.study for r in given.values()], {r.study.name: name for name, r in given.items()}
    made = plans.plan_trials(studies, protocol, data.checksum, store.trials_on_record(), gpu.size_of(data))
    print(describe(made, cores_of(where)))
    name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
    engine = where.engine(stop)
    chosen = choice.choose(made, data, engine, where.executor)
    searches = _searches(made, store, data, engine, chosen.executor, name, where.dashboard)
    files = {r.study.name: r.files for r in given.values()}
    for study in made.studies:
        store.freeze(study)
        kept_files.keep(store, study, files.get(study.name, {}))
    if not made.missing and not searches:
        store.gather()
        print(f"nothing to train: all of it is on record in {store.folder.where}")
        return
    print(chosen.why, file=sys.stderr)
    store.save_run(name, {**run_provenance(made), "executor": chosen.executor.name})
    store.gather()
    with gathering(store, stop.because):
        if made.missing:
            _run_plan(made, studies, RunContext(store, data, engine, {"run": name}, made.device), chosen.executor)
        for setting in searches:
            _run_search(setting, len(made.protocol.seeds), spelled[setting.study.name])
    store.gather()
    sweep_checkpoints(store, keep=where.keep_checkpoints)


def _run_plan(
    made: plans.Plan,
    studies: list[Study],
    run: RunContext,
    executor: Executor,
) -> None:
    from study.execution.plan_driver import run_plan

    store, stop = run.store, run.settings.stop
    progress = Progress(len(made.missing), made.seconds_to_train)
    outcome = run_plan(made, run, executor, progress)
    if stop.reason:
        raise stop.kind(stop.reason)
    store.gather()
    left = len(
        plans.plan_trials(studies, made.protocol, run.data.checksum, store.trials_on_record(), made.size).missing
    )
    where = store.folder.where
    print(f"{len(made.missing) - left} trials trained and recorded in {where} in {duration(outcome.seconds)}")
    for label, reason in outcome.failed:
        print(f"failed: {label}: {reason}", file=sys.stderr)
    if outcome.interrupted and left:
        raise Interrupted(f"interrupted with {left} trials to go; the same command goes on from here")
    if left:
        raise SomeFailed(f"{left} trials are not on record; {_again(outcome.failed)}")


def _searches(
    made: plans.Plan,
    store: ResultsFolder,
    data: DataSet,
    engine: ExecutionSettings,
    executor: Executor,
    name: str,
    dashboard: str | None,
) -> list[seeking.SearchSetup]:
    """The searches of a plan, each checked."""
    found = [s for s in made.studies if s.search is not None]
    if not found:
        return []
    from study.execution import search_driver as seeking

    settings = [
        seeking.SearchSetup(s, store, data, engine, executor, {"run": name}, dashboard, plans.device_of(s))
        for s in found
    ]
    for setting in settings:
        seeking.check(setting)
    return settings


def _run_search(setting: seeking.SearchSetup, seeds: int, spelled: str) -> None:
    """`spelled`: the study's name or path as it was given."""
    from analysis.text import numbers
    from study.execution import search_driver as seeking

    began = time.monotonic()
    found = seeking.run_search(setting, seeds)
    for label, reason in found.failed:
        print(f"failed: {label}: {reason}", file=sys.stderr)
    if setting.engine.stop.reason:
        raise setting.engine.stop.kind(setting.engine.stop.reason)
    if found.interrupted:
        raise Interrupted(f"the search {setting.study.name} was interrupted; the same command goes on from here")
    print(f"{setting.study.name}: searched in {duration(time.monotonic() - began)}")
    for line in found.nobody:
        print(f"{setting.study.name}: {line}")
    if found.answer:
        for arm in found.answer.arms:
            print(f"  {arm.name}: " + ", ".join(f"{k} {numbers.value(v)}" for k, v in arm.change.items()))
        again = shlex.join(["study", "show", spelled, "--results", setting.store.folder.where])
        print(f"how good they are, and how sure that is: {again}")
    if found.failed:
        raise SomeFailed(f"{len(found.failed)} of {setting.study.name} failed; {_again(found.failed)}")


def _again(failed: tuple[tuple[str, str], ...]) -> str:
    """Whether the same command may help."""
    if failed and all(reason.startswith(NEVER) for _, reason in failed):
        return "they cannot be trained as they are: change the study or its data"
    return "the same command tries them again"


def run_provenance(plan: plans.Plan) -> dict[str, Any]:
    """What a reader needs to know of a run to repeat it."""
    packages = ("torch", "ray", "optuna", "numpy", "pandas", "pyarrow")
    return {
        "command": ["study", *(re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:...@", a) for a in sys.argv[1:])],
        "studies": [s.name for s in plan.studies],
        "seeds": list(plan.protocol.seeds),
        "reduced": plan.protocol.quick,
        "reduced_studies": [s.name for s in plan.studies if s.reduced],
        "code_version": CODE_VERSION,
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "versions": {name: metadata.version(name) for name in packages},
        "trials_to_train": len(plan.missing),
        "epochs_to_train": plan.epochs_to_train,
    }
