"""What a run shows, and where: the plan, the live view, the end; on a terminal, in a log, as JSON, or not at all."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.report.progress import doing
from analysis.text.arm_names import called
from analysis.text.numbers import knob_text
from study.app.live_progress import SEARCH_IS_OVER, LiveProgress
from study.app.live_search import LiveSearch
from study.app.live_view import run_title
from study.app.needed_studies import NeededStudy, needed_studies
from study.app.next_training import after_reduced
from study.app.other_studies import also_lines
from study.app.pace import Pace, in_machine_times
from study.app.plan_clock import PlanClock
from study.app.plan_studies import can_be_named
from study.app.run_end import (
    RunEnding,
    board_of,
    ending_lines,
    failure_lines,
    needed_elsewhere,
    next_commands,
    verdicts_and_answers,
)
from study.app.run_events import RunTotals, end_event, end_events
from study.app.screen import letters_of
from study.app.search_on_record import NOTHING, SearchOnRecord, over, planned_searches
from study.app.search_time_left import AfterPart
from study.app.splits_text import over_splits
from study.app.start_phase import IMPORTS_HERE, LATER_PART, STARTS_RAY
from study.app.wrapping import columns_of, say, wrapped
from study.execution.progress import Progress, SearchProgress
from study.execution.signals import RESUME_HINT
from study.planning.executor import StopRequest
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.planning.usable_cores import usable_cores
from study.search.controller import SearchController
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import ANSWER, first_fresh_seed
from trainables.config.plurals import counted
from trainables.training.gpu_memory import DataSize

Text = Callable[[Plan, Pace | None, Sequence[int], Mapping[str, SearchOnRecord]], str]


@dataclass
class RunView:
    """What is shown of a run.

    `heading`: a plan in a few lines, with the epochs behind each trial that goes on and how far its searches are.
    `pace`: what is known of this machine's. `command`: goes on from here. `names`: the studies as they were given.
    """

    heading: Text = lambda plan, pace, saved, searched: ""
    pace: Callable[[Plan], Pace | None] = lambda plan: None
    command: str = ""
    names: tuple[str, ...] = ()
    quiet: bool = False
    as_json: bool = False
    result: bool = True
    """Whether to print what came out at the end."""
    reports: bool = False
    """Whether whoever runs it writes the report next, so that nobody needs to be told to."""
    opened: Callable[[str], None] = lambda where: None
    """Told the results folder, once it is sure that this run writes there."""
    _phase: str = "starting"
    _judging: str = ""
    """The results folder whose claims are judged, from when all is trained on."""
    _searched: bool = False
    """Whether a part of a search was shown: what comes after it starts no Ray."""
    _over: Collection[str] = ()
    """Searches of which nothing was left to be trained."""
    _shown: LiveProgress | LiveSearch | None = None
    _known: Pace | None = None
    failed: int = 0
    """Trials, or configurations of a search, that have no result."""
    _said: str = ""
    _next: str = ""
    """Of the last part of the run that ended."""
    _cores: int = 0
    _since: float | None = None
    """When its first part began, by the monotonic clock."""

    def timed(self, plan: Plan) -> Plan:
        """The same plan in times of this machine, where they are known."""
        self._known = self.pace(plan) if plan.missing or any(s.search for s in plan.studies) else None
        return in_machine_times(plan, self._known)

    def announce(
        self,
        plan: Plan,
        needs: Sequence[NeededStudy] = (),
        results: str = "",
        saved: Sequence[int] = (),
        searched: Mapping[str, SearchOnRecord] = NOTHING,
    ) -> None:
        """Show the plan, before anything is trained, and what its claims need of studies that are not in it.

        Args:
            plan: what is to be trained.
            needs: such studies.
            results: the results folder; nothing speaks against writing there any more.
            saved: epochs behind each trial that goes on.
            searched: how far its searches are.
        """
        self.opened(results)
        self._over = over(searched)
        if self.as_json:
            self._event("plan", studies=[s.name for s in plan.studies], trials=len(plan.trials),
                        to_train=len(plan.missing), epochs=plan.epochs_to_train,
                        seeds=list(plan.protocol.seeds), reduced=plan.protocol.quick,
                        searches=[asdict(s) for s in planned_searches(plan, searched)])  # fmt: skip
        elif not self.quiet and self.result:
            said = [self.heading(plan, self._known, saved, searched)]
            for need in needs:
                said += also_lines([self._timed(need)], self._typed, self.names, results, self._clock(need.plan))
            _print(wrapped("\n".join(said), sys.stdout) + "\n")

    @property
    def _typed(self) -> list[str]:
        """The words of the command, after `study`; none where there was none."""
        return shlex.split(self.command)[1:]

    def _timed(self, need: NeededStudy) -> NeededStudy:
        """The same in times of this machine."""
        return replace(need, plan=in_machine_times(need.plan, self.pace(need.plan)))

    def _clock(self, plan: Plan) -> PlanClock:
        """The clock of this machine for a plan."""
        return PlanClock.of(plan, self._cores or usable_cores(), self.pace(plan))

    def executor(self, name: str, why: str) -> None:
        """Where the trials run, and why; on standard error, as what goes on is."""
        self._phase = STARTS_RAY if name == "ray" else IMPORTS_HERE
        self.note(why)

    def note(self, text: str) -> None:
        """A line beside the progress, on standard error."""
        if not (self.quiet or self.as_json):
            say(text)

    def progress(self, plan: Plan, checksum: str, store: ResultsFolder, stop: StopRequest, cores: int) -> Progress:
        """What is told how the trials do."""
        self._cores, since = cores, self._begin()
        answers = any(s.name.endswith(ANSWER) for s in plan.studies)
        shown = LiveProgress(
            board_of(plan, checksum, store, cores, self._known),
            stop,
            store.folder,
            run_title(", ".join(s.name for s in plan.studies), reduced=any(s.reduced for s in plan.studies)),
            self.command,
            quiet=self.quiet or self.as_json,
            phase=(SEARCH_IS_OVER if answers else LATER_PART) if self._searched else self._phase,
            since=since,
        )
        self._shown = shown
        return shown

    def _begin(self) -> float | None:
        """When the first part of the run began, by the monotonic clock; None where this is the first."""
        before, self._since = self._since, self._since or time.monotonic()
        return before

    @property
    def began(self) -> bool:
        """Whether a trial has begun."""
        return self._shown is not None and not self._shown.start_phase.nothing_trained

    def search_progress(
        self,
        study: Study,
        fresh_seeds: int,
        store: ResultsFolder,
        stop: StopRequest,
        cores: int,
        checksum: str,
        controller: SearchController,
        part: str,
    ) -> SearchProgress:
        """What is told how the proposals of a part of a search do; `fresh_seeds`: of its answer."""
        search = study.search
        made = LiveSearch(
            controller,
            stop,
            store.folder,
            run_title(f"{study.name}, {part}" if part else study.name, reduced=bool(study.reduced)),
            self.command,
            quiet=self.quiet or self.as_json,
            phase=self._phase,
            later=self._searched,
            cores=cores,
            checksum=checksum,
            after=AfterPart.of(search, controller.search, study.epochs, fresh_seeds) if search else None,
            since=self._begin(),
        )
        self._searched = True
        self._shown = made
        return made

    def ended(
        self, plan: Plan, checksum: str, store: ResultsFolder, said: str, also: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show the end, after all is trained that could be.

        Args:
            plan: made anew, against what is on record now.
            checksum: of the data.
            store: the results folder.
            said: what the run did, in a line.
            also: more commands, each with what it does.
        """
        if not self.result or (self.quiet and not self.as_json):
            return
        self._judging = store.folder.where
        with contextlib.nullcontext() if self.as_json else doing("judging the results"):
            ending = self._ending(plan, checksum, store, also)
        if self.as_json:
            self._said, self._next = said, ending.next[0][0]
            if events := end_events(ending):
                _print("\n".join(events))
            return
        width = columns_of(sys.stdout)
        _print("\n".join([said, "", *ending_lines(ending, width, letters_of(sys.stdout))]))

    def _ending(self, plan: Plan, checksum: str, store: ResultsFolder, also: Sequence[tuple[str, str]]) -> RunEnding:
        """What the run came to; arguments as of `ended`."""
        where = store.folder.where
        verdicts, answers = verdicts_and_answers(store, plan.studies)
        elsewhere = needed_elsewhere(plan.studies, verdicts)
        prices = dict.fromkeys((name for name in elsewhere if can_be_named(name, where)), "")
        prices |= self._prices(plan, checksum, store) if prices else {}
        typed, studies = after_reduced(where, self._typed, plan.studies)
        asked = (typed, self.names, where, plan.protocol.seeds)
        if list(studies) != list(plan.studies) and any(s.claims for s in studies):
            also = (
                (shlex.join(["study", "claims", where]), "what the full run came to, on record in this folder"),
                *also,
            )
        follows = (*next_commands(asked, studies, verdicts, prices)[: 1 if also else None], *also)
        board = board_of(plan, checksum, store, 1)
        splits = over_splits(store, plan.studies)
        return RunEnding(board, verdicts, follows[1:] if self.reports else follows, splits, answers)

    @property
    def tells_counts(self) -> bool:
        """Whether a program hears what the run did."""
        return self.as_json and self.result

    def over(self, counts: RunTotals) -> None:
        """Say what the run did, and how it ends, as its last event; `study run` goes on where it did not end well."""
        _print(end_event(counts, self._said, self.command if counts.exit else self._next))

    def failures(self, failed: Sequence[tuple[str, str]]) -> None:
        """Say what failed, a line a reason."""
        self.failed += len(failed)
        for line in failure_lines(failed):
            say(line)

    def search_ended(self, study: Study, took: str, store: ResultsFolder) -> None:
        """Say that a search is over."""
        on_record = f"nothing to train: all of it is on record in {store.folder.where}"
        self.say(f"{study.name}: {on_record if study.name in self._over else f'searched in {took}'}")

    def search_answered(
        self, study: Study, answer: Study, store: ResultsFolder, data: tuple[str, DataSize], seeds: int, spelled: str
    ) -> None:
        """Show what a search came to: its best, and how good they are.

        Args:
            study: the search.
            answer: the study that retrained its best.
            store: the results folder.
            data: their checksum and size.
            seeds: how many fresh ones.
            spelled: the search's name or path as it was given.
        """
        if not self.result or (self.quiet and not self.as_json):
            return
        from analysis.searches.answer_sentences import plain_answer
        from analysis.searches.lost_seeds import read_lost_lines
        from analysis.searches.retrained import read_answer

        assert study.search is not None
        for arm in answer.arms:
            self.say(f"  {arm.name}: " + ", ".join(f"{knob} {knob_text(v)}" for knob, v in arm.change.values))
        first = first_fresh_seed(answer)
        fresh = Protocol(tuple(range(first, first + seeds)))
        plan = plan_trials([answer], fresh, data[0], store.trials.on_record(), data[1])
        said = f"under {counted(seeds, 'fresh seed')}, recorded in {store.folder.where}"
        if not answer.claims and answer.reduced:  # else what came out in a sentence a study says it
            names = {arm.name: called(arm.say, arm.name) for arm in answer.arms}
            retrained, lost = read_answer(store, study.name), read_lost_lines(store, study.name)
            found = [plain_answer(retrained, names, study.search.objectives[0])] if retrained else []
            said = " ".join([*found, *lost]) or said
        show = shlex.join(["study", "show", spelled, "--results", store.folder.where])
        self.ended(plan, data[0], store, said, [(show, "how the search went, and its numbers")])

    def _prices(self, plan: Plan, checksum: str, store: ResultsFolder) -> dict[str, str]:
        """By study that claims need and that is not on record, what training it takes."""
        found = {}
        for need in map(self._timed, needed_studies(plan, checksum, store.trials.on_record(), store)):
            words = self._clock(need.plan).words(need.plan)
            found[need.study] = f"{counted(len(need.plan.missing), 'trial')}, {words}"
        return found

    def go_on(self) -> str:
        """The command that goes on, for the end of an error; empty where none is known."""
        return f"\nnext  {self.command}" if self.command else ""

    def interrupted(self) -> str:
        """What a run that a signal ended says last, with the command that goes on."""
        if self._judging:
            judge = shlex.join(["study", "claims", self._judging])
            return f"interrupted while claims were judged; all trials are on record\nnext  {judge}"
        return RESUME_HINT + self.go_on()

    def say(self, text: str) -> None:
        """A line of the result."""
        if self.as_json:
            self._event("said", text=text)
        elif not self.quiet and self.result:
            _print(wrapped(text, sys.stdout))

    @staticmethod
    def _event(event: str, **values: Any) -> None:
        _print(json.dumps({"event": event, **values}))


def _print(text: str) -> None:
    """A line of standard output; where nobody reads any more, as behind `head`, the run goes on and ends as it ends."""
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)
