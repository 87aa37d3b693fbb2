"""What is asked of a cluster, and all that can be wrong before a machine is paid for."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from study.cluster import check_file
from study.cluster.cluster_file import Cluster, read_cluster, read_first_document
from study.cluster.head_entry import versions
from study.cluster.inputs import name_on_head
from study.cluster.pricing import CostEstimate, Workload
from study.planning import gpu_share
from study.planning.cost import expected_search_seconds, point_costs
from study.planning.executor import ExecutionSettings
from study.planning.plan import Plan
from study.planning.planned_jobs import plan_jobs
from study.planning.seeds import read_seeds, seeds_text
from study.spec.gathered_faults import told_together
from study.storage.durable_files import Folder
from trainables.config.errors import BadInput

FROM_THE_LAPTOP = (
    "STUDY_CHECKPOINT_SECONDS",
    "STUDY_CUDA_GRAPHS",
    "STUDY_GPU_SHARE",
    "STUDY_RETRIES",
    "STUDY_STALL_SECONDS",
)
"""Settings that hold on the cluster too."""


@dataclass(frozen=True)
class SeedLimits:
    """What `study decide` may spend on the cluster."""

    max_seeds: int = 40
    """Behind a claim."""
    hours: float | None = None
    price: float | None = None
    """In the cluster file's money."""
    seeds: tuple[int, ...] = ()
    """All that claims may take, each from its first seed on; if not given, the first `max_seeds`."""
    least_chance: float | None = None
    """A claim that `max_seeds` decide with less gets none; None: as `study decide` has it."""

    @property
    def seeds_planned(self) -> tuple[int, ...]:
        """The seeds whose cost is shown, and held against the results folder."""
        return self.seeds or tuple(range(self.max_seeds))

    def hours_of(self, cost: CostEstimate) -> float:
        """How long it may take: what was asked, what that price buys, and what the cap buys; infinite without any.

        Raises:
            BadInput: the price, or the cap, does not pay for more than the time that nodes idle at the end.
        """
        idling = f"the nodes idle for {60 * cost.idle_hours:g} min at the end, which alone costs "
        idling += f"{cost.idle_hours * cost.hourly_price:.2f}: give more"
        paid = math.inf
        if self.price is not None and cost.hourly_price:
            paid = self.price / cost.hourly_price - cost.idle_hours
            if paid <= 0:
                raise BadInput("--price", self.price, idling)
        if cost.allowed_hours <= 0:
            raise BadInput("cap", round((cost.allowed_hours + cost.idle_hours) * cost.hourly_price, 2), idling)
        return min(cost.allowed_hours, paid, math.inf if self.hours is None else self.hours)


@dataclass(frozen=True)
class Submission:
    """What is asked for, as the command line has it."""

    names: tuple[str, ...]
    cluster: str
    results: str
    seeds: int | str | tuple[int, ...]
    quick: bool = False
    device: str | None = None
    precision: str | None = None
    keep_checkpoints: bool = False
    data_dir: Path | None = None
    """Of the laptop; the data file in it that the studies name travels."""
    data_url: str = ""
    """Where, instead, the head reads it too."""
    metrics: tuple[str, ...] = ()
    """Asked for by name, as in `study run`."""
    decide: SeedLimits | None = None
    """Buy seeds where they decide a claim, and not the seeds that are named."""


def check_submission(asked: Submission) -> Cluster:
    """Everything that can be wrong before a machine is asked for, except what the plan finds.

    Raises:
        BadInput: names it.
        StoreError: the results folder cannot be written.
    """
    read_first_document(asked.cluster)  # first whether it is there at all, then whether we are
    with told_together() as faults:
        with faults.put_aside():
            check_pins(Path("constraints.txt"))
        check_file.refuse_problems(asked.cluster)
        cluster = read_cluster(asked.cluster)
        faults.found += _other_versions(asked, cluster)
        with faults.put_aside():
            _check_place(asked, cluster)
    return cluster


