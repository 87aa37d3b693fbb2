"""Does a plan fit its data and this machine? All of it is asked before anything is started. No Ray here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from study.planning import gpu_share as gpu
from study.planning.plan import Plan, tested_arms
from study.planning.wanted_metrics import refuse_without_test_part
from study.spec.splits import base_split, split_of
from study.spec.study import Study
from trainables.config.errors import BadInput, StoreError
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.data.split import check_held_out
from trainables.training.gpu_memory import DataSize


def check_plan(plan: Plan, checksum: str, *, here: bool) -> None:
    """Refuse what could only fail.

    Args:
        plan: what is to be run.
        checksum: of its data.
        here: whether this machine is to train it, and not a cluster.

    Raises:
        BadInput: names study, arm, knob and value, and what would be right.
        EngineError: it needs a GPU, and there is none here.
        StoreError: a search is to be told of a results folder that is not there.
    """
    from study.execution.search_driver import check_search
    from study.execution.warm_start import check_warm

    for study in plan.studies:
        check_arms(study, plan.size)
        if study.search:
            with _of(f"study {study.name}"):
                check_search(study, plan.size)
                if here:
                    check_warm(study, checksum)
    if here and plan.device == "cuda":
        gpu.check_here()


@contextlib.contextmanager
def _of(where: str) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{where}, {error.field}", error.value, error.expected) from None
    except StoreError as error:
        raise StoreError(f"{where}, search.warm_start: {error}") from None


def check_parts(studies: Iterable[Study], data: DataSet) -> None:
    """Refuse what cannot be held out of the data.

    Raises:
        BadInput: names the study and the reason.
    """
    for study in studies:
        parts = {split_of(study.config(arm.name)) for arm in study.arms}
        if study.search:
            parts.add(base_split(study))
        tests = tested_arms(study)
        if data.test_images is None and any(not study.config(arm).held_out for arm in tests):
            why = f"{data.name} has no test part: write held_out: 0.1 in base, or bring test_images and test_labels"
            raise BadInput(f"study {study.name}, claims of the test part", data.name, why)
        for share, seed, fold in sorted(parts):
            with _of(f"study {study.name}"):
                check_held_out(data, TrialConfig(held_out=share, split_seed=seed, fold=fold))


def check_tested(made: Plan, data: DataSet) -> None:
    """Refuse a metric of the test part that is asked for by name, where a trial has no such part.

    Raises:
        BadInput: names the metric.
    """
    if data.test_images is None:
        refuse_without_test_part(made, made.protocol.metrics, data.name)


def check_arms(study: Study, size: DataSize) -> None:
    """Refuse arms that cannot be trained on data of that size; the first is named in full, the others by name.

    Raises:
        BadInput: some cannot.
    """
    faults: dict[str, BadInput] = {}
    for arm in study.arms:
        try:
            config = study.config(arm.name)
            config.check_images(size.seen_by(config).train)
        except BadInput as error:
            faults[arm.name] = error
    if faults:
        (name, first), *others = faults.items()
        also = f" (nor do these fit: {', '.join(other for other, _ in others)})" if others else ""
        raise BadInput(f"study {study.name}, arm {name}, {first.field}", first.value, f"{first.expected}{also}")
