"""`study submit`: a study on a cluster, started from a laptop that may then be closed.

All that can be wrong is found before anything is paid for: cluster file, versions, bucket, what no node has, the cap.
Then the head runs `study run`, and this follows; the same command again follows the same run.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from study.cluster import check_file as cluster_check
from study.cluster import job_server as jobs
from study.cluster.check_rayjob import placeholders
from study.cluster.cluster_file import Cluster, filled, load, read_cluster
from study.cluster.head_entry import versions
from study.cluster.pricing import CostEstimate, Workload, check_cap, describe, estimate
from study.planning import gpu_share as gpu
from study.planning.cost import expected_search_seconds, point_costs
from study.planning.executor import ExecutionSettings
from study.planning.plan import Plan
from study.planning.planned_jobs import plan_jobs
from study.storage.durable_files import Folder
from trainables.config.errors import BadInput, EngineError, StudyError

FROM_THE_LAPTOP = (
    "STUDY_CHECKPOINT_SECONDS",
    "STUDY_CUDA_GRAPHS",
    "STUDY_GPU_SHARE",
    "STUDY_RETRIES",
    "STUDY_STALL_SECONDS",
)
"""Settings that hold on the cluster too."""

TIME_LIMIT_GRACE_SECONDS = 300
"""Seconds that a run has to end in order when its time is over."""

LARGEST_FILE = 60_000
"""Bytes of the largest study file that travels with a submission."""


@dataclass(frozen=True)
class Submission:
    """What is asked for, as the command line has it."""

    names: tuple[str, ...]
    cluster: str
    results: str
    seeds: int
    quick: bool = False
    device: str = "cpu"
    precision: str = "fp32"
    keep_checkpoints: bool = False
    data_dir: Path | None = None


class JobFailed(StudyError):
    """A study on a cluster ended otherwise than well."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def check(asked: Submission) -> Cluster:
    """Everything that can be wrong before a machine is asked for, except what the plan finds.

    Raises:
        BadInput: names it.
        StoreError: the results folder cannot be written.
    """
    load(asked.cluster)  # first whether it is there at all, then whether we are
    check_pins(Path("constraints.txt"))
    cluster_check.ensure(asked.cluster)
    cluster = read_cluster(asked.cluster)
    here = versions()
    if cluster.python != here["Python"]:
        raise BadInput(
            "python", here["Python"], f"{asked.cluster} sets up Python {cluster.python}; use the same on both"
        )
    if cluster.ray not in ("", here["Ray"]):
        raise BadInput("Ray", here["Ray"], f"{asked.cluster} has rayVersion {cluster.ray}; use the same on both")
    if cluster.provider != "local" and "://" not in asked.results:
        raise BadInput(
            "results", asked.results, "nodes cannot reach a folder of the laptop; expected a URL such as s3://..."
        )
    if "://" not in asked.results and not Path(asked.results).is_absolute():
        raise BadInput(
            "results", asked.results, "expected an absolute path of a folder that all machines mount, or a URL"
        )
    check_results(asked.results)
    for name in asked.names:
        if _is_file(name) and Path(name).stat().st_size > LARGEST_FILE:
            raise BadInput("study", name, f"a study file that is submitted has at most {LARGEST_FILE} bytes")
    return cluster


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
            "Ray", here, f"constraints.txt, hence the cluster, has {pin[1]}; install that one here: make install"
        )


def check_results(where: str) -> None:
    """Write, read and remove a small file: are there credentials, does the bucket exist, may we?

    Raises:
        BadInput, StoreError: no; says what the storage said.
    """
    _check_login(where)
    folder = Folder(where)
    if folder.local and not Path(where).is_dir():  # a run makes it, but not what it lies in: that is mounted, or is not
        if not Path(where).parent.is_dir():
            raise BadInput(
                "results",
                where,
                f"{Path(where).parent} is not here; mount it on all machines, this one too",
            )
        folder = Folder(Path(where).parent)
    name = f"write-check/{uuid.uuid4().hex}"
    folder.write(name, b"may I?")
    try:
        if folder.read(name) != b"may I?":
            raise BadInput("results", where, "what was written there did not come back")
    finally:
        folder.delete(name)
        if folder.local:
            folder.delete_folder("write-check")


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
        raise BadInput("credentials", os.environ.get("AWS_PROFILE"), " ".join(str(error).split())) from None
    if found is None:
        raise BadInput(
            "credentials", None, "there are none for Amazon here: `aws configure`, AWS_PROFILE, or AWS_ACCESS_KEY_ID"
        )


