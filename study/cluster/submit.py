"""`study submit`: a study on a cluster, started from a laptop that may then be closed.

All that can be wrong is found before anything is paid for: cluster file, versions, bucket, what no node has, the cap.
Then the head runs `study run`, or `study decide`, and this follows; the same command again follows the same run.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib.metadata
import json
import math
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from study.cluster import inputs, job_server
from study.cluster.check_rayjob import placeholders
from study.cluster.cluster_file import Cluster
from study.cluster.head_entry import versions
from study.cluster.inputs import OwnData
from study.cluster.preflight import (
    FROM_THE_LAPTOP,
    SeedLimits,
    Submission,
    check_submission,
    check_warm_starts,
    job_name,
    resources_by_type,
    study_words,
    workload_of,
)
from study.cluster.pricing import CostEstimate, check_cap, describe, estimate
from study.cluster.rayjob import with_command
from study.planning.plan import Plan
from trainables.config.errors import BadInput, EngineError, StudyError
from trainables.config.plurals import counted

TIME_LIMIT_GRACE_SECONDS = 300
"""Seconds that a run has to end in order when its time is over."""


class JobFailed(StudyError):
    """A study on a cluster ended otherwise than well."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


PRINT_AT_ONCE = partial(print, flush=True)
"""Where lines go: seen at once, where output is a file too."""


