"""A RayJob manifest, checked by its structure: what KubeRay, Ray's autoscaler and this project need of it.

KubeRay's own schema is a megabyte that no Python package ships: `study.cluster.rayjob_schema` is our list of its
settings. What lies deeper (probes, affinities) is the API server's to check; it does so when the job is created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from study.cluster import rayjob_schema
from study.cluster.rayjob_schema import ProblemFound, misfits

NAME = re.compile(r"[a-z]([-a-z0-9]{0,45}[a-z0-9])?")
"""What KubeRay takes as the name of a RayJob."""

PLACEHOLDERS = {
    "registry.example.org": "the image of cluster/Dockerfile in your own registry",
    ":000000000000:": "the role that may use your bucket, or another annotation than this",
}
"""What the shipped file says where only its user knows better; and what belongs there."""


def kube_problems(documents: Sequence[Mapping[str, Any]]) -> Iterator[ProblemFound]:
    """What is wrong with a manifest whose first document is the RayJob."""
    job = documents[0]
    if job.get("apiVersion") != "ray.io/v1" or job.get("kind") != "RayJob":
        what = f"{job.get('kind')!r} of {job.get('apiVersion')!r}"
        yield "kind", f"got {what}; expected a RayJob of ray.io/v1 as the first document"
        return
    name = str((job.get("metadata") or {}).get("name"))
    if not NAME.fullmatch(name):
        yield "metadata.name", f"got {name!r}; expected at most 47 small letters, digits and dashes, a letter first"
    spec = job.get("spec") or {}
    yield from _job(spec)
    cluster = spec.get("rayClusterSpec") or {}
    yield from _cluster(cluster)
    if "NetworkPolicy" not in {d.get("kind") for d in documents} and not cluster.get("networkPolicy"):
        yield "NetworkPolicy", "there is none: every pod of the Kubernetes cluster could reach Ray's ports"


def placeholders(text: str) -> Iterator[str]:
    """Say what of a manifest's text its user has yet to replace."""
    for line in text.splitlines():
        yield from (f"{line.strip()!r}: write {right} there" for sign, right in PLACEHOLDERS.items() if sign in line)


def _job(spec: Mapping[str, Any]) -> Iterator[ProblemFound]:
    yield from misfits(spec, rayjob_schema.JOB, "spec")
    for key in ("entrypoint", "rayClusterSpec"):
        if not spec.get(key):
            yield f"spec.{key}", "it is missing"
    if not spec.get("shutdownAfterJobFinishes"):
        yield "spec.shutdownAfterJobFinishes", "expected true: otherwise the cluster stays, and costs, after the study"
    if (spec.get("deletionStrategy") or {}).get("deletionRules"):
        yield "spec.deletionStrategy.deletionRules", "KubeRay takes them only without shutdownAfterJobFinishes"
    if spec.get("clusterSelector"):
        yield "spec.clusterSelector", "it would run the study on another cluster than the one below it"


def _cluster(cluster: Mapping[str, Any]) -> Iterator[ProblemFound]:
    where = "spec.rayClusterSpec"
    yield from misfits(cluster, rayjob_schema.CLUSTER, where)
    yield from misfits(cluster.get("autoscalerOptions") or {}, rayjob_schema.AUTOSCALER, f"{where}.autoscalerOptions")
    auth = cluster.get("authOptions") or {}
    yield from misfits(auth, rayjob_schema.AUTH, f"{where}.authOptions")
    if auth.get("mode") != "token":
        yield f"{where}.authOptions.mode", "expected token: without it anyone who reaches the ports could run code"
    if auth.get("enableK8sTokenAuth"):
        yield f"{where}.authOptions.enableK8sTokenAuth", "expected false: KubeRay refuses it in a RayJob"
    if not cluster.get("rayVersion"):
        yield f"{where}.rayVersion", "it is missing: KubeRay wants it for the token"
    if cluster.get("enableInTreeAutoscaling") is not True:
        yield f"{where}.enableInTreeAutoscaling", "expected true: no worker would ever start"
    yield from _head(cluster.get("headGroupSpec") or {}, f"{where}.headGroupSpec", cluster)
    groups = cluster.get("workerGroupSpecs") or []
    names = [group.get("groupName") for group in groups]
    if not groups:
        yield f"{where}.workerGroupSpecs", "there is none"
    for name in sorted({str(n) for n in names if names.count(n) > 1}):
        yield f"{where}.workerGroupSpecs", f"there are two groups {name!r}"
    for group in groups:
        yield from _group(group, f"{where}.workerGroupSpecs.{group.get('groupName')}", cluster)


