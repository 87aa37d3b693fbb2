"""Names, seeds and data to a plan; all bad input is found on the way, before anything is started."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from study.app import check_fit as fits
from study.app import data_parts
from study.app.also_held import also_held
from study.app.named_data import load_named
from study.app.other_arms import check_other_arms
from study.app.wrapping import say
from study.cluster.preflight import Submission
from study.planning import gpu_share as gpu
from study.planning import plan as plans
from study.planning.input_scale import scale_note
from study.planning.protocol import Protocol
from study.planning.schedule_note import schedule_note
from study.planning.seeds import check_arms, read_arm_seeds, read_seeds
from study.planning.wanted_metrics import check_metrics, wanted_metrics, with_metrics_on_record
from study.spec import registry
from study.spec.claims import arms_named
from study.spec.gathered_faults import GatheredFaults, told_together
from study.spec.located import located
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.storage import freezing
from study.storage.code_versions import notes_on_code
from study.storage.results_folder import ResultsFolder
from study.storage.survey import refuse_contradictions, survey
from study.storage.tidied_view import tidied_view
from study.storage.trials import TrialOnRecord
from trainables.config.errors import BadInput, StudyError
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.data.facts import facts_of
from trainables.records.metrics import METRICS


@dataclass(frozen=True)
class PlanRequest:
    """Which studies, under which protocol, into which results folder.

    To ask seeds of some arms only, say which, and name the studies that these belong to:
    `PlanRequest(("dropout",), results=..., arm_seeds={"dropout/none": (5, 6)})`. `plan_request` plans and
    `run_studies.run` trains these pairs of arm and seed and no others, and the run's record says so; what an arm was
    asked in all is `AskedSeeds.of(read_runs(...)).arm("dropout", "none")`.
    """

    names: tuple[str, ...]
    seeds: int | str | tuple[int, ...] = 5
    """How many, from 0; or the seeds themselves, as `read_seeds` reads them."""
    quick: bool = False
    results: str = "results/study"
    """The results folder; command and Python give the one of `folders.default_folder` where none is named."""
    device: str | None = None
    """If not given, what each study says."""
    precision: str | None = None
    data_dir: Path | None = None
    metrics: tuple[str, ...] = ()
    """Asked for by name; a trial whose record lacks one is trained again."""
    arm_seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By `STUDY/ARM`, in place of `seeds`: what is asked of these arms, and of no others."""

    @property
    def protocol(self) -> Protocol:
        """What is asked of which arms, and how they are run.

        Raises:
            BadInput: a number of seeds or a seed is none.
        """
        arms = read_arm_seeds(self.arm_seeds)
        seeds = tuple(sorted({s for of in arms.values() for s in of})) if arms else read_seeds(self.seeds)
        return Protocol(seeds, self.quick, self.device, self.precision, metrics=self.metrics, arm_seeds=arms)


def read_named(names: list[str], folder: str | None = None) -> dict[str, StudySource]:
    """The studies as they were read, each once, by the names that they were given; `chapter` written out.

    Of files the mistakes of all are said at once.

    `folder`: a results folder that may hold a study of that name where no catalogue and no file has it; if not given,
    `results/NAME`. It is the newest version there that no reduced run wrote.
    """
    found = dict[str, StudySource]()
    with told_together() as faults:
        for n in dict.fromkeys(n for name in names for n in registry.expand_name(name)):
            with faults.put_aside():
                found[n] = registry.read(n, partial(kept_in_full, n, folder))
        studies = [source.study for source in found.values()]
        with faults.put_aside():
            freezing.refuse_two_of_a_name(studies)
        with faults.put_aside():
            freezing.refuse_other_places(studies)
        faults.found = [located(error, found.values()) for error in faults.found]
    first = {source.study.name: name for name, source in reversed(found.items())}
    return {name: source for name, source in found.items() if first[source.study.name] == name}


def kept_in_full(name: str, folder: str | None) -> list[Study]:
    """The newest version of a study that a results folder has, and that no reduced run wrote; empty where none is."""
    try:
        store = existing_folder(folder if folder is not None else str(Path("results") / name))
        there = store.studies.versions(name) if store is not None and name in store.studies.names() else []
    except StudyError:  # the command itself says what is wrong with its folder
        return []
    return [version for version in there if not version.reduced][-1:]


