"""Does a plan fit its data and this machine? All of it is asked before anything is started. No Ray here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from study.planning import gpu_share as gpu
from study.planning.plan import Plan, tested_arms
from study.planning.wanted_metrics import refuse_without_test_part
from study.spec.domains import Choice
from study.spec.faults import Fault, Place, together
from study.spec.gathered_faults import told_together
from study.spec.left_out import left_out
from study.spec.splits import base_split
from study.spec.study import Study
from study.spec.study_file import StudySource
from trainables.config.errors import BadInput, EngineError
from trainables.config.plurals import noun
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.data.dataset import DataSet
from trainables.data.split import check_held_out
from trainables.training.gpu_memory import DataSize


def check_machine(plan: Plan, checksum: str, given: Sequence[StudySource]) -> None:
    """Refuse what could only fail on this machine.

    Args:
        plan: what is to be run.
        checksum: of its data.
        given: the plan's studies as they were read.

    Raises:
        EngineError: it needs a GPU, and there is none here; says where it is asked for.
        StoreError: a search is to be told of a results folder that is not there.
    """
    from study.execution.warm_start import check_warm

    with told_together() as faults:
        for study in plan.studies:
            if study.search:
                with faults.put_aside():
                    check_warm(study, checksum)
        if plan.device == "cuda" and (missing := gpu.missing_here()):
            why = f"{missing}: expected cpu, or a cluster with GPUs (--address, study submit)"
            raise EngineError("\n".join(_asked_for_cuda(plan, given, why)))


def _asked_for_cuda(plan: Plan, given: Sequence[StudySource], why: str) -> Iterator[str]:
    """A line for the option, or for each place of a study, that names CUDA."""
    if plan.protocol.device == "cuda":
        yield f"--device: got 'cuda'; {why}"
        return
    for source in given:
        study, search = source.study, source.study.search
        places: list[Place] = [("base", "device")] if study.base.get("device") == "cuda" else []
        changing = (i for i, arm in enumerate(study.arms) if arm.change.get("device") == "cuda")
        places += [("arms", i, "change", "device") for i in changing]
        if search and isinstance(of := search.space.get("device"), Choice) and "cuda" in of.values:
            places.append(("search", "space", "device"))
        if places:
            yield from source.bad([Fault(at, "cuda", why) for at in places]).lines


def check_studies(plan: Plan, data: DataSet, given: Sequence[StudySource]) -> None:
    """Refuse studies that cannot be trained on their data.

    Args:
        plan: what is to be run.
        data: what it is to be trained on.
        given: the plan's studies as they were read.

    Raises:
        BadInput: says every mistake of all of them, each with file and line, and what would be right.
    """
    sources = {source.study.name: source for source in given}
    errors = []
    for study in plan.studies:
        source = sources[study.name]
        if faults := list(_unfit(study, source.study, plan.size, data)):
            errors.append(source.bad(faults))
    if errors:
        raise together(errors)


def left_out_lines(plan: Plan) -> Iterator[str]:
    """What the searches of a plan leave out, for the data can have none of it."""
    for study in plan.studies:
        for line in left_out(study.search, study.shared_knobs, plan.size) if study.search else ():
            yield f"study {study.name}: {line}"


def _unfit(study: Study, written: Study, size: DataSize, data: DataSet) -> Iterator[Fault]:
    """The mistakes of a study as it is run; `written`: as it was read."""
    if data.test_images is None and any(not study.config(arm).held_out for arm in tested_arms(study)):
        why = f"claims read the test part, and {data.name} has none: write held_out: 0.1 in base, or bring "
        yield Fault(("base", "data"), data.name, f"{why}test_images and test_labels")
    yield from _of_arms(study, written, size, data)
    if study.search:
        share, seed, fold = base_split(study)
        try:
            check_held_out(data, TrialConfig(held_out=share, split_seed=seed, fold=fold))
        except BadInput as error:
            yield Fault(("base", error.field), error.value, error.expected)
        else:
            yield from _of_search(study, size)


def _of_search(study: Study, size: DataSize) -> Iterator[Fault]:
    from study.execution.search_driver import check_search

    try:
        check_search(study, size)
    except BadInput as error:
        at = tuple(error.field.removeprefix("search.").split("."))
        yield Fault(("search", *(at if at != ("search",) else ())), error.value, error.expected)


def _of_arms(study: Study, written: Study, size: DataSize, data: DataSet) -> Iterator[Fault]:
    """What the arms cannot be trained with; a mistake that several share, such as one in base, is said once."""
    found: dict[tuple[Place, str, str], tuple[BadInput, list[str]]] = {}
    for i, arm in enumerate(study.arms):
        for error in _of_arm(study.config(arm.name), size, data):
            at: Place = ("base", error.field)
            if error.field in written.arms[i].change:
                at = ("arms", i, "change", error.field)
            found.setdefault((at, repr(error.value), error.expected), (error, []))[1].append(arm.name)
    for (at, _, why), (error, arms) in found.items():
        said = []
        if at[0] == "base" and error.value == KNOBS[error.field].default and error.field not in written.base:
            said.append("it is the default")
        if at[0] == "base" and len(arms) < len(study.arms):
            said.append(f"{noun(len(arms), 'arm')} {', '.join(arms)}")
        yield Fault(at, error.value, f"{why} ({'; '.join(said)})" if said else why)


def _of_arm(config: TrialConfig, size: DataSize, data: DataSet) -> Iterator[BadInput]:
    try:
        check_held_out(data, config)
        config.check_images(size.seen_by(config).train)
    except BadInput as error:
        yield error
        if error.field == "train_images":  # is its batch too large for all images too?
            yield from _of_arm(config.replace(train_images=None), size, data)


def check_tested(made: Plan, data: DataSet) -> None:
    """Refuse a metric of the test part that is asked for by name, where a trial has no such part.

    Raises:
        BadInput: names the metric.
    """
    if data.test_images is None:
        refuse_without_test_part(made, made.protocol.metrics, data.name)
