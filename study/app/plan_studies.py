"""Names, seeds and data to a plan; all bad input is found on the way, before anything is started."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

from study import catalog
from study.app import check_fit as fits
from study.cluster.preflight import Submission
from study.planning import gpu_share as gpu
from study.planning import plan as plans
from study.planning.protocol import Protocol, require_seeds
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.trials import TrialOnRecord
from trainables.config.errors import BadInput, StudyError
from trainables.data.dataset import DataSet, load_data_set


@dataclass(frozen=True)
class PlanRequest:
    """Which studies, under which protocol, into which results folder."""

    names: tuple[str, ...]
    seeds: int = 5
    quick: bool = False
    results: str = "results/study"
    device: str = "cpu"
    precision: str = "fp32"
    data_dir: Path | None = None


def studies_named(names: list[str]) -> dict[str, Study]:
    """The studies by the names or paths that they were given, `chapter` written out, each once."""
    return {name: found.study for name, found in read_named(names).items()}


def read_named(names: list[str]) -> dict[str, catalog.Read]:
    """The studies as they were read, by the names that they were given; `chapter` written out."""
    found = [n for name in names for n in (catalog.CHAPTER if name == "chapter" else (name,))]
    return {n: catalog.read(n) for n in found}


def plan_studies(
    studies: list[Study], asked: PlanRequest, held: dict[str, TrialOnRecord], *, here: bool
) -> tuple[plans.Plan, DataSet]:
    """A plan of some studies over one data set; all bad input is found here, before anything is started.

    `here`: whether this machine is to train it, and not a cluster.
    """
    protocol = Protocol(require_seeds(asked.seeds), asked.quick, asked.device, asked.precision)
    sets = {protocol.config(s.config(a.name)).data for s in studies for a in s.arms}
    sets |= {str(s.base.get("data", "fashion-mnist")) for s in studies if s.search or not s.arms}
    if len(sets) > 1:
        raise BadInput("data", sorted(sets), "studies over different data sets are run one after the other")
    data = load_data_set(sets.pop(), asked.data_dir, progress=lambda line: print(line, file=sys.stderr))
    protocol = dataclasses.replace(protocol, images=len(data.train_images))
    made = plans.plan_trials(studies, protocol, data.checksum, held, gpu.size_of(data))
    fits.check(made, here=here)
    return made, data


def trials_there(results: str) -> dict[str, TrialOnRecord]:
    """What a results folder holds; nothing where there is none yet."""
    try:
        return ResultsFolder(results).trials.on_record()
    except StudyError as error:
        if "there are no results" not in str(error):
            raise
        return {}


def plan_of(asked: Submission) -> plans.Plan:
    """The plan of a submission, against what its results folder holds."""
    request = PlanRequest(
        asked.names, asked.seeds, asked.quick, asked.results, asked.device, asked.precision, asked.data_dir
    )
    return plan_request(request, here=False)


def plan_request(asked: PlanRequest, *, here: bool) -> plans.Plan:
    """What would be trained, against what the results folder holds."""
    studies = list(studies_named(list(asked.names)).values())
    return plan_studies(studies, asked, trials_there(asked.results), here=here)[0]