def can_be_named(name: str, folder: str) -> bool:
    """Whether a command with that results folder finds a study by its name."""
    return name in registry.names() or bool(kept_in_full(name, folder))


def plan_studies(
    given: Sequence[StudySource],
    asked: PlanRequest,
    on_record: dict[str, TrialOnRecord],
    *,
    here: bool,
    store: ResultsFolder | None = None,
    others: bool = True,
) -> tuple[plans.Plan, DataSet]:
    """A plan of some studies over one data set; all bad input is found here, before anything is started.

    `here`: whether this machine is to train it, and not a cluster; `store`: what is on record already; `others`: say
    which other studies lie there.

    Raises:
        BadInput: a study, a name or a value is wrong, or does not fit the data.
        DataError: the data are not there, or damaged.
        EngineError: a trial needs what this machine has not.
    """
    studies = [source.study for source in given]
    for note in notes_on_code(store) if store is not None else ():
        say(note)
    if store is not None and others and (line := also_held(store, studies)):
        say(line)
    with told_together() as faults:
        protocol = _asked_protocol(asked, studies, faults)
        with faults.put_aside():
            for line in check_other_arms(given, store):
                say(line)
        data = load_named(given, asked.data_dir)
        facts = facts_of(data)
        for hint in dict.fromkeys(scale_note(s, facts) for s in studies):
            if hint:
                say(f"data {data.name}: {hint}")
        for note in filter(None, (schedule_note(s, protocol) for s in studies)):
            say(note)
        protocol = dataclasses.replace(protocol, images=len(data.train_images))
        with faults.put_aside():
            protocol = data_parts.with_parts(protocol, given, store, data)
        for line in data_parts.notes_on_parts(protocol, given):
            say(line)
        made = plans.plan_trials(studies, protocol, data.checksum, on_record, gpu.data_size_of(data))
        _check_fit(made, data, given, faults, here=here)
        if store is not None:
            with faults.put_aside():
                made = data_parts.without_untested_here(made, store, data, given)
            if faults.found:  # else whoever plans asks this last
                freezing.check_freezable(store, given, made.studies, data.checksum, data)
    return made, data


def _check_fit(
    made: plans.Plan, data: DataSet, given: Sequence[StudySource], faults: GatheredFaults, *, here: bool
) -> None:
    """Does the plan fit its data and, where it trains here, this machine?"""
    with faults.put_aside():
        fits.check_studies(made, data, given)
    with faults.put_aside():
        fits.check_tested(made, data)
    for line in fits.left_out_lines(made) if not faults.found else ():
        say(line)
    if here:
        with faults.put_aside():
            fits.check_machine(made, data.checksum, given)


def _asked_protocol(asked: PlanRequest, studies: Sequence[Study], faults: GatheredFaults) -> Protocol:
    """What is asked of which arms, and how they are run; what is wrong in it is put aside, and planned without it."""
    with faults.put_aside():
        check_metrics(asked.metrics)
    asked = dataclasses.replace(asked, metrics=tuple(name for name in asked.metrics if name in METRICS))
    protocol = dataclasses.replace(asked, seeds=1, arm_seeds={}).protocol
    with faults.put_aside():
        protocol = asked.protocol
        if protocol.arm_seeds:
            check_arms(protocol.arm_seeds, studies)
    faults.found += (wrong := list(_wrong_options(asked, studies)))
    left_out = {error.field for error in wrong}
    return dataclasses.replace(
        protocol,
        device=None if "--device" in left_out else protocol.device,
        precision=None if "--precision" in left_out else protocol.precision,
    )


def _wrong_options(asked: PlanRequest, studies: Sequence[Study]) -> Iterator[BadInput]:
    """What is wrong with device and precision: there is none of that name, or a study itself says another."""
    for name, given in (("device", asked.device), ("precision", asked.precision)):
        try:
            TrialConfig.from_dict({name: given} if given is not None else {})
        except BadInput as error:
            yield BadInput(f"--{name}", given, error.expected)
            continue
        for study in studies:
            here = {study.base[name]} if name in study.base else set()
            here |= {arm.change[name] for arm in study.arms if name in arm.change}
            if given is not None and here - {given}:
                says = " and ".join(sorted(map(str, here)))
                yield BadInput(
                    f"--{name}", given, f"study {study.name} says {says}; leave --{name} out, or change the study"
                )


