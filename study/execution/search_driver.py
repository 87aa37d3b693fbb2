"""A study's search from beginning to answer: check, log, run each part, then retrain the best with fresh seeds.

What is kept of it is `study.storage.search_log`, who is retrained is `study.search.finalists`. The answer is an
ordinary study of two arms or more, so that everything that is true of a study is true of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType

from study.execution import final_evaluation
from study.execution.plan_driver import run_plan, run_queue
from study.execution.progress import Progress, SearchProgress
from study.execution.recorded_curves import RecordedCurves, trial_ids
from study.execution.segment_queue import SearchListener, SegmentQueue
from study.execution.warm_start import check_warm, told_points
from study.planning import gpu_share, plan
from study.planning.cost import point_costs
from study.planning.executor import ExecutionSettings, Executor, RunContext, cores
from study.planning.protocol import Protocol
from study.planning.wanted_metrics import without_untested
from study.search import finalists
from study.search.controller import SearchController, drain
from study.search.optuna_dashboard import DashboardCopy, open_storage
from study.search.optuna_samplers import make_sampler
from study.spec import domains
from study.spec.gathered_faults import told_together
from study.spec.point import SharedKnobs
from study.spec.search import SEARCHERS_OF_WHOLE_TRIALS, Search
from study.spec.study import Study
from study.storage.freezing import check_answer
from study.storage.reported_values import refuse_contradicted
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import FIRST_FRESH_SEED, RacedProposal, first_fresh_seed, seeds_of_arms
from study.storage.search_events import Proposal
from study.storage.search_log import SearchLog, answer_name, write_answer
from study.storage.seen_seeds import SeenSeeds
from trainables.config.errors import BadInput, EngineError
from trainables.config.plurals import counted
from trainables.data.dataset import DataSet
from trainables.data.split import checksum_of_test
from trainables.records.mean_curves import mean_curves
from trainables.records.metrics import METRICS
from trainables.training.gpu_memory import DataSize

NO_ARM: Mapping[str, tuple[int, ...]] = MappingProxyType({})
"""No arm has seeds of its own."""
STATES_WITH_RECORDS = ("paused", "whole", "diverged")
"""States in which a proposal has records."""


@dataclass(frozen=True)
class SearchSetup:
    """All that the parts of one search share."""

    study: Study
    store: ResultsFolder
    data: DataSet
    engine: ExecutionSettings
    executor: Executor
    run_name: str
    """Of the run; every record says it."""
    dashboard: str | None = None
    device: str = "cpu"
    in_full: SharedKnobs | None = None
    """What all points share in full; None where the search is."""
    show_search: Callable[[SearchController, str], SearchProgress] = lambda b, _: SearchProgress(
        b.search.tries(b.shared, b.size), 1.0, controller=b
    )
    """What is shown of a part, by its name, and told of its proposals."""
    show_plan: Callable[[plan.Plan], Progress] = lambda p: Progress(len(p.missing), p.seconds_to_train)
    """What is shown of the answer."""
    note: Callable[[str], None] = lambda _: None
    """What is said beside these."""

    @property
    def run(self) -> RunContext:
        """What its jobs share."""
        return RunContext(self.store, self.data, self.engine, self.run_name, self.device)

    @property
    def size(self) -> DataSize:
        """The size of the data."""
        return gpu_share.data_size_of(self.data)

    @property
    def has_test(self) -> bool:
        """Whether there is a part of the data that the search does not select on."""
        return final_evaluation.has_test_part(self.study, self.data)


@dataclass(frozen=True)
class SearchOutcome:
    """What a search came to."""

    interrupted: bool
    failed: tuple[tuple[str, str], ...] = ()
    answer: Study | None = None
    nobody: tuple[str, ...] = ()
    """Of each part in which every proposal diverged: that it is over, and what to do."""


def check_setup(setting: SearchSetup) -> None:
    """Find all bad input of a search, before anything is started.

    Raises:
        BadInput: the search cannot be run on this data or in this storage.
        EngineError: it asks for more at once than there is.
    """
    search = setting.study.search
    assert search is not None
    with told_together() as faults:
        with faults.put_aside():
            check_search(setting.study, setting.size)
        with faults.put_aside():
            check_warm(setting.study, setting.data.checksum)
        if setting.engine.address is None and search.parallel and search.parallel > cores(setting.engine):
            why = (
                f"search.parallel is {search.parallel} configurations at once, and they have "
                f"{counted(cores(setting.engine), 'core')}: lower it, or raise --cpus"
            )
            faults.found.append(EngineError(why))
        if setting.dashboard:
            open_storage(setting.dashboard)


def check_search(study: Study, size: DataSize) -> None:
    """What can be known of a search without its results folder.

    Raises:
        BadInput: it cannot be run on data of that size.
    """
    search = study.search
    assert search is not None
    for part in search.parts().values():
        part.check(study.shared_knobs, size)
        if part.seeds + part.racing > (fresh := FIRST_FRESH_SEED):
            why = (
                f"seeds and racing come to seed {part.seeds + part.racing - 1}, and the answer's fresh seeds begin at "
            )
            raise BadInput("racing", part.racing, f"{why}{fresh}: give at most {fresh - part.seeds}")
        if part.searcher in SEARCHERS_OF_WHOLE_TRIALS and part.scheduler.name != "none":
            raise BadInput(
                "scheduler", part.scheduler.name, f"{part.searcher} learns from whole trials only; use none, or tpe"
            )
    if search.searcher == "cmaes":
        numbers = [n for n, d in search.space.items() if not isinstance(d, domains.Choice) or d.ordered]
        if len(numbers) < 2:
            raise BadInput("searcher", "cmaes", "it needs at least two knobs that are numbers")


def run_search(setting: SearchSetup, answer_seeds: int) -> SearchOutcome:
    """Search, part by part, then retrain the best; what is on record is not trained again."""
    with contextlib.ExitStack() as stack:
        return _run(setting, answer_seeds, stack)


def _run(setting: SearchSetup, answer_seeds: int, stack: contextlib.ExitStack) -> SearchOutcome:
    search = setting.study.search
    assert search is not None
    chosen: list[tuple[str, Proposal]] = []
    failed: list[tuple[str, str]] = []
    raced: list[RacedProposal] = []
    nobody: list[str] = []
    controllers: dict[str, SearchController] = {}
    for label, part in search.parts().items():
        controller, whole = _part(setting, label, part, stack)
        controllers[label] = controller
        lost = {p.number: p.message for p in controller.proposals if p.state == "failed"} | controller.unregained
        failed += [(f"{setting.study.name} configuration {n}", reason) for n, reason in sorted(lost.items())]
        if not whole:
            return SearchOutcome(True, tuple(failed))
        nobody += [said] if (said := finalists.why_no_finalist(part, label, controller.proposals)) else []
        ranked = finalists.rank_proposals(setting.study, part, controller.proposals)
        if part.racing:
            race = _race(setting, part, ranked)
            failed += race.failed
            if race.interrupted:
                return SearchOutcome(True, tuple(failed))
            ranked, raced = race.ranked, raced + [RacedProposal(label, n, s) for n, s in race.seeds.items()]
        chosen += [(label, p) for p in finalists.choose_finalists(part, ranked, alone=bool(search.within))]
    if not chosen:
        return SearchOutcome(False, tuple(failed), nobody=tuple(nobody))
    kept = setting.store.studies.versions(f"{setting.study.name}.answer")
    known = cache(partial(SeenSeeds, setting.store, setting.data.checksum))  # reads all records, where a claim is new
    answer = finalists.answer_study(
        setting.study,
        chosen,
        tested=setting.has_test,
        kept=kept,
        seen=lambda configs: known().largest(configs),
        whole=setting.in_full,
    )
    first = first_fresh_seed(answer)
    seeds = tuple(range(first, first + answer_seeds))
    check_answer(setting.store, answer)
    setting.store.studies.freeze(answer)
    listed = finalists.search_answer(answer, chosen, seeds)
    listed = listed.after(raced, final_evaluation.example_counts(setting.study, setting.data))
    name = answer_name(setting.study.name, reduced=bool(setting.study.reduced))
    write_answer(setting.store, name, listed)
    if setting.has_test:
        final_evaluation.log_test_evaluation(controllers, chosen, seeds, checksum_of_test(setting.data))
    of = seeds_of_arms(answer, seeds)
    more, interrupted = _train(setting, answer, seeds, test=setting.has_test, arm_seeds=of)
    return SearchOutcome(interrupted, (*failed, *more), answer, tuple(nobody))


# ----------------------------------------------------------------------------------------------------------- one part


def _part(setting: SearchSetup, label: str, part: Search, stack: contextlib.ExitStack) -> tuple[SearchController, bool]:
    """One part, run to its end or to an interruption; whether it has ended."""
    log = SearchLog(setting.store, setting.study.name, label, part, setting.study.shared_knobs, setting.data.checksum)
    refuse_contradicted(setting.store, log.folder)
    mirror = DashboardCopy(setting.dashboard, log.name, part) if setting.dashboard else None
    follow = mirror.follow if mirror else _nobody
    seeds, shared = tuple(range(part.seeds)), setting.study.shared_knobs
    warm = told_points(setting.study, part, setting.data.checksum, log)
    sampler = make_sampler(part, warm, log.asked_first)
    controller = SearchController(part, shared, setting.size, sampler, log.add, log.past, log.hyperband_keeps)
    follow(controller)
    known = RecordedCurves(setting.store, setting.data.checksum, seeds)
    controller.train_again(
        p.number
        for p in controller.proposals
        if p.state in STATES_WITH_RECORDS and not known.there(shared.config(p.point), p.until)
    )
    done = drain(controller, known)
    if not done:
        stack.enter_context(setting.executor.session(setting.run))  # once for all parts and the answer
        progress = setting.show_search(controller, label)

        def sent(p: Proposal) -> None:
            progress.sent(p)
            follow(controller)

        def ended(p: Proposal) -> None:
            known.ended(shared.config(p.point))
            progress.ended(p)
            follow(controller)

        work = SegmentQueue(
            controller,
            seeds,
            known,
            part.parallel or cores(setting.engine),
            max(point_costs(setting.study, setting.size), default=shared.epochs) / shared.epochs,
            SearchListener(progress.epoch, sent, ended, progress.imported),
        )
        run_queue(work, setting.run, setting.executor, progress)
        setting.store.trials.gather()
        done = work.over
    follow(controller, done)
    if done and not setting.engine.keep_checkpoints:
        _drop_checkpoints(setting, controller, seeds)
    return controller, done


def _drop_checkpoints(setting: SearchSetup, controller: SearchController, seeds: Sequence[int]) -> None:
    """Forget those of proposals that go on no more."""
    for p in (p for p in controller.proposals if p.state in ("paused", "diverged")):
        for trial in trial_ids(controller.shared.config(p.point), seeds, setting.data.checksum):
            setting.store.drop_checkpoints(trial)


def _nobody(controller: SearchController, over: bool = False) -> None:
    """There is no dashboard."""


# --------------------------------------------------------------------------------------------------------- the answer


def _train(
    setting: SearchSetup,
    study: Study,
    seeds: tuple[int, ...],
    why: str = "under fresh seeds",
    *,
    test: bool = False,
    arm_seeds: Mapping[str, tuple[int, ...]] = NO_ARM,
) -> tuple[list[tuple[str, str]], bool]:
    """Run an ordinary study; what failed, and whether it was interrupted. `test`: all arms go to the test part too."""
    precision = str(study.base.get("precision", "fp32"))
    every = tuple(sorted({*seeds, *itertools.chain(*arm_seeds.values())}))
    protocol = Protocol(every, device=setting.device, precision=precision, arm_seeds=arm_seeds)
    on_record, tested = setting.store.trials.on_record(), [a.name for a in study.arms] if test else []
    made = plan.plan_trials([study], protocol, setting.data.checksum, on_record, setting.size, lambda _: tested)
    made = without_untested(made, setting.store.trials, checksum_of_test(setting.data))
    if not made.missing:
        return [], False
    setting.note(f"{study.name}: {counted(len(made.missing), 'trial')} to train, {why}")
    progress = setting.show_plan(made)
    outcome = run_plan(made, dataclasses.replace(setting.run, device=made.device), setting.executor, progress)
    setting.store.trials.gather()
    return list(outcome.failed), outcome.interrupted


@dataclass
class _Race:
    """What came of racing: all that are ranked, in their new order."""

    ranked: list[Proposal]
    seeds: dict[int, int] = field(default_factory=dict)
    """By proposal that got more, how many it has now."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    interrupted: bool = False