def work_of(plan: Plan, cluster: Cluster) -> Workload:
    """What a plan asks of a cluster: the jobs and, on GPUs, the share of one that a run takes.

    A search is counted in full, as if nothing of it were on record and none of its trials were stopped early.

    Raises:
        BadInput: the largest job does not fit into the smallest GPU.
    """
    jobs = plan_jobs(plan.missing)
    costs, dearest = [job.cost for job in jobs], [0.0]
    for study in plan.studies:
        if (search := study.search) is not None:
            proposals = len(search.parts()) * search.trials
            costs += [expected_search_seconds(study, plan.size) / proposals] * proposals
            dearest.append(search.seeds * max(point_costs(study, plan.size), default=0.0))
    share = gpu.Share(0.0, "")
    if plan.device == "cuda":
        searches = any(study.search for study in plan.studies)
        wish = ExecutionSettings().gpu_share
        share = gpu.foreseen([job.job for job in jobs], searches, plan.size, _node_types(cluster), wish)
    longest = max([*costs, *dearest])
    return Workload(trials=len(costs), seconds=sum(costs), longest=longest, gpus=share.amount, why=share.why)


def _node_types(cluster: Cluster) -> dict[str, dict[str, float]]:
    return {kind.name: kind.resources for kind in cluster.workers if kind.most > 0}


SAY = partial(print, flush=True)
"""Where lines go: seen at once, where output is a file too."""


def submit(
    asked: Submission,
    make_plan: Callable[[Submission], Plan],
    *,
    dry_run: bool = False,
    wait: bool = True,
    say: Callable[[str], None] = SAY,
) -> None:
    """Check, print what it takes, hand over, follow.

    Args:
        asked: what to run, and where.
        make_plan: the plan of what is missing in the results folder.
        dry_run: stop after printing.
        wait: follow until it is over; otherwise return when the head has it.
        say: where lines go.

    Raises:
        StudyError: something is wrong, with the exit code of what it is.
    """
    cluster = check(asked)
    work = work_of(make_plan(asked), cluster)
    cost = estimate(cluster, work)
    say(describe(cluster, work, cost))
    check_cap(cluster, cost)
    command = head_command(asked, cost)
    say(f"{'command':<11}{command_shown(asked, cost)}")
    if dry_run:
        say("dry run: nothing was started")
        return
    if not work.trials:
        say(f"nothing to train: all of it is on record in {asked.results}")
        return
    if cluster.provider == "kuberay":
        _kubectl(asked, cluster, command, cost, say)
        return
    _run(asked, cluster, command, cost, wait, say)


def study_words(asked: Submission) -> list[str]:
    """The `study run` that the head executes."""
    names = [Path(n).name if _is_file(n) else n for n in asked.names]
    words = ["study", "run", *names, "--seeds", str(asked.seeds), "--results", asked.results, "--address", "auto"]
    words += ["--device", asked.device, "--precision", asked.precision]
    words += ["--quick"] * asked.quick + ["--keep-checkpoints"] * asked.keep_checkpoints
    return words


def command_shown(asked: Submission, cost: CostEstimate) -> str:
    """The command without what only machines read."""
    return shlex.join([*_limit(cost), *study_words(asked)])


def head_command(asked: Submission, cost: CostEstimate) -> str:
    """The whole command for the head: versions are compared, files unpacked, time limited, the study run."""
    files = [
        part
        for name in asked.names
        if _is_file(name)
        for part in ("--file", f"{Path(name).name}={base64.b64encode(Path(name).read_bytes()).decode()}")
    ]
    expect = json.dumps(versions())
    return shlex.join(
        [
            "python",
            "-m",
            "study.cluster.head_entry",
            "--expect",
            expect,
            *files,
            "--",
            *_limit(cost),
            *study_words(asked),
        ]
    )


def environment(cluster: Cluster, cost: CostEstimate) -> dict[str, str]:
    """What the run on the head must know of the cluster that it is on, beyond what Ray can tell it."""
    nodes = list(_node_types(cluster).values())
    mine = {k: os.environ[k] for k in FROM_THE_LAPTOP if k in os.environ}
    return {
        # Machines that are taken away are no fault of a trial: it goes on from its checkpoint as often as it must.
        "STUDY_RETRIES": "50",
        # So many trials wait for machines at once: the autoscaler sees the whole demand and not two of it.
        "TUNE_MAX_PENDING_TRIALS_PG": str(max(2, cost.slots)),
        "STUDY_NODE_TYPES": json.dumps(nodes),
        "PYTHONUNBUFFERED": "1",
        **mine,
    }


