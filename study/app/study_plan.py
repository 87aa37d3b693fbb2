"""What a run would train, how long that takes, and what so many seeds would decide: for the command and from Python."""

from __future__ import annotations

import dataclasses
import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.data.protocols import besides_words, reduced_besides
from study.app.needed_studies import NeededStudy, needed_studies, still_needed
from study.app.pace import Pace, in_machine_times, known_pace
from study.app.places import without_place
from study.app.plan_clock import PlanClock
from study.app.plan_power import PlanTimes, StudyPower, power_lines, study_powers
from study.app.plan_studies import PlanRequest, folder_as_a_run_has_it, plan_against, read_named
from study.app.python_words import given_flag, given_names, given_path, given_seeds, says_arguments
from study.app.run_studies import RunOptions, cores_of
from study.app.search_on_record import SearchOnRecord, over, searches_on_record
from study.app.wrapping import filled
from study.planning.plan import Plan
from study.spec.selection import selected_claims
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.spec.values import is_number
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from study.storage.trials import TrialOnRecord
from trainables.config.errors import BadInput
from trainables.config.from_numpy import as_plain
from trainables.config.paths import expanded
from trainables.config.plurals import counted
from trainables.config.trial_config import KNOBS

if TYPE_CHECKING:
    import pandas as pd

    from analysis.claims.verdicts import Verdict


CELL_COLUMNS = 80
"""Columns of a line in a notebook's cell: a narrow one breaks longer ones within a word."""