def existing_folder(results: str) -> ResultsFolder | None:
    """A results folder; None where there is none yet."""
    try:
        return ResultsFolder(results)
    except StudyError as error:
        if "there are no results" not in str(error):
            raise
        return None


def plan_submission(asked: Submission) -> plans.Plan:
    """The plan of a submission, against what its results folder holds.

    Where seeds are bought, also of the arms of other studies in that folder that claims name: they get seeds too.
    """
    given = read_named(list(asked.names), asked.results)
    elsewhere = _arms_elsewhere(given, asked.results) if asked.decide is not None else {}
    arms: dict[str, Sequence[int]] = {}
    if elsewhere:
        own = [f"{s.study.name}/{a.name}" for s in given.values() for a in s.study.arms]
        arms = dict.fromkeys([*own, *elsewhere], read_seeds(asked.seeds))
    request = PlanRequest(
        asked.names,
        asked.seeds,
        asked.quick,
        asked.results,
        asked.device,
        asked.precision,
        asked.data_dir,
        asked.metrics,
        arms,
    )
    others = {source.study.name: source for source in elsewhere.values()}
    return plan_request(request, here=False, sources={**given, **others})[0]


def _arms_elsewhere(given: Mapping[str, StudySource], results: str) -> dict[str, StudySource]:
    """The arms of other studies that claims name and that a results folder has in full, each with its study."""
    named_here = {source.study.name for source in given.values()}
    named = {arm for s in given.values() for claim in s.study.claims for arm in arms_named(claim) if "/" in arm}
    found: dict[str, StudySource] = {}
    for arm in sorted(named):
        owner, _, name = arm.rpartition("/")
        there = kept_in_full(owner, results) if owner not in named_here else []
        if any(a.name == name for study in there for a in study.arms):
            found[arm] = StudySource(there[-1])
    return found


def plan_request(
    asked: PlanRequest, *, here: bool, sources: Mapping[str, StudySource] | None = None
) -> tuple[plans.Plan, str, dict[str, TrialOnRecord]]:
    """What would be trained, the data's checksum, and what the results folder holds.

    `sources`: the studies; if not given, they are read by the names that are asked for.
    """
    given = sources if sources is not None else read_named(list(asked.names), asked.results)
    return plan_against(folder_as_a_run_has_it(asked.results), asked, given, here=here)


def folder_as_a_run_has_it(results: str) -> ResultsFolder | None:
    """A results folder as a run would plan with it, what is damaged put aside in memory; says what is damaged or gone.

    Raises:
        StoreError: it is none; or a run would refuse it, for records in it contradict each other.
    """
    store = existing_folder(results)
    if store is None:
        return None
    seen = survey(store)
    if seen.problems:
        store = tidied_view(store)
        refuse_contradictions(store)
    for line in (*seen.problems, *seen.gone):
        say(line)
    return store


@contextlib.contextmanager
def _empty_folder() -> Iterator[ResultsFolder]:
    with tempfile.TemporaryDirectory() as path:
        yield ResultsFolder(path, create=True)


def plan_against(
    store: ResultsFolder | None, asked: PlanRequest, given: Mapping[str, StudySource], *, here: bool
) -> tuple[plans.Plan, str, dict[str, TrialOnRecord]]:
    """The same of studies that were read, against a results folder; None where there is none yet."""
    studies = [source.study for source in given.values()]
    wanted = wanted_metrics(studies, asked.metrics)
    on_record = with_metrics_on_record(store.trials, store.trials.on_record(), wanted) if store else {}
    made, data = plan_studies(list(given.values()), asked, on_record, here=here, store=store)
    with contextlib.nullcontext(store) if store else _empty_folder() as folder:  # a new folder refuses some claims too
        freezing.check_freezable(folder, given.values(), made.studies, data.checksum, data)
    if store:
        store.refuse_gone()
    return made, data.checksum, on_record