def _race(setting: SearchSetup, part: Search, ranked: Sequence[Proposal]) -> _Race:
    """More seeds for those too close to the best to call, one seed at a time, until one is ahead or all are used."""
    race, racers = _Race(list(ranked)), list(ranked[: max(4, part.seeds)])
    for seeds in range(part.seeds, part.seeds + part.racing + 1):
        values = {p.number: _values(setting, part, p, range(seeds)) for p in racers}
        whole = [p for p in racers if len(values[p.number]) == seeds]  # one whose trial failed is out
        race.seeds |= {p.number: seeds for p in whole if seeds > part.seeds}
        racers = sorted(whole or racers[:1], key=lambda p: finalists.race_rank(values[p.number]))
        best = values[racers[0].number]
        racers = [p for p in racers if p is racers[0] or finalists.too_close(best, values[p.number])]
        if len(racers) < 2 or seeds == part.seeds + part.racing:
            break
        study = finalists.race_study(setting.study, racers)
        failed, race.interrupted = _train(setting, study, (seeds,), "one seed more each, too close to call")
        race.failed += failed
        if race.interrupted:
            break
    race.ranked = racers + [p for p in ranked if p not in racers]
    return race


def _values(setting: SearchSetup, part: Search, p: Proposal, seeds: Sequence[int]) -> list[float]:
    """What a race compares: a value a seed, higher is better; a seed that diverged is worst, whatever it reported."""
    name, epochs = part.objectives[0], setting.study.epochs
    sign = 1.0 if METRICS[name].direction == "higher" else -1.0
    ids = trial_ids(setting.study.shared_knobs.config(p.point), seeds, setting.data.checksum)
    records = {r.id: r for r in setting.store.trials.records(ids)}
    values = []
    for record in (records[i] for i in ids if i in records):
        curve = mean_curves([record.epochs], epochs)[name]
        lost = record.status == "diverged" and record.epochs_done <= epochs
        if curve:
            values.append(finalists.DIVERGED if lost or not math.isfinite(curve[-1]) else sign * curve[-1])
    return values