@dataclass(frozen=True)
class StudyPlan:
    """What a run would do, before anything is trained. On a terminal it is lines, in a notebook a table."""

    plan: Plan
    clock: PlanClock
    results: str
    """The results folder that it is held against."""
    needs: tuple[NeededStudy, ...]
    decides: tuple[StudyPower, ...]
    """What so many seeds would decide, by study that compares arms; none of a reduced run."""
    verdicts: tuple[Verdict, ...] = field(default_factory=tuple)
    """Over the claims of up to three studies, from what is on record; none of a reduced run, or of more studies."""
    without_place: Mapping[str, str] = field(default_factory=dict)
    """By claim (`STUDY/CLAIM`) that would get no verdict, since its family has no place left, why."""
    searched: Mapping[str, SearchOnRecord] = field(default_factory=dict)
    """By study whose search has begun, how far it is."""
    reduced: int = 0
    """Trials on record of reduced runs of these studies; none where the plan is reduced too."""

    @property
    def studies(self) -> tuple[str, ...]:
        """The names of its studies."""
        return tuple(s.name for s in self.plan.studies)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that are asked of every arm."""
        return self.plan.protocol.seeds

    @property
    def trials(self) -> int:
        """Different trials in all; those of searches are not among them."""
        return len(self.plan.trials)

    @property
    def missing(self) -> int:
        """Trials that are to be trained."""
        return len(self.plan.missing)

    @property
    def epochs(self) -> int:
        """How many epochs are to be trained."""
        return self.plan.epochs_to_train

    @property
    def seconds(self) -> tuple[float, float]:
        """Seconds from start to end, at the least and at the most; both are equal where the pace was measured here."""
        return self.clock.total_span(self.plan, over(self.searched))

    @property
    def measured(self) -> bool:
        """Whether the pace is this machine's."""
        return bool(self.clock.measured)

    @property
    def selected(self) -> Mapping[str, str]:
        """Why the number of a claim (`STUDY/CLAIM`) is selected on the validation part, for each claim whose is."""
        return {f"{s.name}/{claim}": why for s in self.plan.studies for claim, why in selected_claims(s).items()}

    @property
    def needed(self) -> Mapping[str, tuple[str, ...]]:
        """Which claims need each study that is not among these and not on record."""
        return {need.study: need.claims for need in self.needs}

    @cached_property
    def arms(self) -> pd.DataFrame:
        """A row an arm.

        Returns:
            study, arm, epochs, seeds (asked for), on_record and missing (trials; one that arms share counts for each).
        """
        import pandas as pd

        have, lack = (
            Counter(name for t in self.plan.trials if t.done == done for name in t.wanted_by) for done in (True, False)
        )
        rows = [
            (
                s.name,
                a.name,
                s.config(a.name).epochs,
                len(self.plan.protocol.seeds_of(s.name, a.name)),
                have[n],
                lack[n],
            )
            for s in self.plan.studies
            for a in s.arms
            for n in [f"{s.name}/{a.name}"]
        ]
        return pd.DataFrame(rows, columns=["study", "arm", "epochs", "seeds", "on_record", "missing"])

    def _lines(self) -> list[str]:
        """All but the arms."""
        words = [self.clock.words(self.plan)] if self.missing else []
        searches = [s for s in self.plan.studies if s.search and s.name not in over(self.searched)]
        words += [f"{s.name} {self.clock.search_words(self.plan, s)}" for s in searches]
        besides = f"; {besides_words(self.reduced)}" if self.reduced else ""
        said = [
            f"{counted(self.trials, 'trial')}, {self.trials - self.missing} on record in {self.results}, "
            f"{self.missing} to train{besides}"
        ]
        said += [f"{'; '.join(words)} from start to end, {self.clock.place}"] if words else []
        said += [f"{claim} is selected on val: {why}" for claim, why in self.selected.items()]
        said += [f"{claim} gets no verdict: {why}" for claim, why in self.without_place.items()]
        said += [f"{', '.join(claims)} needs {study} too" for study, claims in self.needed.items()]
        return said + power_lines(self.decides)

    def __str__(self) -> str:
        return "\n".join([self.arms.to_string(index=False), *self._lines()] if len(self.arms) else self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from study.app.shown_table import ShownTable

        arms = ShownTable("Arms", self.arms, lambda _: (), _values)._repr_html_() if len(self.arms) else ""
        return f"{arms}<pre>{html.escape(filled(chr(10).join(self._lines()), CELL_COLUMNS))}</pre>"


def _values(*values: object) -> tuple[object, ...]:
    return values


def study_plan(
    asked: PlanRequest,
    options: RunOptions,
    sources: Mapping[str, StudySource] | None = None,
    difference: float | None = None,
) -> StudyPlan:
    """The plan of some studies against their results folder; nothing is trained, and nothing written.

    Args:
        asked: which studies, under which protocol.
        options: where they would be trained.
        sources: the studies; if not given, they are read by the names that are asked for.
        difference: of accuracy that seeds are to decide, as a share.

    Raises:
        BadInput: a name, a value or a study is wrong.
        DataError: the data are not there, or damaged.
    """
    if difference is not None and not (is_number(difference) and 0 < difference <= 1):
        raise BadInput("--difference", difference, "expected a share of accuracy above 0 and up to 1: 0.01 is a point")
    if difference is not None and asked.quick:
        raise BadInput("--difference", difference, "it does not go with --quick: a reduced run decides nothing")
    here = options.address is None
    given = sources if sources is not None else read_named(list(asked.names), asked.results)
    store = folder_as_a_run_has_it(asked.results)
    made, checksum, on_record = plan_against(store, asked, given, here=here)
    pace = known_pace(asked.results, made) if here else None
    made = in_machine_times(made, pace)
    cores = cores_of(options)
    clock = PlanClock.of(made, cores, pace, options.executor) if here else PlanClock(cores)
    verdicts = _verdicts(made, store)
    needs = tuple(
        dataclasses.replace(n, plan=in_machine_times(n.plan, pace))
        for n in still_needed(needed_studies(made, checksum, on_record, store), verdicts, made.studies)
    )
    decides = () if made.protocol.quick else _decides(made, checksum, on_record, store, pace, clock, difference)
    if difference is not None and not decides:
        raise BadInput("--difference", difference, "no study here compares arms, so seeds decide no difference")
    lacking = {} if made.protocol.quick else without_place(made.studies, store)
    searched = searches_on_record(store, made, checksum, on_record)
    runs = read_runs(store.folder) if store else []
    reduced = len(reduced_besides(store, made.studies, runs, on_record.keys(), [checksum])) if store else 0
    return StudyPlan(made, clock, asked.results, needs, decides, verdicts, lacking, searched, reduced)


MAX_JUDGED = 3
"""Studies of which a plan says what their claims stand at: of more it would take as long as judging them."""


def _verdicts(made: Plan, store: ResultsFolder | None) -> tuple[Verdict, ...]:
    """What the claims of a plan stand at; nothing where nothing is on record."""
    from study.app.run_end import folder_verdicts

    nothing = store is None or not any(t.on_record for t in made.trials)
    if store is None or nothing or made.protocol.quick or len(made.studies) > MAX_JUDGED:
        return ()
    return folder_verdicts(store, made.studies)


def _decides(
    made: Plan,
    checksum: str,
    on_record: dict[str, TrialOnRecord],
    store: ResultsFolder | None,
    pace: Pace | None,
    clock: PlanClock,
    difference: float | None,
) -> tuple[StudyPower, ...]:
    timed = PlanTimes(lambda plan: in_machine_times(plan, pace), clock.seconds, clock.ends)
    return tuple(study_powers(made, checksum, on_record, store, timed, difference))


@says_arguments
def plan(
    what: str | Path | Study,
    seeds: int | str | Iterable[int] = 5,
    *,
    quick: bool = False,
    results: str | Path | None = None,
    device: str | None = None,
    precision: str | None = None,
    metrics: str | Sequence[str] = (),
    cpus: int | None = None,
    data_dir: str | Path | None = None,
    executor: str = "auto",
    difference: float | None = None,
    wait: bool = False,  # of run, as progress is: a plan takes no folder and has none to show
    progress: bool = True,
) -> StudyPlan:
    """What `study.run` would train with the same arguments, and what that costs. Trains nothing and writes nothing.

    Args:
        what: a study's name (`chapter` for all of the chapter), a path to its file, or a `study.Study`.
        seeds: how many seeds of every arm, or the seeds themselves.
        quick: fewer images and epochs.
        results: the results folder; if not given, `results/NAME`.
        device: cpu or cuda; if not given, what the study says.
        precision: fp32 or bf16; if not given, what the study says.
        metrics: what a record must have, besides what claims speak of.
        cpus: trials at once; all cores if not given.
        data_dir: the folder with the data set's files.
        executor: inline, ray, or auto.
        difference: of accuracy that seeds are to decide, as a share: 0.01 is a point.
        wait: as `study.run` has it; changes nothing here.
        progress: as `study.run` has it; changes nothing here.

    Raises:
        BadInput: a name, a value or the study file is wrong.
        DataError: the data are not there, or damaged.
    """
    asked, sources = request_of(what, seeds, quick, results, device, precision, metrics, data_dir)
    return study_plan(asked, RunOptions(cpus=cpus, executor=executor), sources, as_plain(difference))


def request_of(
    what: str | Path | Study,
    seeds: int | str | Iterable[int],
    quick: bool,
    results: str | Path | None,
    device: str | None,
    precision: str | None,
    metrics: str | Sequence[str],
    data_dir: str | Path | None,
) -> tuple[PlanRequest, dict[str, StudySource]]:
    """What is asked of which studies, in the words of Python, and these studies as they were read."""
    from study.app.folders import default_folder
    from study.spec import registry

    quick = given_flag("quick", quick)
    for name, given in (("device", device), ("precision", precision)):
        if given is not None and not isinstance(given, str):
            raise BadInput(name, given, KNOBS[name].metadata["check"][1])
    named = given_path("results", results) if results is not None else None
    asked, wanted = given_seeds(seeds), given_names("metrics", metrics)
    if isinstance(what, Study):
        names, sources = (what.name,), {what.name: registry.checked_source(what)}
    elif not isinstance(what, str | Path):
        raise BadInput("what", what, "expected a Study, or a name or file of one; several are run one after the other")
    else:
        names = (expanded("what", str(what)),)
        sources = read_named(list(names), named)
    where = named if named is not None else default_folder(names, sources)
    folder = Path(given_path("data_dir", data_dir)) if data_dir is not None else None
    return PlanRequest(tuple(sources), asked, quick, where, device, precision, folder, wanted), sources
