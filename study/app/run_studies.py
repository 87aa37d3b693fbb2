"""Lock, plan, train, search, gather, and say what happened; the provenance of a run."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from study.app.data_parts import without_untested_here
from study.app.needed_studies import needed_by_open_claims
from study.app.nothing_trained import says_nothing_was_trained
from study.app.plan_studies import PlanRequest, existing_folder, plan_studies, read_named
from study.app.python_words import given_flag
from study.app.run_events import told_how_it_ends
from study.app.run_provenance import asked_before, asked_in_all, run_provenance
from study.app.run_view import RunView
from study.app.search_on_record import searches_on_record
from study.app.times_elsewhere import say_what_ends
from study.app.wrapping import say
from study.execution import choice
from study.execution.progress import duration
from study.execution.signals import on_signals
from study.planning import gpu_share, usable_cores
from study.planning import plan as plans
from study.planning.executor import ExecutionSettings, Executor, RunContext, StopRequest
from study.planning.executor import cores as cores_at_once
from study.planning.protocol import Protocol
from study.planning.wanted_metrics import wanted_metrics, with_metrics_on_record
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.storage import freezing, kept_files, lock, repair
from study.storage.checkpoints import saved_epochs
from study.storage.gathering import gather, gathering, sweep_checkpoints
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import new_run_name, write_run
from study.storage.survey import refuse_contradictions
from study.storage.trials import TrialOnRecord
from trainables.config.errors import BadInput, StudyError
from trainables.config.from_numpy import make_plain
from trainables.config.plurals import counted
from trainables.data.dataset import DataSet
from trainables.jobs.job import UNTRAINABLE

if TYPE_CHECKING:
    from study.execution import search_driver


class SomeFailed(StudyError):
    """A run ended, but not every trial did."""

    exit_code = 6


class Interrupted(StudyError):
    """A run was ended from outside."""

    exit_code = 130


class OutOfTime(Interrupted):
    """A run was ended because it had used the time that it was given."""


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
    executor: str | Executor = "auto"
    """`ray`, `inline`, `auto` (see `study.execution.choice`), or an executor of somebody's own."""
    guest: bool = False
    """Whether this process is somebody else's, such as a notebook's, and must outlive a signal."""
    seconds: float = math.inf
    """The most time that a run takes; then what is under way is saved, and `OutOfTime` is raised."""

    def __post_init__(self) -> None:
        make_plain(self)
        if self.cpus is not None and (type(self.cpus) is not int or self.cpus < 1):
            raise BadInput("--cpus", self.cpus, "expected a whole number of trials at once, from 1")
        given_flag("wait", self.wait)
        choice.check_executor(self.executor, self.address)

    def engine(self, stop: StopRequest) -> ExecutionSettings:
        """The same for an executor, with its own defaults for what was not given."""
        plain = ExecutionSettings(self.address, self.cpus, keep_checkpoints=self.keep_checkpoints, stop=stop)
        times: dict[str, Any] = {"checkpoint_seconds": self.checkpoint_seconds, "stall_seconds": self.stall_seconds}
        return dataclasses.replace(plain, **{name: value for name, value in times.items() if value is not None})


def cores_of(where: RunOptions) -> int:
    """How many trials run at once on this machine."""
    return where.cpus or usable_cores.usable_cores()


def run(asked: PlanRequest, where: RunOptions, view: RunView, sources: Mapping[str, StudySource] | None = None) -> None:
    """Train what is missing, gather the records, and say what happened.

    `sources`: the studies; if not given, they are read by the names that are asked for.

    Raises:
        BadInput, DataError, StoreError, EngineError: nothing was trained; says what is wrong.
        Interrupted: what is under way is saved, and the same call goes on.
        SomeFailed: the others are on record.
    """
    from study.execution.ray_session import check_address

    refused = says_nothing_was_trained(lambda: view.began or not view.result)
    with on_signals(guest=where.guest) as stop, _limited(where.seconds, stop), refused:
        try:
            given = dict(sources) if sources is not None else read_named(list(asked.names), asked.results)
            here, store_there = where.address is None, existing_folder(asked.results)
            made, data = plan_studies([*given.values()], asked, {}, here=here, store=store_there, others=view.result)
            check_address(where.address)
            store = ResultsFolder(asked.results, create=True)
            with lock.hold(store.folder, wait=where.wait, lost=stop.because):
                _run_locked(given, made.protocol, store, data, where, stop, view)
        except KeyboardInterrupt:
            raise Interrupted(view.interrupted()) from None


