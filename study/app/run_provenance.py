"""What is kept of a run: what it was asked, on which machine, with which versions."""

from __future__ import annotations

import os
import platform
import shlex
import time
from importlib import metadata

from study.planning import plan as plans
from study.storage.asked_seeds import AskedSeeds
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, read_runs
from trainables.config.identity import CODE_VERSION
from trainables.config.passwords import without_passwords
from trainables.data.dataset import DataSet
from trainables.data.facts import facts_of


def asked_seeds(plan: plans.Plan) -> dict[str, tuple[int, ...]]:
    """The seeds that a plan asks of each arm, by `STUDY/ARM`; an arm of which it asks none is not in it."""
    every = {f"{s.name}/{a.name}": plan.protocol.seeds_of(s.name, a.name) for s in plan.studies for a in s.arms}
    return {name: seeds for name, seeds in every.items() if seeds}


def run_provenance(plan: plans.Plan, data: DataSet, command: str = "") -> RunRecord:
    """What a reader needs to know of a run to repeat it; `command`: what was typed, nothing where Python began it."""
    packages = ("torch", "ray", "optuna", "numpy", "pandas", "pyarrow")
    return RunRecord(
        command=tuple(without_passwords(shlex.split(command))),
        studies=tuple(s.name for s in plan.studies),
        seeds=tuple(plan.protocol.seeds),
        asked=asked_seeds(plan),
        reduced=plan.protocol.quick,
        reduced_studies=tuple(s.name for s in plan.studies if s.reduced),
        code_version=CODE_VERSION,
        began=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        versions={name: metadata.version(name) for name in packages},
        trials_to_train=len(plan.missing),
        epochs_to_train=plan.epochs_to_train,
        data=facts_of(data),
    )


def asked_before(store: ResultsFolder, made: plans.Plan) -> bool:
    """Whether the runs on record asked the same of every arm, or more."""
    known = asked_in_all(store, made)
    return all(set(seeds) <= set(known.get(name, ())) for name, seeds in asked_seeds(made).items())


def asked_in_all(store: ResultsFolder, made: plans.Plan) -> dict[str, tuple[int, ...]]:
    """The seeds that the runs on record asked of each arm of a plan's studies, under the same protocol."""
    before = AskedSeeds.of(r for r in read_runs(store.folder) if r.reduced in (None, made.protocol.quick))
    return {name: seeds for s in made.studies for name, seeds in before.arms(s).items()}