def _head(head: Mapping[str, Any], where: str, cluster: Mapping[str, Any]) -> Iterator[ProblemFound]:
    yield from misfits(head, rayjob_schema.HEAD, where)
    flags, own = head.get("rayStartParams") or {}, head.get("resources") or {}
    if str(own.get("CPU", flags.get("num-cpus"))) != "0":
        yield f"{where}.rayStartParams.num-cpus", 'expected "0": the head runs no trials here'
    yield from _pod(head, where, cluster)


def _group(group: Mapping[str, Any], where: str, cluster: Mapping[str, Any]) -> Iterator[ProblemFound]:
    yield from misfits(group, rayjob_schema.GROUP, where)
    for key in ("groupName", "minReplicas", "maxReplicas"):
        if group.get(key) is None:
            yield f"{where}.{key}", "it is missing"
    least, replicas, most = (group.get(k, 0) or 0 for k in ("minReplicas", "replicas", "maxReplicas"))
    if not least <= replicas <= most:
        yield where, f"expected minReplicas <= replicas <= maxReplicas, got {least}, {replicas}, {most}"
    if group.get("suspend"):
        yield f"{where}.suspend", "expected false: KubeRay refuses it beside autoscaling"
    yield from _pod(group, where, cluster)


def _pod(group: Mapping[str, Any], where: str, cluster: Mapping[str, Any]) -> Iterator[ProblemFound]:
    flags, own = group.get("rayStartParams") or {}, group.get("resources") or {}
    if own and {"num-cpus", "num-gpus", "memory", "resources"} & set(flags):
        yield f"{where}.resources", "KubeRay takes them there or in rayStartParams, not in both"
    if "labels" in flags:
        yield f"{where}.rayStartParams.labels", "KubeRay takes them under labels of the group only"
    template = group.get("template") or {}
    yield from misfits(template, rayjob_schema.TEMPLATE, f"{where}.template")
    pod, inside = template.get("spec") or {}, f"{where}.template.spec"
    yield from misfits(pod, rayjob_schema.POD, inside)
    containers = pod.get("containers") or []
    if not containers:
        yield f"{inside}.containers", "there is none"
        return
    for number, container in enumerate(containers):
        yield from misfits(container, rayjob_schema.CONTAINER, f"{inside}.containers[{number}]")
    yield from _ray(containers[0], f"{inside}.containers[0]", cluster, pod)


def _ray(
    container: Mapping[str, Any], where: str, cluster: Mapping[str, Any], pod: Mapping[str, Any]
) -> Iterator[ProblemFound]:
    if not container.get("image"):
        yield f"{where}.image", "it is missing"
    match = re.search(r"rayproject/ray[^:]*:(\d+\.\d+\.\d+)", str(container.get("image")))
    if match and match[1] != cluster.get("rayVersion"):
        yield f"{where}.image", f"it has Ray {match[1]}, but rayVersion is {cluster.get('rayVersion')}"
    resources = container.get("resources") or {}
    yield from misfits(resources, rayjob_schema.RESOURCES, f"{where}.resources")
    limits, requests = (resources.get(k) or {} for k in ("limits", "requests"))
    if limits != requests or not {"cpu", "memory"} <= set(limits):
        yield f"{where}.resources", "expected cpu and memory, requests equal to limits"
    volumes = {v.get("name") for v in pod.get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        if mount.get("name") not in volumes:
            yield f"{where}.volumeMounts", f"there is no volume {mount.get('name')!r}"