@contextlib.contextmanager
def _limited(seconds: float, stop: StopRequest) -> Iterator[None]:
    """Within, the run is asked to end once so much time has passed."""
    if math.isinf(seconds):
        yield
        return
    timer = threading.Timer(max(seconds, 0.0), stop.because, ("the time that was given is used up", OutOfTime))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _run_locked(
    given: dict[str, StudySource],
    protocol: Protocol,
    store: ResultsFolder,
    data: DataSet,
    where: RunOptions,
    stop: StopRequest,
    view: RunView,
) -> None:
    store.refuse_gone()
    for line in repair.tidy(store):
        say(line)
    refuse_contradictions(store)
    store.refuse_unwritable()
    studies = [r.study for r in given.values()]

    def known() -> dict[str, TrialOnRecord]:
        return with_metrics_on_record(store.trials, store.trials.on_record(), wanted_metrics(studies, protocol.metrics))

    on_record = known()
    made = plans.plan_trials(studies, protocol, data.checksum, on_record, gpu_share.data_size_of(data))
    made = without_untested_here(made, store, data, given.values())
    freezing.check_freezable(store, given.values(), made.studies, data.checksum, data)
    made = view.timed(made)
    needs = needed_by_open_claims(made, data.checksum, on_record, store) if view.result else ()
    there = saved_epochs(store.folder)
    saved = [there[t.id] for t in made.missing if there.get(t.id, 0) > (t.on_record.epochs if t.on_record else 0)]
    view.announce(made, needs, store.folder.where, saved, searches_on_record(store, made, data.checksum, on_record))
    with told_how_it_ends(view, on_record, known):
        _run_announced(given, made, store, data, where, stop, view)


def _run_announced(
    given: Mapping[str, StudySource],
    made: plans.Plan,
    store: ResultsFolder,
    data: DataSet,
    where: RunOptions,
    stop: StopRequest,
    view: RunView,
) -> None:
    """Freeze the studies of a plan that is shown, and train it."""
    studies, spelled = [r.study for r in given.values()], {r.study.name: name for name, r in given.items()}
    say_what_ends(made, store, data.checksum, here=where.address is None)
    name, engine = new_run_name(store.folder), where.engine(stop)
    chosen = choice.choose(made, data, engine, where.executor)
    run = RunContext(store, data, engine, name, made.device)
    searches = _searches(made, studies, run, chosen.executor, where.dashboard, view)
    files = {r.study.name: r.files for r in given.values()}
    for study in made.studies:
        store.studies.freeze(study)
        kept_files.keep_files(store, study, files.get(study.name, {}))
    if not made.missing and not searches:
        if not asked_before(store, made):
            write_run(store.folder, name, run_provenance(made, data, view.command))
        gather(store)
        view.ended(made, data.checksum, store, f"nothing to train: all of it is on record in {store.folder.where}")
        return
    view.executor(chosen.executor.name, chosen.why)
    write_run(store.folder, name, run_provenance(made, data, view.command))
    store.trials.gather()
    with gathering(store, stop.because):
        failed = _run_all(made, studies, run, chosen.executor, searches, spelled, view)
    gather(store)
    sweep_checkpoints(store, keep=where.keep_checkpoints)
    if failed:
        raise SomeFailed("\n".join(map(str, failed)))


def _run_all(
    made: plans.Plan,
    studies: list[Study],
    run: RunContext,
    executor: Executor,
    searches: list[search_driver.SearchSetup],
    spelled: Mapping[str, str],
    view: RunView,
) -> list[SomeFailed]:
    """The plan, then each search; returns what failed of them."""
    failed: list[SomeFailed] = []
    if made.missing:
        with _told_later(failed):
            _run_plan(made, studies, run, executor, view)
    for setting in searches:
        with _told_later(failed):
            _run_search(setting, len(made.protocol.seeds), spelled[setting.study.name], view)
    return failed


@contextlib.contextmanager
def _told_later(failed: list[SomeFailed]) -> Iterator[None]:
    """Within, trials that failed keep what comes after from nothing: they are told at the end."""
    try:
        yield
    except SomeFailed as error:
        failed.append(error)


