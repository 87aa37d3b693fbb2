"""The RayJob manifest: each check of it catches its fault."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cluster.check_file import find_problems, refuse_problems
from tests.study.cluster.test_check_file import FILES
from trainables.config.errors import BadInput


def job(documents: list[dict[str, Any]]) -> dict[str, Any]:
    spec: dict[str, Any] = documents[0]["spec"]
    return spec


def pod(documents: list[dict[str, Any]]) -> dict[str, Any]:
    group: dict[str, Any] = job(documents)["rayClusterSpec"]["workerGroupSpecs"][0]
    return group


def inside(documents: list[dict[str, Any]]) -> dict[str, Any]:
    spec: dict[str, Any] = pod(documents)["template"]["spec"]
    return spec


KUBE_FAULTS: list[tuple[str, Callable[[list[dict[str, Any]]], object], str]] = [
    ("an unknown key", lambda d: job(d).update(entrypoints="x"), "entrypoints"),
    ("no command", lambda d: job(d).pop("entrypoint"), "spec.entrypoint"),
    ("a cluster that stays", lambda d: job(d).update(shutdownAfterJobFinishes=False), "stays, and costs"),
    ("no token", lambda d: job(d)["rayClusterSpec"].pop("authOptions"), "expected token"),
    (
        "no scaling",
        lambda d: job(d)["rayClusterSpec"].update(enableInTreeAutoscaling=False),
        "no worker would ever start",
    ),
    (
        "another Ray",
        lambda d: pod(d)["template"]["spec"]["containers"][0].update(image="rayproject/ray:2.46.0"),
        "2.46.0",
    ),
    ("trials on the head", lambda d: job(d)["rayClusterSpec"]["headGroupSpec"]["rayStartParams"].clear(), "num-cpus"),
    ("a number for text", lambda d: pod(d).update(rayStartParams={"num-cpus": 4}), "numbers in quotes"),
    ("a typo", lambda d: job(d).update(ttlSecondAfterFinished=9), "did you mean ttlSecondsAfterFinished?"),
    ("no such mode", lambda d: job(d).update(submissionMode="Http"), "got 'Http'; expected one of K8sJobMode"),
    ("a word for a number", lambda d: job(d).update(backoffLimit="0"), "spec.backoffLimit: got '0'; expected a whole"),
    ("no time at all", lambda d: job(d).update(activeDeadlineSeconds=0), "from 1 upwards"),
    ("a name of Ray's", lambda d: d[0]["metadata"].update(name="My_Study"), "metadata.name: got 'My_Study'"),
    ("another cluster", lambda d: job(d).update(clusterSelector={"ray.io/cluster": "x"}), "spec.clusterSelector"),
    (
        "two ways to go",
        lambda d: job(d).update(deletionStrategy={"deletionRules": [{}]}),
        "only without shutdownAfterJobFinishes",
    ),
    (
        "a typo of the autoscaler",
        lambda d: job(d)["rayClusterSpec"]["autoscalerOptions"].update(idleTimeoutSecond=1),
        "idleTimeoutSeconds?",
    ),
    (
        "a third autoscaler",
        lambda d: job(d)["rayClusterSpec"]["autoscalerOptions"].update(version="v3"),
        "got 'v3'; expected one of v1, v2",
    ),
    (
        "a typo of the head",
        lambda d: job(d)["rayClusterSpec"]["headGroupSpec"].update(serviceTyp="NodePort"),
        "serviceType?",
    ),
    ("no version", lambda d: job(d)["rayClusterSpec"].pop("rayVersion"), "rayVersion: it is missing"),
    (
        "a token of Kubernetes",
        lambda d: job(d)["rayClusterSpec"]["authOptions"].update(enableK8sTokenAuth=True),
        "KubeRay refuses it in a RayJob",
    ),
    ("a typo of a group", lambda d: pod(d).update(maxReplica=3), "did you mean maxReplicas?"),
    (
        "two groups of a name",
        lambda d: job(d)["rayClusterSpec"]["workerGroupSpecs"].append(pod(d)),
        "there are two groups 'gpu'",
    ),
    ("resources twice", lambda d: pod(d).update(resources={"CPU": "3"}, rayStartParams={"num-cpus": "3"}), "in both"),
    ("a typo of a pod", lambda d: inside(d).update(serviceAcountName="x"), "did you mean serviceAccountName?"),
    ("a typo of a container", lambda d: inside(d)["containers"][0].update(imagePulPolicy="x"), "imagePullPolicy?"),
    ("a pod that starts again", lambda d: inside(d).update(restartPolicy="Always"), "expected one of Never"),
    (
        "no quantity",
        lambda d: inside(d)["containers"][0]["resources"]["limits"].update(memory="12 GB"),
        "expected a mapping of quantities",
    ),
    ("more at least than at most", lambda d: pod(d).update(minReplicas=9), "minReplicas"),
    ("no limit", lambda d: pod(d).pop("maxReplicas"), "maxReplicas"),
    ("no volume", lambda d: pod(d)["template"]["spec"].pop("volumes"), "no volume 'shm'"),
    (
        "unequal",
        lambda d: pod(d)["template"]["spec"]["containers"][0]["resources"].pop("requests"),
        "requests equal to limits",
    ),
    ("everyone gets in", lambda d: d.pop(1), "NetworkPolicy"),
    ("paid twice", lambda d: job(d).update(backoffLimit=2), "backoffLimit: got 2; expected 0: each further attempt"),
    ("not to start", lambda d: job(d).update(suspend=True), "spec.suspend: got true; expected false: the study"),
    (
        "no nodes to start",
        lambda d: job(d)["rayClusterSpec"].update(suspend=True),
        "rayClusterSpec.suspend: got true; expected false: no node would start",
    ),
]


@pytest.mark.parametrize(("change", "said"), [f[1:] for f in KUBE_FAULTS], ids=[f[0] for f in KUBE_FAULTS])
def test_each_fault_of_a_rayjob_is_found(
    change: Callable[[list[dict[str, Any]]], object], said: str, tmp_path: Path
) -> None:
    documents = copy.deepcopy(list(yaml.safe_load_all(FILES["kuberay"].read_text())))
    change(documents)
    file = tmp_path / "kuberay.yaml"
    file.write_text(yaml.safe_dump_all(documents))
    problems = [str(p) for p in find_problems(file)]
    assert any(said in p for p in problems), problems


@pytest.mark.parametrize("text", ["a: [", "- a", "env_vars: [A]", "a: !!bool x", 5])
def test_an_environment_that_is_no_mapping_is_found_before_the_job_is_made(text: object, tmp_path: Path) -> None:
    documents = copy.deepcopy(list(yaml.safe_load_all(FILES["kuberay"].read_text())))
    job(documents)["runtimeEnvYAML"] = text
    file = tmp_path / "kuberay.yaml"
    file.write_text(yaml.safe_dump_all(documents))
    (problem,) = map(str, find_problems(file))
    assert "runtimeEnvYAML" in problem and "expected a mapping, written as text" in problem


def test_all_mistakes_are_said_at_once_each_with_its_own_line(tmp_path: Path) -> None:
    """Of Kubernetes' part, of KubeRay's, and of our annotation."""
    text = FILES["kuberay"].read_text()
    for old, new in (
        ("RayJob\nmetadata:\n  name: study", "RayJob\nmetadata:\n  name: My_Study"),
        ("      start_minutes: 5", "      start_minuts: 5"),
        ("      cap: 20.00", "      cap: much"),
        ("hourly: {head: 0.21, gpu: 0.54, cpu: 0.37}", "hourly: {head: 0.21, gup: 0.54, cpu: 0.37}"),
        ("  backoffLimit: 0", "  backofLimit: 0"),
        ("        maxReplicas: 4", "        maxReplicas: lots"),
        (
            '                  requests: {cpu: "7", memory: 12Gi}',
            '                  requests: {cpu: "6", memory: 12Gi}',
        ),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path / "job.yaml"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        refuse_problems(file)
    line = lambda part: next(n for n, given in enumerate(text.splitlines(), 1) if part in given)  # noqa: E731
    plan, group = "metadata.annotations.study/plan", "spec.rayClusterSpec.workerGroupSpecs[1]"
    container = next(
        n for n, given in enumerate(text.splitlines(), 1) if n > line('cpu: "6"') - 3 and "resources:" in given
    )
    assert str(caught.value).splitlines() == [
        f"{file}, line {line('My_Study')}: metadata.name: got 'My_Study'; expected at most 47 small letters, digits "
        "and dashes, a letter first",
        f"{file}, line {line('start_minuts')}: {plan}.start_minuts: there is no such field; did you mean "
        "start_minutes?",
        f"{file}, line {line('cap: much')}: {plan}.cap: got 'much'; expected a number from 0 upwards",
        f"{file}, line {line('gup')}: {plan}.prices.hourly.gpu: it is missing; expected what a node of this type costs "
        "an hour",
        f"{file}, line {line('gup')}: {plan}.prices.hourly.gup: got 0.54; there is no such type of node; did you mean "
        "gpu?",
        f"{file}, line {line('backofLimit')}: spec.backofLimit: there is no such setting; did you mean backoffLimit?",
        f"{file}, line {line('lots')}: {group}.maxReplicas: got 'lots'; expected a number from 0 upwards",
        f"{file}, line {container}: {group}.template.spec.containers[0].resources: expected cpu and memory, requests "
        "equal to limits",
    ]