def _other_versions(asked: Submission, cluster: Cluster) -> Iterator[BadInput]:
    here = versions()
    if cluster.python != here.python:
        yield BadInput("python", here.python, f"{asked.cluster} sets up Python {cluster.python}; use the same on both")
    if cluster.ray not in ("", here.ray):
        yield BadInput("Ray", here.ray, f"{asked.cluster} has rayVersion {cluster.ray}; use the same on both")


def _check_place(asked: Submission, cluster: Cluster) -> None:
    """Can all machines reach the results folder?"""
    if cluster.provider != "local" and "://" not in asked.results:
        raise BadInput(
            "--results", asked.results, "nodes cannot reach a folder of the laptop; expected a URL such as s3://..."
        )
    if "://" not in asked.results and not Path(asked.results).is_absolute():
        raise BadInput(
            "--results", asked.results, "expected an absolute path of a folder that all machines mount, or a URL"
        )
    check_results(asked.results)


def check_warm_starts(plan: Plan, cluster: Cluster) -> None:
    """Refuse a search that is told of a folder that the head cannot reach: it works in a folder of its own.

    Raises:
        BadInput: names each study and folder.
    """
    right = "a URL such as s3://..."
    if cluster.provider == "local":
        right = "an absolute path of a folder that all machines mount, or a URL"
    with told_together() as faults:
        for study in plan.studies:
            for where in study.search.warm_start if study.search else ():
                if "://" not in where and not (cluster.provider == "local" and Path(where).is_absolute()):
                    why = f"the head cannot reach this folder; expected {right}"
                    faults.found.append(BadInput(f"study {study.name}, search.warm_start", where, why))