def _run_plan(
    made: plans.Plan,
    studies: list[Study],
    run: RunContext,
    executor: Executor,
    view: RunView,
) -> None:
    from study.execution.plan_driver import run_plan

    store, data, stop = run.store, run.data, run.settings.stop
    at_once = 1 if executor.name == "inline" else cores_at_once(run.settings)

    def whole() -> plans.Plan:  # an arm's row is over all its seeds, not over those that this run adds
        asked = asked_in_all(store, made)
        return plans.of_all_seeds(made, studies, asked, data.checksum, store.trials.on_record())

    shown = plans.with_those_on_record(made, whole()) if made.protocol.arm_seeds else made
    progress = view.progress(shown, data.checksum, store, stop, at_once)
    with store.first_times.only_of(store.trials.on_record().keys() & {t.id for t in made.missing}):
        outcome = run_plan(made, run, executor, progress)
    if stop.reason and not issubclass(stop.kind, OutOfTime):
        view.failures(outcome.failed)
        raise stop.kind(stop.reason)
    gather(store)
    after = plans.plan_trials(studies, made.protocol, data.checksum, store.trials.on_record(), made.size)
    left = len(after.missing)
    said = counted_trials(len(made.missing) - left, len(made.missing)) + f" in {duration(outcome.seconds)}"
    if not (outcome.interrupted and left):  # else there is no end to tell of
        after = whole() if made.protocol.arm_seeds else after
        view.ended(after, data.checksum, store, f"{said}, recorded in {store.folder.where}")
    view.failures(outcome.failed)
    if stop.reason and left:
        raise stop.kind(stop.reason)
    if outcome.interrupted and left:
        raise Interrupted(view.interrupted())
    if left:
        raise SomeFailed(f"{counted(left, 'trial is', 'trials are')} not on record; {_again(outcome.failed)}")


def _searches(
    made: plans.Plan, studies: list[Study], run: RunContext, executor: Executor, dashboard: str | None, view: RunView
) -> list[search_driver.SearchSetup]:
    """The searches of a plan, each checked; none where seeds are asked of some arms only."""
    found = [s for s in made.studies if s.search is not None and not made.protocol.arm_seeds]
    if not found:
        return []
    from study.execution import search_driver

    at_once = 1 if executor.name == "inline" else cores_at_once(run.settings)
    stop, fresh, quick = run.settings.stop, len(made.protocol.seeds), made.protocol.quick
    of = {s.name: made.protocol.in_full(s).shared_knobs for s in studies if quick}
    settings = [
        search_driver.SearchSetup(
            s, run.store, run.data, run.settings, executor, run.run_name, dashboard, plans.device_of(s), of.get(s.name),
            show_search=partial(view.search_progress, s, fresh, run.store, stop, at_once, run.data.checksum),
            show_plan=partial(view.progress, checksum=run.data.checksum, store=run.store, stop=stop, cores=at_once),
            note=view.note,
        )
        for s in found
    ]  # fmt: skip
    for setting in settings:
        search_driver.check_setup(setting)
    return settings


def _run_search(setting: search_driver.SearchSetup, seeds: int, spelled: str, view: RunView) -> None:
    """`spelled`: the study's name or path as it was given."""
    from study.execution import search_driver

    began = time.monotonic()
    found = search_driver.run_search(setting, seeds)
    view.failures(found.failed)
    if setting.engine.stop.reason:
        raise setting.engine.stop.kind(setting.engine.stop.reason)
    if found.interrupted:
        name = setting.study.name
        raise Interrupted(f"the search {name} was interrupted; the same command goes on from here" + view.go_on())
    view.search_ended(setting.study, duration(time.monotonic() - began), setting.store)
    for line in found.nobody:
        view.say(f"{setting.study.name}: {line}")
    if found.answer:
        data = setting.data.checksum, setting.size
        view.search_answered(setting.study, found.answer, setting.store, data, seeds, spelled)
    if found.failed:
        raise SomeFailed(f"{len(found.failed)} of {setting.study.name} failed; {_again(found.failed)}")


def counted_trials(done: int, asked: int) -> str:
    """How many of how many trials were trained.

    >>> counted_trials(1, 1), counted_trials(9, 10)
    ('1 trial trained', '9 of 10 trials trained')
    """
    if done == asked:
        return f"{counted(done, 'trial')} trained"
    return f"{done} of {counted(asked, 'trial')} trained"


def _again(failed: tuple[tuple[str, str], ...]) -> str:
    """Whether the same command may help."""
    if failed and all(reason.startswith(UNTRAINABLE) for _, reason in failed):
        return "they cannot be trained as they are: change the study or its data"
    return "the same command tries them again"