def submit(
    asked: Submission,
    make_plan: Callable[[Submission], Plan],
    *,
    dry_run: bool = False,
    wait: bool = True,
    say: Callable[[str], None] = PRINT_AT_ONCE,
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
    cluster = check_submission(asked)
    files = inputs.study_files(asked.names)
    with inputs.readable_data_folder(asked.names, asked.data_dir, asked.data_url) as folder:
        seeds = asked.seeds if asked.decide is None else asked.decide.seeds_planned
        plan = make_plan(dataclasses.replace(asked, data_dir=folder, seeds=seeds))
        check_warm_starts(plan, cluster)
        work = workload_of(plan, cluster)
        cost = estimate(cluster, work)
        data = inputs.own_data(plan, folder, asked.data_url, asked.results)
        say(describe(cluster, work, cost))
        if asked.decide is None:
            check_cap(cluster, cost)
        else:
            say(decide_shown(asked.decide, cost, elsewhere=bool(plan.protocol.arm_seeds)))
        for line in inputs.input_lines(files, data):
            say(line)
        say(f"{'command':<11}{command_shown(asked, cost)}")
        if dry_run:
            say("dry run: nothing was started")
            return
        if not work.trials:
            say(f"nothing to train: all of it is on record in {asked.results}")
            return
        if data is not None and data.packed and inputs.pack_data(data, folder):
            say(f"{'sent':<11}{data.name}.npz, {inputs.size_words(data.size)}")
    command = head_command(asked, cost, files, data)
    if cluster.provider == "kuberay":
        _kubectl(asked, cluster, command, cost, say)
        return
    _run(asked, cluster, job_name(asked, inputs.inputs_digest(files, data)), command, cost, wait, say)


def command_shown(asked: Submission, cost: CostEstimate) -> str:
    """The command without what only machines read."""
    return shlex.join([*_limit(cost), *study_words(asked, cost)])


def decide_shown(limits: SeedLimits, cost: CostEstimate, *, elsewhere: bool = False) -> str:
    """What buying seeds may take; what stands above is as if all of them were bought, for every arm.

    `elsewhere`: whether arms of other studies are among these.
    """
    hours = limits.hours_of(cost)
    ends = f", and it ends after {hours:.1f} h of training" if math.isfinite(hours) else ""
    most = f"{counted(limits.max_seeds, 'seed')} of every arm"
    if limits.seeds_planned != tuple(range(limits.max_seeds)):
        most = f"{counted(limits.max_seeds, 'seed')} from the first of each claim on, of every arm"
    most += ", those of other studies that claims need too" * elsewhere
    return f"{'decide':<11}at most all that, {most}; only open claims get seeds{ends}"


def head_command(
    asked: Submission, cost: CostEstimate, files: Mapping[str, bytes] | None = None, data: OwnData | None = None
) -> str:
    """The whole command for the head: versions are compared, files and data placed, time limited, the study run."""
    pairs = [f"{quote(name)}={base64.b64encode(text).decode()}" for name, text in (files or {}).items()]
    expect = versions().to_json()
    return shlex.join(
        [
            "python",
            "-P",  # in the home folder, where it is run, there may be a folder of that name: that of the checkout
            "-m",
            "study.cluster.head_entry",
            "--expect",
            expect,
            *(f"--file={pair}" for pair in pairs),  # one word: a name may begin with a dash
            *(["--data", data.to_json()] if data is not None else []),
            "--",
            *_limit(cost),
            *study_words(asked, cost),
        ]
    )


def head_environment(cluster: Cluster, cost: CostEstimate) -> dict[str, str]:
    """What the run on the head must know of the cluster that it is on, beyond what Ray can tell it."""
    nodes = list(resources_by_type(cluster).values())
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


def _limit(cost: CostEstimate) -> list[str]:
    if math.isinf(cost.allowed_hours):
        return []
    seconds = max(1, int(cost.allowed_hours * 3600))  # of 0 `timeout` makes no limit at all
    return ["timeout", "--signal=INT", f"--kill-after={TIME_LIMIT_GRACE_SECONDS}", f"{seconds}"]


def _run(
    asked: Submission,
    cluster: Cluster,
    base: str,
    command: str,
    cost: CostEstimate,
    wait: bool,
    say: Callable[[str], None],
) -> None:
    try:
        with job_server.tunnel(asked.cluster) as server:
            there, here = server.version(), importlib.metadata.version("ray")
            if there != here:
                raise BadInput(
                    "Ray", here, f"the cluster runs {there}; install one of them on both, then ray up {asked.cluster}"
                )
            job = _hand_over(server, asked, base, command, head_environment(cluster, cost), say)
    except job_server.Unreachable as error:
        again = "the same command tries again, and follows the run where the head has it already"
        raise EngineError(f"the head does not answer ({error}); {again}") from None
    if not wait:
        say("the head has it; the same command again shows how it goes")
        return
    _follow(asked, job, say)


def _hand_over(
    server: job_server.JobServer,
    asked: Submission,
    base: str,
    command: str,
    variables: dict[str, str],
    say: Callable[[str], None],
) -> str:
    """Submit, unless the same request runs already; returns the job's name."""
    for n in range(1, 1000):
        job = base if n == 1 else f"{base}-{n}"
        state = server.job(job)
        if state is None:
            server.submit(job, command, variables, {"study": " ".join(asked.names)[:200], "results": asked.results})
            say(f"submitted as {job}; it goes on when this ends (Ctrl-C, a closed lid)")
            return job
        if state.status not in job_server.FINAL_STATUSES:
            say(f"{job} runs already; following it")
            return job
    raise EngineError(f"{base}: a thousand runs; remove old ones with `ray job delete`")


def _follow(asked: Submission, job: str, say: Callable[[str], None]) -> None:
    output, failures = job_server.FollowedOutput(), 0
    while True:
        answers = output.answers
        try:
            with job_server.tunnel(asked.cluster) as server:
                state = job_server.follow(server, job, output, job_server.print_output)
            break
        except (job_server.Unreachable, EngineError) as error:
            failures = 1 if output.answers > answers else failures + 1  # in a row
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
    code = state.exit_code
    if state.status == "SUCCEEDED":
        say(
            f"done: study report {shlex.quote(asked.results)}; "
            f"then give the machines back: ray down {shlex.quote(asked.cluster)}"
        )
        return
    message = " ".join(state.message.split())[-300:]
    if code == 124:
        message = "the time that the cap buys is over; what was finished is on record, and the same command goes on"
    raise JobFailed(f"{job}: {state.status.lower()}: {message}", int(code) if code else 1)


def _kubectl(asked: Submission, cluster: Cluster, command: str, cost: CostEstimate, say: Callable[[str], None]) -> None:
    if shutil.which("kubectl") is None:
        raise EngineError("kubectl is not there; it is what creates the job: https://kubernetes.io/docs/tasks/tools/")
    for what in placeholders(Path(asked.cluster).read_text(encoding="utf-8")):
        raise BadInput("--cluster", asked.cluster, f"it still says {what}")
    # The job's time counts from before its machines are there. The command's own limit comes first and ends it well.
    spare = cluster.start_minutes * 60 + TIME_LIMIT_GRACE_SECONDS
    seconds = None if math.isinf(cost.allowed_hours) else cost.allowed_hours * 3600 + spare
    job = with_command(asked.cluster, command, seconds, head_environment(cluster, cost))
    if job.others:
        _ask_kubectl("apply", job.others, f"what {asked.cluster} has beside the job; nothing was started")
    room = f"One that is over makes room for the next with: kubectl delete rayjob {job.name}"
    _ask_kubectl("create", job.job, "the job", room)
    say(f"submitted as RayJob {job.name}; watch it with: kubectl get rayjob {job.name} -w")


def _ask_kubectl(verb: str, text: str, what: str, hint: str = "") -> None:
    """Give it a text, and say what it did not take; it says itself why."""
    try:
        code = subprocess.run(["kubectl", verb, "-f", "-"], input=text, text=True, check=False).returncode
    except OSError as error:
        raise EngineError(f"kubectl does not run here: {error.strerror}") from None
    if code:
        raise EngineError(f"kubectl did not take {what}; what it said stands above. {hint}".strip())