def job_name(asked: Submission) -> str:
    """The same for the same request, so that asking again means following."""
    key = json.dumps([sorted(asked.names), asked.results, asked.seeds, asked.quick, asked.device, asked.precision])
    return f"study-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _limit(cost: CostEstimate) -> list[str]:
    if math.isinf(cost.allowed_hours):
        return []
    return ["timeout", "--signal=INT", f"--kill-after={TIME_LIMIT_GRACE_SECONDS}", f"{int(cost.allowed_hours * 3600)}"]


def _run(
    asked: Submission, cluster: Cluster, command: str, cost: CostEstimate, wait: bool, say: Callable[[str], None]
) -> None:
    with jobs.tunnel(asked.cluster) as server:
        there, here = server.version(), importlib.metadata.version("ray")
        if there != here:
            raise BadInput(
                "Ray", here, f"the cluster runs {there}; install one of them on both, then ray up {asked.cluster}"
            )
        job = _hand_over(server, asked, command, environment(cluster, cost), say)
    if not wait:
        say("the head has it; the same command again shows how it goes")
        return
    _follow(asked, job, say)


def _hand_over(
    server: jobs.JobServer, asked: Submission, command: str, variables: dict[str, str], say: Callable[[str], None]
) -> str:
    """Submit, unless the same request runs already; returns the job's name."""
    base = job_name(asked)
    for n in range(1, 1000):
        job = base if n == 1 else f"{base}-{n}"
        state = server.job(job)
        if state is None:
            server.submit(job, command, variables, {"study": " ".join(asked.names)[:200], "results": asked.results})
            say(f"submitted as {job}; it goes on when this ends (Ctrl-C, a closed lid)")
            return job
        if state["status"] not in jobs.OVER:
            say(f"{job} runs already; following it")
            return job
    raise EngineError(f"{base}: a thousand runs; remove old ones with `ray job delete`")


def _follow(asked: Submission, job: str, say: Callable[[str], None]) -> None:
    shown, failures = 0, 0
    while True:
        try:
            with jobs.tunnel(asked.cluster) as server:
                shown, state = jobs.follow(server, job, shown, jobs.show)
            break
        except (jobs.Unreachable, EngineError) as error:
            failures += 1
            if failures > 20:
                raise EngineError(f"the head does not answer any more ({error}); {job} may still run there") from None
            say(f"the head does not answer ({error}); trying again")
            time.sleep(min(60, 2**failures))
        except KeyboardInterrupt:
            say(
                f"\n{job} goes on; the same command follows it again, "
                f"`study status {shlex.quote(asked.results)}` says how far it is"
            )
            raise
    code = state.get("driver_exit_code")
    if state["status"] == "SUCCEEDED":
        say(
            f"done: study report {shlex.quote(asked.results)}; "
            f"then give the machines back: ray down {shlex.quote(asked.cluster)}"
        )
        return
    message = " ".join(str(state.get("message") or "").split())[-300:]
    if code == 124:
        message = "the time that the cap buys is over; what was finished is on record, and the same command goes on"
    raise JobFailed(f"{job}: {state['status'].lower()}: {message}", int(code) if code else 1)


def _kubectl(asked: Submission, cluster: Cluster, command: str, cost: CostEstimate, say: Callable[[str], None]) -> None:
    if shutil.which("kubectl") is None:
        raise EngineError("kubectl is not there; it is what creates the job: https://kubernetes.io/docs/tasks/tools/")
    for what in placeholders(Path(asked.cluster).read_text(encoding="utf-8")):
        raise BadInput("cluster", asked.cluster, f"it still says {what}")
    # The job's time counts from before its machines are there. The command's own limit comes first and ends it well.
    spare = cluster.start_minutes * 60 + TIME_LIMIT_GRACE_SECONDS
    seconds = None if math.isinf(cost.allowed_hours) else cost.allowed_hours * 3600 + spare
    documents = [d for d in yaml.safe_load_all(Path(asked.cluster).read_text(encoding="utf-8")) if d]
    job = filled(load(asked.cluster), command, seconds, environment(cluster, cost))
    name, others = job["metadata"]["name"], yaml.safe_dump_all(documents[1:])
    subprocess.run(["kubectl", "apply", "-f", "-"], input=others, text=True, check=True)
    done = subprocess.run(["kubectl", "create", "-f", "-"], input=yaml.safe_dump(job), text=True, check=False)
    if done.returncode:
        raise EngineError(
            "kubectl did not take the job; what it said stands above. "
            f"One that is over makes room for the next with: kubectl delete rayjob {name}"
        )
    say(f"submitted as RayJob {name}; watch it with: kubectl get rayjob {name} -w")


def _is_file(name: str) -> bool:
    return Path(name).suffix in (".yaml", ".yml", ".py") and Path(name).is_file()