def check_pins(constraints: Path) -> None:
    """Refuse a laptop whose Ray is not the one that the nodes will get.

    Raises:
        BadInput: it is another, or there is no constraints.txt here.
    """
    try:
        pin = re.search(r"^ray(?:\[.*\])?==(\S+)", constraints.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        raise BadInput(
            "folder", str(Path.cwd()), "run this in the project's folder: there is no constraints.txt here"
        ) from None
    here = importlib.metadata.version("ray")
    if pin and pin[1] != here:
        raise BadInput(
            "Ray", here, f"constraints.txt, and so the cluster, has {pin[1]}: install that one here (make install)"
        )


def check_results(where: str) -> None:
    """Write, read and remove a small file: are there credentials, does the bucket exist, may we?

    Raises:
        BadInput, StoreError: no; says what the storage said.
    """
    folder = Folder(where)  # which refuses a URL with a password in it, before anything shows it
    _check_login(where)
    if folder.local and not Path(where).is_dir():  # a run makes it, but not what it lies in: that is mounted, or is not
        if not Path(where).parent.is_dir():
            raise BadInput(
                "--results",
                where,
                f"{Path(where).parent} is not here; mount it on all machines, this one too",
            )
        folder = Folder(Path(where).parent)
    name = f".write-check-{uuid.uuid4().hex}"  # right in it: of a folder, a bucket would keep a mark
    folder.write(name, b"may I?")
    try:
        if folder.read(name) != b"may I?":
            raise BadInput("--results", where, "what was written there did not come back")
    finally:
        folder.delete(name)


def _check_login(where: str) -> None:
    """Amazon's client asks anonymously where it has no credentials, and the refusal does not say why."""
    if not where.startswith("s3://"):
        return
    try:
        import botocore.session
        from botocore.exceptions import BotoCoreError
    except ImportError:
        return
    try:
        found = botocore.session.get_session().get_credentials()
    except BotoCoreError as error:
        raise BadInput("AWS_PROFILE", os.environ.get("AWS_PROFILE"), " ".join(str(error).split())) from None
    if found is None:
        why = "there are no credentials for Amazon here: `aws configure`, AWS_PROFILE, or AWS_ACCESS_KEY_ID"
        raise BadInput("--results", where, why)


def workload_of(plan: Plan, cluster: Cluster) -> Workload:
    """What a plan asks of a cluster: the jobs and, on GPUs, the share of one that a run takes.

    A search is counted in full, as if nothing of it were on record and none of its trials were stopped early.

    Raises:
        BadInput: the largest job does not fit into the smallest GPU.
    """
    jobs = plan_jobs(plan.missing)
    costs, dearest = [job.cost for job in jobs], [0.0]
    for study in plan.studies:
        if (search := study.search) is not None:
            proposals = search.configurations(study.shared_knobs, plan.size)
            costs += [expected_search_seconds(study, plan.size) / proposals] * proposals
            dearest.append(search.seeds * max(point_costs(study, plan.size), default=0.0))
    share = gpu_share.GpuShare(0.0, "")
    if plan.device == "cuda":
        searches = any(study.search for study in plan.studies)
        wish = ExecutionSettings().gpu_share
        share = gpu_share.expected_share(
            [job.job for job in jobs], searches, plan.size, resources_by_type(cluster), wish
        )
    longest = max([*costs, *dearest])
    return Workload(trials=len(costs), seconds=sum(costs), longest_seconds=longest, gpus=share.amount, why=share.why)


def resources_by_type(cluster: Cluster) -> dict[str, dict[str, float]]:
    """What a worker of each kind holds, as Ray counts it; kinds that the file allows none of are left out."""
    return {kind.name: kind.resources for kind in cluster.workers if kind.max_nodes > 0}


def study_words(asked: Submission, cost: CostEstimate | None = None) -> list[str]:
    """The `study run` that the head executes, or the `study decide`; `cost`: of the cluster that this takes."""
    if asked.decide is not None and cost is not None:
        return _decide_words(asked, asked.decide, cost)
    names = [name_on_head(n) for n in asked.names]
    seeds = seeds_text(read_seeds(asked.seeds))
    words = ["study", "run", *names, "--seeds", seeds, "--results", asked.results, "--address", "auto"]
    words += ["--device", asked.device] if asked.device else []
    words += ["--precision", asked.precision] if asked.precision else []
    words += [word for name in asked.metrics for word in ("--metrics", name)]
    words += ["--quick"] * asked.quick + ["--keep-checkpoints"] * asked.keep_checkpoints
    return words


def _decide_words(asked: Submission, limits: SeedLimits, cost: CostEstimate) -> list[str]:
    names, hours = [name_on_head(n) for n in asked.names], limits.hours_of(cost)
    words = ["study", "decide", *names, "--max-seeds", str(limits.max_seeds)]
    words += ["--min-chance", f"{100 * limits.least_chance:g}"] if limits.least_chance is not None else []
    words += ["--hours", f"{hours:.4g}"] if math.isfinite(hours) else []
    words += ["--results", asked.results, "--address", "auto", "--cpus", str(cost.slots)]
    words += ["--device", asked.device] if asked.device else []
    return words + (["--precision", asked.precision] if asked.precision else [])


def job_name(asked: Submission, inputs_digest: str = "") -> str:
    """Name the job of a request, the same each time, so that asking again means following.

    `inputs_digest`: of what travels; see `study.cluster.inputs`.
    """
    protocol = (asked.device or "cpu", asked.precision or "fp32")
    limits = asked.decide
    decide: list[object] = [limits.max_seeds, limits.hours, limits.price] if limits else []
    decide += [limits.least_chance] if limits and limits.least_chance is not None else []
    kept = "keep checkpoints" * asked.keep_checkpoints
    given: list[object] = [inputs_digest, sorted(asked.metrics), decide, kept]
    more = [*filter(None, given)]
    same = [sorted(asked.names), asked.results, _seeds_key(asked), asked.quick, *protocol, *more]
    return f"study-{hashlib.sha256(json.dumps(same).encode()).hexdigest()[:12]}"


def _seeds_key(asked: Submission) -> int | list[int]:
    """A count where it is one, as jobs of earlier versions have it."""
    seeds = read_seeds(asked.seeds)
    return len(seeds) if seeds == tuple(range(len(seeds))) else list(seeds)
